/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * page_cache.c - the pages of regular files
 *
 * inode->page has a slot for each page: no frame (PFN_NONE), or a frame that the file holds, and
 * PAGE_DIRTY if the frame is newer than the device. A file with something behind its pages
 * (read_page()) gets a frame filled when it is first asked for. In a file without, a slot without a
 * frame is a hole and reads as zeros.
 *
 * Programs map these frames in place. A frame that somebody besides the file holds may be written
 * to at any time, so a write-back leaves it dirty, and only frames that nobody else holds are given
 * up.
 *
 * Lock: the kernel's, for all. Nothing here sleeps. A frame's number is good until the next call
 * that may need memory, unless the caller holds the frame: clean pages are given up when memory is
 * short.
 */
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/time/time.h"

/*
 * Pages of a file that may always wait for the background; and the share of memory beyond which
 * its writer writes them to the device. Linux 2.4 makes writers wait at 60 per cent of it.
 */
#define DIRTY_LIMIT 128u
#define DIRTY_SHARE 4u

/* Pages of a file that is read in order: at first, and at most. The first is Linux 2.4's least. */
#define WINDOW_MIN 4u
#define WINDOW_MAX 31u

/* Free pages that reading ahead leaves. */
#define MEMORY_SPARE 64u

struct file_pages file_pages;

static uint32_t slot_pfn(uint32_t slot)
{
    return slot & ~PAGE_DIRTY;
}

static void add_dirty(struct inode *inode, int pages)
{
    inode->dirty_pages += (uint32_t)pages;
    file_pages.dirty += (uint32_t)pages;
}

static void drop_slot(struct inode *inode, uint32_t index)
{
    uint32_t slot = inode->page[index];

    if (slot == PFN_NONE)
        return;
    if (slot & PAGE_DIRTY)
        add_dirty(inode, -1);
    --*inode->inode_ops->frames;
    inode->frames--;
    page_release(slot_pfn(slot));
    inode->page[index] = PFN_NONE;
}

static void drop_pages(struct inode *inode, uint32_t from)
{
    for (uint32_t i = from; i < inode->capacity; i++)
        drop_slot(inode, i);
}

void inode_drop_all(struct inode *inode)
{
    drop_pages(inode, 0);
    heap_free(inode->page);
}

bool file_pages_are_many(void)
{
    return file_pages.dirty > pages_total() / DIRTY_SHARE;
}

/* ---- a page and its frame -------------------------------------------------------------------- */

/* Slots for so many pages; -ENOSPC. */
static int reserve_slots(struct inode *inode, uint32_t pages)
{
    if (pages <= inode->capacity)
        return 0;
    uint32_t capacity = MAX(inode->capacity * 2, MAX(pages, 4u));
    uint32_t *page = heap_allocate(capacity * sizeof(*page));
    if (!page)
        return -ENOSPC;
    for (uint32_t i = 0; i < capacity; i++)
        page[i] = i < inode->capacity ? inode->page[i] : PFN_NONE;
    heap_free(inode->page);
    inode->page = page;
    inode->capacity = capacity;
    return 0;
}

static void give_frame(struct inode *inode, uint32_t index, uint32_t pfn)
{
    inode->page[index] = pfn;
    ++*inode->inode_ops->frames;
    inode->frames++;
}

/* Pages to read from `index` on: twice as many as last time where a file is read in order. */
static uint32_t window(struct inode *inode, uint32_t index)
{
    uint32_t most = MIN(inode->inode_ops->read_ahead(inode), WINDOW_MAX);
    uint32_t left = (PAGE_UP(inode->size) >> PAGE_SHIFT) - MIN(index, inode->size >> PAGE_SHIFT);

    inode->window =
        index == inode->next_read ? MIN(MAX(inode->window * 2, WINDOW_MIN), WINDOW_MAX) : 1;
    return MAX(MIN(MIN(inode->window, most), left), 1u);
}

/* Reads so many pages that are not here, or as many as there is room for. 0: the first is here. */
static int read_pages(struct inode *inode, uint32_t index, uint32_t count)
{
    const struct inode_ops *ops = inode->inode_ops;
    uint32_t pfn[WINDOW_MAX], n = 0;
    int error = 0;

    while (n < count && !error && index + n < inode->capacity &&
           inode->page[index + n] == PFN_NONE && (!n || pages_free() > MEMORY_SPARE)) {
        pfn[n] = pages_allocate(0);
        if (pfn[n] == PFN_NONE)
            break;
        error = ops->read_page(inode, index + n, page_address(pfn[n]));
        n++;
    }
    int settled = ops->settle(inode);
    error = error ? error : settled;
    for (uint32_t i = 0; i < n; i++)
        if (error)
            page_release(pfn[i]);
        else
            give_frame(inode, index + i, pfn[i]);
    return error ? error : n ? 0 : -ENOMEM;
}

static void clear_tail(const struct inode *inode);

static void read_missing(struct inode *inode, uint32_t index)
{
    uint32_t count = window(inode, index);

    if (count > 1 && reserve_slots(inode, index + count))
        count = 1;
    if (read_pages(inode, index, count) && count > 1)
        read_pages(inode, index, 1); /* an error further on is no error here */
    inode->next_read = index + 1;
    while (inode->next_read < inode->capacity && inode->page[inode->next_read] != PFN_NONE)
        inode->next_read++;
    clear_tail(inode);
}

/*
 * The page, read from the device if it is not here; `whole`: it will be overwritten, so need not
 * be.
 */
static uint32_t page_at(struct inode *inode, uint32_t index, bool whole)
{
    const struct inode_ops *ops = inode->inode_ops;

    if (reserve_slots(inode, index + 1))
        return PFN_NONE;
    if (inode->page[index] != PFN_NONE)
        return slot_pfn(inode->page[index]);
    if (ops->read_page && !whole) {
        read_missing(inode, index);
    } else if (!ops->may_grow || ops->may_grow(inode)) {
        uint32_t pfn = page_allocate_zeroed();

        if (pfn != PFN_NONE)
            give_frame(inode, index, pfn);
    }
    return inode->page[index] == PFN_NONE ? PFN_NONE : slot_pfn(inode->page[index]);
}

static void set_dirty(struct inode *inode, uint32_t index)
{
    if (inode->inode_ops->write_page && !(inode->page[index] & PAGE_DIRTY)) {
        inode->page[index] |= PAGE_DIRTY;
        add_dirty(inode, 1);
    }
}

/* Room on the device for these bytes of a page. */
static int reserve_room(struct inode *inode, uint32_t index, uint32_t first, uint32_t end)
{
    const struct inode_ops *ops = inode->inode_ops;

    return ops->reserve ? ops->reserve(inode, index, first, end) : 0;
}

uint32_t inode_page(struct inode *inode, uint32_t index, bool write)
{
    if ((inode->mode & MODE_TYPE) != MODE_REGULAR || index >= PAGE_UP(inode->size) >> PAGE_SHIFT)
        return PFN_NONE;
    uint32_t pfn = page_at(inode, index, false);
    if (!write || pfn == PFN_NONE)
        return pfn;
    uint32_t end = MIN(inode->size - (index << PAGE_SHIFT), PAGE_SIZE);
    if (reserve_room(inode, index, 0, end))
        return PFN_NONE;
    set_dirty(inode, index);
    inode->modified = time_wall();
    return pfn;
}

/* ---- reading, writing, the end of the file --------------------------------------------------- */

int inode_read(struct inode *inode, uint32_t offset, void *to, uint32_t bytes)
{
    if (offset >= inode->size)
        return 0;
    bytes = MIN(bytes, inode->size - offset);
    for (uint32_t done = 0; done < bytes;) {
        uint32_t index = (offset + done) >> PAGE_SHIFT, within = (offset + done) & ~PAGE_MASK;
        uint32_t n = MIN(bytes - done, PAGE_SIZE - within);
        uint32_t pfn = inode_has_page(inode, index) ? page_at(inode, index, false) : PFN_NONE;

        if (pfn != PFN_NONE)
            memcpy((char *)to + done, (char *)page_address(pfn) + within, n);
        else if (inode_is_backed(inode))
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
    uint32_t last = inode->size >> PAGE_SHIFT, within = inode->size & ~PAGE_MASK;

    if (within && last < inode->capacity && inode->page[last] != PFN_NONE)
        memset((char *)page_address(slot_pfn(inode->page[last])) + within, 0, PAGE_SIZE - within);
}

int inode_write(struct inode *inode, uint32_t offset, const void *from, uint32_t bytes)
{
    if (offset > FILE_LIMIT || bytes > FILE_LIMIT - offset)
        return -EFBIG;
    if (inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE) ||
        (inode->seals & SEAL_GROW && bytes && offset >= inode->size))
        return -EPERM;
    if (inode->seals & SEAL_GROW)
        bytes = MIN(bytes, inode->size - MIN(offset, inode->size));
    uint32_t done = 0;
    int error = 0;
    if (offset > inode->size)
        clear_tail(inode);
    while (done < bytes) {
        uint32_t index = (offset + done) >> PAGE_SHIFT, within = (offset + done) & ~PAGE_MASK;
        uint32_t n = MIN(bytes - done, PAGE_SIZE - within);

        if ((error = reserve_room(inode, index, within, within + n)))
            break;
        /* Nothing of a page behind the end has to be read: it begins as zeros. */
        bool fresh = n == PAGE_SIZE || index >= PAGE_UP(inode->size) >> PAGE_SHIFT;
        uint32_t pfn = page_at(inode, index, fresh);
        if (pfn == PFN_NONE)
            break;
        memcpy((char *)page_address(pfn) + within, (const char *)from + done, n);
        set_dirty(inode, index);
        done += n;
        inode->size = MAX(inode->size, offset + done);
    }
    inode->modified = time_wall();
    if (done < bytes)
        inode->inode_ops->resize(inode, inode->size); /* room that was made and could not be used */
    if (inode->dirty_pages > DIRTY_LIMIT && file_pages_are_many())
        inode_write_back(inode);
    return done || !bytes ? (int)done : error ? error : -ENOSPC;
}

static int resize(struct inode *inode, uint32_t size)
{
    if (size > inode->size) {
        clear_tail(inode);
    } else if (size < inode->size) {
        uint32_t keep = PAGE_UP(size) >> PAGE_SHIFT, within = size & ~PAGE_MASK;
        /* What follows the new end in its page must read as zero if the file grows again. */
        uint32_t pfn =
            within && inode_has_page(inode, keep - 1) ? page_at(inode, keep - 1, false) : PFN_NONE;

        if (within && inode_is_backed(inode) && pfn == PFN_NONE)
            return -EIO;
        if (pfn != PFN_NONE) {
            memset((char *)page_address(pfn) + within, 0, PAGE_SIZE - within);
            set_dirty(inode, keep - 1);
        }
        spaces_forget_file(inode, keep);
        drop_pages(inode, keep);
    }
    int error = inode->inode_ops->resize(inode, size);
    if (error)
        return error;
    inode->size = size;
    inode->modified = time_wall();
    return 0;
}

int inode_resize(struct inode *inode, uint32_t size)
{
    if (size > FILE_LIMIT)
        return -EFBIG;
    if (!inode->inode_ops->resize)
        return -EPERM; /* a text of the kernel's */
    if ((inode->seals & SEAL_SHRINK && size < inode->size) ||
        (inode->seals & SEAL_GROW && size > inode->size))
        return -EPERM;
    operation_begin();
    int error = resize(inode, size);
    operation_end();
    return error;
}

/* ---- back to the device ---------------------------------------------------------------------- */

int inode_write_back_begin(struct inode *inode)
{
    int result = 0;

    if (!inode_is_backed(inode) || (inode->mode & MODE_TYPE) != MODE_REGULAR)
        return 0;
    for (uint32_t i = 0, left = inode->dirty_pages; left && i < inode->capacity; i++) {
        uint32_t slot = inode->page[i];

        if (slot == PFN_NONE || !(slot & PAGE_DIRTY))
            continue;
        left--;
        if (i == inode->size >> PAGE_SHIFT)
            clear_tail(inode);
        int error = inode->inode_ops->write_page(inode, i, page_address(slot_pfn(slot)));
        result = result ? result : error;
    }
    return result;
}

void inode_write_back_end(struct inode *inode)
{
    if (!inode_is_backed(inode) || (inode->mode & MODE_TYPE) != MODE_REGULAR)
        return;
    for (uint32_t i = 0; inode->dirty_pages && i < inode->capacity; i++) {
        uint32_t slot = inode->page[i];

        if (slot != PFN_NONE && slot & PAGE_DIRTY && page_references(slot_pfn(slot)) == 1) {
            inode->page[i] = slot_pfn(slot);
            add_dirty(inode, -1);
        }
    }
}

int inode_write_back(struct inode *inode)
{
    if (!inode_is_backed(inode))
        return 0;
    int error = inode_write_back_begin(inode), settled = inode->inode_ops->settle(inode);

    if (error || settled)
        return error ? error : settled;
    inode_write_back_end(inode);
    return 0;
}

uint32_t inode_drop_clean(struct inode *inode)
{
    uint32_t dropped = 0;

    if (!inode_is_backed(inode) || (inode->mode & MODE_TYPE) != MODE_REGULAR)
        return 0;
    for (uint32_t i = 0; i < inode->capacity; i++)
        if (inode->page[i] != PFN_NONE && !(inode->page[i] & PAGE_DIRTY) &&
            page_references(inode->page[i]) == 1) {
            drop_slot(inode, i);
            dropped++;
        }
    return dropped;
}
