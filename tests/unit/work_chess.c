/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Chess moves: numbers of positions after a few moves ("perft") that are published for well-known
 * positions, and along the way everything that a position keeps.
 */
#include <criterion/criterion.h>

#include "workloads/cint/chess.h"

static struct chess_tables tables;

static unsigned long count_positions(const struct position *p, int depth)
{
    struct move_list list = {.count = 0};
    unsigned long sum = 0, legal = 0;

    if (p->side == WHITE) {
        add_captures(&tables, p, &list, WHITE);
        add_quiet(&tables, p, &list, WHITE);
    } else {
        add_captures(&tables, p, &list, BLACK);
        add_quiet(&tables, p, &list, BLACK);
    }
    cr_assert(chess_holds(&tables, p));
    for (unsigned i = 0; i < list.count; i++) {
        struct position next = *p;

        make_move(&tables, &next, p->side, list.move[i]);
        if (attacked(&tables, &next, lowest(next.pieces[p->side][KING]), !p->side))
            continue;
        legal++;
        sum += depth > 1 ? count_positions(&next, depth - 1) : 1;
    }
    cr_assert_eq(legal, chess_count_slowly(p));
    return sum;
}

Test(work_chess, moves_are_as_many_as_published)
{
    static const struct {
        const char *text;
        int depth;
        unsigned long positions;
    } cases[] = {
        {"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -", 3, 8902},
        {"r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq -", 3, 97862},
        {"8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - -", 4, 43238},
        {"r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq -", 3, 9467},
        {"rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ -", 3, 62379},
        {"r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - -", 3, 89890},
    };

    chess_fill(&tables);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct position p;

        chess_read(&tables, &p, cases[i].text);
        cr_expect_eq(count_positions(&p, cases[i].depth), cases[i].positions, "%s", cases[i].text);
    }
}
