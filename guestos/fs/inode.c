/* SPDX-License-Identifier: GPL-2.0-only */
/* inode.c - inodes, the pages of regular files, the entries of directories */
#include "guestos/arch.h"
#include "guestos/fs/inode.h"
#include "guestos/fs/pipe.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/time.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

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

static void drop_pages(struct inode *inode, u32 from)
{
    for (u32 i = from; i < inode->capacity; i++)
        if (inode->page[i] != PFN_NONE) {
            page_release(inode->page[i]);
            inode->page[i] = PFN_NONE;
        }
}

void inode_release(struct inode *inode)
{
    if (--inode->references)
        return;
    switch (inode->mode & MODE_TYPE) {
    case MODE_REGULAR:
        drop_pages(inode, 0);
        heap_free(inode->page);
        break;
    case MODE_LINK:
        heap_free(inode->target);
        break;
    case MODE_FIFO:
        pipe_free(inode->pipe);
        break;
    case MODE_DIRECTORY:
        ASSERT(!inode->entries);
        break;
    }
    heap_free(inode);
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

static u32 page_at(struct inode *inode, u32 index)
{
    if (reserve(inode, index + 1))
        return PFN_NONE;
    if (inode->page[index] == PFN_NONE)
        inode->page[index] = page_allocate_zeroed();
    return inode->page[index];
}

u32 inode_page(struct inode *inode, u32 index, bool write)
{
    if ((inode->mode & MODE_TYPE) != MODE_REGULAR || index >= PAGE_UP(inode->size) >> PAGE_SHIFT)
        return PFN_NONE;
    if (write)
        inode->modified = time_wall();
    return page_at(inode, index);
}

int inode_read(struct inode *inode, u32 offset, void *to, u32 bytes)
{
    if (offset >= inode->size)
        return 0;
    bytes = MIN(bytes, inode->size - offset);
    for (u32 done = 0; done < bytes;) {
        u32 index = (offset + done) >> PAGE_SHIFT, within = (offset + done) & ~PAGE_MASK;
        u32 n = MIN(bytes - done, PAGE_SIZE - within);
        if (index < inode->capacity && inode->page[index] != PFN_NONE)
            memcpy((char *)to + done, (char *)page_address(inode->page[index]) + within, n);
        else
            memset((char *)to + done, 0, n);
        done += n;
    }
    return (int)bytes;
}

int inode_write(struct inode *inode, u32 offset, const void *from, u32 bytes)
{
    if (offset > FILE_LIMIT || bytes > FILE_LIMIT - offset)
        return -EFBIG;
    u32 done = 0;
    while (done < bytes) {
        u32 within = (offset + done) & ~PAGE_MASK, n = MIN(bytes - done, PAGE_SIZE - within);
        u32 pfn = page_at(inode, (offset + done) >> PAGE_SHIFT);
        if (pfn == PFN_NONE)
            break;
        memcpy((char *)page_address(pfn) + within, (const char *)from + done, n);
        done += n;
    }
    inode->size = MAX(inode->size, offset + done);
    inode->modified = time_wall();
    return done || !bytes ? (int)done : -ENOSPC;
}

int inode_resize(struct inode *inode, u32 size)
{
    if (size > FILE_LIMIT)
        return -EFBIG;
    if (size < inode->size) {
        u32 keep = PAGE_UP(size) >> PAGE_SHIFT, within = size & ~PAGE_MASK;
        drop_pages(inode, keep);
        if (within && keep <= inode->capacity && inode->page[keep - 1] != PFN_NONE)
            memset((char *)page_address(inode->page[keep - 1]) + within, 0, PAGE_SIZE - within);
    }
    inode->size = size;
    inode->modified = time_wall();
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
    struct directory_entry **link = find_entry(directory, name, length);
    if (*link)
        return -EEXIST;
    struct directory_entry *entry = heap_allocate(sizeof *entry + length + 1);
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
    struct directory_entry **link = find_entry(directory, name, length), *entry = *link;
    if (!entry)
        return -ENOENT;
    struct inode *inode = entry->inode;
    *link = entry->next;
    inode->links--;
    if ((inode->mode & MODE_TYPE) == MODE_DIRECTORY) {
        inode->links--;
        directory->links--;
    }
    directory->size--;
    directory->modified = time_wall();
    heap_free(entry);
    inode_release(inode);
    return 0;
}
