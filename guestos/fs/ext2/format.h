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
    uint32_t inodes, blocks, reserved_blocks, free_blocks, free_inodes, first_block, block_shift,
        fragment_shift, blocks_per_group, fragments_per_group, inodes_per_group, mount_time,
        write_time;
    uint16_t mounts, mounts_limit, magic, state, errors, minor;
    uint32_t checked, check_interval, creator, revision;
    uint16_t reserved_uid, reserved_gid;
    uint32_t first_inode; /* from here on: revision 1 */
    uint16_t inode_size, group;
    uint32_t compatible, incompatible, read_only_compatible;
    uint8_t id[16], label[16], last_place[64];
    uint32_t compression;
    uint8_t spare[4], journal_id[16];
    uint32_t journal_inode, journal_device;
    uint32_t last_orphan; /* the first inode in use without a name; `deleted` leads to the next */
};

struct ext2_group {
    uint32_t block_bitmap, inode_bitmap, inode_table;
    uint16_t free_blocks, free_inodes, directories, flags;
    uint32_t reserved[3];
};

struct ext2_record {
    uint16_t mode, uid;
    uint32_t size, accessed, changed, modified, deleted;
    uint16_t gid, links;
    uint32_t sectors, flags, os1, block[EXT2_POINTERS], generation, attributes, size_high, fragment;
    uint16_t os2, pad, uid_high, gid_high;
    uint32_t os3;
};

struct ext2_name {
    uint32_t inode;
    uint16_t bytes;
    uint8_t length, type; /* type: 0 without EXT2_INCOMPAT_TYPES */
    char name[];
};

_Static_assert(sizeof(struct ext2_record) == 128, "ext2 inode");
_Static_assert(sizeof(struct ext2_group) == 32, "ext2 group descriptor");
_Static_assert(offsetof(struct ext2_super, first_inode) == 84, "ext2 superblock");
_Static_assert(offsetof(struct ext2_super, last_orphan) == 232, "ext2 superblock");

#endif
