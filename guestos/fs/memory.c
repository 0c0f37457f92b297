/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory.c - the file system in memory: the root when there is no disk, /dev, tmpfs, and files
 * without a name
 *
 * A regular file's frames are the file: they have nothing behind them, and what has never been
 * written is a hole. A directory is a list of entries in the order in which they were made; each
 * holds its inode. An entry's cookie grows along the list, so that a reader of the directory goes
 * on where it was, whatever comes and goes meanwhile.
 *
 * What a mount keeps leaves the programs something to run in (memory_for_files(): a full disk, not
 * a full memory). Files without a mount are the program's own memory in another form: they are
 * refused when the program's other memory would be.
 *
 * Lock: the kernel's, for all. Nothing here sleeps.
 */
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/time/time.h"

#define TMPFS_MAGIC 0x01021994u /* linux/magic.h */

/* ---- regular files --------------------------------------------------------------------------- */

bool memory_may_grow(const struct inode *inode)
{
    return inode->mount ? memory_for_files() : memory_for_programs();
}

/* Its frames are all that there is to change, and page_cache.c does that. */
int memory_resize(struct inode *inode, uint32_t size)
{
    (void)inode;
    (void)size;
    return 0;
}

uint32_t memory_blocks(struct inode *inode)
{
    return (inode->mode & MODE_TYPE) == MODE_REGULAR ? inode->frames * (PAGE_SIZE / 512) : 0;
}

static int set_target(struct inode *inode, const char *target)
{
    (void)inode;
    (void)target;
    return 0; /* inode->target is all that there is */
}

/* ---- directories ----------------------------------------------------------------------------- */

/* Any function would do that tells most names apart; this one is FNV-1a's step over the length. */
static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t hash = (uint32_t)length;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash;
}

/* Where the entry is linked, or the end of the list. Names are compared only where hashes agree. */
static struct directory_entry **find_entry(struct inode *directory, const char *name, size_t length)
{
    struct directory_entry **link = &directory->entries;
    uint32_t hash = hash_name(name, length);

    for (struct directory_entry *e; (e = *link); link = &e->next)
        if (e->hash == hash && !strncmp(e->name, name, length) && !e->name[length])
            break;
    return link;
}

static struct inode *lookup(struct inode *directory, const char *name, size_t length)
{
    const struct directory_entry *entry = *find_entry(directory, name, length);

    if (!entry)
        return NULL;
    inode_hold(entry->inode);
    return entry->inode;
}

static int next(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    for (const struct directory_entry *e = directory->entries; e; e = e->next) {
        if (e->cookie <= *cookie)
            continue;
        *cookie = e->cookie;
        item->number = e->inode->number;
        item->type = (uint8_t)(e->inode->mode >> 12);
        copy_string(item->name, e->name, sizeof(item->name));
        return 1;
    }
    return 0;
}

static bool name_of(const struct inode *directory, const struct inode *inode,
                    struct directory_item *item)
{
    for (const struct directory_entry *e = directory->entries; e; e = e->next)
        if (e->inode == inode)
            return copy_string(item->name, e->name, sizeof(item->name));
    return false;
}

static int link(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    struct directory_entry **link = find_entry(directory, name, length);

    if (*link)
        return -EEXIST;
    struct directory_entry *entry =
        memory_for_files() ? heap_allocate(sizeof(*entry) + length + 1) : NULL;
    if (!entry)
        return -ENOSPC;
    memcpy(entry->name, name, length);
    entry->hash = hash_name(name, length);
    entry->cookie = ++directory->next_cookie + 2; /* 1 and 2 are "." and ".." */
    entry->inode = inode;
    *link = entry; /* the end of the list, where find_entry() stopped: cookies stay in order */
    inode_hold(inode);
    inode->links++;
    if (is_directory(inode)) {
        inode->parent = directory;
        inode->links++;
        directory->links++;
    }
    directory->size++;
    directory->modified = time_wall();
    return 0;
}

static int unlink(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    struct directory_entry **link = find_entry(directory, name, length), *entry = *link;

    *link = entry->next;
    inode->links--;
    if (is_directory(inode)) {
        inode->links--;
        directory->links--;
        if (inode->parent == directory && !inode->links)
            inode->parent = inode; /* who still works in it must not reach a parent that may go */
    }
    directory->size--;
    directory->modified = time_wall();
    heap_free(entry);
    inode_release(inode); /* the entry's; not the last, as the caller holds it */
    return 0;
}

static struct inode *create(struct inode *directory, uint32_t mode)
{
    struct inode *inode = inode_create(mode);

    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->mount = directory->mount;
    return inode;
}

const struct inode_ops memory_inode_ops = {
    .lookup = lookup,
    .next = next,
    .name_of = name_of,
    .link = link,
    .unlink = unlink,
    .create = create,
    .may_grow = memory_may_grow,
    .resize = memory_resize,
    .frames = &file_pages.memory,
    .set_target = set_target,
    .blocks = memory_blocks,
    .release = inode_free,
};

/* ---- mounting -------------------------------------------------------------------------------- */

static void usage(const struct mount *mount, struct fs_usage *usage)
{
    (void)mount;
    *usage = (struct fs_usage){.magic = TMPFS_MAGIC,
                               .block_size = PAGE_SIZE,
                               .blocks = pages_total(),
                               .free = pages_free()};
}

int memory_mount(struct inode *at)
{
    struct mount *mount = heap_allocate(sizeof(*mount));
    struct inode *root = mount ? inode_create(MODE_DIRECTORY | 0755) : NULL;

    if (!root) {
        heap_free(mount);
        return -ENOMEM;
    }
    root->links = 2;
    root->parent = root;
    mount->root = root;
    mount->type = "tmpfs";
    mount->usage = usage;
    copy_string(mount->source, at ? "tmpfs" : "rootfs", sizeof(mount->source));
    int error = mount_add(mount, at);
    if (error) {
        inode_release(root);
        heap_free(mount);
    }
    return error;
}
