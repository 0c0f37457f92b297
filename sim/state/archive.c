/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/state/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

/* Equal pages are in the file once; what zstd finds beyond that is worth little time. */
#define LEVEL        1
#define BUFFER_BYTES (1u << 20)

static const char magic[8] = "XENOSAVE";

struct archive_head {
    char magic[8];
    uint32_t version, zero;
    uint64_t bytes, sum;
};
_Static_assert(sizeof(struct archive_head) == 32, "the head of a file");

struct archive_coder {
    ZSTD_CCtx *compressor;
    ZSTD_DCtx *expander;
    XXH3_state_t *sum;
    uint64_t bytes; /* compressed, so far */
    ZSTD_inBuffer in;
    bool ended; /* the frame that is read */
    uint8_t buffer[BUFFER_BYTES];
};

static bool no_memory(char *why)
{
    snprintf(why, SAVED_WHY_BYTES, "no memory for a saved state");
    return false;
}

static void drop_coder(struct archive *archive)
{
    struct archive_coder *coder = archive->coder;

    if (!coder)
        return;
    ZSTD_freeCCtx(coder->compressor);
    ZSTD_freeDCtx(coder->expander);
    XXH3_freeState(coder->sum);
    free(coder);
    archive->coder = NULL;
}

static bool make_coder(struct archive *archive, bool loading)
{
    struct archive_coder *coder = calloc(1, sizeof(*coder));

    archive->coder = coder;
    if (!coder)
        return false;
    coder->sum = XXH3_createState();
    if (loading)
        coder->expander = ZSTD_createDCtx();
    else
        coder->compressor = ZSTD_createCCtx();
    if (coder->sum && (coder->expander || coder->compressor))
        return true;
    drop_coder(archive);
    return false;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool compress(struct archive *archive, ZSTD_inBuffer *in, ZSTD_EndDirective how, char *why)
{
    struct archive_coder *coder = archive->coder;
    size_t left;

    do {
        ZSTD_outBuffer out = {coder->buffer, sizeof(coder->buffer), 0};

        left = ZSTD_compressStream2(coder->compressor, &out, in, how);
        if (ZSTD_isError(left)) {
            snprintf(why, SAVED_WHY_BYTES, "cannot compress the state: %s",
                     ZSTD_getErrorName(left));
            return false;
        }
        XXH3_64bits_update(coder->sum, coder->buffer, out.pos);
        coder->bytes += out.pos;
        if (fwrite(coder->buffer, 1, out.pos, archive->out.out) != out.pos) {
            snprintf(why, SAVED_WHY_BYTES, "cannot write %.700s: %s", archive->out.path,
                     strerror(errno));
            return false;
        }
    } while (how == ZSTD_e_end ? left != 0 : in->pos < in->size);
    return true;
}

static bool take(void *owner, void *bytes, size_t count, char *why)
{
    ZSTD_inBuffer in = {bytes, count, 0};

    return compress(owner, &in, ZSTD_e_continue, why);
}

bool archive_create(struct archive *archive, const char *path, char *why)
{
    struct archive_head head = {.version = 0};

    *archive = (struct archive){.saved = {.move = take, .owner = archive}};
    if (!result_file_open(&archive->out, path, why, SAVED_WHY_BYTES))
        return false;
    if (!make_coder(archive, false)) {
        result_file_drop(&archive->out);
        return no_memory(why);
    }
    ZSTD_CCtx_setParameter(archive->coder->compressor, ZSTD_c_compressionLevel, LEVEL);
    XXH3_64bits_reset(archive->coder->sum);
    fwrite(&head, sizeof(head), 1, archive->out.out); /* its trouble shows at the end */
    return true;
}

static bool finish_writing(struct archive *archive, char *why)
{
    ZSTD_inBuffer nothing = {NULL, 0, 0};
    struct archive_head head = {.version = ARCHIVE_VERSION};

    if (!compress(archive, &nothing, ZSTD_e_end, why))
        return false;
    memcpy(head.magic, magic, sizeof(magic));
    head.bytes = archive->coder->bytes;
    head.sum = XXH3_64bits_digest(archive->coder->sum);
    if (fseek(archive->out.out, 0, SEEK_SET) == 0 &&
        fwrite(&head, sizeof(head), 1, archive->out.out) == 1)
        return true;
    snprintf(why, SAVED_WHY_BYTES, "cannot write %.700s: %s", archive->out.path, strerror(errno));
    return false;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool give(void *owner, void *bytes, size_t count, char *why)
{
    struct archive *archive = owner;
    struct archive_coder *coder = archive->coder;
    ZSTD_outBuffer out = {bytes, count, 0};

    while (out.pos < out.size) {
        size_t before = out.pos, left;

        if (coder->ended) {
            snprintf(why, SAVED_WHY_BYTES, "%s is damaged: it ends early", archive->in.path);
            return false;
        }
        left = ZSTD_decompressStream(coder->expander, &out, &coder->in);
        if (ZSTD_isError(left)) {
            snprintf(why, SAVED_WHY_BYTES, "%s is damaged: %s", archive->in.path,
                     ZSTD_getErrorName(left));
            return false;
        }
        coder->ended = left == 0 || (out.pos == before && coder->in.pos == coder->in.size);
    }
    return true;
}

static bool refuse(struct archive *archive, char *why, const char *what)
{
    snprintf(why, SAVED_WHY_BYTES, "%s %s", archive->in.path, what);
    file_close(&archive->in);
    return false;
}

bool archive_open(struct archive *archive, const char *path, char *why)
{
    struct archive_head head = {.version = 0};
    const uint8_t *rest;

    *archive = (struct archive){.saved = {.loading = true, .move = give, .owner = archive}};
    if (!file_open(&archive->in, path, why, SAVED_WHY_BYTES))
        return false;
    memcpy(&head, archive->in.bytes,
           archive->in.size < sizeof(head) ? archive->in.size : sizeof(head));
    if (memcmp(head.magic, magic, sizeof(magic)) != 0)
        return refuse(archive, why, "is no saved state");
    if (archive->in.size < sizeof(head))
        return refuse(archive, why, "is a saved state that was cut off");
    if (head.version != ARCHIVE_VERSION) {
        snprintf(why, SAVED_WHY_BYTES,
                 "%s is a saved state of form %u, and this program reads form %u: use the program "
                 "that saved it",
                 path, head.version, ARCHIVE_VERSION);
        file_close(&archive->in);
        return false;
    }
    if (head.bytes > archive->in.size - sizeof(head))
        return refuse(archive, why, "is a saved state that was cut off");
    rest = archive->in.bytes + sizeof(head);
    if (head.bytes < archive->in.size - sizeof(head) || head.zero ||
        head.sum != XXH3_64bits(rest, head.bytes))
        return refuse(archive, why, "is damaged: its check sum is another");
    if (!make_coder(archive, true)) {
        file_close(&archive->in);
        return no_memory(why);
    }
    archive->coder->in = (ZSTD_inBuffer){rest, head.bytes, 0};
    return true;
}

/* Whether the frame ends where the pass did. */
static bool finish_reading(struct archive *archive, char *why)
{
    struct archive_coder *coder = archive->coder;
    uint8_t more;
    ZSTD_outBuffer out = {&more, 1, 0};

    while (!coder->ended && !out.pos) {
        size_t left = ZSTD_decompressStream(coder->expander, &out, &coder->in);

        coder->ended = left == 0 || ZSTD_isError(left) || coder->in.pos == coder->in.size;
    }
    if (!out.pos)
        return true;
    snprintf(why, SAVED_WHY_BYTES, "%s is damaged: it goes on where it should end",
             archive->in.path);
    return false;
}

bool archive_finish(struct archive *archive, bool good, char *why)
{
    struct saved *saved = &archive->saved;

    if (saved->failed)
        snprintf(why, SAVED_WHY_BYTES, "%s", saved->why);
    good = good && !saved->failed;
    if (saved->loading) {
        good = good && finish_reading(archive, why);
        file_close(&archive->in);
    } else if (good && finish_writing(archive, why)) {
        good = result_file_keep(&archive->out, why, SAVED_WHY_BYTES);
    } else {
        result_file_drop(&archive->out);
        good = false;
    }
    drop_coder(archive);
    return good;
}
