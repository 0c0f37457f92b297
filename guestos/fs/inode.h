/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode.h - the in-memory file system
 *
 * An inode is a file, directory, symbolic link, pipe or device. It lives as long as somebody holds it:
 * a directory entry, an open file, an area mapping it, a process working in it. A regular file's
 * contents are page frames, which the memory manager maps straight into programs: there is no
 * second copy of a program's text.
 */
#ifndef GUESTOS_INODE_H
#define GUESTOS_INODE_H

#include "guestos/kernel/types.h"

#define MODE_TYPE      0170000
#define MODE_FIFO      0010000
#define MODE_CHARACTER 0020000
#define MODE_DIRECTORY 0040000
#define MODE_REGULAR   0100000
#define MODE_LINK      0120000

#define NAME_LIMIT 255
#define PATH_LIMIT 4096
#define FILE_LIMIT 0x7ffff000u /* bytes in a regular file: page numbers and offsets stay 32-bit */

struct file_ops;

struct directory_entry {
    struct directory_entry *next;
    struct inode *inode;
    u32 cookie; /* grows along the directory; what getdents() continues after */
    char name[];
};

struct inode {
    u32 number, references, links;
    u32 mode; /* type and permissions */
    u32 uid, gid;
    u32 size;     /* bytes; of a directory: entries */
    u32 device;   /* major << 8 | minor */
    u64 modified; /* nanoseconds since 1970 */
    const struct file_ops *ops;
    union {
        struct { /* regular: frames by page number, PFN_NONE for a hole */
            u32 *page;
            u32 capacity;
        };
        struct { /* directory */
            struct directory_entry *entries;
            struct inode *parent;
            u32 next_cookie;
        };
        char *target; /* symbolic link */
        struct pipe *pipe;
    };
};

void inode_hold(struct inode *inode);
void inode_release(struct inode *inode);
/* A new inode with one reference and no links; NULL: no memory. */
struct inode *inode_create(u32 mode);

/* The frame of a page of a regular file, which the file keeps; holes are filled when they are asked
 * for. PFN_NONE: beyond the end, or no memory. `write` notes the time. */
u32 inode_page(struct inode *inode, u32 index, bool write);
/* Both return the bytes copied (kernel memory), or -Exxx; write extends the file. */
int inode_read(struct inode *inode, u32 offset, void *to, u32 bytes);
int inode_write(struct inode *inode, u32 offset, const void *from, u32 bytes);
int inode_resize(struct inode *inode, u32 size);

/* Directories. lookup holds what it returns, NULL: not there; link holds the inode it enters. */
struct inode *directory_lookup(struct inode *directory, const char *name, size_t length);
int directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode);
int directory_unlink(struct inode *directory, const char *name, size_t length);

/* ---- path.c --------------------------------------------------------------------------------- */

extern struct inode *root_inode;

#define LOOKUP_NO_FOLLOW 1u /* the last component may be a symbolic link */

/* Holds the inode it returns; or ERR_PTR(-Exxx). */
struct inode *path_lookup(struct inode *from, const char *path, u32 flags);
/* The directory that holds (or would hold) the last component, held; *name points into path. */
struct inode *path_parent(struct inode *from, const char *path, const char **name, size_t *length);
/* Makes a new inode at a path; ERR_PTR(-EEXIST ...) or the inode, held. */
struct inode *path_create(struct inode *from, const char *path, u32 mode);
/* The absolute path of a directory; -ERANGE if it does not fit. Length with NUL otherwise. */
int path_of(struct inode *directory, char *buffer, u32 size);

#endif
