/* SPDX-License-Identifier: GPL-2.0-only */
/* format.h - ext2 on the device, little-endian (e2fsprogs, lib/ext2fs/ext2_fs.h) */
#ifndef GUESTOS_EXT2_FORMAT_H
#define GUESTOS_EXT2_FORMAT_H

#include "guestos/kernel/types.h"

#define EXT2_MAGIC          0xef53u
#define EXT2_SUPER_OFFSET   1024u
#define EXT2_SUPER_BYTES    1024u
#define EXT2_ROOT           2u
#define EXT2_DIRECT         12u
#define EXT2_POINTERS       15u
#define EXT2_CLEAN          1u      /* super.state: unmounted in order */
#define EXT2_JOURNAL        8u      /* the inode whose blocks are the journal */
#define EXT2_WITH_JOURNAL   4u      /* super.compatible */
#define EXT2_INCOMPAT_TYPES 2u      /* directory entries have a file type */
#define EXT2_INCOMPAT_LOG   4u      /* the journal must be looked at before anything else */
#define EXT2_RO_SPARSE      1u      /* backups in some groups only */
#define EXT2_RO_LARGE       2u      /* sizes have a high word */
#define EXT2_INDEXED        0x1000u /* record.flags: the directory has an index */
#define EXT2_FAST_TARGET    60u     /* bytes of a symbolic link that fit in place of the pointers */

struct ext2_super {
    u32 inodes, blocks, reserved_blocks, free_blocks, free_inodes, first_block, block_shift,
        fragment_shift, blocks_per_group, fragments_per_group, inodes_per_group, mount_time,
        write_time;
    u16 mounts, mounts_limit, magic, state, errors, minor;
    u32 checked, check_interval, creator, revision;
    u16 reserved_uid, reserved_gid;
    u32 first_inode; /* from here on: revision 1 */
    u16 inode_size, group;
    u32 compatible, incompatible, read_only_compatible;
    u8 id[16], label[16], last_place[64];
    u32 compression;
    u8 spare[4], journal_id[16];
    u32 journal_inode, journal_device;
    u32 last_orphan; /* the first of the inodes in use without a name; `deleted` leads to the next */
};

struct ext2_group {
    u32 block_bitmap, inode_bitmap, inode_table;
    u16 free_blocks, free_inodes, directories, flags;
    u32 reserved[3];
};

struct ext2_record {
    u16 mode, uid;
    u32 size, accessed, changed, modified, deleted;
    u16 gid, links;
    u32 sectors, flags, os1, block[EXT2_POINTERS], generation, attributes, size_high, fragment;
    u16 os2, pad, uid_high, gid_high;
    u32 os3;
};

struct ext2_name {
    u32 inode;
    u16 bytes;
    u8 length, type; /* type: 0 without EXT2_INCOMPAT_TYPES */
    char name[];
};

_Static_assert(sizeof(struct ext2_record) == 128, "ext2 inode");
_Static_assert(sizeof(struct ext2_group) == 32, "ext2 group descriptor");
_Static_assert(offsetof(struct ext2_super, first_inode) == 84, "ext2 superblock");
_Static_assert(offsetof(struct ext2_super, last_orphan) == 232, "ext2 superblock");

#endif
