/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode_ops.h - what a file system gives the kernel for each of its inodes
 *
 * Every inode has a table: ext2's (fs/ext2/vfs.c), /proc's (fs/proc/proc.c), or that of files in
 * memory (fs/memory.c). The files above the table (inode.c, page_cache.c, directory.c) ask the
 * table and never which file system it is. A regular file's pages lie in inode->page for all of
 * them. For files in memory that is the file; for files on a device it is a cache, filled by
 * read_page() and emptied by write_page().
 *
 * Lock: the kernel's lock is held at every operation. An operation may not sleep.
 */
#ifndef GUESTOS_INODE_OPS_H
#define GUESTOS_INODE_OPS_H

#include "guestos/kernel/types.h"

#define NAME_LIMIT 255

struct inode;

/* One name in a directory. */
struct directory_item {
    uint32_t number;
    uint8_t type; /* mode >> 12, as getdents() has it; 0: unknown */
    char name[NAME_LIMIT + 1];
};

/*
 * All return 0 or -Exxx if not said otherwise. An operation that is NULL is refused with EPERM, or
 * has nothing to do where that is said.
 */
struct inode_ops {
    /* ---- directories: names have 1 to NAME_LIMIT bytes, "." and ".." are not asked for ------ */

    /* The inode of a name, held; NULL: not there; ERR_PTR. Never missing. */
    struct inode *(*lookup)(struct inode *directory, const char *name, size_t length);
    /*
     * The first name after *cookie (0: all), without "." and ".."; moves *cookie on. 1, 0 (no
     * more). Never missing.
     */
    int (*next)(struct inode *directory, uint32_t *cookie, struct directory_item *item);
    /* The name of an inode in a directory, faster than by next(); false: none. NULL: by next(). */
    bool (*name_of)(const struct inode *directory, const struct inode *inode,
                    struct directory_item *item);
    /* A name for an inode of the same mount. -EEXIST. */
    int (*link)(struct inode *directory, const char *name, size_t length, struct inode *inode);
    /* `inode` is what the name leads to, and the caller holds it. */
    int (*unlink)(struct inode *directory, const char *name, size_t length, struct inode *inode);
    /* A new inode without a name, to be linked in `directory`; held, or ERR_PTR. */
    struct inode *(*create)(struct inode *directory, uint32_t mode);

    /* ---- regular files ---- */

    /*
     * Begins to fill a page from the device; it is full when settle() has returned. NULL: nothing
     * is behind the pages, and a hole reads as zeros.
     */
    int (*read_page)(struct inode *inode, uint32_t index, void *page);
    /* The three only of files with read_page(). Begins to write a page. */
    int (*write_page)(struct inode *inode, uint32_t index, const void *page);
    /* Waits for what was begun on the file's volume; the first error of it. */
    int (*settle)(const struct inode *inode);
    /* How many pages may be read at once where a file is read in order; at least 1. */
    uint32_t (*read_ahead)(const struct inode *inode);
    /* Whether a file may have one more frame for a page that it has none for. NULL: yes. */
    bool (*may_grow)(const struct inode *inode);
    /*
     * Room on the device for the bytes from `first` to `end` of a page, before they are written.
     * NULL: needs none.
     */
    int (*reserve)(struct inode *inode, uint32_t index, uint32_t first, uint32_t end);
    /* The file's new length in bytes. */
    int (*resize)(struct inode *inode, uint32_t size);
    /* An area that mapped the file has gone. NULL: nothing to do. */
    void (*unmapped)(struct inode *inode);
    /* Which count of file_pages its frames are in. */
    uint32_t *frames;

    /* ---- symbolic links ---- */

    int (*set_target)(struct inode *inode, const char *target);
    /*
     * A link that leads to an inode and not to a path: held, or ERR_PTR. NULL: to the path in
     * `target`.
     */
    struct inode *(*follow)(struct inode *inode);
    /* The text that readlink() gives of such a link: its length or -Exxx. */
    int (*link_text)(struct inode *inode, char *buffer, uint32_t size);

    /* ---- all ---- */

    /* Everything of this file is on the device when it returns 0. NULL: nothing to do. */
    int (*sync)(struct inode *inode);
    uint32_t (*blocks)(struct inode *inode); /* of 512 bytes, without holes; NULL: 0 */
    /* Nobody holds it any more: free it, or keep it. Never missing. */
    void (*release)(struct inode *inode);
};

#endif
