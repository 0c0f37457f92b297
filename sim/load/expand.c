/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * expand.c - see expand.h
 *
 * Each library is asked for as much as there is room for, and the room is doubled when it is full,
 * up to one byte more than the caller wants: some hundred bytes can hold gigabytes. The table says
 * by which bytes a file begins and who expands it. Linux packs with one more, lzo, which nobody has
 * used for kernels since lz4 is there; it is not known here.
 */
#include "sim/load/expand.h"

#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define ROOM_FIRST  ((size_t)1 << 20)
#define LZMA_MEMORY ((uint64_t)256 << 20) /* for its dictionary; xz -9 needs 65 MB */
#define GZIP_ONLY   (MAX_WBITS + 16)      /* inflateInit2: a gzip header is required */
#define LZ4_BLOCK   ((size_t)8 << 20)     /* the older format's blocks, expanded */
#define LZ4_MAGIC   4

static const char damaged[] = "is damaged", no_memory[] = "needs more memory than there is",
                  too_large[] = "expands to more than fits into the memory";

struct source {
    const uint8_t *bytes;
    size_t size;
};

struct sink {
    uint8_t *bytes;
    size_t used, room, most;
};

static uint8_t *free_room(const struct sink *sink)
{
    return sink->bytes + sink->used;
}

/* NULL: there is room for `least` bytes more. */
static const char *make_room(struct sink *sink, size_t least)
{
    size_t room = sink->room ? 2 * sink->room : ROOM_FIRST, limit = sink->most + least;
    uint8_t *more;

    if (sink->used > sink->most)
        return too_large;
    if (sink->room - sink->used >= least)
        return NULL;
    room = room < sink->used + least ? sink->used + least : room;
    room = room > limit ? limit : room;
    more = realloc(sink->bytes, room);
    if (!more)
        return no_memory;
    sink->bytes = more;
    sink->room = room;
    return NULL;
}

/* ---- the libraries --------------------------------------------------------------------------- */

static const char *expand_gzip(struct source source, struct sink *sink)
{
    z_stream stream = {.next_in = (Bytef *)source.bytes, .avail_in = (uInt)source.size};
    const char *wrong = NULL;
    int result = inflateInit2(&stream, GZIP_ONLY);

    if (result != Z_OK)
        return no_memory;
    while (!wrong && result == Z_OK && !(wrong = make_room(sink, 1))) {
        stream.next_out = free_room(sink);
        stream.avail_out = (uInt)(sink->room - sink->used);
        result = inflate(&stream, Z_NO_FLUSH);
        sink->used = sink->room - stream.avail_out;
    }
    inflateEnd(&stream);
    return wrong ? wrong : result == Z_STREAM_END ? NULL : damaged;
}

/* Both xz's format and the one before it. */
static const char *expand_lzma(struct source source, struct sink *sink)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    const char *wrong = NULL;
    lzma_ret result = lzma_auto_decoder(&stream, LZMA_MEMORY, 0);

    stream.next_in = source.bytes;
    stream.avail_in = source.size;
    while (!wrong && result == LZMA_OK && !(wrong = make_room(sink, 1))) {
        stream.next_out = free_room(sink);
        stream.avail_out = sink->room - sink->used;
        result = lzma_code(&stream, LZMA_FINISH);
        sink->used = sink->room - stream.avail_out;
    }
    lzma_end(&stream);
    return wrong                                                       ? wrong
           : result == LZMA_STREAM_END                                 ? NULL
           : result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR ? no_memory
                                                                       : damaged;
}

static const char *expand_bzip2(struct source source, struct sink *sink)
{
    bz_stream stream = {.next_in = (char *)(uintptr_t)source.bytes,
                        .avail_in = (unsigned)source.size};
    const char *wrong = NULL;
    int result = BZ2_bzDecompressInit(&stream, 0, 0);
    unsigned left = 1;

    if (result != BZ_OK)
        return no_memory;
    /* It does not say when it waits for more input than there is. */
    while (!wrong && result == BZ_OK && (stream.avail_in || left == 0) &&
           !(wrong = make_room(sink, 1))) {
        stream.next_out = (char *)free_room(sink);
        stream.avail_out = (unsigned)(sink->room - sink->used);
        result = BZ2_bzDecompress(&stream);
        left = stream.avail_out;
        sink->used = sink->room - left;
    }
    BZ2_bzDecompressEnd(&stream);
    return wrong ? wrong : result == BZ_STREAM_END ? NULL : damaged;
}

static const char *expand_zstd(struct source source, struct sink *sink)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {source.bytes, source.size, 0};
    const char *wrong = stream ? NULL : no_memory;
    size_t result = 1;
    bool stuck = false;

    while (!wrong && result && !ZSTD_isError(result) && !stuck && !(wrong = make_room(sink, 1))) {
        ZSTD_outBuffer out = {free_room(sink), sink->room - sink->used, 0};

        result = ZSTD_decompressStream(stream, &out, &in);
        sink->used += out.pos;
        stuck = in.pos == in.size && out.pos < out.size;
    }
    ZSTD_freeDStream(stream);
    return wrong ? wrong : result ? damaged : NULL;
}

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Blocks, each after its length, that expand to LZ4_BLOCK bytes, the last one to less. */
static const char *expand_lz4(struct source source, struct sink *sink)
{
    size_t at = LZ4_MAGIC;
    const char *wrong = NULL;

    while (!wrong && at < source.size) {
        uint32_t packed = source.size - at < 4 ? UINT32_MAX : word(source.bytes + at);
        int bytes;

        if (packed > source.size - at - 4 || packed > LZ4_COMPRESSBOUND(LZ4_BLOCK))
            return damaged;
        at += 4;
        wrong = make_room(sink, LZ4_BLOCK);
        if (wrong)
            break;
        bytes = LZ4_decompress_safe((const char *)source.bytes + at, (char *)free_room(sink),
                                    (int)packed, (int)LZ4_BLOCK);
        if (bytes < 0)
            return damaged;
        sink->used += (size_t)bytes;
        at += packed;
    }
    return wrong;
}

/* ---- which ----------------------------------------------------------------------------------- */

static const struct packing {
    const char *name;
    uint8_t magic[6];
    size_t magic_bytes;
    const char *(*expand)(struct source source, struct sink *sink);
} packings[] = {
    {"gzip", {0x1f, 0x8b}, 2, expand_gzip},
    {"xz", {0xfd, '7', 'z', 'X', 'Z', 0}, 6, expand_lzma},
    {"lzma", {0x5d, 0, 0}, 3, expand_lzma},
    {"bzip2", {'B', 'Z', 'h'}, 3, expand_bzip2},
    {"zstd", {0x28, 0xb5, 0x2f, 0xfd}, 4, expand_zstd},
    {"lz4", {0x02, 0x21, 0x4c, 0x18}, LZ4_MAGIC, expand_lz4},
};

static const struct packing *find(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
        if (size >= packings[i].magic_bytes &&
            memcmp(bytes, packings[i].magic, packings[i].magic_bytes) == 0)
            return &packings[i];
    return NULL;
}

bool expand_knows(const uint8_t *bytes, size_t size, const char **name)
{
    const struct packing *packing = find(bytes, size);

    if (packing && name)
        *name = packing->name;
    return packing;
}

/* What was made of them stays in the sink whatever comes of it. */
static const char *expand_into(struct sink *sink, const uint8_t *packed, size_t packed_size)
{
    const struct packing *packing = find(packed, packed_size);
    const char *wrong = packing ? packing->expand((struct source){packed, packed_size}, sink)
                                : "is not compressed in a known way";

    return !wrong && sink->used > sink->most ? too_large : wrong;
}

const char *expand(const uint8_t *packed, size_t packed_size, size_t most, uint8_t **bytes,
                   size_t *size)
{
    struct sink sink = {.most = most};
    const char *wrong = expand_into(&sink, packed, packed_size);

    if (wrong) {
        free(sink.bytes);
        return wrong;
    }
    *bytes = sink.bytes;
    *size = sink.used;
    return NULL;
}

size_t expand_start(const uint8_t *packed, size_t packed_size, uint8_t *bytes, size_t most)
{
    struct sink sink = {.most = most};
    size_t got;

    expand_into(&sink, packed, packed_size);
    got = sink.used < most ? sink.used : most;
    if (got)
        memcpy(bytes, sink.bytes, got);
    free(sink.bytes);
    return got;
}
