/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * chess_tables.c - what the chess program looks up, positions from text, and slow counter-checks
 */
#include <stddef.h>
#include <string.h>

#include "workloads/cint/chess.h"
#include "workloads/cint/program.h"

static const int step_x[8] = {1, -1, 0, 0, 1, -1, 1, -1}, step_y[8] = {0, 0, 1, -1, 1, -1, -1, 1};
static const int jump_x[8] = {1, 2, 2, 1, -1, -2, -2, -1}, jump_y[8] = {2, 1, -1, -2, -2, -1, 1, 2};
static const int16_t worth_opening[PIECES] = {90, 320, 330, 490, 980, 0};
static const int16_t worth_ending[PIECES] = {110, 300, 320, 520, 960, 0};

static int on_board(int x, int y)
{
    return x >= 0 && x < 8 && y >= 0 && y < 8;
}

static int distance(int a, int b)
{
    return a > b ? a - b : b - a;
}

/* Squares that a piece attacks along the two directions of a line before it meets one of `all`. */
static uint64_t walk_line(int square, unsigned line, uint64_t all)
{
    uint64_t set = 0;

    for (unsigned way = 2 * line; way < 2 * line + 2; way++) {
        int x = square % 8 + step_x[way], y = square / 8 + step_y[way];

        for (; on_board(x, y); x += step_x[way], y += step_y[way]) {
            set |= 1ull << (8 * y + x);
            if (all >> (8 * y + x) & 1)
                break;
        }
    }
    return set;
}

/* Every subset of a line's inner squares has its index; those of diagonals by their files. */
static void fill_lines(struct chess_tables *t)
{
    for (unsigned line = 0; line < LINES; line++)
        for (int square = 0; square < 64; square++) {
            uint64_t whole = walk_line(square, line, 0) | 1ull << square, subset = 0;
            uint64_t inner = whole & (line == 1 ? ~(RANK_1 | RANK_1 << 56) : NO_FILE_A & NO_FILE_H);

            t->line_mask[line][square] = inner;
            do {
                unsigned index = line_index(t, line, (unsigned)square, subset);

                t->line[line][square][index] = walk_line(square, line, subset);
                subset = (subset - inner) & inner;
            } while (subset);
        }
}

static void fill_steps(struct chess_tables *t)
{
    for (int square = 0; square < 64; square++) {
        int x = square % 8, y = square / 8;

        t->bit[square] = 1ull << square;
        for (int way = 0; way < 8; way++) {
            if (on_board(x + step_x[way], y + step_y[way]))
                t->king[square] |= 1ull << (square + 8 * step_y[way] + step_x[way]);
            if (on_board(x + jump_x[way], y + jump_y[way]))
                t->knight[square] |= 1ull << (square + 8 * jump_y[way] + jump_x[way]);
        }
        for (int side = 0; side < 2; side++)
            for (int dx = -1; dx <= 1; dx++)
                for (int to = y + 1 - 2 * side; to >= 0 && to < 8; to += 1 - 2 * side)
                    if (x + dx >= 0 && x + dx < 8) {
                        t->front[side][square] |= 1ull << (8 * to + x + dx);
                        if (dx && to == y + 1 - 2 * side)
                            t->pawn[side][square] |= 1ull << (8 * to + x + dx);
                    }
        for (int other = 0; other < 64; other++) {
            int across = distance(other % 8, x), along = distance(other / 8, y);

            t->distance[square][other] = (uint8_t)(across > along ? across : along);
        }
    }
    for (int square = 0; square < 64; square++)
        for (int side = 0; side < 2; side++) {
            uint64_t around = t->king[square] | 1ull << square;

            t->zone[side][square] = around | (side ? around >> 8 : around << 8);
        }
}

/* Pieces belong to the centre, pawns forward, the king to a corner until pieces are gone. */
static void fill_places(struct chess_tables *t)
{
    static const int16_t centre_opening[PIECES] = {4, 7, 5, 1, 1, -12},
                         centre_ending[PIECES] = {2, 6, 4, 1, 4, 9};

    for (int piece = PAWN; piece <= KING; piece++)
        for (int square = 0; square < 64; square++) {
            int x = square % 8, y = square / 8,
                centre = 6 - distance(2 * x, 7) / 2 - distance(2 * y, 7) / 2;
            int opening = worth_opening[piece] + centre_opening[piece] * (centre - 3);
            int ending = worth_ending[piece] + centre_ending[piece] * (centre - 3);

            if (piece == PAWN) {
                opening += 3 * y;
                ending += 9 * y;
            } else if (piece == ROOK && y == 6) {
                opening += 20;
                ending += 20;
            }
            for (int side = 0; side < 2; side++) {
                t->opening[side][piece][square ^ (side ? 56 : 0)] = (int16_t)opening;
                t->ending[side][piece][square ^ (side ? 56 : 0)] = (int16_t)ending;
            }
        }
}

static uint64_t random_key(uint32_t *seed)
{
    uint64_t high = random_next(seed);

    return high << 32 | random_next(seed);
}

void chess_fill(struct chess_tables *t)
{
    uint32_t seed = 1970;

    memset(t, 0, sizeof(*t));
    fill_lines(t);
    fill_steps(t);
    fill_places(t);
    for (int side = 0; side < 2; side++)
        for (int piece = PAWN; piece <= KING; piece++)
            for (int square = 0; square < 64; square++)
                t->key[side][piece][square] = random_key(&seed);
    for (int i = 0; i < 16; i++)
        t->key_castle[i] = random_key(&seed);
    for (int i = 0; i < NO_SQUARE; i++)
        t->key_passant[i] = random_key(&seed);
    t->key_side = random_key(&seed);
    memset(t->castle_kept, 15, sizeof(t->castle_kept));
    for (unsigned side = 0; side < 2; side++) {
        t->castle_kept[56 * side] &= (uint8_t)~CASTLE_LONG(side);
        t->castle_kept[56 * side + 7] &= (uint8_t)~CASTLE_SHORT(side);
        t->castle_kept[56 * side + 4] &= (uint8_t) ~(CASTLE_LONG(side) | CASTLE_SHORT(side));
    }
}

void chess_read(const struct chess_tables *t, struct position *p, const char *text)
{
    static const char letters[] = "pnbrqk", rights[] = "KQkq";
    unsigned square = 56;

    memset(p, 0, sizeof(*p));
    memset(p->board, NO_PIECE, sizeof(p->board));
    for (; *text != ' '; text++) {
        unsigned side = *text >= 'a';
        const char *letter = strchr(letters, *text | 32);

        if (*text == '/') {
            square -= 16;
        } else if (letter) {
            put_piece(t, p, side, (unsigned)(letter - letters), square++);
            p->phase = (uint8_t)(p->phase + PHASE_OF(letter - letters));
        } else {
            square += (unsigned)(*text - '0');
        }
    }
    p->side = *++text == 'b';
    for (text += 2; *text != ' '; text++)
        if (*text != '-')
            p->castle |= (uint8_t)(1u << (strchr(rights, *text) - rights));
    text++;
    p->passant = *text == '-' ? NO_SQUARE : (uint8_t)(8 * (text[1] - '1') + *text - 'a');
    p->hash ^= t->key_castle[p->castle] ^ t->key_passant[p->passant] ^ (p->side ? t->key_side : 0);
}

bool chess_holds(const struct chess_tables *t, const struct position *p)
{
    struct position fresh;

    memset(&fresh, 0, sizeof(fresh));
    memset(fresh.board, NO_PIECE, sizeof(fresh.board));
    for (unsigned square = 0; square < 64; square++)
        if (p->board[square] != NO_PIECE) {
            put_piece(t, &fresh, p->board[square] >> 3, p->board[square] & 7, square);
            fresh.phase = (uint8_t)(fresh.phase + PHASE_OF(p->board[square] & 7));
        }
    fresh.hash ^=
        t->key_castle[p->castle] ^ t->key_passant[p->passant] ^ (p->side ? t->key_side : 0);
    fresh.castle = p->castle;
    fresh.passant = p->passant;
    fresh.side = p->side;
    return memcmp(&fresh, p, offsetof(struct position, phase) + sizeof(p->phase)) == 0;
}

/* ---- the slow way ---------------------------------------------------------------------------- */

/* Whether `by` attacks a square of a board. */
static bool square_attacked(const uint8_t *board, int square, unsigned by)
{
    int x = square % 8, y = square / 8, back = by == WHITE ? -1 : 1;

    for (int way = 0; way < 8; way++) {
        int far = 1, to_x = x + jump_x[way], to_y = y + jump_y[way];

        if (on_board(to_x, to_y) && board[8 * to_y + to_x] == (KNIGHT | by << 3))
            return true;
        for (to_x = x + step_x[way], to_y = y + step_y[way]; on_board(to_x, to_y);
             to_x += step_x[way], to_y += step_y[way], far++) {
            unsigned found = board[8 * to_y + to_x], piece = found & 7;

            if (found == NO_PIECE)
                continue;
            if (found >> 3 == by && (piece == QUEEN || piece == (way < 4 ? ROOK : BISHOP) ||
                                     (piece == KING && far == 1) ||
                                     (piece == PAWN && far == 1 && way >= 4 && to_y - y == back)))
                return true;
            break;
        }
    }
    return false;
}

/* Whether a move of the side to move leaves its king alone; the board is as before afterwards. */
static bool leaves_king(const struct position *p, int from, int to)
{
    uint8_t board[64];
    int king = 0;

    memcpy(board, p->board, sizeof(board));
    if ((board[from] & 7) == PAWN && from % 8 != to % 8 && board[to] == NO_PIECE)
        board[8 * (from / 8) + to % 8] = NO_PIECE;
    board[to] = board[from];
    board[from] = NO_PIECE;
    while (board[king] != (KING | p->side << 3))
        king++;
    return !square_attacked(board, king, !p->side);
}

static unsigned count_pawn(const struct position *p, int from)
{
    int x = from % 8, y = from / 8, ahead = p->side == WHITE ? 1 : -1,
        first = p->side == WHITE ? 1 : 6;
    unsigned count = 0, ways = y + ahead == 0 || y + ahead == 7 ? 4 : 1; /* four promotions */

    if (p->board[from + 8 * ahead] == NO_PIECE) {
        count += ways * leaves_king(p, from, from + 8 * ahead);
        if (y == first && p->board[from + 16 * ahead] == NO_PIECE)
            count += leaves_king(p, from, from + 16 * ahead);
    }
    for (int dx = -1; dx <= 1; dx += 2) {
        int to = from + 8 * ahead + dx;

        if (x + dx >= 0 && x + dx < 8 &&
            ((p->board[to] != NO_PIECE && p->board[to] >> 3 != p->side) || to == p->passant))
            count += ways * leaves_king(p, from, to);
    }
    return count;
}

static unsigned count_castling(const struct position *p)
{
    int home = p->side == WHITE ? 0 : 56;
    const uint8_t *row = p->board + home;
    unsigned count = 0, by = !p->side;

    if ((p->castle & CASTLE_SHORT(p->side)) && row[5] == NO_PIECE && row[6] == NO_PIECE)
        count += !square_attacked(p->board, home + 4, by) &&
                 !square_attacked(p->board, home + 5, by) && leaves_king(p, home + 4, home + 6);
    if ((p->castle & CASTLE_LONG(p->side)) && row[1] == NO_PIECE && row[2] == NO_PIECE &&
        row[3] == NO_PIECE)
        count += !square_attacked(p->board, home + 4, by) &&
                 !square_attacked(p->board, home + 3, by) && leaves_king(p, home + 4, home + 2);
    return count;
}

static unsigned count_piece(const struct position *p, int from)
{
    unsigned piece = p->board[from] & 7, count = 0;
    int first = piece == BISHOP ? 4 : 0, end = piece == ROOK ? 4 : 8;

    for (int way = first; way < end; way++) {
        int dx = piece == KNIGHT ? jump_x[way] : step_x[way],
            dy = piece == KNIGHT ? jump_y[way] : step_y[way];
        int x = from % 8 + dx, y = from / 8 + dy;

        for (; on_board(x, y); x += dx, y += dy) {
            unsigned found = p->board[8 * y + x];

            if (found == NO_PIECE || found >> 3 != p->side)
                count += leaves_king(p, from, 8 * y + x);
            if (found != NO_PIECE || piece == KNIGHT || piece == KING)
                break;
        }
    }
    return count;
}

unsigned chess_count_slowly(const struct position *p)
{
    unsigned count = count_castling(p);

    for (int square = 0; square < 64; square++)
        if (p->board[square] != NO_PIECE && p->board[square] >> 3 == p->side)
            count +=
                (p->board[square] & 7) == PAWN ? count_pawn(p, square) : count_piece(p, square);
    return count;
}
