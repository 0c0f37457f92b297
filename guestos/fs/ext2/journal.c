/* SPDX-License-Identifier: GPL-2.0-only */
/* journal.c - opening the journal and writing transactions; see journal.h */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/ext2/journal_format.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

#define BLOCKS_MIN 64u      /* less than this holds no transaction worth the name */
#define BLOCKS_MAX 0x20000u /* bounds the memory that a hostile image makes us take */

static uint32_t sectors_of(const struct ext2 *fs)
{
    return fs->block_size / SECTOR_BYTES;
}

int journal_read(struct ext2 *fs, uint32_t index, void *to)
{
    return block_read(fs->cache.device, (uint64_t)fs->journal.place[index] * sectors_of(fs),
                      sectors_of(fs), to);
}

/* Only begins: the next flush waits for it. */
static int write_logged(struct ext2 *fs, uint32_t index, const struct buffer *buffer)
{
    return block_write_later(fs->cache.device, (uint64_t)fs->journal.place[index] * sectors_of(fs),
                             sectors_of(fs), buffer->data);
}

int journal_write(struct ext2 *fs, uint32_t index, const void *from)
{
    return block_write(fs->cache.device, (uint64_t)fs->journal.place[index] * sectors_of(fs),
                       sectors_of(fs), from);
}

static struct journal_super *super_of(const struct journal *journal)
{
    return (struct journal_super *)journal->super;
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Where its blocks are, from the map of the journal's inode. */
static int find_blocks(struct ext2 *fs)
{
    struct journal *journal = &fs->journal;
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, EXT2_JOURNAL, &buffer, &record);

    if (error)
        return error;
    journal->blocks = record->size / fs->block_size;
    buffer_put(buffer);
    if (journal->blocks < BLOCKS_MIN || journal->blocks > BLOCKS_MAX)
        return -EINVAL;
    journal->place = heap_allocate(journal->blocks * sizeof(*journal->place));
    if (!journal->place)
        return -ENOMEM;
    for (uint32_t i = 0; i < journal->blocks; i++) {
        error = ext2_map(fs, EXT2_JOURNAL, i, false, &journal->place[i], NULL);
        if (error || !journal->place[i])
            return error ? error : -EINVAL;
    }
    return 0;
}

static int check_super(struct ext2 *fs)
{
    struct journal *journal = &fs->journal;
    const struct journal_super *s = super_of(journal);
    uint32_t kind = swap32(s->header.kind), blocks = swap32(s->blocks), start = swap32(s->start);

    if (s->header.magic != swap32(JOURNAL_MAGIC) ||
        (kind != JOURNAL_SUPER_1 && kind != JOURNAL_SUPER_2) ||
        swap32(s->block_size) != fs->block_size || blocks < BLOCKS_MIN || blocks > journal->blocks)
        return -EINVAL;
    if (kind == JOURNAL_SUPER_2 &&
        (swap32(s->incompatible) & ~JOURNAL_REVOKE || s->read_only_compatible))
        return -EOPNOTSUPP;
    journal->blocks = blocks;
    journal->first = swap32(s->first);
    journal->sequence = swap32(s->sequence);
    if (!journal->first || journal->first > blocks / 2 ||
        (start && (start < journal->first || start >= blocks)))
        return -EINVAL;
    return 0;
}

/* What fits into the log with its tables and its commit block. */
static uint32_t capacity(const struct ext2 *fs)
{
    uint32_t room = fs->journal.blocks - fs->journal.first - 1;
    uint32_t tags = (fs->block_size - sizeof(struct journal_header) - TAG_ID_BYTES) /
                    sizeof(struct journal_tag);

    return room - room / (tags + 1) - 1;
}

int journal_open(struct ext2 *fs)
{
    struct journal *journal = &fs->journal;

    if (fs->super->journal_inode != EXT2_JOURNAL || fs->super->journal_device)
        return -EOPNOTSUPP; /* on another device */
    int error = find_blocks(fs);
    journal->super = heap_allocate(fs->block_size);
    journal->tags = heap_allocate(fs->block_size);
    if (!error && (!journal->super || !journal->tags))
        error = -ENOMEM;
    if (!error)
        error = journal_read(fs, 0, journal->super);
    if (!error)
        error = check_super(fs);
    if (!error)
        journal->most = capacity(fs);
    return error;
}

void journal_drop(struct ext2 *fs)
{
    heap_free(fs->journal.place);
    heap_free(fs->journal.super);
    heap_free(fs->journal.tags);
    fs->journal = (struct journal){0};
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* Writes the journal's superblock: the log begins at block `start`. */
static int write_super(struct ext2 *fs, uint32_t start)
{
    struct journal *journal = &fs->journal;

    super_of(journal)->sequence = swap32(journal->sequence);
    super_of(journal)->start = swap32(start);
    int error = journal_write(fs, 0, journal->super);
    return error ? error : buffers_barrier(&fs->cache);
}

int journal_start(struct ext2 *fs)
{
    return write_super(fs, fs->journal.first);
}

int journal_stop(struct ext2 *fs)
{
    return write_super(fs, 0);
}

static void begin_block(struct ext2 *fs, uint8_t *block, enum journal_kind kind)
{
    memset(block, 0, fs->block_size);
    *(struct journal_header *)block =
        (struct journal_header){swap32(JOURNAL_MAGIC), swap32(kind), swap32(fs->journal.sequence)};
}

/* A block that looks like one of the journal's own is disguised. */
static int log_buffer(struct ext2 *fs, const struct buffer *buffer, uint32_t index, uint32_t *flags)
{
    uint32_t *word = (uint32_t *)buffer->data;
    bool escaped = *word == swap32(JOURNAL_MAGIC);

    if (!escaped)
        return write_logged(fs, index, buffer);
    *flags |= TAG_ESCAPED;
    *word = 0;
    int error = journal_write(fs, index, buffer->data);
    *word = swap32(JOURNAL_MAGIC);
    return error;
}

/* Logs the buffers from *buffer on that one table has room for, and the table. *index moves on. */
static int log_some(struct ext2 *fs, const struct buffer **buffer, uint32_t *index)
{
    struct journal *journal = &fs->journal;
    uint32_t table = (*index)++, at = sizeof(struct journal_header);
    int error = 0;

    begin_block(fs, journal->tags, JOURNAL_TAGS);
    while (!error && *buffer) {
        struct journal_tag *tag = (struct journal_tag *)(journal->tags + at);
        uint32_t flags = at == sizeof(struct journal_header) ? 0 : TAG_SAME_ID;
        uint32_t next = at + sizeof(*tag) + (flags ? 0 : TAG_ID_BYTES);

        if (!flags)
            memcpy(tag + 1, super_of(journal)->id, TAG_ID_BYTES);
        error = log_buffer(fs, *buffer, (*index)++, &flags);
        uint32_t block = (*buffer)->block;
        *buffer = (*buffer)->next_dirty;
        bool last = !*buffer || next + sizeof(*tag) > fs->block_size;
        *tag = (struct journal_tag){swap32(block), swap32(flags | (last ? TAG_LAST : 0))};
        at = next;
        if (last)
            break;
    }
    return error ? error : journal_write(fs, table, journal->tags);
}

static int write_log(struct ext2 *fs)
{
    struct journal *journal = &fs->journal;
    const struct buffer *buffer = fs->cache.first_dirty;
    uint32_t index = journal->first;
    int error = 0;

    while (!error && buffer)
        error = log_some(fs, &buffer, &index);
    int flushed = buffers_barrier(&fs->cache); /* nothing may stay begun */
    if (error || flushed)
        return error ? error : flushed;
    begin_block(fs, journal->tags, JOURNAL_COMMIT);
    error = journal_write(fs, index, journal->tags);
    return error ? error : buffers_barrier(&fs->cache);
}

int journal_commit(struct ext2 *fs)
{
    if (fs->broken)
        return -EIO;
    if (fs->cache.dirty > fs->journal.most)
        return -EFBIG; /* never a part of a transaction */
    int error = write_log(fs);
    if (error)
        return error;
    error = buffers_flush(&fs->cache);
    fs->journal.sequence++;
    if (!error)
        error = journal_start(fs);
    fs->broken = error;
    return error;
}
