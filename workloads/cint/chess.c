/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chess.c - the search of chess positions, as programs of the paper's time did it
 *
 * Alpha-beta with a window of one around all but the first move (principal variation search),
 * iterative deepening, a transposition table, null moves, killer moves, a history of moves that
 * refuted, captures until the position is quiet; an evaluation by material, places, mobility,
 * attacks on the king's zone and pawn structure, which has a table of its own.
 *
 * A unit searches one position until a number of positions has been visited. Its own checks:
 *   - the root has as many legal moves as are known for it;
 *   - each move of the principal variation is legal; in each position along it the generator by
 *     sets finds as many legal moves as a slow one that goes square by square, and hash keys,
 *     places' worth and phase are what the board gives afresh.
 *
 * Code: everything is compiled for either side, the search also for its two kinds of nodes, some
 * 75 KB of which a unit uses most: more than the trace cache holds. Memory at medium size: 512 KB
 * of transposition table, 130 KB of attacks by line, 64 KB of pawn structures, 40 KB of other
 * tables. Table entries carry the number of the search that wrote them and are invisible to others.
 */
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/chess_value.h"
#include "workloads/cint/program.h"

#define VALUE_MATE  30000
#define VALUE_MOST  31000
#define PLIES_MOST  48
#define NULL_DEPTH  2 /* plies that a null move saves */
#define ORDER_FIRST 30000
#define ORDER_GAIN  20000
#define ORDER_KILL  19000
#define ORDER_MOST  18000

enum bound { BOUND_LOWER = 1, BOUND_UPPER = 2, BOUND_EXACT = 3 };

struct entry {
    uint32_t key, search; /* the part of the hash that the index does not say; who wrote it */
    int16_t value;
    uint16_t move;
    int8_t depth;
    uint8_t bound;
};

struct chess {
    struct chess_tables tables;
    struct position root[PROGRAM_UNITS];
    struct entry *table;
    struct pawn_table pawns;
    uint32_t mask, search, nodes, limit; /* positions visited; the search ends at the limit */
    int16_t history[2][64][64];
    uint16_t killer[PLIES_MOST][2];
};

/* Positions: perft's, with published counts of legal moves, and of Bratko and Kopec's test. */
static const struct {
    const char *text;
    unsigned moves;
} roots[PROGRAM_UNITS] = {
    {"r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq -", 48},
    {"r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - -", 46},
    {"rnbqkb1r/p3pppp/1p6/2ppP3/3N4/2P5/PPP1QPPP/R1B1KB1R w KQkq -", 38},
    {"rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ -", 44},
    {"3r1k2/4npp1/1ppr3p/p6P/P2PPPP1/1NR5/5K2/2R5 w - -", 33},
    {"r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq -", 6},
    {"1k1r4/pp1b1R2/3q2pp/4p3/2B5/4Q3/PPP2B2/2K5 b - -", 40},
    {"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -", 20},
};

static const unsigned table_bits[INPUT_SIZES] = {10, 15, 16};
static const uint32_t node_limit[INPUT_SIZES] = {300, 500, 6000};

/* ---- order of moves -------------------------------------------------------------------------- */

INLINE void rate_captures(const struct position *p, struct move_list *list, unsigned first)
{
    static const int16_t worth[8] = {1, 3, 3, 5, 9, 20, 0, 0};

    for (unsigned i = 0; i < list->count; i++) {
        unsigned move = list->move[i];
        int gain = 16 * worth[p->board[MOVE_TO(move)] & 7] - worth[p->board[MOVE_FROM(move)] & 7];

        list->order[i] =
            (int16_t)(move == first ? ORDER_FIRST
                                    : ORDER_GAIN + gain + 16 * worth[MOVE_PROMOTE(move)]);
    }
}

INLINE void rate_quiet(const struct chess *c, struct move_list *list, unsigned from, unsigned us,
                       unsigned first, unsigned ply)
{
    for (unsigned i = from; i < list->count; i++) {
        unsigned move = list->move[i];

        if (move == first)
            list->order[i] = ORDER_FIRST;
        else if (move == c->killer[ply][0] || move == c->killer[ply][1])
            list->order[i] = ORDER_KILL;
        else
            list->order[i] = c->history[us][MOVE_FROM(move)][MOVE_TO(move)];
    }
}

INLINE unsigned take_best(struct move_list *list, unsigned at)
{
    unsigned best = at, move;
    int16_t order;

    for (unsigned i = at + 1; i < list->count; i++)
        if (list->order[i] > list->order[best])
            best = i;
    move = list->move[best];
    order = list->order[best];
    list->move[best] = list->move[at];
    list->order[best] = list->order[at];
    list->move[at] = (uint16_t)move;
    list->order[at] = order;
    return move;
}

INLINE void reward(struct chess *c, unsigned us, unsigned move, unsigned ply, int depth)
{
    int16_t *worth = &c->history[us][MOVE_FROM(move)][MOVE_TO(move)];

    *worth = (int16_t)(*worth + depth * depth < ORDER_MOST ? *worth + depth * depth : ORDER_MOST);
    if (c->killer[ply][0] != move) {
        c->killer[ply][1] = c->killer[ply][0];
        c->killer[ply][0] = (uint16_t)move;
    }
}

/* ---- the table ------------------------------------------------------------------------------- */

INLINE struct entry *find_entry(struct chess *c, const struct position *p)
{
    struct entry *e = &c->table[(uint32_t)p->hash & c->mask];

    return e->search == c->search && e->key == (uint32_t)(p->hash >> 32) ? e : NULL;
}

INLINE void store(struct chess *c, const struct position *p, int depth, int value, enum bound bound,
                  unsigned move)
{
    c->table[(uint32_t)p->hash & c->mask] = (struct entry){.key = (uint32_t)(p->hash >> 32),
                                                           .search = c->search,
                                                           .value = (int16_t)value,
                                                           .move = (uint16_t)move,
                                                           .depth = (int8_t)depth,
                                                           .bound = (uint8_t)bound};
}

/* ---- the search ------------------------------------------------------------------------------ */

static int quiet_white(struct chess *c, const struct position *p, int alpha, int beta,
                       unsigned ply);
static int quiet_black(struct chess *c, const struct position *p, int alpha, int beta,
                       unsigned ply);
typedef int search_function(struct chess *c, const struct position *p, int depth, int alpha,
                            int beta, unsigned ply);
static search_function search_white, search_black, scout_white, scout_black;

/* Captures only, from a position that need not be changed. */
INLINE int quiet(struct chess *c, const struct position *p, int alpha, int beta, unsigned ply,
                 unsigned us)
{
    int best = evaluate(&c->tables, &c->pawns, p, us);
    struct move_list list = {.count = 0};

    c->nodes++;
    if (best >= beta || ply >= PLIES_MOST - 1 || c->nodes >= c->limit)
        return best;
    add_captures(&c->tables, p, &list, us);
    rate_captures(p, &list, NO_MOVE);
    for (unsigned i = 0; i < list.count && best < beta; i++) {
        unsigned move = take_best(&list, i);
        struct position next = *p;

        make_move(&c->tables, &next, us, move);
        if (attacked(&c->tables, &next, lowest(next.pieces[us][KING]), !us))
            continue;
        int floor = best > alpha ? best : alpha;
        int value = us == WHITE ? -quiet_black(c, &next, -beta, -floor, ply + 1)
                                : -quiet_white(c, &next, -beta, -floor, ply + 1);

        if (value > best)
            best = value;
    }
    return best;
}

static int quiet_white(struct chess *c, const struct position *p, int alpha, int beta, unsigned ply)
{
    return quiet(c, p, alpha, beta, ply, WHITE);
}

static int quiet_black(struct chess *c, const struct position *p, int alpha, int beta, unsigned ply)
{
    return quiet(c, p, alpha, beta, ply, BLACK);
}

/* Whether the other side may move twice and the position still be good enough. */
INLINE bool null_move_refutes(struct chess *c, const struct position *p, int depth, int beta,
                              unsigned ply, unsigned us)
{
    struct position next = *p;

    if (depth <= NULL_DEPTH || !(p->own[us] & ~p->pieces[us][PAWN] & ~p->pieces[us][KING]))
        return false;
    next.hash ^=
        c->tables.key_side ^ c->tables.key_passant[p->passant] ^ c->tables.key_passant[NO_SQUARE];
    next.passant = NO_SQUARE;
    next.side = (uint8_t)!us;
    return (us == WHITE
                ? -scout_black(c, &next, depth - 1 - NULL_DEPTH, -beta, 1 - beta, ply + 1)
                : -scout_white(c, &next, depth - 1 - NULL_DEPTH, -beta, 1 - beta, ply + 1)) >= beta;
}

/* One node. `wide`: of the principal variation, with a window of more than one. */
INLINE int search(struct chess *c, const struct position *p, int depth, int alpha, int beta,
                  unsigned ply, unsigned us, bool wide)
{
    const struct chess_tables *t = &c->tables;
    bool check = attacked(t, p, lowest(p->pieces[us][KING]), !us);
    search_function *narrow = us == WHITE ? scout_black : scout_white;
    unsigned first = NO_MOVE, best_move = NO_MOVE, legal = 0;
    int best = -VALUE_MOST, floor = alpha;

    depth += check;
    if (depth <= 0)
        return us == WHITE ? quiet_white(c, p, alpha, beta, ply)
                           : quiet_black(c, p, alpha, beta, ply);
    c->nodes++;
    if (c->nodes >= c->limit || ply >= PLIES_MOST - 1)
        return alpha;
    const struct entry *e = find_entry(c, p);

    if (e) {
        if (!wide && e->depth >= depth &&
            (e->bound == BOUND_EXACT || e->bound == (e->value >= beta ? BOUND_LOWER : BOUND_UPPER)))
            return e->value;
        first = e->move;
    }
    if (!wide && !check && null_move_refutes(c, p, depth, beta, ply, us))
        return beta;

    struct move_list list = {.count = 0};

    add_captures(t, p, &list, us);
    rate_captures(p, &list, first);
    unsigned captures = list.count;

    add_quiet(t, p, &list, us);
    rate_quiet(c, &list, captures, us, first, ply);
    for (unsigned i = 0; i < list.count && best < beta; i++) {
        unsigned move = take_best(&list, i);
        struct position next = *p;
        int value;

        make_move(t, &next, us, move);
        if (attacked(t, &next, lowest(next.pieces[us][KING]), !us))
            continue;
        if (best > alpha)
            alpha = best;
        value = wide && !legal ? -VALUE_MOST
                               : -narrow(c, &next, depth - 1, -alpha - 1, -alpha, ply + 1);
        if (wide && (!legal || (value > alpha && value < beta)))
            value = us == WHITE ? -search_black(c, &next, depth - 1, -beta, -alpha, ply + 1)
                                : -search_white(c, &next, depth - 1, -beta, -alpha, ply + 1);
        legal++;
        if (value > best) {
            best = value;
            best_move = move;
        }
    }
    if (!legal)
        return check ? -VALUE_MATE + (int)ply : 0;
    if (c->nodes >= c->limit)
        return best;
    if (best >= beta && p->board[MOVE_TO(best_move)] == NO_PIECE)
        reward(c, us, best_move, ply, depth);
    store(c, p, depth, best,
          best >= beta   ? BOUND_LOWER
          : best > floor ? BOUND_EXACT
                         : BOUND_UPPER,
          best_move);
    return best;
}

static int search_white(struct chess *c, const struct position *p, int depth, int alpha, int beta,
                        unsigned ply)
{
    return search(c, p, depth, alpha, beta, ply, WHITE, true);
}

static int search_black(struct chess *c, const struct position *p, int depth, int alpha, int beta,
                        unsigned ply)
{
    return search(c, p, depth, alpha, beta, ply, BLACK, true);
}

static int scout_white(struct chess *c, const struct position *p, int depth, int alpha, int beta,
                       unsigned ply)
{
    return search(c, p, depth, alpha, beta, ply, WHITE, false);
}

static int scout_black(struct chess *c, const struct position *p, int depth, int alpha, int beta,
                       unsigned ply)
{
    return search(c, p, depth, alpha, beta, ply, BLACK, false);
}

/* ---- units ----------------------------------------------------------------------------------- */

/* The legal moves of a position; their number. */
static unsigned legal_moves(const struct chess_tables *t, const struct position *p,
                            struct move_list *legal)
{
    struct move_list list = {.count = 0};

    legal->count = 0;
    if (p->side == WHITE) {
        add_captures(t, p, &list, WHITE);
        add_quiet(t, p, &list, WHITE);
    } else {
        add_captures(t, p, &list, BLACK);
        add_quiet(t, p, &list, BLACK);
    }
    for (unsigned i = 0; i < list.count; i++) {
        struct position next = *p;

        make_move(t, &next, p->side, list.move[i]);
        if (!attacked(t, &next, lowest(next.pieces[p->side][KING]), !p->side))
            legal->move[legal->count++] = list.move[i];
    }
    return legal->count;
}

/* Follows the table's moves from the root, checking each position; a digest of them, or 0. */
static uint32_t follow_variation(struct chess *c, const struct position *root)
{
    struct position p = *root;
    struct move_list legal;
    uint32_t digest = DIGEST_START;

    for (unsigned ply = 0; ply < 8; ply++) {
        const struct entry *e = find_entry(c, &p);
        unsigned at = 0;

        if (legal_moves(&c->tables, &p, &legal) != chess_count_slowly(&p) ||
            !chess_holds(&c->tables, &p))
            return 0;
        if (!e || e->move == NO_MOVE)
            break; /* overwritten, or never searched: no fault */
        while (at < legal.count && legal.move[at] != e->move)
            at++;
        if (at == legal.count)
            return 0;
        digest = digest_add(digest, e->move);
        make_move(&c->tables, &p, p.side, e->move);
    }
    return digest;
}

static void *chess_open(enum input_size size)
{
    struct chess *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->mask = (1u << table_bits[size]) - 1;
    c->limit = node_limit[size];
    c->table = calloc(c->mask + 1, sizeof(c->table[0]));
    c->pawns.slot = calloc(PAWN_SLOTS, sizeof(c->pawns.slot[0]));
    if (!c->table || !c->pawns.slot)
        return NULL;
    chess_fill(&c->tables);
    for (unsigned k = 0; k < PROGRAM_UNITS; k++)
        chess_read(&c->tables, &c->root[k], roots[k].text);
    return c;
}

static uint32_t chess_unit(void *state, unsigned k)
{
    struct chess *c = state;
    const struct position *root = &c->root[k];
    struct move_list legal;
    uint32_t digest = DIGEST_START;

    c->pawns.search = ++c->search;
    c->nodes = 0;
    memset(c->history, 0, sizeof(c->history));
    memset(c->killer, 0, sizeof(c->killer));
    for (int depth = 1; depth < PLIES_MOST && c->nodes < c->limit; depth++) {
        int value = root->side == WHITE ? search_white(c, root, depth, -VALUE_MOST, VALUE_MOST, 0)
                                        : search_black(c, root, depth, -VALUE_MOST, VALUE_MOST, 0);

        if (c->nodes < c->limit)
            digest = digest_add(digest, (uint32_t)value);
    }
    uint32_t variation = follow_variation(c, root);

    if (!variation || legal_moves(&c->tables, root, &legal) != roots[k].moves)
        return 0;
    return digest_add(digest_add(digest, variation), c->nodes);
}

const struct program chess_program = {
    .name = "chess",
    .summary = "alpha-beta search of chess positions with attack and transposition tables",
    .open = chess_open,
    .unit = chess_unit,
    .phase = 8,
    .worth = 272,
};
