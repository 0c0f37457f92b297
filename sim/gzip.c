/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/gzip.h"

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

bool gzip_expand(struct file *file, char *why, size_t why_bytes)
{
    z_stream stream = {.next_in = (Bytef *)file->bytes, .avail_in = (uInt)file->size};
    const char *wrong;
    uint8_t *bytes;
    size_t size;

    if (file->size < 2 || memcmp(file->bytes, "\037\213", 2) != 0)
        return true;
    if (inflateInit2(&stream, GZIP_ONLY) != Z_OK) {
        snprintf(why, why_bytes, "no memory to expand %s", file->path);
        return false;
    }
    wrong = expand(&stream, &bytes, &size);
    inflateEnd(&stream);
    if (wrong) {
        snprintf(why, why_bytes, "the compressed file %s %s", file->path, wrong);
        free(bytes);
        return false;
    }
    *file = (struct file){file->path, bytes, size};
    return true;
}
