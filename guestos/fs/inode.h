/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode.h - files, directories, symbolic links, pipes and devices, of whatever file system
 *
 * inode.c: how long an inode lives. page_cache.c: the pages of regular files, which the memory
 * manager maps straight into programs, so that there is no second copy of a program's text.
 * directory.c: names. path.c, path_name.c: paths. What differs between file systems is in
 * inode_ops.h.
 *
 * Lock: every function needs the kernel's lock, and none sleeps, unless it says so.
 */
#ifndef GUESTOS_INODE_H
#define GUESTOS_INODE_H

#include "guestos/fs/inode_ops.h"
#include "guestos/kernel/types.h"

#define MODE_TYPE      0170000
#define MODE_FIFO      0010000
#define MODE_CHARACTER 0020000
#define MODE_DIRECTORY 0040000
#define MODE_BLOCK     0060000
#define MODE_REGULAR   0100000
#define MODE_LINK      0120000
#define MODE_SOCKET    0140000

#define PATH_LIMIT 4096
#define FILE_LIMIT 0x7ffff000u /* bytes in a regular file: page numbers and offsets stay 32-bit */

struct file_ops;
struct mount;

struct directory_entry {
    struct directory_entry *next;
    struct inode *inode;
    uint32_t cookie; /* grows along the directory; what getdents() continues after */
    uint32_t hash;   /* of the name */
    char name[];
};

struct inode {
    uint32_t number, references, links;
    uint32_t watched; /* by how many watches: notify.h */
    uint32_t writers; /* open files that may write to it (regular) */
    uint32_t mode;    /* type and permissions */
    uint32_t uid, gid;
    uint32_t size;              /* bytes; of a directory: entries */
    uint32_t device;            /* major << 8 | minor */
    uint64_t modified;          /* nanoseconds since 1970 */
    const struct file_ops *ops; /* of what is opened; NULL: those of its type */
    const struct inode_ops *inode_ops;
    struct mount *mount;
    uint32_t pid, kind;        /* in /proc */
    uint32_t seals;            /* SEAL_*: of files in memory without a name */
    bool is_covered;           /* something is mounted on this directory */
    struct inode *next_cached; /* for its file system's use */
    union {
        struct { /* regular: frames by page number (PFN_NONE: none), and PAGE_DIRTY */
            uint32_t *page;
            uint32_t capacity, frames; /* slots; those that have a frame */
            uint32_t dirty_pages;
            uint32_t next_read, window; /* where reading in order goes on; pages read then */
            void *owner;                /* for its table's use */
        };
        struct { /* directory */
            struct directory_entry *entries;
            struct inode *parent;
            uint32_t next_cookie;
        };
        char *target; /* symbolic link */
        struct pipe *pipe;
        struct socket *socket;
    };
};

/* linux/fcntl.h: F_SEAL_*: what may not be done any more; and ours, that there can be seals. */
#define SEAL_SEAL         0x01u
#define SEAL_SHRINK       0x02u
#define SEAL_GROW         0x04u
#define SEAL_WRITE        0x08u
#define SEAL_FUTURE_WRITE 0x10u
#define SEALS             0x1fu
#define SEALS_POSSIBLE    0x80u

#define PAGE_DIRTY 0x80000000u /* in inode->page: newer than on the device */

/* Frames that files keep: of those in memory alone, and of those on devices, some of them dirty. */
struct file_pages {
    uint32_t memory, device, dirty;
};
extern struct file_pages file_pages;
/* Whether so much of memory is dirty pages that they should be written now. */
bool file_pages_are_many(void);

void inode_hold(struct inode *inode);
void inode_release(struct inode *inode);
/*
 * A new inode in memory with one reference and no links; other file systems give it their table.
 * NULL: no memory.
 */
struct inode *inode_create(uint32_t mode);

/* Frees a file's or link's contents and the inode itself. For tables' release(). */
void inode_free(struct inode *inode);
/* All of a regular file's frames, and the slots for them. For inode_free(). */
void inode_drop_all(struct inode *inode);
/* The frame of a page of a regular file, which the file keeps; holes are filled when they are asked
 * for. PFN_NONE: beyond the end, no memory, or no room on the device. `write`: it will be written
 * to as long as somebody else holds the frame. */
uint32_t inode_page(struct inode *inode, uint32_t index, bool write);
/*
 * Whether there is something behind a regular file's pages, so that a page without a frame is no
 * hole.
 */
static inline bool inode_is_backed(const struct inode *inode)
{
    return inode->inode_ops->read_page;
}
/* Whether reading this page needs a frame: false for a hole of a file in memory. */
static inline bool inode_has_page(const struct inode *inode, uint32_t index)
{
    return inode_is_backed(inode) || (index < inode->capacity && inode->page[index] != 0xffffffu);
}
/* Both return the bytes copied (kernel memory), or -Exxx; write extends the file. */
int inode_read(struct inode *inode, uint32_t offset, void *to, uint32_t bytes);
int inode_write(struct inode *inode, uint32_t offset, const void *from, uint32_t bytes);
int inode_resize(struct inode *inode, uint32_t size);
/* Gives dirty pages to the file system; its error. Pages that somebody maps stay dirty. */
int inode_write_back(struct inode *inode);
/*
 * The same in two steps, for many files at once: begin all, let the volume settle, and if that and
 * all of this went well, end all. Nothing else may happen in between.
 */
int inode_write_back_begin(struct inode *inode);
void inode_write_back_end(struct inode *inode);
/* Forgets pages that are on the device and that nobody else holds. How many. */
uint32_t inode_drop_clean(struct inode *inode);
int inode_sync(struct inode *inode);
uint32_t inode_blocks(const struct inode *inode); /* of 512 bytes, without holes */
int inode_set_target(struct inode *inode, const char *target);

static inline bool is_directory(const struct inode *inode)
{
    return (inode->mode & MODE_TYPE) == MODE_DIRECTORY;
}

/* Directories. lookup holds what it returns, NULL: not there, or ERR_PTR; link holds the inode it
 * enters. Names are of one file system: -EXDEV. */
struct inode *directory_lookup(struct inode *directory, const char *name, size_t length);
int directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode);
int directory_unlink(struct inode *directory, const char *name, size_t length);
/* The first name after *cookie, as inode_ops.next has it. */
int directory_next(struct inode *directory, uint32_t *cookie, struct directory_item *item);
/* The name that an inode has in a directory of the same mount. False: none. */
bool directory_name_of(struct inode *directory, const struct inode *inode,
                       struct directory_item *item);
bool directory_empty(struct inode *directory);
/* A new inode to be linked in this directory; held, or ERR_PTR. */
struct inode *directory_create(struct inode *directory, uint32_t mode);

/* ---- path.c, path_name.c --------------------------------------------------------------------- */

extern struct inode *root_inode;

#define LINKS_FOLLOWED   40 /* links that are followed on the way of one path */
#define LOOKUP_NO_FOLLOW 1u /* the last component may be a symbolic link */

/* Where the current process's absolute paths begin. Not held. */
struct inode *path_root(void);
/*
 * Relative paths begin at `from`; NULL: the path is the kernel's own, from the root of all. Holds
 * the inode it returns; or ERR_PTR(-Exxx).
 */
struct inode *path_lookup(struct inode *from, const char *path, uint32_t flags);
/* The directory that holds (or would hold) the last component, held; *name points into path. */
struct inode *path_parent(struct inode *from, const char *path, const char **name, size_t *length);
/* Makes a new inode at a path; ERR_PTR(-EEXIST ...) or the inode, held. */
struct inode *path_create(struct inode *from, const char *path, uint32_t mode);
/* Takes a name away, if it is there: what has just been made, or is the kernel's own. */
void path_remove(struct inode *from, const char *path);
/*
 * Where a path leads, as an absolute path without links, in a buffer of its own (heap_free() it).
 * What has no such path (an open file, by /proc) keeps the one given. NULL: no memory.
 */
char *path_absolute(struct inode *from, const char *path);
/*
 * The absolute path of a directory, after "(unreachable)" if it is not below the process's root;
 * -ERANGE if it does not fit. Length with NUL otherwise.
 */
int path_of(struct inode *directory, char *buffer, uint32_t size);

#endif
