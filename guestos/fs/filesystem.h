/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filesystem.h - what is mounted where, and which file systems there are
 *
 * inode_ops.h says what a file system does for its inodes; a struct mount is what it does as a
 * whole.
 *
 * Lock: every function needs the kernel's lock, and none sleeps.
 */
#ifndef GUESTOS_FILESYSTEM_H
#define GUESTOS_FILESYSTEM_H

#include "guestos/fs/inode.h"

struct fs_usage { /* as statfs() reports it */
    uint32_t magic, block_size;
    uint64_t blocks, free, files, files_free;
};

struct mount {
    struct mount *next;
    struct inode *root, *covered; /* covered: NULL for the root file system */
    const char *type;
    char source[32];
    uint32_t device; /* st_dev */
    bool read_only;
    uint32_t writers; /* regular files of it that are open for writing */
    void *private;
    int (*sync)(struct mount *mount); /* NULL: nothing to do */
    void (*settle)(
        struct mount *mount);         /* sync if too much waits, or too little room is left; NULL */
    int (*stop)(struct mount *mount); /* sync, mark the device clean, and refuse changes; NULL */
    int (*unmount)(struct mount *mount); /* -EBUSY, or everything is written and freed */
    /* Before it becomes read-only or writable: 0 or -Exxx. NULL: nothing to do. */
    int (*remount)(struct mount *mount, bool read_only);
    void (*set_barriers)(struct mount *mount, bool on); /* block/buffer.h; NULL: it has none */
    void (*usage)(const struct mount *mount, struct fs_usage *usage);
};

extern struct mount *mounts;

/*
 * Enters a mount made by heap_allocate(); `at` NULL: as the root. Holds `at`, takes over the root.
 */
int mount_add(struct mount *mount, struct inode *at);
int mount_remove(struct inode *root);
/* Makes the mount with this root read-only or writable: 0, -EINVAL, -EBUSY, -EROFS, -EIO. */
int mount_change(const struct inode *root, bool read_only);
/*
 * Options of mount(2)'s last argument, separated by commas: barrier=0 and =1, nobarrier, barrier as
 * Linux's ext3 has them. All others are passed over. -EINVAL: no such root.
 */
int mount_options(const struct inode *root, const char *options);
/* The mount whose root this is; NULL. */
struct mount *mount_of_root(const struct inode *inode);
/*
 * From a directory that is covered to what covers it, and from a root to what it covers; not held.
 */
struct inode *mount_down(struct inode *inode);
struct inode *mount_up(struct inode *inode);
/* The path it is at: its length with NUL, or -Exxx. */
int mount_path(const struct mount *mount, char *buffer, uint32_t size);
/* All file systems write what they have not written yet. */
void mounts_sync(void);
/* Before power-off: as sync, and the devices are marked clean. */
void mounts_stop(void);

/*
 * What lies between these two reaches a device as a whole or not at all, whenever power goes. They
 * nest; nothing between them may sleep, and nothing there may sync. The outermost begin may write.
 */
void operation_begin(void);
void operation_end(void);

/* mount(2): by type. */
int filesystem_mount(const char *source, struct inode *at, const char *type, bool read_only);

/* ---- memory.c: files in memory --------------------------------------------------------------- */

extern const struct inode_ops memory_inode_ops;
/* Operations of its regular files, for tables that differ in a few. */
bool memory_may_grow(const struct inode *inode);
int memory_resize(struct inode *inode, uint32_t size);
uint32_t memory_blocks(struct inode *inode);
int memory_mount(struct inode *at);

/* ---- ext2/mount.c, proc/proc.c, sysfs/sysfs.c ------------------------------------------------ */

struct block_device;
int ext2_mount_at(struct block_device *device, struct inode *at, bool read_only);
/* How long the volume is that an image begins with; 0: none, or longer than the image. */
uint32_t ext2_volume_bytes(const uint8_t *image, uint32_t bytes);
int proc_mount(struct inode *at);
int sysfs_mount(struct inode *at);

#endif
