/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netopt.c - minimum-cost flow by successive shortest paths
 *
 * A network of roads: nodes lie on a torus-shaped grid, arcs lead to near nodes at a small cost and
 * to far ones at a large one, and each arc carries a limited amount. Flow is sent from node 0 to a
 * node some rows and columns away, always along the cheapest path that is left. One unit is one
 * such path: Dijkstra's algorithm over the residual network, until the sink is reached, with node
 * potentials (Edmonds and Karp, Johnson), which keep the reduced costs of residual arcs from
 * becoming negative.
 *
 * The unit's own check is that property itself: after the path was filled, no residual arc may have
 * a negative reduced cost, the certificate that the flow so far is the cheapest of its amount
 * (complementary slackness). Each unit checks its eighth of the arcs.
 *
 * Memory: arcs are linked per node through the array, in an order that has nothing to do with
 * space, as in codes that were grown over years. At the medium size arcs and nodes take 900 KB,
 * more than the 512 KB second-level cache of the paper's machine, and most accesses to them are
 * unpredictable.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "workloads/cint/program.h"

#define DEGREE   5 /* arcs that leave a node; each has its reverse beside it */
#define NO_ARC   UINT32_MAX
#define INFINITE INT32_MAX

/* Arc a and its reverse a ^ 1 lie side by side: what one gains in capacity the other loses. */
struct arc {
    uint32_t head;    /* node it leads to */
    uint32_t next;    /* next arc of the same tail, or NO_ARC */
    int32_t cost;     /* of one unit of flow */
    int32_t capacity; /* what is left of it */
    int32_t initial;  /* capacity before any flow */
};

struct node {
    uint32_t first; /* its first arc */
    int32_t potential;
    int32_t distance;    /* from the source, in reduced costs, during one search */
    uint32_t path;       /* arc by which the shortest path arrives */
    uint32_t heap_index; /* place in the heap plus 1, 0: not in it */
};

struct netopt {
    uint32_t side; /* nodes lie on a side x side grid */
    uint32_t nodes, arcs;
    struct node *node;
    struct arc *arc;
    uint32_t *heap; /* binary heap of nodes by distance */
    uint32_t heap_size;
};

static const uint32_t grid_side[INPUT_SIZES] = {24, 56, 140};

/* ---- the heap -------------------------------------------------------------------------------- */

static void heap_set(struct netopt *n, uint32_t place, uint32_t v)
{
    n->heap[place] = v;
    n->node[v].heap_index = place + 1;
}

static void heap_up(struct netopt *n, uint32_t place, uint32_t v)
{
    int32_t distance = n->node[v].distance;

    while (place > 0) {
        uint32_t up = (place - 1) / 2;

        if (n->node[n->heap[up]].distance <= distance)
            break;
        heap_set(n, place, n->heap[up]);
        place = up;
    }
    heap_set(n, place, v);
}

static void heap_add_or_move(struct netopt *n, uint32_t v)
{
    uint32_t place = n->node[v].heap_index;

    heap_up(n, place ? place - 1 : n->heap_size++, v);
}

static uint32_t heap_take(struct netopt *n)
{
    uint32_t top = n->heap[0], last = n->heap[--n->heap_size];
    uint32_t place = 0, down;

    n->node[top].heap_index = 0;
    if (n->heap_size == 0)
        return top;
    while ((down = 2 * place + 1) < n->heap_size) {
        if (down + 1 < n->heap_size &&
            n->node[n->heap[down + 1]].distance < n->node[n->heap[down]].distance)
            down++;
        if (n->node[n->heap[down]].distance >= n->node[last].distance)
            break;
        heap_set(n, place, n->heap[down]);
        place = down;
    }
    heap_set(n, place, last);
    return top;
}

/* ---- the network ----------------------------------------------------------------------------- */

static void add_arc(struct netopt *n, uint32_t a, uint32_t tail, uint32_t head, int32_t cost,
                    int32_t capacity)
{
    n->arc[a] = (struct arc){head, n->node[tail].first, cost, capacity, capacity};
    n->node[tail].first = a;
}

static uint32_t torus_distance(const struct netopt *n, uint32_t u, uint32_t v)
{
    uint32_t dx = (u % n->side + n->side - v % n->side) % n->side;
    uint32_t dy = (u / n->side + n->side - v / n->side) % n->side;

    dx = dx > n->side / 2 ? n->side - dx : dx;
    dy = dy > n->side / 2 ? n->side - dy : dy;
    return dx + dy;
}

/* Arcs are numbered in a shuffled order of their tails, so that a node's arcs are far apart. */
static void build(struct netopt *n)
{
    uint32_t seed = 0x6e65746f; /* "neto" */

    for (uint32_t v = 0; v < n->nodes; v++)
        n->node[v].first = NO_ARC;
    for (uint32_t i = 0; i < n->nodes * DEGREE; i++) {
        uint32_t tail = i * 7919u % n->nodes; /* 7919 is prime: every node once a round */
        uint32_t head;

        if (i < n->nodes) /* the first arc of each is a step along a row */
            head = tail / n->side * n->side + (tail + 1) % n->side;
        else if (i < 2 * n->nodes) /* the second one along a column */
            head = (tail + n->side) % n->nodes;
        else
            head = random_next(&seed) % n->nodes;
        uint32_t length = torus_distance(n, tail, head);
        int32_t cost = (int32_t)(length * 10 + random_next(&seed) % 50);
        int32_t capacity = (int32_t)(1 + random_next(&seed) % 8);

        add_arc(n, 2 * i, tail, head, cost, capacity);
        add_arc(n, 2 * i + 1, head, tail, -cost, 0);
    }
}

static void empty_network(struct netopt *n)
{
    for (uint32_t a = 0; a < n->arcs; a++)
        n->arc[a].capacity = n->arc[a].initial;
    for (uint32_t v = 0; v < n->nodes; v++)
        n->node[v].potential = 0; /* valid because no cost is negative without flow */
}

static int32_t reduced_cost(const struct netopt *n, uint32_t tail, const struct arc *arc)
{
    return arc->cost + n->node[tail].potential - n->node[arc->head].potential;
}

static void shortest_paths(struct netopt *n, uint32_t source, uint32_t sink)
{
    for (uint32_t v = 0; v < n->nodes; v++) {
        n->node[v].distance = INFINITE;
        n->node[v].path = NO_ARC;
        n->node[v].heap_index = 0;
    }
    n->heap_size = 0;
    n->node[source].distance = 0;
    heap_add_or_move(n, source);
    while (n->heap_size) {
        uint32_t v = heap_take(n);

        if (v == sink)
            break;
        for (uint32_t a = n->node[v].first; a != NO_ARC; a = n->arc[a].next) {
            const struct arc *arc = &n->arc[a];

            if (arc->capacity == 0)
                continue;
            int32_t distance = n->node[v].distance + reduced_cost(n, v, arc);

            if (distance < n->node[arc->head].distance) {
                n->node[arc->head].distance = distance;
                n->node[arc->head].path = a;
                heap_add_or_move(n, arc->head);
            }
        }
    }
}

/* Nodes that the search did not settle are at least as far as the sink; that much is enough. */
static void raise_potentials(struct netopt *n, int32_t sink_distance)
{
    for (uint32_t v = 0; v < n->nodes; v++) {
        int32_t distance = n->node[v].distance;

        n->node[v].potential += distance < sink_distance ? distance : sink_distance;
    }
}

/* Fills the path to the sink; returns a digest of it, 0 if there is none. */
static uint32_t augment(struct netopt *n, uint32_t source, uint32_t sink)
{
    int32_t amount = INFINITE, cost = 0;
    uint32_t digest = DIGEST_START;

    if (n->node[sink].path == NO_ARC)
        return 0;
    for (uint32_t v = sink; v != source; v = n->arc[n->node[v].path ^ 1].head) {
        int32_t capacity = n->arc[n->node[v].path].capacity;

        amount = capacity < amount ? capacity : amount;
    }
    for (uint32_t v = sink; v != source; v = n->arc[n->node[v].path ^ 1].head) {
        uint32_t a = n->node[v].path;

        n->arc[a].capacity -= amount;
        n->arc[a ^ 1].capacity += amount;
        cost += n->arc[a].cost;
        digest = digest_add(digest, v);
    }
    raise_potentials(n, n->node[sink].distance);
    digest = digest_add(digest, (uint32_t)cost);
    return digest_add(digest, (uint32_t)amount);
}

static bool flow_is_optimal(const struct netopt *n, unsigned k)
{
    for (uint32_t a = k; a < n->arcs; a += PROGRAM_UNITS)
        if (n->arc[a].capacity > 0 && reduced_cost(n, n->arc[a ^ 1].head, &n->arc[a]) < 0)
            return false;
    return true;
}

static void *netopt_open(enum input_size size)
{
    struct netopt *n = calloc(1, sizeof(*n));

    if (!n)
        return NULL;
    n->side = grid_side[size];
    n->nodes = n->side * n->side;
    n->arcs = 2 * DEGREE * n->nodes;
    n->node = calloc(n->nodes, sizeof(n->node[0]));
    n->arc = calloc(n->arcs, sizeof(n->arc[0]));
    n->heap = calloc(n->nodes, sizeof(n->heap[0]));
    if (!n->node || !n->arc || !n->heap)
        return NULL;
    build(n);
    return n;
}

static uint32_t netopt_unit(void *state, unsigned k)
{
    struct netopt *n = state;
    uint32_t source = 0, sink = n->side / 8 * n->side + n->side / 8;

    if (k == 0)
        empty_network(n);
    shortest_paths(n, source, sink);
    uint32_t digest = augment(n, source, sink);

    return flow_is_optimal(n, k) ? digest : 0;
}

const struct program netopt_program = {
    .name = "netopt",
    .summary = "minimum-cost flow on arrays larger than the second-level cache",
    .open = netopt_open,
    .unit = netopt_unit,
    .phase = 8,
    .worth = 188,
    .sequential = true,
};
