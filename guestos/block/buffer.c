/* SPDX-License-Identifier: GPL-2.0-only */
/* buffer.c - see buffer.h; pure, so that the host tests it on a file */
#include "guestos/block/buffer.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

void buffers_init(struct buffers *buffers, struct block_device *device, uint32_t block_size)
{
    *buffers = (struct buffers){.device = device, .block_size = block_size};
    buffers->last_dirty = &buffers->first_dirty;
}

static void unlink_buffer(struct buffers *buffers, struct buffer *buffer)
{
    struct buffer **link = &buffers->hash[buffer->block % BUFFER_HASH];

    while (*link != buffer)
        link = &(*link)->next;
    *link = buffer->next;
    buffers->count--;
    heap_free(buffer->data);
    heap_free(buffer);
}

/* Gives up the clean buffer that was used longest ago. */
static void evict(struct buffers *buffers)
{
    struct buffer *oldest = NULL;

    for (uint32_t i = 0; i < BUFFER_HASH; i++)
        for (struct buffer *b = buffers->hash[i]; b; b = b->next)
            if (!b->references && !b->dirty && (!oldest || b->used < oldest->used))
                oldest = b;
    if (oldest)
        unlink_buffer(buffers, oldest);
}

int buffer_get(struct buffers *buffers, uint32_t block, bool fresh, struct buffer **result)
{
    uint32_t sectors = buffers->block_size / SECTOR_BYTES;
    struct buffer **head = &buffers->hash[block % BUFFER_HASH], *b = *head;

    while (b && b->block != block)
        b = b->next;
    if (b) {
        if (fresh)
            memset(b->data, 0, buffers->block_size);
    } else {
        if (buffers->count - buffers->dirty >= BUFFER_CLEAN)
            evict(buffers);
        b = heap_allocate(sizeof(*b));
        uint8_t *data = b ? heap_allocate(buffers->block_size) : NULL;
        int error = data ? 0 : -ENOMEM;
        if (!error && !fresh)
            error = block_read(buffers->device, (uint64_t)block * sectors, sectors, data);
        if (error) {
            heap_free(data);
            heap_free(b);
            return error;
        }
        b->block = block;
        b->data = data;
        b->next = *head;
        *head = b;
        buffers->count++;
    }
    b->references++;
    b->used = ++buffers->clock;
    *result = b;
    return 0;
}

void buffer_put(struct buffer *buffer)
{
    if (buffer)
        buffer->references--;
}

void buffer_set_dirty(struct buffers *buffers, struct buffer *buffer, unsigned rank)
{
    buffer->rank = (uint8_t)rank;
    if (buffer->dirty)
        return;
    buffer->dirty = 1;
    buffer->next_dirty = NULL;
    *buffers->last_dirty = buffer;
    buffers->last_dirty = &buffer->next_dirty;
    buffers->dirty++;
}

/* Takes a buffer out of the list of dirty ones. */
static void make_clean(struct buffers *buffers, struct buffer **link)
{
    struct buffer *buffer = *link;

    *link = buffer->next_dirty;
    if (!*link)
        buffers->last_dirty = link;
    buffer->dirty = 0;
    buffers->dirty--;
}

void buffer_forget(struct buffers *buffers, uint32_t block)
{
    struct buffer *b = buffers->hash[block % BUFFER_HASH];

    while (b && b->block != block)
        b = b->next;
    if (!b)
        return;
    for (struct buffer **link = &buffers->first_dirty; b->dirty; link = &(*link)->next_dirty)
        if (*link == b) {
            make_clean(buffers, link);
            break;
        }
    if (!b->references)
        unlink_buffer(buffers, b);
}

/* Buffers of one rank: first all are begun, and when the device has them all they are clean. */
static int flush_rank(struct buffers *buffers, unsigned rank)
{
    uint32_t sectors = buffers->block_size / SECTOR_BYTES;
    int error = 0;

    for (const struct buffer *b = buffers->first_dirty; b && !error; b = b->next_dirty)
        if (b->rank == rank)
            error =
                block_write_later(buffers->device, (uint64_t)b->block * sectors, sectors, b->data);
    int settled = block_settle(buffers->device);
    if (error || settled)
        return error ? error : settled; /* all stay dirty */
    for (struct buffer **link = &buffers->first_dirty; *link;)
        if ((*link)->rank == rank)
            make_clean(buffers, link);
        else
            link = &(*link)->next_dirty;
    return 0;
}

int buffers_flush(struct buffers *buffers)
{
    for (unsigned rank = 0; rank < BUFFER_RANKS; rank++) {
        int error = flush_rank(buffers, rank);

        if (error)
            return error;
    }
    return buffers_barrier(buffers);
}

int buffers_barrier(const struct buffers *buffers)
{
    return buffers->no_barriers ? block_settle(buffers->device) : block_flush(buffers->device);
}

void buffers_drop(struct buffers *buffers)
{
    for (uint32_t i = 0; i < BUFFER_HASH; i++)
        while (buffers->hash[i])
            unlink_buffer(buffers, buffers->hash[i]);
    buffers->first_dirty = NULL;
    buffers->last_dirty = &buffers->first_dirty;
    buffers->dirty = 0;
}
