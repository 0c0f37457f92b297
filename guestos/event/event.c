/* SPDX-License-Identifier: GPL-2.0-only */
/* event.c - what the files of this folder share */
#include "guestos/event/event.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"

int event_install(const struct file_ops *ops, void *data, uint32_t flags)
{
    struct inode *inode = data ? inode_create(0600) : NULL;
    struct file *file = ERR_PTR(-ENOMEM);

    if (inode) {
        file = file_create(inode, ops, OPEN_BOTH | (flags & OPEN_NONBLOCK));
        inode_release(inode);
    }
    if (IS_ERR(file)) {
        heap_free(data);
        return PTR_ERR(file);
    }
    file->data = data;
    return files_give(file, flags & OPEN_CLOEXEC);
}

int event_wait(const struct file *file)
{
    return file->flags & OPEN_NONBLOCK ? -EAGAIN : poll_wait(NO_DEADLINE);
}
