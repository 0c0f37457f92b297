/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * anneal.c - placement of standard cells by simulated annealing
 *
 * A chip is rows of slots, each with one cell. Nets connect pins of cells; a net's cost is half
 * the perimeter of the smallest box around its pins, the usual estimate of the wire it needs. A
 * move exchanges two cells. It is kept if the sum of all nets' costs falls, or else with a
 * probability that falls with the increase and with the temperature (Kirkpatrick, Gelatt, Vecchi,
 * 1983). The partner of a cell is drawn from a window around it, which shrinks as the chip cools.
 *
 * One unit is a number of moves at one temperature; unit 0 begins with cells in random slots.
 *
 * The unit's own check counts nets' costs afresh, from the cells' slots and the pins' places within
 * their cells, where the moves go by pins' places on the chip. Each unit checks its eighth of the
 * nets and of the slots, the last one also that the costs' sum is the one that moves have kept.
 *
 * Memory: pins lie as a list of cells has them. A net goes through pins all over the chip, by
 * pointers, and cells of neighbouring slots have nothing to do with each other's place in memory.
 * At the medium size that is 800 KB, of which a move touches some fifty lines at random; each move
 * writes the places of the cells' pins, twice if it is taken back.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "workloads/cint/program.h"

#define CELL_WIDTH  16
#define ROW_HEIGHT  40
#define PINS_MOST   12 /* of a net */
#define NETS_MOST   64 /* that a move touches: two cells' */
#define CELL_PINS   4  /* of a cell, on the average */
#define ODDS_BITS   16
#define ODDS_STEPS  256    /* of the table: increases up to 16 times the temperature */
#define ODDS_FACTOR 61565u /* e^(-1/16) * 2^16 */

struct pin {
    struct pin *of_cell; /* next pin of the same cell */
    struct pin *of_net;  /* next pin of the same net */
    struct cell *cell;
    struct net *net;
    int32_t x, y;       /* on the chip */
    int16_t dx, dy;     /* within the cell */
    uint32_t direction; /* which end of the wire it is; part of the net list, unused by the cost */
};

struct cell {
    struct pin *pins;
    uint32_t slot;
    uint32_t number;
    uint32_t moves; /* exchanges kept */
    int32_t gained; /* by them */
};

struct net {
    struct pin *pins;
    int32_t cost, next_cost;
    uint32_t move; /* the last move that touched it */
    uint32_t weight;
};

struct anneal {
    uint32_t cells, columns, nets, pins, moves; /* moves of a unit */
    struct cell *cell;
    struct net *net;
    struct pin *pin;
    uint32_t *slot; /* cell by slot */
    uint32_t odds[ODDS_STEPS];
    uint32_t seed, move;
    int32_t cost;
    uint32_t kept;
};

static const uint32_t cell_count[INPUT_SIZES] = {256, 4096, 16384};
static const uint32_t columns_of[INPUT_SIZES] = {16, 64, 128};
static const uint32_t moves_of[INPUT_SIZES] = {300, 450, 4000};

/* Temperatures in units of wire, and half the windows' sides in slots, by unit. */
static const int32_t temperature[PROGRAM_UNITS] = {400, 260, 170, 110, 70, 44, 28, 16};
static const uint32_t window[PROGRAM_UNITS] = {24, 20, 16, 13, 10, 8, 6, 5};

/* ---- the net list ---------------------------------------------------------------------------- */

static unsigned pins_of_net(uint32_t *seed)
{
    unsigned pins = 2;

    while (pins < PINS_MOST && random_next(seed) % 8 < 4) /* half have two, a quarter three */
        pins++;
    return pins;
}

/* A cell some way along the list: most nets connect parts of one block. */
static uint32_t near_cell(const struct anneal *a, uint32_t cell, uint32_t *seed)
{
    uint32_t reach = random_next(seed) % 8 ? 48 : a->cells;

    return (cell + a->cells + random_next(seed) % reach - reach / 2) % a->cells;
}

/*
 * Two passes over the same random numbers: the first counts each cell's pins, so that they can lie
 * together; the second, in which next_pin says where a cell's next pin lies, links them.
 */
static void connect(struct anneal *a, uint32_t *next_pin, bool link)
{
    uint32_t seed = 1983;

    for (uint32_t n = 0; n < a->nets; n++) {
        uint32_t base = random_next(&seed) % a->cells;
        unsigned pins = pins_of_net(&seed);

        for (unsigned i = 0; i < pins; i++) {
            uint32_t cell = i ? near_cell(a, base, &seed) : base, place = random_next(&seed);

            if (!link) {
                next_pin[cell]++;
                continue;
            }
            struct pin *pin = &a->pin[next_pin[cell]++];

            *pin = (struct pin){.of_cell = a->cell[cell].pins,
                                .of_net = a->net[n].pins,
                                .cell = &a->cell[cell],
                                .net = &a->net[n],
                                .dx = (int16_t)(place % CELL_WIDTH),
                                .dy = (int16_t)(place / CELL_WIDTH % ROW_HEIGHT),
                                .direction = place >> 31};
            a->cell[cell].pins = a->net[n].pins = pin;
        }
    }
}

/* ---- costs ----------------------------------------------------------------------------------- */

static int32_t net_cost(const struct net *net)
{
    const struct pin *pin = net->pins;
    int32_t left = pin->x, right = pin->x, top = pin->y, bottom = pin->y;

    while ((pin = pin->of_net)) {
        if (pin->x < left)
            left = pin->x;
        else if (pin->x > right)
            right = pin->x;
        if (pin->y < top)
            top = pin->y;
        else if (pin->y > bottom)
            bottom = pin->y;
    }
    return (right - left + bottom - top) * (int32_t)net->weight;
}

static void put_cell(struct anneal *a, uint32_t number, uint32_t slot)
{
    struct cell *cell = &a->cell[number];
    int32_t x = (int32_t)(slot % a->columns) * CELL_WIDTH;
    int32_t y = (int32_t)(slot / a->columns) * ROW_HEIGHT;

    cell->slot = slot;
    a->slot[slot] = number;
    for (struct pin *pin = cell->pins; pin; pin = pin->of_cell) {
        pin->x = x + pin->dx;
        pin->y = y + pin->dy;
    }
}

/* Adds the nets of a cell that this move has not met yet; returns the new count. */
static unsigned list_nets(struct anneal *a, const struct cell *cell, struct net **list,
                          unsigned count)
{
    for (const struct pin *pin = cell->pins; pin; pin = pin->of_cell)
        if (pin->net->move != a->move && count < NETS_MOST) {
            pin->net->move = a->move;
            list[count++] = pin->net;
        }
    return count;
}

/* ---- moves ----------------------------------------------------------------------------------- */

static bool accept(struct anneal *a, int32_t change, int32_t heat)
{
    uint32_t step = (uint32_t)change * 16 / (uint32_t)heat;

    return change <= 0 ||
           (step < ODDS_STEPS && random_next(&a->seed) >> (32 - ODDS_BITS) < a->odds[step]);
}

/* A slot at most `reach` columns and rows away, on the chip. */
static uint32_t near_slot(struct anneal *a, uint32_t slot, uint32_t reach)
{
    uint32_t x = slot % a->columns, y = slot / a->columns, rows = a->cells / a->columns;
    uint32_t left = x > reach ? x - reach : 0,
             right = x + reach < a->columns ? x + reach : a->columns - 1;
    uint32_t top = y > reach ? y - reach : 0, bottom = y + reach < rows ? y + reach : rows - 1;

    x = left + random_next(&a->seed) % (right - left + 1);
    y = top + random_next(&a->seed) % (bottom - top + 1);
    return y * a->columns + x;
}

static void try_move(struct anneal *a, int32_t heat, uint32_t reach)
{
    uint32_t first = random_next(&a->seed) % a->cells, from = a->cell[first].slot;
    uint32_t to = near_slot(a, from, reach), second = a->slot[to];
    struct net *touched[NETS_MOST];
    int32_t change = 0;

    if (to == from)
        return;
    a->move++;
    unsigned count = list_nets(a, &a->cell[first], touched, 0);

    count = list_nets(a, &a->cell[second], touched, count);
    put_cell(a, first, to);
    put_cell(a, second, from);
    for (unsigned i = 0; i < count; i++) {
        touched[i]->next_cost = net_cost(touched[i]);
        change += touched[i]->next_cost - touched[i]->cost;
    }
    if (!accept(a, change, heat)) {
        put_cell(a, first, from);
        put_cell(a, second, to);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        touched[i]->cost = touched[i]->next_cost;
    a->cell[first].moves++;
    a->cell[second].moves++;
    a->cell[first].gained -= change;
    a->cost += change;
    a->kept++;
}

/* ---- units ----------------------------------------------------------------------------------- */

/* Cells in random slots; the same each time. */
static void start_afresh(struct anneal *a)
{
    a->seed = 20031022;
    a->move = a->kept = 0;
    a->cost = 0;
    for (uint32_t i = 0; i < a->cells; i++)
        a->slot[i] = i;
    for (uint32_t i = a->cells - 1; i > 0; i--) {
        uint32_t other = random_next(&a->seed) % (i + 1), cell = a->slot[i];

        a->slot[i] = a->slot[other];
        a->slot[other] = cell;
    }
    for (uint32_t i = 0; i < a->cells; i++) {
        put_cell(a, a->slot[i], i);
        a->cell[i].moves = 0;
        a->cell[i].gained = 0;
    }
    for (uint32_t i = 0; i < a->nets; i++) {
        a->net[i].move = 0;
        a->cost += a->net[i].cost = net_cost(&a->net[i]);
    }
}

/* Whether a net's cost is what its cells' slots say. */
static bool cost_holds(const struct anneal *a, const struct net *net)
{
    int32_t x[2] = {INT32_MAX, INT32_MIN}, y[2] = {INT32_MAX, INT32_MIN};

    for (const struct pin *pin = net->pins; pin; pin = pin->of_net) {
        int32_t at_x = (int32_t)(pin->cell->slot % a->columns) * CELL_WIDTH + pin->dx;
        int32_t at_y = (int32_t)(pin->cell->slot / a->columns) * ROW_HEIGHT + pin->dy;

        x[0] = at_x < x[0] ? at_x : x[0];
        x[1] = at_x > x[1] ? at_x : x[1];
        y[0] = at_y < y[0] ? at_y : y[0];
        y[1] = at_y > y[1] ? at_y : y[1];
    }
    return net->cost == (x[1] - x[0] + y[1] - y[0]) * (int32_t)net->weight;
}

/* Checks an eighth of the nets and of the slots; after the last unit, their sum too. */
static bool all_holds(const struct anneal *a, unsigned k)
{
    int32_t sum = 0;

    for (uint32_t i = k; i < a->nets; i += PROGRAM_UNITS)
        if (!cost_holds(a, &a->net[i]))
            return false;
    for (uint32_t i = k; i < a->cells; i += PROGRAM_UNITS)
        if (a->slot[a->cell[i].slot] != i)
            return false;
    for (uint32_t i = 0; k == PROGRAM_UNITS - 1 && i < a->nets; i++)
        sum += a->net[i].cost;
    return k < PROGRAM_UNITS - 1 || sum == a->cost;
}

static void *anneal_open(enum input_size size)
{
    struct anneal *a = calloc(1, sizeof(*a));

    if (!a)
        return NULL;
    a->cells = cell_count[size];
    a->columns = columns_of[size];
    a->moves = moves_of[size];
    a->nets = a->cells * CELL_PINS / 3; /* three pins a net, on the average */
    a->cell = calloc(a->cells, sizeof(a->cell[0]));
    a->net = calloc(a->nets, sizeof(a->net[0]));
    a->slot = malloc(a->cells * sizeof(a->slot[0]));
    uint32_t *next_pin = calloc(a->cells, sizeof(next_pin[0]));

    if (!a->cell || !a->net || !a->slot || !next_pin)
        return NULL;
    connect(a, next_pin, false);
    for (uint32_t i = 0; i < a->cells; i++) {
        uint32_t of_cell = next_pin[i];

        a->cell[i].number = i;
        next_pin[i] = a->pins;
        a->pins += of_cell;
    }
    a->pin = malloc(a->pins * sizeof(a->pin[0]));
    if (!a->pin)
        return NULL;
    for (uint32_t i = 0; i < a->nets; i++)
        a->net[i].weight = 1 + (i % 16 == 0); /* a clock's or a bus's wires count twice */
    connect(a, next_pin, true);
    free(next_pin);
    a->odds[0] = 1u << ODDS_BITS;
    for (unsigned i = 1; i < ODDS_STEPS; i++)
        a->odds[i] = (uint32_t)((uint64_t)a->odds[i - 1] * ODDS_FACTOR >> 16);
    return a;
}

static uint32_t anneal_unit(void *state, unsigned k)
{
    struct anneal *a = state;

    if (k == 0)
        start_afresh(a);
    for (uint32_t i = 0; i < a->moves; i++)
        try_move(a, temperature[k], window[k]);
    if (!all_holds(a, k))
        return 0;
    return digest_add(digest_add(DIGEST_START, (uint32_t)a->cost), a->kept);
}

const struct program anneal_program = {
    .name = "anneal",
    .summary = "placement of standard cells by simulated annealing",
    .open = anneal_open,
    .unit = anneal_unit,
    .phase = 8,
    .worth = 364,
    .sequential = true,
};
