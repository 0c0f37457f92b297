/* SPDX-License-Identifier: GPL-2.0-only */
/* chess_value.h - what a chess position is worth */
#ifndef XENOLITH_CINT_CHESS_VALUE_H
#define XENOLITH_CINT_CHESS_VALUE_H

#include "workloads/cint/chess.h"

#define PAWN_SLOTS 2048u

struct pawn_entry {
    uint64_t key, passed[2];
    uint32_t search;
    int16_t opening, ending;
};

struct pawn_table {
    struct pawn_entry *slot;
    uint32_t search; /* entries of other searches do not count */
};

/* Pawn structure of one side, opening in the low half and ending in the high half of the sum. */
#define WORTH(opening, ending) ((int32_t)((uint32_t)(ending) << 16) + (opening))

INLINE int32_t pawn_structure(const struct chess_tables *t, const struct position *p, unsigned us,
                              uint64_t *passed)
{
    uint64_t own = p->pieces[us][PAWN], their = p->pieces[!us][PAWN];
    int32_t sum = 0;

    *passed = 0;
    for (uint64_t set = own; set; set &= set - 1) {
        unsigned square = lowest(set), file = square & 7;
        uint64_t same = FILE_A << file, beside = (same & NO_FILE_H) << 1 | (same & NO_FILE_A) >> 1;
        unsigned advance = us == WHITE ? square / 8 : 7 - square / 8;

        if (!(own & beside))
            sum += WORTH(-12, -16);
        else if (!(t->front[!us][us == WHITE ? square + 8 : square - 8] & own & beside))
            sum += WORTH(-8, -6);
        if (t->front[us][square] & own & same)
            sum += WORTH(-10, -18);
        if (!(t->front[us][square] & their)) {
            *passed |= t->bit[square];
            sum += WORTH(3 * (int)advance, 8 * (int)advance);
        }
    }
    return sum;
}

INLINE struct pawn_entry *find_pawns(const struct chess_tables *t, struct pawn_table *pawns,
                                     const struct position *p)
{
    struct pawn_entry *e = &pawns->slot[(uint32_t)p->pawn_hash & (PAWN_SLOTS - 1)];

    if (e->key != p->pawn_hash || e->search != pawns->search) {
        int32_t sum = pawn_structure(t, p, WHITE, &e->passed[WHITE]) -
                      pawn_structure(t, p, BLACK, &e->passed[BLACK]);

        e->key = p->pawn_hash;
        e->search = pawns->search;
        e->opening = (int16_t)sum;
        e->ending = (int16_t)((sum - (int16_t)sum) >> 16);
    }
    return e;
}

/* One piece's mobility and its attacks on the other king's zone. */
INLINE void weigh_attacks(uint64_t attacks, uint64_t free, uint64_t zone, int worth, int danger,
                          int *mobility, int *attack)
{
    *mobility += worth * (int)count_set(attacks & free);
    *attack += danger * (int)count_set(attacks & zone);
}

INLINE int weigh_pieces(const struct chess_tables *t, const struct position *p, unsigned us,
                        int *attack)
{
    uint64_t all = p->own[0] | p->own[1], free = ~p->own[us];
    unsigned their_king = lowest(p->pieces[!us][KING]);
    uint64_t zone = t->zone[!us][their_king], pawns = p->pieces[0][PAWN] | p->pieces[1][PAWN];
    int mobility = 0;

    for (uint64_t set = p->pieces[us][KNIGHT]; set; set &= set - 1)
        weigh_attacks(t->knight[lowest(set)], free, zone, 4, 2, &mobility, attack);
    for (uint64_t set = p->pieces[us][BISHOP]; set; set &= set - 1)
        weigh_attacks(bishop_attacks(t, lowest(set), all), free, zone, 4, 2, &mobility, attack);
    for (uint64_t set = p->pieces[us][ROOK]; set; set &= set - 1) {
        uint64_t file = FILE_A << (lowest(set) & 7);

        weigh_attacks(rook_attacks(t, lowest(set), all), free, zone, 2, 3, &mobility, attack);
        if (!(file & pawns))
            mobility += 20;
        else if (!(file & p->pieces[us][PAWN]))
            mobility += 10;
    }
    for (uint64_t set = p->pieces[us][QUEEN]; set; set &= set - 1) {
        weigh_attacks(bishop_attacks(t, lowest(set), all) | rook_attacks(t, lowest(set), all), free,
                      zone, 1, 4, &mobility, attack);
        mobility += 7 - t->distance[lowest(set)][their_king];
    }
    return mobility + (count_set(p->pieces[us][BISHOP]) > 1 ? 25 : 0);
}

/* Pawns before the own king, and how far passed pawns are from either king. */
INLINE int weigh_king(const struct chess_tables *t, const struct position *p, unsigned us)
{
    unsigned king = lowest(p->pieces[us][KING]);
    uint64_t shield = t->front[us][king] & p->pieces[us][PAWN] & t->zone[us][king];

    return 9 * (int)count_set(shield) - (t->front[us][king] & p->pieces[us][PAWN] ? 0 : 15);
}

INLINE int weigh_passed(const struct chess_tables *t, const struct position *p, uint64_t passed,
                        unsigned us)
{
    int sum = 0;

    for (uint64_t set = passed; set; set &= set - 1) {
        unsigned square = lowest(set), next = us == WHITE ? square + 8 : square - 8;

        sum += 4 * t->distance[lowest(p->pieces[!us][KING])][next] -
               2 * t->distance[lowest(p->pieces[us][KING])][next];
        if (p->board[next] == NO_PIECE)
            sum += 10;
        if (attacked(t, p, next, us))
            sum += 8;
    }
    return sum;
}

/* The position's value for the side to move. */
INLINE int evaluate(const struct chess_tables *t, struct pawn_table *table,
                    const struct position *p, unsigned us)
{
    const struct pawn_entry *pawns = find_pawns(t, table, p);
    int own_attack = 0, their_attack = 0, sign = us == WHITE ? 1 : -1;
    int mobility = weigh_pieces(t, p, us, &own_attack) - weigh_pieces(t, p, !us, &their_attack);
    int opening = p->opening[us] - p->opening[!us] + sign * pawns->opening + weigh_king(t, p, us) -
                  weigh_king(t, p, !us) + own_attack * own_attack / 8 -
                  their_attack * their_attack / 8;
    int ending = p->ending[us] - p->ending[!us] + sign * pawns->ending +
                 weigh_passed(t, p, pawns->passed[us], us) -
                 weigh_passed(t, p, pawns->passed[!us], !us);
    int phase = p->phase < 24 ? p->phase : 24;

    return (opening * phase + ending * (24 - phase)) / 24 + mobility;
}

#endif
