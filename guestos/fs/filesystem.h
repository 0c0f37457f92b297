/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filesystem.h - what a file system gives the kernel, and what is mounted where
 *
 * A file system that lives in memory alone needs none of this: inode.c keeps its files. Others set
 * `fs` in their inodes, and inode.c asks them. A regular file's pages stay in inode->page either way:
 * for other file systems that is the page cache, filled by read_page() and emptied by write_page().
 */
#ifndef GUESTOS_FILESYSTEM_H
#define GUESTOS_FILESYSTEM_H

#include "guestos/fs/inode.h"

/* One name in a directory. */
struct directory_item {
    u32 number;
    u8 type; /* mode >> 12, as getdents() has it; 0: unknown */
    char name[NAME_LIMIT + 1];
};

struct fs_usage { /* as statfs() reports it */
    u32 magic, block_size;
    u64 blocks, free, files, files_free;
};

/* What is missing (NULL) is refused with EROFS or EPERM. All return 0 or -Exxx if not said otherwise. */
struct fs_ops {
    /* The inode of a name, held; NULL: not there; ERR_PTR. "." and ".." are not asked for. */
    struct inode *(*lookup)(struct inode *directory, const char *name, size_t length);
    /* The first name after *cookie (0: all), without "." and ".."; moves *cookie on. 1, 0 (no more). */
    int (*next)(struct inode *directory, u32 *cookie, struct directory_item *item);
    int (*link)(struct inode *directory, const char *name, size_t length, struct inode *inode);
    int (*unlink)(struct inode *directory, const char *name, size_t length, struct inode *inode);
    /* A new inode without a name, to be linked in `directory`; held, or ERR_PTR. */
    struct inode *(*create)(struct inode *directory, u32 mode);
    int (*read_page)(struct inode *inode, u32 index, void *page);
    int (*write_page)(struct inode *inode, u32 index, const void *page);
    /* Room for these bytes of a page, before they are written. */
    int (*reserve)(struct inode *inode, u32 index, u32 first, u32 end);
    int (*resize)(struct inode *inode, u32 size);
    int (*set_target)(struct inode *inode, const char *target);
    int (*sync)(struct inode *inode);   /* everything of this file is on the device */
    u32 (*blocks)(struct inode *inode); /* of 512 bytes */
    /* A link that leads to an inode and not to a path: held, or ERR_PTR. */
    struct inode *(*follow)(struct inode *inode);
    void (*release)(struct inode *inode); /* nobody holds it any more: free it, or keep it */
};

struct mount {
    struct mount *next;
    struct inode *root, *covered; /* covered: NULL for the root file system */
    const char *type;
    char source[32];
    u32 device; /* st_dev */
    bool read_only;
    void *private;
    int (*sync)(struct mount *mount); /* NULL: nothing to do */
    void (*settle)(
        struct mount *mount);         /* sync if too much waits, or too little room is left; NULL */
    int (*stop)(struct mount *mount); /* sync, mark the device clean, and refuse changes; NULL */
    int (*unmount)(struct mount *mount); /* -EBUSY, or everything is written and freed */
    void (*usage)(const struct mount *mount, struct fs_usage *usage);
};

extern struct mount *mounts;

/* Enters a mount made by heap_allocate(); `at` NULL: as the root. Holds `at`, takes over the root. */
int mount_add(struct mount *mount, struct inode *at);
int mount_remove(struct inode *root);
/* The mount whose root this is; NULL. */
struct mount *mount_of_root(const struct inode *inode);
/* From a directory that is covered to what covers it, and from a root to what it covers; not held. */
struct inode *mount_down(struct inode *inode);
struct inode *mount_up(struct inode *inode);
/* The path it is at: its length with NUL, or -Exxx. */
int mount_path(const struct mount *mount, char *buffer, u32 size);
/* All file systems write what they have not written yet. */
void mounts_sync(void);
/* Before power-off: as sync, and the devices are marked clean. */
void mounts_stop(void);

/* What lies between these two reaches a device as a whole or not at all, whenever power goes. They
 * nest; nothing between them may sleep, and nothing there may sync. The outermost begin may write. */
void operation_begin(void);
void operation_end(void);

/* mount(2): by type. */
int filesystem_mount(const char *source, struct inode *at, const char *type, bool read_only);

int memory_mount(struct inode *at);
struct block_device;
int ext2_mount_at(struct block_device *device, struct inode *at, bool read_only);
/* How long the volume is that an image begins with; 0: none, or longer than the image. */
u32 ext2_volume_bytes(const u8 *image, u32 bytes);
int proc_mount(struct inode *at);
/* The text of a link in /proc; its length or -Exxx. */
int proc_link_text(struct inode *inode, char *buffer, u32 size);

#endif
