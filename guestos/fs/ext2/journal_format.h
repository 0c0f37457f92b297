/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * journal_format.h - the journal of ext3 on the device, big-endian (e2fsprogs,
 * lib/ext2fs/kernel-jbd.h)
 */
#ifndef GUESTOS_JOURNAL_FORMAT_H
#define GUESTOS_JOURNAL_FORMAT_H

#include "guestos/kernel/types.h"

#define JOURNAL_MAGIC  0xc03b3998u
#define JOURNAL_REVOKE 1u /* super.incompatible: there may be lists of revoked blocks */

enum journal_kind {                   /* header.kind */
                    JOURNAL_TAGS = 1, /* says where the blocks that follow belong */
                    JOURNAL_COMMIT,
                    JOURNAL_SUPER_1,
                    JOURNAL_SUPER_2,
                    JOURNAL_REVOKED, /* blocks not to be restored from this transaction or before */
};

struct journal_header {
    uint32_t magic, kind, sequence;
};

struct journal_super {
    struct journal_header header;
    uint32_t block_size, blocks, first; /* first: of the log, in blocks of the journal */
    uint32_t sequence, start; /* of the first transaction in the log; start 0: it is empty */
    uint32_t error;
    uint32_t compatible, incompatible,
        read_only_compatible; /* from here on: kind JOURNAL_SUPER_2 */
    uint8_t id[16];
};

struct journal_tag {
    uint32_t block, flags;
};

#define TAG_ESCAPED  1u /* the block begins with JOURNAL_MAGIC, which was made zero in the log */
#define TAG_SAME_ID  2u /* otherwise 16 bytes of an id follow the tag */
#define TAG_LAST     8u
#define TAG_ID_BYTES 16u

struct journal_revoked {
    struct journal_header header;
    uint32_t bytes; /* used in this block, this structure included */
    uint32_t block[];
};

/* Between the processor's order of bytes and the journal's. */
static inline uint32_t swap32(uint32_t value)
{
    return __builtin_bswap32(value);
}

#endif
