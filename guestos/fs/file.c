/* SPDX-License-Identifier: GPL-2.0-only */
/* file.c - open files, and the operations of regular files and directories */
#include "guestos/signal/async.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/notify.h"
#include "guestos/fs/lock.h"
#include "guestos/fs/pipe.h"
#include "guestos/block/devices.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

/* ---- regular files --------------------------------------------------------------------------- */

static int regular_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    struct inode *inode = file->inode;
    uint32_t offset = *position, done = 0;

    if (offset >= inode->size)
        return 0;
    bytes = MIN(bytes, inode->size - offset);
    while (done < bytes) {
        uint32_t within = (offset + done) & ~PAGE_MASK, n = MIN(bytes - done, PAGE_SIZE - within);
        uint32_t index = (offset + done) >> PAGE_SHIFT, left;

        if (inode_has_page(inode, index)) {
            uint32_t pfn = inode_page(inode, index, false);

            if (pfn == PFN_NONE)
                return done ? (int)done : -EIO;
            page_hold(pfn); /* the copy may need memory, for which clean pages are given up */
            left = copy_to_user((char *)to + done, (char *)page_address(pfn) + within, n);
            page_release(pfn);
        } else {
            left = clear_user((char *)to + done, n);
        }
        done += n - left;
        if (left || breathe())
            break;
    }
    *position = offset + done;
    return done ? (int)done : -EFAULT;
}

int file_allow_size(const struct inode *inode, uint32_t size)
{
    if (size <= inode->size || size <= limit_of(LIMIT_FILE_SIZE))
        return 0;
    signal_send(current_process(), SIGXFSZ);
    return -EFBIG;
}

static int regular_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    struct inode *inode = file->inode;
    uint32_t offset = file->flags & OPEN_APPEND ? inode->size : *position, done = 0;
    char *buffer = bytes ? heap_allocate(PAGE_SIZE) : NULL;
    int result = 0;

    if (bytes && !buffer)
        return -ENOMEM;
    uint32_t limit = limit_of(LIMIT_FILE_SIZE);
    if (bytes && offset >= limit) {
        signal_send(current_process(), SIGXFSZ);
        result = -EFBIG;
    }
    bytes = MIN(bytes, limit - MIN(offset, limit));
    while (done < bytes && result >= 0) {
        uint32_t n = MIN(bytes - done, PAGE_SIZE - ((offset + done) & ~PAGE_MASK));

        if (copy_from_user(buffer, (const char *)from + done, n))
            result = -EFAULT;
        else
            result = inode_write(inode, offset + done, buffer, n);
        done += result > 0 ? (uint32_t)result : 0;
        if (breathe())
            break;
    }
    heap_free(buffer);
    if (done)
        inode_contents_change(inode);
    *position = offset + done;
    return done ? (int)done : result;
}

/* A file in memory that has a name is not the program's: it stays when the program ends. */
static uint32_t regular_memory(const struct file *file)
{
    const struct inode *inode = file->inode;

    return inode_is_backed(inode) || inode->links ? 0
                                                  : inode_blocks(inode) * 512 / inode->references;
}

const struct file_ops regular_ops = {
    .read = regular_read, .write = regular_write, .memory = regular_memory};
const struct file_ops directory_ops = {0};
const struct file_ops place_ops = {0}; /* of OPEN_PATH */

/* ---- open files ------------------------------------------------------------------------------ */

struct file *file_open(struct inode *inode, uint32_t flags)
{
    const struct file_ops *ops = inode->ops;

    if (flags & OPEN_PATH)
        return file_create(inode, &place_ops, flags);
    switch (inode->mode & MODE_TYPE) {
    case MODE_REGULAR:
        ops = ops ? ops : &regular_ops;
        break;
    case MODE_DIRECTORY:
        if ((flags & OPEN_ACCESS) != OPEN_READ)
            return ERR_PTR(-EISDIR);
        ops = &directory_ops;
        break;
    case MODE_LINK:
        return ERR_PTR(-ELOOP);
    case MODE_FIFO:
        ops = &pipe_ops;
        break;
    case MODE_CHARACTER:
        ops = device_ops(inode->device);
        break;
    case MODE_BLOCK:
        ops = block_device(inode->device) ? &block_ops : NULL;
        break;
    case MODE_SOCKET: /* what /proc/self/fd leads to cannot be opened once more, nor can a name */
    case 0:           /* of event/: the same */
        ops = NULL;
        break;
    }
    return ops ? file_create(inode, ops, flags) : ERR_PTR(-ENXIO);
}

static bool is_writer(const struct file *file)
{
    return file->ops == &regular_ops && file_writable(file);
}

static void count_writer(const struct file *file, uint32_t change)
{
    if (!is_writer(file))
        return;
    file->inode->writers += change;
    if (file->inode->mount)
        file->inode->mount->writers += change;
}

struct file *file_create(struct inode *inode, const struct file_ops *ops, uint32_t flags)
{
    struct file *file = heap_allocate(sizeof(*file));

    if (!file)
        return ERR_PTR(-ENOMEM);
    *file = (struct file){.references = 1, .inode = inode, .ops = ops, .flags = flags};
    inode_hold(inode);
    int error = ops->open ? ops->open(file) : 0;
    if (error) {
        inode_release(inode);
        heap_free(file);
        return ERR_PTR(error);
    }
    count_writer(file, 1);
    return file;
}

void file_hold(struct file *file)
{
    file->references++;
}

void file_release(struct file *file)
{
    if (--file->references)
        return;
    locks_drop_file(file);
    RUN_HOOKS(file_closes, file);
    async_forget(file);
    if (file->ops != &place_ops)
        notify_file(file->inode, file_writable(file) ? NOTIFY_CLOSE_WRITE : NOTIFY_CLOSE_NOWRITE);
    count_writer(file, (uint32_t)-1);
    if (file->ops->close)
        file->ops->close(file);
    inode_release(file->inode);
    heap_free(file);
}
