/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pack.c - text compression: LZ77 with hash chains, then two canonical Huffman codes
 *
 * A unit compresses one chunk of text, decompresses the result and compares. The stages are those
 * of every dictionary compressor:
 *
 *   1. Search. The three bytes at each position are hashed; a chain links the earlier positions of
 *      the same hash, newest first. The longest match within CHAIN_LIMIT steps becomes a token
 *      (length, distance); without one the byte itself is a token.
 *   2. Statistics. Literals and lengths share one alphabet, distances have their own, by the
 *      number of significant bits; the bits below the top one follow raw.
 *   3. Codes. Huffman's algorithm gives each symbol a length. A code longer than CODE_BITS_MAX is
 *      avoided by flattening the counts and starting again. Codes are canonical, so the lengths
 *      alone (four bits a symbol) describe them.
 *   4. Output, bit by bit, lowest bit first; codes highest bit first, so that the decoder can grow
 *      a code one bit at a time and compare with the first code of each length.
 *
 * Memory: the chunk, a token array four times as large, and 40 KB of tables.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/program.h"
#include "workloads/cint/text.h"

#define MATCH_SHORTEST   3
#define MATCH_LONGEST    66
#define LITERALS         256
#define SYMBOLS          (LITERALS + MATCH_LONGEST - MATCH_SHORTEST + 1) /* literals and lengths */
#define DISTANCE_SYMBOLS 17 /* significant bits of a distance, 1..16 */
#define CODE_BITS_MAX    15 /* fits the four bits of the header */
#define HASH_BITS        12 /* heads of chains */
#define CHAIN_LIMIT      24 /* positions tried at each place */
#define NO_POSITION      UINT32_MAX

/* A token is a literal (distance 0) or a match: length and distance in one word. */
#define TOKEN(symbol, distance) ((uint32_t)(symbol) << 16 | (distance))
#define TOKEN_SYMBOL(token)     ((token) >> 16)
#define TOKEN_DISTANCE(token)   ((token)&0xffff)

struct code {
    unsigned symbols;
    uint8_t bits[SYMBOLS];   /* length of each symbol's code, 0: unused */
    uint16_t value[SYMBOLS]; /* the code itself, highest bit first */
};

struct bit_stream {
    uint8_t *bytes;
    size_t position; /* in bits */
    size_t limit;    /* in bits */
    bool overrun;
};

struct pack {
    size_t chunk;  /* bytes of text in a unit */
    uint8_t *text; /* PROGRAM_UNITS chunks, overlapping by half */
    uint8_t *unpacked;
    uint32_t *tokens;
    uint32_t *chain; /* earlier position of the same hash */
    struct bit_stream packed;
    uint32_t head[1 << HASH_BITS];
    struct code literal_code, distance_code;
};

static const size_t chunk_bytes[INPUT_SIZES] = {1024, 2560, 49152};

/* ---- bits ------------------------------------------------------------------------------------ */

static void put_bit(struct bit_stream *s, unsigned bit)
{
    if (s->position >= s->limit) {
        s->overrun = true;
        return;
    }
    uint8_t *byte = &s->bytes[s->position / 8];

    if (s->position % 8 == 0)
        *byte = 0;
    *byte |= bit << s->position % 8;
    s->position++;
}

static unsigned get_bit(struct bit_stream *s)
{
    if (s->position >= s->limit) {
        s->overrun = true;
        return 0;
    }
    unsigned bit = s->bytes[s->position / 8] >> s->position % 8 & 1;

    s->position++;
    return bit;
}

static void put_bits(struct bit_stream *s, uint32_t value, unsigned count)
{
    while (count-- > 0)
        put_bit(s, value >> count & 1);
}

static uint32_t get_bits(struct bit_stream *s, unsigned count)
{
    uint32_t value = 0;

    while (count-- > 0)
        value = value << 1 | get_bit(s);
    return value;
}

/* ---- the dictionary -------------------------------------------------------------------------- */

static uint32_t hash3(const uint8_t *p)
{
    uint32_t three = p[0] | p[1] << 8 | p[2] << 16;

    return three * 2654435761u >> (32 - HASH_BITS); /* Knuth's multiplicative hash */
}

static unsigned match_length(const uint8_t *a, const uint8_t *b, size_t most)
{
    unsigned n = 0;

    while (n < most && a[n] == b[n])
        n++;
    return n;
}

static void chain_insert(struct pack *p, const uint8_t *text, size_t at)
{
    uint32_t *head = &p->head[hash3(text + at)];

    p->chain[at] = *head;
    *head = (uint32_t)at;
}

/* Cuts the text into tokens; returns their number. */
static size_t tokenize(struct pack *p, const uint8_t *text)
{
    size_t count = 0, at = 0;

    memset(p->head, 0xff, sizeof(p->head));
    while (at < p->chunk) {
        size_t left = p->chunk - at;
        size_t most = left < MATCH_LONGEST ? left : MATCH_LONGEST;
        unsigned best = 0;
        size_t best_at = 0;

        if (left >= MATCH_SHORTEST) {
            uint32_t candidate = p->head[hash3(text + at)];

            for (int i = 0; i < CHAIN_LIMIT && candidate != NO_POSITION; i++) {
                unsigned length = match_length(text + candidate, text + at, most);

                if (length > best) {
                    best = length;
                    best_at = candidate;
                }
                candidate = p->chain[candidate];
            }
        }
        if (best >= MATCH_SHORTEST) {
            p->tokens[count++] = TOKEN(LITERALS + best - MATCH_SHORTEST, at - best_at);
        } else {
            p->tokens[count++] = TOKEN(text[at], 0);
            best = 1;
        }
        for (; best > 0; best--, at++)
            if (p->chunk - at >= MATCH_SHORTEST)
                chain_insert(p, text, at);
    }
    return count;
}

/* ---- Huffman codes --------------------------------------------------------------------------- */

static unsigned significant_bits(uint32_t v)
{
    unsigned n = 0;

    while (v >> n)
        n++;
    return n;
}

/*
 * One run of Huffman's algorithm: merges the two lightest roots until one is left, then reads the
 * depths off the parents. Returns the greatest depth.
 */
static unsigned code_depths(const uint32_t *weight, unsigned symbols, uint8_t *depth)
{
    uint32_t node_weight[2 * SYMBOLS];
    uint16_t parent[2 * SYMBOLS] = {0}, roots[SYMBOLS];
    uint8_t node_depth[2 * SYMBOLS];
    unsigned root_count = 0, nodes = symbols, deepest = 0;

    for (unsigned i = 0; i < symbols; i++) {
        node_weight[i] = weight[i];
        if (weight[i])
            roots[root_count++] = (uint16_t)i;
    }
    if (root_count == 1) /* a lone symbol still needs one bit */
        parent[roots[0]] = (uint16_t)nodes++;
    while (root_count > 1) {
        unsigned lightest[2];

        for (int k = 0; k < 2; k++) {
            unsigned at = 0;

            for (unsigned i = 1; i < root_count; i++)
                if (node_weight[roots[i]] < node_weight[roots[at]])
                    at = i;
            lightest[k] = roots[at];
            roots[at] = roots[--root_count];
            parent[lightest[k]] = (uint16_t)nodes;
        }
        node_weight[nodes] = node_weight[lightest[0]] + node_weight[lightest[1]];
        roots[root_count++] = (uint16_t)nodes++;
    }
    node_depth[nodes - 1] = 0;
    for (unsigned i = nodes - 1; i-- > 0;) {
        bool used = i >= symbols || weight[i];

        node_depth[i] = used ? node_depth[parent[i]] + 1 : 0;
        if (i < symbols) {
            depth[i] = node_depth[i];
            deepest = depth[i] > deepest ? depth[i] : deepest;
        }
    }
    return deepest;
}

/* First code of each length, from the number of codes of each: what "canonical" means. */
static void first_codes(const struct code *code, uint16_t count[CODE_BITS_MAX + 1],
                        uint16_t first[CODE_BITS_MAX + 1])
{
    unsigned next = 0;

    memset(count, 0, (CODE_BITS_MAX + 1) * sizeof(count[0]));
    for (unsigned i = 0; i < code->symbols; i++)
        count[code->bits[i]]++;
    count[0] = 0;
    first[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        next = (next + count[bits - 1]) << 1;
        first[bits] = (uint16_t)next;
    }
}

static void make_code(struct code *code, uint32_t *weight, unsigned symbols)
{
    uint16_t count[CODE_BITS_MAX + 1], next[CODE_BITS_MAX + 1];

    code->symbols = symbols;
    while (code_depths(weight, symbols, code->bits) > CODE_BITS_MAX)
        for (unsigned i = 0; i < symbols; i++)
            weight[i] = (weight[i] + 1) / 2; /* flatter, and nobody drops to zero */
    first_codes(code, count, next);
    for (unsigned i = 0; i < symbols; i++)
        if (code->bits[i])
            code->value[i] = next[code->bits[i]]++;
}

static void put_symbol(struct bit_stream *s, const struct code *code, unsigned symbol)
{
    put_bits(s, code->value[symbol], code->bits[symbol]);
}

static void put_lengths(struct bit_stream *s, const struct code *code)
{
    for (unsigned i = 0; i < code->symbols; i++)
        put_bits(s, code->bits[i], 4);
}

/* ---- compress and decompress ----------------------------------------------------------------- */

static void compress(struct pack *p, const uint8_t *text)
{
    uint32_t weight[SYMBOLS] = {0}, distance_weight[DISTANCE_SYMBOLS] = {0};
    size_t tokens = tokenize(p, text);
    struct bit_stream *s = &p->packed;

    for (size_t i = 0; i < tokens; i++) {
        weight[TOKEN_SYMBOL(p->tokens[i])]++;
        if (TOKEN_DISTANCE(p->tokens[i]))
            distance_weight[significant_bits(TOKEN_DISTANCE(p->tokens[i]))]++;
    }
    make_code(&p->literal_code, weight, SYMBOLS);
    make_code(&p->distance_code, distance_weight, DISTANCE_SYMBOLS);

    s->position = 0;
    put_lengths(s, &p->literal_code);
    put_lengths(s, &p->distance_code);
    for (size_t i = 0; i < tokens; i++) {
        uint32_t distance = TOKEN_DISTANCE(p->tokens[i]);

        put_symbol(s, &p->literal_code, TOKEN_SYMBOL(p->tokens[i]));
        if (distance) {
            unsigned bits = significant_bits(distance);

            put_symbol(s, &p->distance_code, bits);
            put_bits(s, distance, bits - 1); /* the top bit is known to be set */
        }
    }
}

/* A code as the decoder sees it: symbols sorted by (length, value). */
struct decoder {
    uint16_t count[CODE_BITS_MAX + 1], first[CODE_BITS_MAX + 1];
    uint16_t sorted[SYMBOLS];
};

static void read_decoder(struct bit_stream *s, struct decoder *d, unsigned symbols)
{
    struct code code = {.symbols = symbols};
    unsigned n = 0;

    for (unsigned i = 0; i < symbols; i++)
        code.bits[i] = (uint8_t)get_bits(s, 4);
    first_codes(&code, d->count, d->first);
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++)
        for (unsigned i = 0; i < symbols; i++)
            if (code.bits[i] == bits)
                d->sorted[n++] = (uint16_t)i;
}

/* The next symbol; SYMBOLS if no code matches. */
static unsigned get_symbol(struct bit_stream *s, const struct decoder *d)
{
    unsigned code = 0, index = 0;

    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        code = code << 1 | get_bit(s);
        if (code < (unsigned)d->first[bits] + d->count[bits])
            return d->sorted[index + code - d->first[bits]];
        index += d->count[bits];
    }
    return SYMBOLS;
}

/* Returns whether the packed bits made sense and gave a whole chunk. */
static bool decompress(struct pack *p)
{
    struct bit_stream s = p->packed;
    struct decoder literals, distances;
    size_t at = 0;

    s.limit = s.position;
    s.position = 0;
    read_decoder(&s, &literals, SYMBOLS);
    read_decoder(&s, &distances, DISTANCE_SYMBOLS);
    while (at < p->chunk && !s.overrun) {
        unsigned symbol = get_symbol(&s, &literals);

        if (symbol < LITERALS) {
            p->unpacked[at++] = (uint8_t)symbol;
            continue;
        }
        unsigned bits = get_symbol(&s, &distances);

        if (symbol >= SYMBOLS || bits == 0 || bits >= DISTANCE_SYMBOLS)
            return false;
        size_t distance = 1u << (bits - 1) | get_bits(&s, bits - 1);
        size_t length = symbol - LITERALS + MATCH_SHORTEST;

        if (distance > at || length > p->chunk - at)
            return false;
        for (; length > 0; length--, at++)
            p->unpacked[at] = p->unpacked[at - distance];
    }
    return !s.overrun && s.position == s.limit;
}

static void *pack_open(enum input_size size)
{
    struct pack *p = calloc(1, sizeof(*p));

    if (!p)
        return NULL;
    size_t text_bytes = chunk_bytes[size] * (PROGRAM_UNITS + 1) / 2;
    size_t packed_bytes = chunk_bytes[size] * 2 + 1024; /* no symbol costs more than 15 bits */

    p->chunk = chunk_bytes[size];
    p->text = malloc(text_bytes);
    p->unpacked = malloc(p->chunk);
    p->tokens = malloc(p->chunk * sizeof(p->tokens[0]));
    p->chain = malloc(p->chunk * sizeof(p->chain[0]));
    p->packed.bytes = malloc(packed_bytes);
    p->packed.limit = packed_bytes * 8;
    if (!p->text || !p->unpacked || !p->tokens || !p->chain || !p->packed.bytes)
        return NULL;
    text_fill(p->text, text_bytes, 20031019);
    return p;
}

static uint32_t pack_unit(void *state, unsigned k)
{
    struct pack *p = state;
    const uint8_t *text = p->text + k * p->chunk / 2;
    uint32_t digest = DIGEST_START;

    memset(p->unpacked, 0, p->chunk);
    compress(p, text);
    if (p->packed.overrun || !decompress(p) || memcmp(text, p->unpacked, p->chunk) != 0)
        return 0;
    for (size_t i = 0; i < p->packed.position / 8; i++)
        digest = (digest ^ p->packed.bytes[i]) * 16777619u;
    return digest_add(digest, (uint32_t)p->packed.position);
}

const struct program pack_program = {
    .name = "pack",
    .summary = "LZ77 and Huffman compression of English text, decompressed and compared",
    .open = pack_open,
    .unit = pack_unit,
    .phase = 16,
    .worth = 102,
};
