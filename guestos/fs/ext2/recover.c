/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * recover.c - replaying the journal; see journal.h
 *
 * The log is walked three times. The first walk finds where the last complete transaction ends. The
 * second collects revoked blocks: from which transaction backwards a block must not be restored, as
 * it has had another use since. The third copies what is left to its places. A cut in the middle of
 * it does not matter: the log is still valid and is replayed again.
 *
 * The log is as little trusted as the rest of the volume. A walk ends at the latest where it would
 * read a block for the second time; places must be inside the volume.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/ext2/journal_format.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

#define REVOKED_HASH 256u

enum pass { FIND_END, COLLECT_REVOKED, RESTORE };

struct revoked {
    struct revoked *next;
    uint32_t block, sequence; /* of the latest transaction that revokes it */
};

struct walk {
    struct ext2 *fs;
    enum pass pass;
    uint32_t index, left;   /* the next block of the journal; how many may still be read */
    uint32_t sequence, end; /* the transaction that is walked; one past the last complete one */
    uint8_t *control, *content;
    struct revoked *revoked[REVOKED_HASH];
};

/* Sequence numbers go round. */
static bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

/* Moves past one block, which is read unless `to` is NULL. 0, 1: the log's end, or an error. */
static int advance(struct walk *walk, uint8_t *to)
{
    const struct journal *journal = &walk->fs->journal;

    if (!walk->left)
        return 1;
    walk->left--;
    int error = to ? journal_read(walk->fs, walk->index, to) : 0;
    if (++walk->index == journal->blocks)
        walk->index = journal->first;
    return error;
}

static struct revoked *find_revoked(const struct walk *walk, uint32_t block)
{
    struct revoked *r = walk->revoked[block % REVOKED_HASH];

    while (r && r->block != block)
        r = r->next;
    return r;
}

/* ---- one block of the log -------------------------------------------------------------------- */

static int restore(struct walk *walk, uint32_t block, uint32_t flags)
{
    struct ext2 *fs = walk->fs;
    uint32_t sectors = fs->block_size / SECTOR_BYTES;
    int end = advance(walk, walk->content);

    if (end)
        return end;
    const struct revoked *revoked = find_revoked(walk, block);
    if (revoked && !before(revoked->sequence, walk->sequence))
        return 0;
    if (block < fs->super->first_block || block >= fs->super->blocks)
        return -EINVAL;
    if (flags & TAG_ESCAPED)
        *(uint32_t *)walk->content = swap32(JOURNAL_MAGIC);
    return block_write(fs->cache.device, (uint64_t)block * sectors, sectors, walk->content);
}

static int walk_tags(struct walk *walk)
{
    uint32_t at = sizeof(struct journal_header);

    while (at + sizeof(struct journal_tag) <= walk->fs->block_size) {
        const struct journal_tag *tag = (const struct journal_tag *)(walk->control + at);
        uint32_t flags = swap32(tag->flags);
        int result =
            walk->pass == RESTORE ? restore(walk, swap32(tag->block), flags) : advance(walk, NULL);

        if (result)
            return result;
        if (flags & TAG_LAST)
            break;
        at += sizeof(*tag) + (flags & TAG_SAME_ID ? 0 : TAG_ID_BYTES);
    }
    return 0;
}

static int walk_revoked(struct walk *walk)
{
    const struct journal_revoked *list = (const struct journal_revoked *)walk->control;
    uint32_t bytes = swap32(list->bytes);

    if (walk->pass != COLLECT_REVOKED)
        return 0;
    if (bytes < sizeof(*list) || bytes > walk->fs->block_size)
        return -EINVAL;
    for (uint32_t i = 0; i < (bytes - sizeof(*list)) / sizeof(list->block[0]); i++) {
        uint32_t block = swap32(list->block[i]);
        struct revoked *r = find_revoked(walk, block);

        if (!r) {
            r = heap_allocate(sizeof(*r));
            if (!r)
                return -ENOMEM;
            r->block = block;
            r->next = walk->revoked[block % REVOKED_HASH];
            walk->revoked[block % REVOKED_HASH] = r;
        }
        r->sequence = walk->sequence; /* transactions come in order: the latest stays */
    }
    return 0;
}

/* ---- walks ----------------------------------------------------------------------------------- */

static int walk_log(struct walk *walk, enum pass pass)
{
    const struct journal_super *s = (const struct journal_super *)walk->fs->journal.super;
    const struct journal_header *header = (const struct journal_header *)walk->control;
    int result = 0;

    walk->pass = pass;
    walk->index = swap32(s->start);
    walk->left = walk->fs->journal.blocks - walk->fs->journal.first;
    walk->sequence = swap32(s->sequence);
    while (pass == FIND_END || walk->sequence != walk->end) {
        result = advance(walk, walk->control);
        if (result || header->magic != swap32(JOURNAL_MAGIC) ||
            header->sequence != swap32(walk->sequence))
            break;
        uint32_t kind = swap32(header->kind);
        if (kind == JOURNAL_TAGS)
            result = walk_tags(walk);
        else if (kind == JOURNAL_REVOKED)
            result = walk_revoked(walk);
        else if (kind == JOURNAL_COMMIT)
            walk->sequence++;
        else
            break;
        if (result)
            break;
    }
    if (pass == FIND_END)
        walk->end = walk->sequence;
    return result < 0 ? result : 0;
}

int journal_recover(struct ext2 *fs)
{
    struct walk walk = {.fs = fs,
                        .control = heap_allocate(fs->block_size),
                        .content = heap_allocate(fs->block_size)};
    const struct journal_super *s = (const struct journal_super *)fs->journal.super;
    int error = walk.control && walk.content ? 0 : -ENOMEM;

    for (enum pass pass = FIND_END; !error && s->start && pass <= RESTORE; pass++)
        error = walk_log(&walk, pass);
    if (!error)
        error = buffers_barrier(&fs->cache);
    if (!error && s->start) {
        /* The number of a transaction that was cut off is not used again. */
        fs->journal.sequence = walk.end + 1;
        error = journal_stop(fs);
    }
    for (uint32_t i = 0; i < REVOKED_HASH; i++)
        for (struct revoked *r = walk.revoked[i], *next; r; r = next) {
            next = r->next;
            heap_free(r);
        }
    heap_free(walk.control);
    heap_free(walk.content);
    return error;
}
