/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * othello.c - game-tree search with bit boards
 *
 * A board is two 64-bit sets, the discs of the side to move and of the other; square 0 is a1, a row
 * is eight consecutive bits. Legal moves and flipped discs come from shifting whole sets in the
 * eight directions, so there is no loop over squares.
 *
 * A unit searches one position to a fixed depth: alpha-beta in the negamax form, with iterative
 * deepening and a transposition table that gives bounds and, more important, the move to try first.
 * Values count corners, mobility and discs; finished games count discs only.
 *
 * The unit's own check plays the principal variation out of the table and demands that every move
 * in it is legal, and that the root's value lies within the table's bounds for it.
 *
 * Memory: the table, 256 KB at the medium size, of which a unit touches about a thousand places at
 * random. Entries carry the number of the search that wrote them and are invisible to any other: a
 * unit never depends on its forerunners.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "workloads/cint/program.h"

#define NOT_A_FILE    0xfefefefefefefefeull
#define NOT_H_FILE    0x7f7f7f7f7f7f7f7full
#define ALL_SQUARES   0xffffffffffffffffull
#define CORNERS       0x8100000000000081ull
#define NO_MOVE       64
#define VALUE_MOST    30000
#define VALUE_DISC    100 /* a disc at the end of the game */
#define WEIGHT_CORNER 90
#define WEIGHT_MOVE   12

struct board {
    uint64_t own, other;
};

enum bound { BOUND_LOWER = 1, BOUND_UPPER = 2, BOUND_EXACT = 3 };

struct entry {
    uint32_t key;    /* the part of the hash that the index does not say */
    uint32_t search; /* number of the search that wrote it */
    int16_t value;
    uint8_t depth;
    uint8_t move;
    uint8_t bound;
};

struct othello {
    unsigned depth;
    uint32_t mask; /* entries - 1 */
    uint32_t search, nodes;
    struct entry *table;
    struct board start[PROGRAM_UNITS];
};

static const unsigned search_depth[INPUT_SIZES] = {2, 3, 6};
static const unsigned table_bits[INPUT_SIZES] = {10, 14, 16};

/* ---- sets of squares ------------------------------------------------------------------------- */

static unsigned count_squares(uint64_t set)
{
    return (unsigned)(__builtin_popcount((uint32_t)set) + __builtin_popcount(set >> 32));
}

static unsigned lowest_square(uint64_t set)
{
    uint32_t low = (uint32_t)set;

    return (unsigned)(low ? __builtin_ctz(low) : 32 + __builtin_ctz((uint32_t)(set >> 32)));
}

/* The directions: positive is towards h8. Squares that would wrap round a row are masked away. */
struct direction {
    int shift;
    uint64_t mask;
};

static const struct direction directions[8] = {
    {1, NOT_A_FILE},  {9, NOT_A_FILE},  {8, ALL_SQUARES},  {7, NOT_H_FILE},
    {-1, NOT_H_FILE}, {-9, NOT_H_FILE}, {-8, ALL_SQUARES}, {-7, NOT_A_FILE},
};

static uint64_t step(uint64_t set, const struct direction *d)
{
    return (d->shift > 0 ? set << d->shift : set >> -d->shift) & d->mask;
}

static uint64_t legal_moves(const struct board *b)
{
    uint64_t empty = ~(b->own | b->other), moves = 0;

    for (int i = 0; i < 8; i++) {
        uint64_t run = step(b->own, &directions[i]) & b->other;

        for (int length = 1; length < 6 && run; length++)
            run |= step(run, &directions[i]) & b->other;
        moves |= step(run, &directions[i]) & empty;
    }
    return moves;
}

/* The board after a legal move, seen from the opponent. */
static struct board play(const struct board *b, unsigned square)
{
    uint64_t flipped = 0, placed = 1ull << square;

    for (int i = 0; i < 8; i++) {
        uint64_t line = 0, at = step(placed, &directions[i]);

        while (at & b->other) {
            line |= at;
            at = step(at, &directions[i]);
        }
        if (at & b->own)
            flipped |= line;
    }
    return (struct board){b->other & ~flipped, b->own | flipped | placed};
}

static struct board pass(const struct board *b)
{
    return (struct board){b->other, b->own};
}

/* ---- values ---------------------------------------------------------------------------------- */

static int final_value(const struct board *b)
{
    return VALUE_DISC * ((int)count_squares(b->own) - (int)count_squares(b->other));
}

static int estimate(const struct board *b, uint64_t moves)
{
    struct board opponent = pass(b);
    int mobility = (int)count_squares(moves) - (int)count_squares(legal_moves(&opponent));
    int corners = (int)count_squares(b->own & CORNERS) - (int)count_squares(b->other & CORNERS);
    int discs = (int)count_squares(b->own) - (int)count_squares(b->other);

    return WEIGHT_MOVE * mobility + WEIGHT_CORNER * corners - discs;
}

/* ---- the table ------------------------------------------------------------------------------- */

static uint64_t hash_board(const struct board *b)
{
    uint64_t h = b->own * 0x9e3779b97f4a7c15ull ^ (b->other + 0x7f4a7c15) * 0xc2b2ae3d27d4eb4full;

    return h ^ h >> 29;
}

static struct entry *find_slot(struct othello *o, uint64_t hash)
{
    return &o->table[(uint32_t)hash & o->mask];
}

static const struct entry *find_entry(struct othello *o, const struct board *b)
{
    uint64_t hash = hash_board(b);
    const struct entry *e = find_slot(o, hash);

    return e->search == o->search && e->key == (uint32_t)(hash >> 32) ? e : NULL;
}

/* Replaces always, but for a deeper result of the same search and position. */
static void store(struct othello *o, const struct board *b, unsigned depth, int value,
                  enum bound bound, unsigned move)
{
    uint64_t hash = hash_board(b);

    *find_slot(o, hash) = (struct entry){(uint32_t)(hash >> 32), o->search,     (int16_t)value,
                                         (uint8_t)depth,         (uint8_t)move, (uint8_t)bound};
}

/* ---- the search ------------------------------------------------------------------------------ */

static int search(struct othello *o, const struct board *b, unsigned depth, int alpha, int beta)
{
    uint64_t moves = legal_moves(b);
    unsigned first = NO_MOVE, best_move = NO_MOVE;
    int best = -VALUE_MOST, floor = alpha;

    o->nodes++;
    if (!moves) {
        struct board opponent = pass(b);

        if (!legal_moves(&opponent))
            return final_value(b);
        return -search(o, &opponent, depth, -beta, -alpha);
    }

    const struct entry *e = find_entry(o, b);

    if (!e && depth == 0) {
        best = estimate(b, moves);
        store(o, b, 0, best, BOUND_EXACT, NO_MOVE);
        return best;
    }
    if (e) {
        if (e->depth >= depth &&
            (e->bound == BOUND_EXACT || (e->bound == BOUND_LOWER && e->value >= beta) ||
             (e->bound == BOUND_UPPER && e->value <= alpha)))
            return e->value;
        first = e->move;
    }
    while (moves && best < beta) {
        unsigned square = lowest_square(moves);

        if (first != NO_MOVE && moves >> first & 1)
            square = first;
        else if (moves & CORNERS)
            square = lowest_square(moves & CORNERS);
        moves &= ~(1ull << square);

        struct board next = play(b, square);
        int value = -search(o, &next, depth - 1, -beta, -(best > alpha ? best : alpha));

        if (value > best) {
            best = value;
            best_move = square;
        }
    }
    store(o, b, depth, best,
          best >= beta   ? BOUND_LOWER
          : best > floor ? BOUND_EXACT
                         : BOUND_UPPER,
          best_move);
    return best;
}

/* Follows the table's moves from the root; returns a digest of them, 0 if one is illegal. */
static uint32_t follow_variation(struct othello *o, struct board b)
{
    uint32_t digest = DIGEST_START;

    for (unsigned ply = 0; ply < o->depth; ply++) {
        uint64_t moves = legal_moves(&b);
        const struct entry *e;

        if (!moves) {
            b = pass(&b);
            continue;
        }
        e = find_entry(o, &b);
        if (!e || e->depth == 0)
            break; /* overwritten, which is no fault */
        if (e->move >= NO_MOVE || !(moves >> e->move & 1))
            return 0;
        digest = digest_add(digest, e->move);
        b = play(&b, e->move);
    }
    return digest;
}

/* Openings: a few plies of the line that a pseudo-random player takes. */
static struct board opening(uint32_t seed)
{
    struct board b = {0x0000000810000000ull, 0x0000001008000000ull};

    for (int ply = 0; ply < 14; ply++) {
        uint64_t moves = legal_moves(&b);

        if (!moves) {
            b = pass(&b);
            continue;
        }
        for (uint32_t skip = random_next(&seed) % count_squares(moves); skip > 0; skip--)
            moves &= moves - 1;
        b = play(&b, lowest_square(moves));
    }
    return b;
}

static void *othello_open(enum input_size size)
{
    struct othello *o = calloc(1, sizeof(*o));

    if (!o)
        return NULL;
    o->depth = search_depth[size];
    o->mask = (1u << table_bits[size]) - 1;
    o->table = calloc(o->mask + 1, sizeof(o->table[0]));
    if (!o->table)
        return NULL;
    for (unsigned k = 0; k < PROGRAM_UNITS; k++)
        o->start[k] = opening(0x1971 + k);
    return o;
}

static uint32_t othello_unit(void *state, unsigned k)
{
    struct othello *o = state;
    int value = 0;

    o->search++;
    o->nodes = 0;
    for (unsigned depth = 1; depth <= o->depth; depth++)
        value = search(o, &o->start[k], depth, -VALUE_MOST, VALUE_MOST);

    uint32_t digest = follow_variation(o, o->start[k]);
    const struct entry *root = find_entry(o, &o->start[k]);

    if (digest == 0 || !root || root->value != value || root->bound != BOUND_EXACT)
        return 0;
    digest = digest_add(digest, (uint32_t)value);
    return digest_add(digest, o->nodes);
}

const struct program othello_program = {
    .name = "othello",
    .summary = "alpha-beta search of Othello positions with bit boards and a hash table",
    .open = othello_open,
    .unit = othello_unit,
    .phase = 16,
    .worth = 114,
};
