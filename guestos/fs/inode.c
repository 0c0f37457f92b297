/* SPDX-License-Identifier: GPL-2.0-only */
/* inode.c - inodes, the pages of regular files, the entries of directories */
#include "guestos/arch.h"
#include "guestos/event/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/inode.h"
#include "guestos/ipc/ipc.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

#define DIRTY_LIMIT                                                                                \
    128u /* pages of a file that may wait before its writer writes them to the device */

struct file_pages file_pages;

struct inode *inode_create(u32 mode)
{
    static u32 last_number;
    struct inode *inode = heap_allocate(sizeof *inode);
    if (!inode)
        return NULL;
    inode->number = ++last_number;
    inode->references = 1;
    inode->mode = mode;
    inode->modified = time_wall();
    return inode;
}

void inode_hold(struct inode *inode)
{
    inode->references++;
}

static u32 slot_pfn(u32 slot)
{
    return slot & ~PAGE_DIRTY;
}

static void add_dirty(struct inode *inode, int pages)
{
    inode->dirty_pages += (u32)pages;
    file_pages.dirty += (u32)pages;
}

static void drop_slot(struct inode *inode, u32 index)
{
    u32 slot = inode->page[index];
    if (slot == PFN_NONE)
        return;
    if (slot & PAGE_DIRTY)
        add_dirty(inode, -1);
    --*(inode->fs ? &file_pages.device : &file_pages.memory);
    page_release(slot_pfn(slot));
    inode->page[index] = PFN_NONE;
}

static void drop_pages(struct inode *inode, u32 from)
{
    for (u32 i = from; i < inode->capacity; i++)
        drop_slot(inode, i);
}

void inode_free(struct inode *inode)
{
    switch (inode->mode & MODE_TYPE) {
    case MODE_REGULAR:
        if (inode->segment)
            segment_gone(inode);
        drop_pages(inode, 0);
        heap_free(inode->page);
        break;
    case MODE_LINK:
        heap_free(inode->target);
        break;
    case MODE_DIRECTORY:
        ASSERT(!inode->entries);
        break;
    }
    heap_free(inode);
}

void inode_release(struct inode *inode)
{
    if (--inode->references)
        return;
    if (inode->watched)
        notify_gone(inode);
    if (inode->fs)
        inode->fs->release(inode);
    else
        inode_free(inode);
}

/* ---- regular files ------------------------------------------------------------------------- */

static int reserve(struct inode *inode, u32 pages)
{
    if (pages <= inode->capacity)
        return 0;
    u32 capacity = MAX(inode->capacity * 2, MAX(pages, 4u));
    u32 *page = heap_allocate(capacity * sizeof *page);
    if (!page)
        return -ENOSPC;
    for (u32 i = 0; i < capacity; i++)
        page[i] = i < inode->capacity ? inode->page[i] : PFN_NONE;
    heap_free(inode->page);
    inode->page = page;
    inode->capacity = capacity;
    return 0;
}

/* The page, read from the device if it is not here; `whole`: it will be overwritten, so need not be. */
static u32 page_at(struct inode *inode, u32 index, bool whole)
{
    if (reserve(inode, index + 1))
        return PFN_NONE;
    if (inode->page[index] == PFN_NONE) {
        /* Files in memory leave the programs something to run in: a full disk, not a full memory. */
        if (!inode->fs && !(inode->mount ? memory_for_files() : memory_for_programs()))
            return PFN_NONE;
        u32 pfn = page_allocate_zeroed();
        if (pfn != PFN_NONE && inode->fs && !whole &&
            inode->fs->read_page(inode, index, page_address(pfn))) {
            page_release(pfn);
            return PFN_NONE;
        }
        inode->page[index] = pfn;
        if (pfn != PFN_NONE)
            ++*(inode->fs ? &file_pages.device : &file_pages.memory);
    }
    return slot_pfn(inode->page[index]);
}

static void set_dirty(struct inode *inode, u32 index)
{
    if (inode->fs && !(inode->page[index] & PAGE_DIRTY)) {
        inode->page[index] |= PAGE_DIRTY;
        add_dirty(inode, 1);
    }
}

u32 inode_page(struct inode *inode, u32 index, bool write)
{
    if ((inode->mode & MODE_TYPE) != MODE_REGULAR || index >= PAGE_UP(inode->size) >> PAGE_SHIFT)
        return PFN_NONE;
    u32 pfn = page_at(inode, index, false);
    if (!write || pfn == PFN_NONE)
        return pfn;
    u32 end = MIN(inode->size - (index << PAGE_SHIFT), PAGE_SIZE);
    if (inode->fs && inode->fs->reserve(inode, index, 0, end))
        return PFN_NONE;
    set_dirty(inode, index);
    inode->modified = time_wall();
    return pfn;
}

int inode_read(struct inode *inode, u32 offset, void *to, u32 bytes)
{
    if (offset >= inode->size)
        return 0;
    bytes = MIN(bytes, inode->size - offset);
    for (u32 done = 0; done < bytes;) {
        u32 index = (offset + done) >> PAGE_SHIFT, within = (offset + done) & ~PAGE_MASK;
        u32 n = MIN(bytes - done, PAGE_SIZE - within);
        u32 pfn = inode_has_page(inode, index) ? page_at(inode, index, false) : PFN_NONE;
        if (pfn != PFN_NONE)
            memcpy((char *)to + done, (char *)page_address(pfn) + within, n);
        else if (inode->fs)
            return done ? (int)done : -EIO;
        else
            memset((char *)to + done, 0, n);
        done += n;
    }
    return (int)bytes;
}

/* Programs that map the last page may write behind the file's end: that is not in the file. */
static void clear_tail(const struct inode *inode)
{
    u32 last = inode->size >> PAGE_SHIFT, within = inode->size & ~PAGE_MASK;
    if (within && last < inode->capacity && inode->page[last] != PFN_NONE)
        memset((char *)page_address(slot_pfn(inode->page[last])) + within, 0, PAGE_SIZE - within);
}

int inode_write(struct inode *inode, u32 offset, const void *from, u32 bytes)
{
    if (offset > FILE_LIMIT || bytes > FILE_LIMIT - offset)
        return -EFBIG;
    u32 done = 0;
    int error = 0;
    if (offset > inode->size)
        clear_tail(inode);
    while (done < bytes) {
        u32 index = (offset + done) >> PAGE_SHIFT, within = (offset + done) & ~PAGE_MASK;
        u32 n = MIN(bytes - done, PAGE_SIZE - within);
        if (inode->fs && (error = inode->fs->reserve(inode, index, within, within + n)))
            break;
        u32 pfn = page_at(inode, index, n == PAGE_SIZE);
        if (pfn == PFN_NONE)
            break;
        memcpy((char *)page_address(pfn) + within, (const char *)from + done, n);
        set_dirty(inode, index);
        done += n;
        inode->size = MAX(inode->size, offset + done);
    }
    inode->modified = time_wall();
    if (done < bytes && inode->fs)
        inode->fs->resize(inode, inode->size); /* room that was made and could not be used */
    if (inode->dirty_pages > DIRTY_LIMIT)
        inode_write_back(inode);
    return done || !bytes ? (int)done : error ? error : -ENOSPC;
}

static int resize(struct inode *inode, u32 size)
{
    if (size > inode->size) {
        clear_tail(inode);
    } else if (size < inode->size) {
        u32 keep = PAGE_UP(size) >> PAGE_SHIFT, within = size & ~PAGE_MASK;
        /* What follows the new end in its page must read as zero if the file grows again. */
        u32 pfn =
            within && inode_has_page(inode, keep - 1) ? page_at(inode, keep - 1, false) : PFN_NONE;
        if (within && inode->fs && pfn == PFN_NONE)
            return -EIO;
        if (pfn != PFN_NONE) {
            memset((char *)page_address(pfn) + within, 0, PAGE_SIZE - within);
            set_dirty(inode, keep - 1);
        }
        spaces_forget_file(inode, keep);
        drop_pages(inode, keep);
    }
    int error = inode->fs ? inode->fs->resize(inode, size) : 0;
    if (error)
        return error;
    inode->size = size;
    inode->modified = time_wall();
    return 0;
}

int inode_resize(struct inode *inode, u32 size)
{
    if (size > FILE_LIMIT)
        return -EFBIG;
    if (inode->fs && !inode->fs->resize)
        return -EPERM; /* a text of the kernel's */
    operation_begin();
    int error = resize(inode, size);
    operation_end();
    return error;
}

int inode_write_back(struct inode *inode)
{
    int result = 0;
    if (!inode->fs || (inode->mode & MODE_TYPE) != MODE_REGULAR)
        return 0;
    for (u32 i = 0; inode->dirty_pages && i < inode->capacity; i++) {
        u32 slot = inode->page[i];
        if (slot == PFN_NONE || !(slot & PAGE_DIRTY))
            continue;
        if (i == inode->size >> PAGE_SHIFT)
            clear_tail(inode);
        int error = inode->fs->write_page(inode, i, page_address(slot_pfn(slot)));
        if (error) {
            result = error;
        } else if (page_references(slot_pfn(slot)) == 1) {
            inode->page[i] = slot_pfn(slot);
            add_dirty(inode, -1);
        }
    }
    return result;
}

u32 inode_drop_clean(struct inode *inode)
{
    u32 dropped = 0;
    if (!inode->fs || (inode->mode & MODE_TYPE) != MODE_REGULAR)
        return 0;
    for (u32 i = 0; i < inode->capacity; i++)
        if (inode->page[i] != PFN_NONE && !(inode->page[i] & PAGE_DIRTY) &&
            page_references(inode->page[i]) == 1) {
            drop_slot(inode, i);
            dropped++;
        }
    return dropped;
}

int inode_sync(struct inode *inode)
{
    return inode->fs && inode->fs->sync ? inode->fs->sync(inode) : 0;
}

u32 inode_blocks(const struct inode *inode)
{
    u32 pages = 0;
    if (inode->fs)
        return inode->fs->blocks ? inode->fs->blocks((struct inode *)inode) : 0;
    if ((inode->mode & MODE_TYPE) == MODE_REGULAR)
        for (u32 i = 0; i < inode->capacity; i++)
            pages += inode->page[i] != PFN_NONE;
    return pages * (PAGE_SIZE / 512);
}

int inode_set_target(struct inode *inode, const char *target)
{
    u32 length = strlen(target);
    char *copy = heap_allocate(length + 1);
    int error = copy ? 0 : -ENOMEM;
    if (!error && inode->fs)
        error = inode->fs->set_target ? inode->fs->set_target(inode, target) : -EPERM;
    if (error) {
        heap_free(copy);
        return error;
    }
    memcpy(copy, target, length + 1);
    inode->target = copy;
    inode->size = length;
    return 0;
}

/* ---- directories --------------------------------------------------------------------------- */

static struct directory_entry **find_entry(struct inode *directory, const char *name, size_t length)
{
    struct directory_entry **link = &directory->entries;
    while (*link && (strlen((*link)->name) != length || memcmp((*link)->name, name, length)))
        link = &(*link)->next;
    return link;
}

struct inode *directory_lookup(struct inode *directory, const char *name, size_t length)
{
    struct inode *found = NULL;
    if (length == 1 && name[0] == '.') {
        found = directory;
    } else if (length == 2 && name[0] == '.' && name[1] == '.') {
        found = directory->parent;
    } else if (directory->fs) {
        return directory->fs->lookup(directory, name, length);
    } else {
        struct directory_entry *entry = *find_entry(directory, name, length);
        found = entry ? entry->inode : NULL;
    }
    if (found)
        inode_hold(found);
    return found;
}

int directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    if (length > NAME_LIMIT)
        return -ENAMETOOLONG;
    if (!length || (length <= 2 && !memcmp(name, "..", length)))
        return -EEXIST;
    if (directory->mount != inode->mount)
        return -EXDEV;
    if (!directory->links)
        return -ENOENT; /* removed, but somebody works in it */
    if (directory->fs)
        return directory->fs->link ? directory->fs->link(directory, name, length, inode) : -EPERM;
    struct directory_entry **link = find_entry(directory, name, length);
    if (*link)
        return -EEXIST;
    struct directory_entry *entry =
        memory_for_files() ? heap_allocate(sizeof *entry + length + 1) : NULL;
    if (!entry)
        return -ENOSPC;
    memcpy(entry->name, name, length);
    entry->cookie = ++directory->next_cookie + 2; /* 1 and 2 are "." and ".." */
    entry->inode = inode;
    *link = entry; /* the end of the list, where find_entry() stopped: cookies stay in order */
    inode_hold(inode);
    inode->links++;
    if ((inode->mode & MODE_TYPE) == MODE_DIRECTORY) {
        inode->parent = directory;
        inode->links++;
        directory->links++;
    }
    directory->size++;
    directory->modified = time_wall();
    return 0;
}

int directory_unlink(struct inode *directory, const char *name, size_t length)
{
    if (directory->fs) {
        struct inode *inode = directory->fs->lookup(directory, name, length);
        if (!inode || IS_ERR(inode))
            return inode ? PTR_ERR(inode) : -ENOENT;
        int error =
            directory->fs->unlink ? directory->fs->unlink(directory, name, length, inode) : -EPERM;
        if (!inode->links)
            notify_unlinked(inode);
        inode_release(inode);
        return error;
    }
    struct directory_entry **link = find_entry(directory, name, length), *entry = *link;
    if (!entry)
        return -ENOENT;
    struct inode *inode = entry->inode;
    *link = entry->next;
    inode->links--;
    if ((inode->mode & MODE_TYPE) == MODE_DIRECTORY) {
        inode->links--;
        directory->links--;
        if (inode->parent == directory && !inode->links)
            inode->parent = inode; /* who still works in it must not reach a parent that may go */
    }
    directory->size--;
    directory->modified = time_wall();
    heap_free(entry);
    if (!inode->links)
        notify_unlinked(inode);
    inode_release(inode);
    return 0;
}

int directory_next(struct inode *directory, u32 *cookie, struct directory_item *item)
{
    if (directory->fs)
        return directory->fs->next(directory, cookie, item);
    for (const struct directory_entry *e = directory->entries; e; e = e->next) {
        if (e->cookie <= *cookie)
            continue;
        *cookie = e->cookie;
        item->number = e->inode->number;
        item->type = (u8)(e->inode->mode >> 12);
        copy_string(item->name, e->name, sizeof item->name);
        return 1;
    }
    return 0;
}

bool directory_empty(struct inode *directory)
{
    struct directory_item item;
    u32 cookie = 0;
    return directory_next(directory, &cookie, &item) == 0;
}

struct inode *directory_create(struct inode *directory, u32 mode)
{
    if (directory->fs)
        return directory->fs->create ? directory->fs->create(directory, mode) : ERR_PTR(-EPERM);
    struct inode *inode = inode_create(mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->mount = directory->mount;
    return inode;
}
