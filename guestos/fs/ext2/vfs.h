/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfs.h - ext2 as a file system of the kernel
 *
 * cached.c: inodes in memory, each for one on the device. vfs.c: what the kernel asks of files and
 * directories. mount.c: mounting, and writing back.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. What changes more than one block lies
 * between operation_begin() and operation_end().
 */
#ifndef GUESTOS_EXT2_VFS_H
#define GUESTOS_EXT2_VFS_H

#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/filesystem.h"

#define HASH 64u

struct volume {
    struct ext2 fs;
    struct mount *mount;
    struct volume *next;
    struct inode *hash[HASH];
    uint32_t inodes, unused; /* in memory; of those, that nobody holds */
};

extern const struct inode_ops ext2_inode_ops; /* vfs.c */

/* The volume of an inode; its clock is set to now. */
struct volume *volume_of(const struct inode *inode);
void volume_set_clock(struct volume *volume);

/* ---- cached.c: all of an inode that is in memory --------------------------------------------- */

/* Enters what has just been made on the device, with this number. */
void cached_enter(struct volume *volume, struct inode *inode, uint32_t number);
/*
 * The inode with this number, held; ERR_PTR. The directory that it is found in becomes its parent,
 * if it has none yet; NULL: it is the root.
 */
struct inode *cached_get(struct volume *volume, uint32_t number, struct inode *directory);
/*
 * What has changed (mode, links, size ...) goes to the inode's record in the buffer cache; 0 or
 * -Exxx.
 */
int cached_store(struct inode *inode);
/* The last of an inode in memory. */
void cached_forget(struct volume *volume, struct inode *inode);
/* Gives up inodes that nobody holds, until none is left that can go. */
void cached_give_up(struct volume *volume);
/* The file system's release(): nobody holds it any more. */
void cached_release(struct inode *inode);

/* ---- mount.c --------------------------------------------------------------------------------- */

/* Everything is on the device when this returns 0. */
int volume_sync(struct volume *volume);

#endif
