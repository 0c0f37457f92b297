/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_file.c - kernels as they are kept
 *
 * A bzImage is a loader for real mode, of some sectors, and code that unpacks the kernel proper. Hypervisors
 * need neither: since version 2.08 of the boot protocol the header says where the packed kernel, an ELF
 * file, lies. Only gzip's packing is known here; the header's other fields are not looked at.
 *
 * Source: Linux, Documentation/x86/boot.rst, "Details of header fields".
 */
#include "sim/kernel_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define EXPANDED_MAX ((size_t)1 << 30)
#define GZIP_ONLY    (MAX_WBITS + 16) /* inflateInit2: a gzip header is required */

static const char *expand(z_stream *stream, uint8_t **bytes, size_t *size)
{
    size_t room = 1 << 20;
    int result = Z_OK;

    *size = 0;
    *bytes = malloc(room);
    while (*bytes && result == Z_OK) {
        if (*size == room) {
            uint8_t *more = room < EXPANDED_MAX ? realloc(*bytes, room *= 2) : NULL;

            if (!more)
                return "is too large when expanded";
            *bytes = more;
        }
        stream->next_out = *bytes + *size;
        stream->avail_out = (uInt)(room - *size);
        result = inflate(stream, Z_NO_FLUSH);
        *size = room - stream->avail_out;
    }
    return !*bytes                  ? "needs more memory than there is"
           : result == Z_STREAM_END ? NULL
                                    : "is damaged";
}

static bool is_gzip(const uint8_t *bytes, size_t size)
{
    return size >= 2 && memcmp(bytes, "\037\213", 2) == 0;
}

/* ---- bzImage ---------------------------------------------------------------------------------- */

enum {
    SETUP_SECTORS = 0x1f1,
    BOOT_FLAG = 0x1fe,
    HEADER = 0x202,
    VERSION = 0x206,
    PAYLOAD_OFFSET = 0x248, /* from the end of the sectors for real mode */
    PAYLOAD_LENGTH = 0x24c,
    HEADER_END = 0x250,
    SECTOR = 512,
    SECTORS_OLD = 4, /* what 0 means */
    VERSION_PAYLOAD = 0x208,
};

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool is_bzimage(const struct file *file)
{
    const uint8_t *bytes = file->bytes;

    return file->size >= HEADER_END && memcmp(bytes + BOOT_FLAG, "\x55\xaa", 2) == 0 &&
           memcmp(bytes + HEADER, "HdrS", 4) == 0;
}

/* NULL, or what is wrong. */
static const char *find_payload(const struct file *file, const uint8_t **payload, size_t *size)
{
    const uint8_t *bytes = file->bytes;
    uint64_t sectors = bytes[SETUP_SECTORS] ? bytes[SETUP_SECTORS] : SECTORS_OLD;
    uint64_t start = (sectors + 1) * SECTOR + word(bytes + PAYLOAD_OFFSET);

    *size = word(bytes + PAYLOAD_LENGTH);
    if ((word(bytes + VERSION) & 0xffff) < VERSION_PAYLOAD)
        return "is a bzImage that does not say where its kernel lies";
    if (start + *size > file->size)
        return "is damaged";
    *payload = bytes + start;
    return is_gzip(*payload, *size) ? NULL : "is a bzImage that is not compressed by gzip";
}

/* ---- both ------------------------------------------------------------------------------------- */

bool kernel_expand(struct file *file, char *why, size_t why_bytes)
{
    const uint8_t *packed = file->bytes;
    size_t packed_size = file->size, size;
    const char *wrong = NULL;
    uint8_t *bytes;

    if (is_bzimage(file))
        wrong = find_payload(file, &packed, &packed_size);
    else if (!is_gzip(packed, packed_size))
        return true;

    z_stream stream = {.next_in = (Bytef *)packed, .avail_in = (uInt)packed_size};

    if (!wrong && inflateInit2(&stream, GZIP_ONLY) != Z_OK)
        wrong = "needs more memory than there is";
    if (!wrong) {
        wrong = expand(&stream, &bytes, &size);
        inflateEnd(&stream);
        if (wrong)
            free(bytes);
    }
    if (wrong) {
        snprintf(why, why_bytes, "the compressed file %s %s", file->path, wrong);
        return false;
    }
    *file = (struct file){file->path, bytes, size};
    return true;
}
