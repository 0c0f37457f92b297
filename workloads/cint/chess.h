/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chess.h - board, moves and attack tables of the chess program
 *
 * Squares count from a1 = 0 by files, then ranks; a set of squares is a 64-bit word. The sides are
 * constants where they are called: what is `always_inline` here is compiled once for each side and
 * purpose, as programs of the time had two of everything.
 */
#ifndef XENOLITH_CINT_CHESS_H
#define XENOLITH_CINT_CHESS_H

#include <stdbool.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

enum side { WHITE, BLACK };
enum piece { PAWN, KNIGHT, BISHOP, ROOK, QUEEN, KING, PIECES, NO_PIECE = 7 };

/* A move: from, to, what it is promoted to (KNIGHT to QUEEN, or PAWN), whether en passant. */
#define MOVE(from, to)  ((uint16_t)((from) | (to) << 6))
#define MOVE_FROM(move) ((move)&63)
#define MOVE_TO(move)   ((move) >> 6 & 63)
#define MOVE_PROMOTE(m) ((m) >> 12 & 7)
#define MOVE_PASSANT    0x8000
#define NO_MOVE         0
#define MOVES_MOST      224
#define NO_SQUARE       64
#define CASTLE_SHORT(s) (1u << 2 * (s))
#define CASTLE_LONG(s)  (2u << 2 * (s))
#define LINES           4 /* rank, file, diagonal, antidiagonal */
#define FILE_A          0x0101010101010101ull
#define RANK_1          0xffull
#define NO_FILE_A       0xfefefefefefefefeull
#define NO_FILE_H       0x7f7f7f7f7f7f7f7full

struct position {
    uint64_t pieces[2][PIECES];
    uint64_t own[2];
    uint64_t hash, pawn_hash;
    int16_t opening[2], ending[2]; /* material and places of each side's pieces */
    uint8_t board[64];             /* piece | side << 3, or NO_PIECE */
    uint8_t castle, passant; /* rights; the square behind a pawn that went two, or NO_SQUARE */
    uint8_t side, phase;     /* to move; 24 with all pieces, 0 with pawns only */
};

struct move_list {
    unsigned count;
    uint16_t move[MOVES_MOST];
    int16_t order[MOVES_MOST];
};

/* What a search looks up: filled once (chess_tables.c). */
struct chess_tables {
    uint64_t line[LINES][64][64]; /* attacks along a line, by the six inner squares' occupation */
    uint64_t line_mask[LINES][64];
    uint64_t knight[64], king[64], pawn[2][64];  /* attacks */
    uint64_t bit[64], zone[2][64], front[2][64]; /* square; around a king; before a pawn */
    uint64_t key[2][PIECES][64], key_castle[16], key_passant[65], key_side;
    int16_t opening[2][PIECES][64], ending[2][PIECES][64]; /* worth of a piece at a place */
    uint8_t castle_kept[64]; /* rights that a move from or to a square leaves */
    uint8_t distance[64][64];
};

void chess_fill(struct chess_tables *t);
/* Reads a position in Forsyth-Edwards notation: placement, side, castling, en passant. */
void chess_read(const struct chess_tables *t, struct position *p, const char *text);
/* Whether what moves have kept (hash keys, places' worth, phase) is what the board gives. */
bool chess_holds(const struct chess_tables *t, const struct position *p);
/* Legal moves, counted by another way: square by square, without sets or tables. */
unsigned chess_count_slowly(const struct position *p);

INLINE unsigned lowest(uint64_t set)
{
    uint32_t low = (uint32_t)set;

    return (unsigned)(low ? __builtin_ctz(low) : 32 + __builtin_ctz((uint32_t)(set >> 32)));
}

INLINE unsigned count_set(uint64_t set)
{
    return (unsigned)(__builtin_popcount((uint32_t)set) +
                      __builtin_popcount((uint32_t)(set >> 32)));
}

/*
 * The six inner squares of a line, as a number: a product moves them side by side into the topmost
 * bits. For files the square's own file is first moved to file a.
 */
INLINE unsigned line_index(const struct chess_tables *t, unsigned line, unsigned square,
                           uint64_t all)
{
    if (line == 0)
        return (unsigned)(all >> (square & 56) >> 1) & 63;
    if (line == 1)
        return (unsigned)(((all >> (square & 7) & FILE_A) * 0x0080402010080400ull >> 58));
    return (unsigned)((all & t->line_mask[line][square]) * (FILE_A << 1) >> 58) & 63;
}

INLINE uint64_t line_attacks(const struct chess_tables *t, unsigned line, unsigned square,
                             uint64_t all)
{
    return t->line[line][square][line_index(t, line, square, all)];
}

INLINE uint64_t rook_attacks(const struct chess_tables *t, unsigned square, uint64_t all)
{
    return line_attacks(t, 0, square, all) | line_attacks(t, 1, square, all);
}

INLINE uint64_t bishop_attacks(const struct chess_tables *t, unsigned square, uint64_t all)
{
    return line_attacks(t, 2, square, all) | line_attacks(t, 3, square, all);
}

INLINE bool attacked(const struct chess_tables *t, const struct position *p, unsigned square,
                     unsigned by)
{
    const uint64_t *their = p->pieces[by];
    uint64_t all = p->own[0] | p->own[1];

    return (t->knight[square] & their[KNIGHT]) || (t->pawn[!by][square] & their[PAWN]) ||
           (t->king[square] & their[KING]) ||
           (bishop_attacks(t, square, all) & (their[BISHOP] | their[QUEEN])) ||
           (rook_attacks(t, square, all) & (their[ROOK] | their[QUEEN]));
}

/* ---- changes of a position ------------------------------------------------------------------- */

INLINE void put_piece(const struct chess_tables *t, struct position *p, unsigned side,
                      unsigned piece, unsigned square)
{
    p->pieces[side][piece] |= t->bit[square];
    p->own[side] |= t->bit[square];
    p->board[square] = (uint8_t)(piece | side << 3);
    p->hash ^= t->key[side][piece][square];
    if (piece == PAWN)
        p->pawn_hash ^= t->key[side][piece][square];
    p->opening[side] = (int16_t)(p->opening[side] + t->opening[side][piece][square]);
    p->ending[side] = (int16_t)(p->ending[side] + t->ending[side][piece][square]);
}

INLINE void take_piece(const struct chess_tables *t, struct position *p, unsigned side,
                       unsigned piece, unsigned square)
{
    p->pieces[side][piece] &= ~t->bit[square];
    p->own[side] &= ~t->bit[square];
    p->board[square] = NO_PIECE;
    p->hash ^= t->key[side][piece][square];
    if (piece == PAWN)
        p->pawn_hash ^= t->key[side][piece][square];
    p->opening[side] = (int16_t)(p->opening[side] - t->opening[side][piece][square]);
    p->ending[side] = (int16_t)(p->ending[side] - t->ending[side][piece][square]);
}

#define PHASE_OF(piece) ((0x042110u >> 4 * (piece)) & 15) /* knight, bishop 1, rook 2, queen 4 */

/* Makes a pseudo-legal move of side us; the caller sees to the king. */
INLINE void make_move(const struct chess_tables *t, struct position *p, unsigned us, unsigned move)
{
    unsigned from = MOVE_FROM(move), to = MOVE_TO(move), piece = p->board[from] & 7;
    unsigned taken = p->board[to], them = !us, home = us == WHITE ? 0 : 56;

    p->hash ^= t->key_castle[p->castle] ^ t->key_passant[p->passant] ^ t->key_side;
    if (taken != NO_PIECE) {
        take_piece(t, p, them, taken & 7, to);
        p->phase = (uint8_t)(p->phase - PHASE_OF(taken & 7));
    } else if (move & MOVE_PASSANT) {
        take_piece(t, p, them, PAWN, to ^ 8);
    }
    take_piece(t, p, us, piece, from);
    if (MOVE_PROMOTE(move)) {
        piece = MOVE_PROMOTE(move);
        p->phase = (uint8_t)(p->phase + PHASE_OF(piece));
    }
    put_piece(t, p, us, piece, to);
    if (piece == KING && from == home + 4 && (to == home + 6 || to == home + 2)) {
        take_piece(t, p, us, ROOK, to == home + 6 ? home + 7 : home);
        put_piece(t, p, us, ROOK, to == home + 6 ? home + 5 : home + 3);
    }
    p->castle &= t->castle_kept[from] & t->castle_kept[to];
    p->passant = piece == PAWN && (from ^ to) == 16 ? (uint8_t)((from + to) / 2) : NO_SQUARE;
    p->hash ^= t->key_castle[p->castle] ^ t->key_passant[p->passant];
    p->side = (uint8_t)them;
}

/* ---- moves ----------------------------------------------------------------------------------- */

INLINE void add_moves(struct move_list *list, unsigned from, uint64_t to)
{
    for (; to; to &= to - 1)
        list->move[list->count++] = MOVE(from, lowest(to));
}

INLINE void add_pawn_moves(struct move_list *list, uint64_t to, int step, unsigned us)
{
    for (; to; to &= to - 1) {
        unsigned square = lowest(to), from = (unsigned)((int)square - step);

        if (square / 8 == (us == WHITE ? 7 : 0)) {
            for (unsigned piece = QUEEN; piece >= KNIGHT; piece--)
                list->move[list->count++] = (uint16_t)(MOVE(from, square) | piece << 12);
        } else {
            list->move[list->count++] = MOVE(from, square);
        }
    }
}

/* Captures and promotions. */
INLINE void add_captures(const struct chess_tables *t, const struct position *p,
                         struct move_list *list, unsigned us)
{
    uint64_t all = p->own[0] | p->own[1], their = p->own[!us], pawns = p->pieces[us][PAWN];
    uint64_t last = us == WHITE ? RANK_1 << 56 : RANK_1;

    if (us == WHITE) {
        add_pawn_moves(list, (pawns & NO_FILE_A) << 7 & their, 7, us);
        add_pawn_moves(list, (pawns & NO_FILE_H) << 9 & their, 9, us);
        add_pawn_moves(list, pawns << 8 & ~all & last, 8, us);
    } else {
        add_pawn_moves(list, (pawns & NO_FILE_H) >> 7 & their, -7, us);
        add_pawn_moves(list, (pawns & NO_FILE_A) >> 9 & their, -9, us);
        add_pawn_moves(list, pawns >> 8 & ~all & last, -8, us);
    }
    if (p->passant != NO_SQUARE)
        for (uint64_t set = t->pawn[!us][p->passant] & pawns; set; set &= set - 1)
            list->move[list->count++] = (uint16_t)(MOVE(lowest(set), p->passant) | MOVE_PASSANT);
    for (uint64_t set = p->pieces[us][KNIGHT]; set; set &= set - 1)
        add_moves(list, lowest(set), t->knight[lowest(set)] & their);
    for (uint64_t set = p->pieces[us][BISHOP]; set; set &= set - 1)
        add_moves(list, lowest(set), bishop_attacks(t, lowest(set), all) & their);
    for (uint64_t set = p->pieces[us][ROOK]; set; set &= set - 1)
        add_moves(list, lowest(set), rook_attacks(t, lowest(set), all) & their);
    for (uint64_t set = p->pieces[us][QUEEN]; set; set &= set - 1)
        add_moves(list, lowest(set),
                  (bishop_attacks(t, lowest(set), all) | rook_attacks(t, lowest(set), all)) &
                      their);
    add_moves(list, lowest(p->pieces[us][KING]), t->king[lowest(p->pieces[us][KING])] & their);
}

INLINE void add_castling(const struct chess_tables *t, const struct position *p,
                         struct move_list *list, unsigned us)
{
    uint64_t all = p->own[0] | p->own[1];
    unsigned home = us == WHITE ? 0 : 56, them = !us;

    if ((p->castle & CASTLE_SHORT(us)) && !(all & 0x60ull << home) &&
        !attacked(t, p, home + 4, them) && !attacked(t, p, home + 5, them))
        list->move[list->count++] = MOVE(home + 4, home + 6);
    if ((p->castle & CASTLE_LONG(us)) && !(all & 0x0eull << home) &&
        !attacked(t, p, home + 4, them) && !attacked(t, p, home + 3, them))
        list->move[list->count++] = MOVE(home + 4, home + 2);
}

/* All others. */
INLINE void add_quiet(const struct chess_tables *t, const struct position *p,
                      struct move_list *list, unsigned us)
{
    uint64_t all = p->own[0] | p->own[1], pawns = p->pieces[us][PAWN];
    uint64_t last = us == WHITE ? RANK_1 << 56 : RANK_1;
    uint64_t one = (us == WHITE ? pawns << 8 : pawns >> 8) & ~all & ~last;
    uint64_t two = (us == WHITE ? (one & RANK_1 << 16) << 8 : (one & RANK_1 << 40) >> 8) & ~all;

    add_pawn_moves(list, one, us == WHITE ? 8 : -8, us);
    add_pawn_moves(list, two, us == WHITE ? 16 : -16, us);
    add_castling(t, p, list, us);
    for (uint64_t set = p->pieces[us][KNIGHT]; set; set &= set - 1)
        add_moves(list, lowest(set), t->knight[lowest(set)] & ~all);
    for (uint64_t set = p->pieces[us][BISHOP]; set; set &= set - 1)
        add_moves(list, lowest(set), bishop_attacks(t, lowest(set), all) & ~all);
    for (uint64_t set = p->pieces[us][ROOK]; set; set &= set - 1)
        add_moves(list, lowest(set), rook_attacks(t, lowest(set), all) & ~all);
    for (uint64_t set = p->pieces[us][QUEEN]; set; set &= set - 1)
        add_moves(list, lowest(set),
                  (bishop_attacks(t, lowest(set), all) | rook_attacks(t, lowest(set), all)) & ~all);
    add_moves(list, lowest(p->pieces[us][KING]), t->king[lowest(p->pieces[us][KING])] & ~all);
}

#endif
