/* SPDX-License-Identifier: GPL-2.0-only */
/* Compressed kernels: what each program packs comes out again, and damage is said. */
#include <bzlib.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "sim/load/expand.h"
#include "sim/load/kernel_file.h"

#define ROOM      ((size_t)12 << 20)
#define MOST      ((size_t)32 << 20)
#define LZ4_BLOCK ((size_t)8 << 20)

enum program { GZIP, XZ, LZMA, BZIP2, ZSTD, LZ4, PROGRAMS };

struct row {
    enum program program;
    size_t bytes;
};

static uint8_t plain[ROOM], packed[ROOM + 4096];

/* Like machine code: repetitive, but not only. */
static void fill(size_t bytes)
{
    uint32_t random = 1;

    for (size_t i = 0; i < bytes; i++) {
        random = random * 1664525 + 1013904223;
        plain[i] = (uint8_t)(i % 7 ? i / 97 : random >> 24);
    }
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static size_t pack_gzip(size_t bytes)
{
    z_stream stream = {
        .next_in = plain, .avail_in = (uInt)bytes, .next_out = packed, .avail_out = sizeof(packed)};

    cr_assert_eq(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    cr_assert_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return sizeof(packed) - stream.avail_out;
}

/* As Linux does: a filter for machine code, and CRC32; or the format without any check. */
static size_t pack_lzma(size_t bytes, bool old)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_options_lzma options;
    lzma_filter filters[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};

    cr_assert_not(lzma_lzma_preset(&options, 6));
    cr_assert_eq(old ? lzma_alone_encoder(&stream, &options)
                     : lzma_stream_encoder(&stream, filters, LZMA_CHECK_CRC32),
                 LZMA_OK);
    stream.next_in = plain;
    stream.avail_in = bytes;
    stream.next_out = packed;
    stream.avail_out = sizeof(packed);
    cr_assert_eq(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
    lzma_end(&stream);
    return sizeof(packed) - stream.avail_out;
}

static size_t pack_lz4(size_t bytes)
{
    size_t used = 4;

    put32(packed, 0x184c2102);
    for (size_t at = 0; at < bytes; at += LZ4_BLOCK) {
        size_t n = bytes - at < LZ4_BLOCK ? bytes - at : LZ4_BLOCK;
        int made = LZ4_compress_default((char *)plain + at, (char *)packed + used + 4, (int)n,
                                        (int)(sizeof(packed) - used - 4));

        cr_assert_gt(made, 0);
        put32(packed + used, (uint32_t)made);
        used += 4 + (size_t)made;
    }
    return used;
}

static size_t pack(enum program program, size_t bytes)
{
    unsigned size = sizeof(packed);

    fill(bytes);
    switch (program) {
    case GZIP:
        return pack_gzip(bytes);
    case XZ:
    case LZMA:
        return pack_lzma(bytes, program == LZMA);
    case BZIP2:
        cr_assert_eq(BZ2_bzBuffToBuffCompress((char *)packed, &size, (char *)plain, (unsigned)bytes,
                                              9, 0, 0),
                     BZ_OK);
        return size;
    case ZSTD:
        return ZSTD_compress(packed, sizeof(packed), plain, bytes, 9);
    default:
        return pack_lz4(bytes);
    }
}

ParameterizedTestParameters(sim_expand, round_trip)
{
    static struct row rows[PROGRAMS * 3];
    static const size_t sizes[] = {1, 100000, ROOM};

    for (size_t i = 0; i < PROGRAMS * 3; i++)
        rows[i] = (struct row){(enum program)(i / 3), sizes[i % 3]};
    return cr_make_param_array(struct row, rows, PROGRAMS * 3);
}

ParameterizedTest(struct row *row, sim_expand, round_trip)
{
    size_t packed_bytes = pack(row->program, row->bytes), bytes = 0;
    uint8_t *out = NULL;
    const char *wrong = expand(packed, packed_bytes, MOST, &out, &bytes);

    cr_assert(expand_knows(packed, packed_bytes, NULL));
    cr_assert_null(wrong, "program %d, %zu bytes: %s", row->program, row->bytes, wrong);
    cr_assert_eq(bytes, row->bytes);
    cr_assert_arr_eq(out, plain, bytes);
    free(out);
}

ParameterizedTestParameters(sim_expand, cut_off)
{
    static enum program rows[PROGRAMS] = {GZIP, XZ, LZMA, BZIP2, ZSTD, LZ4};

    return cr_make_param_array(enum program, rows, PROGRAMS);
}

/* Wherever it ends too early. LZ4's blocks may end anywhere between two, the last one being one. */
ParameterizedTest(enum program *program, sim_expand, cut_off)
{
    size_t packed_bytes = pack(*program, 50000), bytes;
    uint8_t *out = NULL;

    for (size_t end = 8; end < packed_bytes; end += 1 + packed_bytes / 61)
        cr_assert_str_eq(expand(packed, end, MOST, &out, &bytes), "is damaged", "%d at %zu of %zu",
                         *program, end, packed_bytes);
}

Test(sim_expand, a_check_fails)
{
    size_t packed_bytes = pack(GZIP, 50000), bytes;
    uint8_t *out = NULL;

    packed[packed_bytes - 6] ^= 1; /* of its CRC32 */
    cr_assert_str_eq(expand(packed, packed_bytes, MOST, &out, &bytes), "is damaged");
    packed_bytes = pack(XZ, 50000);
    packed[packed_bytes / 2] ^= 1;
    cr_assert_str_eq(expand(packed, packed_bytes, MOST, &out, &bytes), "is damaged");
}

#define TOO_LARGE "expands to more than fits into the memory"

/* To the byte, and the room is not larger than that. */
Test(sim_expand, not_more_than_wanted)
{
    size_t bytes;
    uint8_t *out = NULL;

    for (int program = 0; program < PROGRAMS; program++) {
        size_t packed_bytes = pack((enum program)program, ROOM);

        cr_assert_str_eq(expand(packed, packed_bytes, (size_t)4 << 20, &out, &bytes), TOO_LARGE,
                         "%d", program);
        cr_assert_str_eq(expand(packed, packed_bytes, ROOM - 1, &out, &bytes), TOO_LARGE, "%d",
                         program);
        cr_assert_null(expand(packed, packed_bytes, ROOM, &out, &bytes), "%d", program);
        cr_assert_eq(bytes, ROOM);
        free(out);
    }
    cr_assert_str_eq(expand((const uint8_t *)"plain text", 10, MOST, &out, &bytes),
                     "is not compressed in a known way");
}

Test(sim_expand, the_start_only)
{
    uint8_t start[1000];

    for (int program = 0; program < PROGRAMS; program++) {
        size_t packed_bytes = pack((enum program)program, ROOM);

        cr_assert_eq(expand_start(packed, packed_bytes, start, sizeof(start)), sizeof(start));
        cr_assert_arr_eq(start, plain, sizeof(start));
        packed_bytes = pack((enum program)program, 100);
        cr_assert_eq(expand_start(packed, packed_bytes, start, sizeof(start)), 100);
        cr_assert_arr_eq(start, plain, 100);
    }
}

static bool begins_so(const struct file *start)
{
    return start->size >= 2 && memcmp(start->bytes, plain, 2) == 0;
}

static bool begins_otherwise(const struct file *start)
{
    return !begins_so(start);
}

/* A bzImage: four sectors for real mode, and the packed kernel with its expanded size behind it. */
static struct file bzimage(enum program program, size_t bytes)
{
    static uint8_t image[5 * 512 + sizeof(packed)];
    size_t packed_bytes = pack(program, bytes);

    memset(image, 0, 5 * 512);
    image[0x1f1] = 4;
    memcpy(image + 0x1fe,
           "\x55\xaa"
           "\xeb\x66"
           "HdrS",
           8);
    image[0x206] = 0x0c;
    image[0x207] = 2;
    memcpy(image + 5 * 512, packed, packed_bytes);
    if (program != GZIP) {
        put32(image + 5 * 512 + packed_bytes, (uint32_t)bytes);
        packed_bytes += 4;
    }
    put32(image + 0x24c, (uint32_t)packed_bytes);
    return (struct file){"bzImage", image, 5 * 512 + packed_bytes};
}

Test(sim_expand, bzimages)
{
    char why[200];

    for (int program = 0; program < PROGRAMS; program++) {
        struct file file = bzimage((enum program)program, 100000);

        cr_assert(kernel_expand(&file, MOST, begins_so, why, sizeof(why)), "%s", why);
        cr_assert_eq(file.size, 100000);
        cr_assert_arr_eq(file.bytes, plain, 100000);
        free((void *)(uintptr_t)file.bytes);
    }
}

Test(sim_expand, kernels_that_are_none)
{
    struct file file = {"packed", packed, pack(GZIP, 100000)}, before = file;
    char why[200];

    cr_assert(kernel_is_packed(&file, begins_so));
    cr_assert_not(kernel_is_packed(&file, begins_otherwise));
    cr_assert_not(kernel_expand(&file, MOST, begins_otherwise, why, sizeof(why)));
    cr_assert_str_eq(why, "the compressed file packed holds no kernel that can be booted so");
    cr_assert_not(kernel_expand(&file, 99999, begins_so, why, sizeof(why)));
    cr_assert_str_eq(why, "the compressed file packed " TOO_LARGE);
    cr_assert_eq(file.bytes, before.bytes);
    cr_assert(kernel_expand(&file, 100000, begins_so, why, sizeof(why)), "%s", why);
    free((void *)(uintptr_t)file.bytes);
}

Test(sim_expand, bzimages_that_are_none)
{
    char why[200];
    struct file file = bzimage(XZ, 1000), old = file, unknown = file;

    file.size -= 1;
    cr_assert_not(kernel_expand(&file, MOST, begins_so, why, sizeof(why)));
    cr_assert_str_eq(why, "the compressed file bzImage is damaged");
    ((uint8_t *)(uintptr_t)old.bytes)[0x206] = 7;
    cr_assert_not(kernel_expand(&old, MOST, begins_so, why, sizeof(why)));
    cr_assert_str_eq(
        why, "the compressed file bzImage is a bzImage that does not say where its kernel lies");
    unknown = bzimage(XZ, 1000);
    ((uint8_t *)(uintptr_t)unknown.bytes)[5 * 512] = 0;
    cr_assert_not(kernel_expand(&unknown, MOST, begins_so, why, sizeof(why)));
    cr_assert_str_eq(
        why,
        "the compressed file bzImage is a bzImage whose kernel is not compressed in a known way");
}
