/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rays.c - a ray tracer in fixed-point numbers
 *
 * A hall with balls, blocks, discs and a vaulted roof of triangles, two lamps, mirrors.
 * Space is cut into cells; a ray walks from cell to cell (Amanatides and Woo) and asks each shape
 * of a cell, by a function of its kind, where they meet. Shadows are rays too. A unit traces one
 * tile of the picture.
 *
 * The unit's own checks: each point where a ray was found to meet a shape lies on that shape's
 * surface; and for one ray in 64 all shapes are asked, not only those of the cells, which must
 * give the same shape at the same distance.
 *
 * Memory: 100 KB at the medium size, of which a tile uses a part: shapes, cells, lists, noise. The
 * work is many small functions, called through pointers.
 */
#include <stdlib.h>

#include "workloads/cint/program.h"
#include "workloads/cint/rays.h"

#define GRID       16  /* cells along each axis */
#define CELL       ONE /* their side: the hall is 16 by 16 by 16 */
#define DEPTH_MOST 3
#define SURFACES   8
#define NO_LIST    UINT32_MAX
#define OFF_MOST   (ONE / 16)

struct link {
    const struct shape *shape;
    uint32_t next;
};

struct rays {
    unsigned side;  /* of a tile, in points */
    unsigned image; /* of the picture, in points */
    unsigned shapes;
    struct shape *shape;
    uint32_t cell[GRID][GRID][GRID]; /* its list's first link, or NO_LIST */
    struct link *link;
    uint32_t links;
    struct surface surface[SURFACES];
    uint32_t traced;
    bool failed;
};

static const unsigned tile_side[INPUT_SIZES] = {3, 7, 32};
static const unsigned ball_count[INPUT_SIZES] = {160, 300, 900};

static const struct vector lamps[2] = {{3 * ONE, 12 * ONE, 2 * ONE}, {13 * ONE, 11 * ONE, 6 * ONE}};
static const number lamp_power[2] = {40000, 26000};

/* ---- walking through cells ------------------------------------------------------------------- */

static int cell_of(number at)
{
    int cell = at >> 16;

    return cell < 0 ? 0 : cell < GRID ? cell : GRID - 1;
}

/* One axis of a walk: the cell, which way, distances to the next wall and between walls. */
struct axis {
    int cell, step;
    number next, each;
};

static struct axis axis_of(number from, number along, number inverse)
{
    struct axis a = {.cell = cell_of(from), .step = along < 0 ? -1 : 1};
    number wall = (a.cell + (along > 0)) * CELL;

    a.each = inverse < 0 ? -inverse : inverse;
    a.next = a.each >= FAR ? FAR : times(wall - from, inverse);
    return a;
}

static void aim(struct ray *ray)
{
    ray->inverse.x = ratio(ONE, ray->along.x);
    ray->inverse.y = ratio(ONE, ray->along.y);
    ray->inverse.z = ratio(ONE, ray->along.z);
}

/* Asks all shapes; the counter-check. */
static const struct shape *meet_any(const struct rays *r, const struct ray *ray, number *distance)
{
    const struct shape *found = NULL;

    *distance = FAR;
    for (unsigned i = 0; i < r->shapes; i++) {
        number at = r->shape[i].kind->meet(&r->shape[i], ray);

        if (at < *distance) {
            *distance = at;
            found = &r->shape[i];
        }
    }
    return found;
}

/* The nearest shape that a ray meets before `limit`, or NULL. Equal distances: the first shape. */
static const struct shape *meet(const struct rays *r, const struct ray *ray, number limit,
                                number *distance)
{
    struct axis x = axis_of(ray->from.x, ray->along.x, ray->inverse.x);
    struct axis y = axis_of(ray->from.y, ray->along.y, ray->inverse.y);
    struct axis z = axis_of(ray->from.z, ray->along.z, ray->inverse.z);
    const struct shape *found = NULL;

    *distance = limit;
    for (;;) {
        struct axis *least = x.next < y.next ? &x : &y;

        for (uint32_t i = r->cell[x.cell][y.cell][z.cell]; i != NO_LIST; i = r->link[i].next) {
            const struct shape *shape = r->link[i].shape;
            number at = shape->kind->meet(shape, ray);

            if (at < *distance || (at == *distance && found && shape->number < found->number)) {
                *distance = at;
                found = shape;
            }
        }
        if (z.next < least->next)
            least = &z;
        if (least->next >
            *distance + CELL / 64) /* rounding may put a point on either side of a wall */
            return found;
        least->cell += least->step;
        if (least->cell < 0 || least->cell >= GRID || least->next >= FAR)
            return found;
        least->next += least->each;
    }
}

/* ---- light ----------------------------------------------------------------------------------- */

static void add_scaled(struct vector *to, const struct vector *colour, number by)
{
    struct vector part = scaled(colour, by);

    *to = sum(to, &part);
}

/* What the lamps give a point: the surface's colour by the angle, and a bright spot. */
static struct vector lit(const struct rays *r, const struct shape *s, const struct vector *at,
                         const struct vector *normal, const struct vector *eye)
{
    struct vector colour = s->surface->colour(s->surface, at), light = scaled(&colour, ONE / 8);

    for (unsigned i = 0; i < 2; i++) {
        struct vector to = difference(&lamps[i], at);
        struct ray ray = {.from = *at, .along = unit_vector(&to)};
        number far = dot(&to, &ray.along), slope = dot(normal, &ray.along), hit;

        aim(&ray);
        if (slope <= 0 || meet(r, &ray, far, &hit))
            continue;
        number power = ratio(lamp_power[i], ONE + far / 8);

        add_scaled(&light, &colour, times(power, slope));
        struct vector half = difference(&ray.along, eye);

        half = unit_vector(&half);
        number shine = dot(normal, &half);

        if (shine > 0) {
            for (int k = 0; k < 4; k++) /* to the sixteenth power */
                shine = times(shine, shine);
            light.x += times(times(power, s->surface->gloss), shine);
            light.y += times(times(power, s->surface->gloss), shine);
            light.z += times(times(power, s->surface->gloss), shine);
        }
    }
    return light;
}

static struct vector trace(struct rays *r, const struct ray *ray, unsigned depth)
{
    number distance, whole;
    const struct shape *s = meet(r, ray, FAR, &distance);

    if (r->traced++ % 64 == 0 && (meet_any(r, ray, &whole) != s || whole != distance))
        r->failed = true;
    if (!s)
        return (struct vector){ONE / 16, ONE / 12, ONE / 8};
    struct vector at = along_ray(ray, distance), normal = s->kind->normal(s, &at);
    number slope = dot(&normal, &ray->along);

    if (s->kind->off(s, &at) > OFF_MOST)
        r->failed = true;
    if (slope > 0) {
        normal = scaled(&normal, -ONE);
        slope = -slope;
    }
    struct vector light = lit(r, s, &at, &normal, &ray->along);

    if (s->surface->mirror && depth < DEPTH_MOST) {
        struct vector turn = scaled(&normal, 2 * slope);
        struct ray back = {.from = at, .along = difference(&ray->along, &turn)};

        back.along = unit_vector(&back.along);
        aim(&back);
        struct vector mirrored = trace(r, &back, depth + 1);

        light = scaled(&light, ONE - s->surface->mirror);
        add_scaled(&light, &mirrored, s->surface->mirror);
    }
    return light;
}

/* ---- the hall -------------------------------------------------------------------------------- */

static number within(uint32_t *seed, number low, number high)
{
    return low + (number)(random_next(seed) % (uint32_t)(high - low));
}

static struct vector place(uint32_t *seed)
{
    struct vector at;

    at.x = within(seed, ONE, 15 * ONE);
    at.y = within(seed, ONE / 2, 8 * ONE);
    at.z = within(seed, 4 * ONE, 15 * ONE);
    return at;
}

static void make_surfaces(struct rays *r)
{
    static const struct surface made[SURFACES] = {
        {plain, {{50000, 20000, 15000}, {0}}, 0, 0, 30000},
        {plain, {{20000, 24000, 52000}, {0}}, 0, 24000, 50000},
        {chequered, {{56000, 56000, 52000}, {12000, 10000, 14000}}, ONE, 9000, 8000},
        {marbled, {{60000, 58000, 52000}, {20000, 24000, 20000}}, 3 * ONE, 6000, 40000},
        {marbled, {{30000, 50000, 34000}, {6000, 12000, 8000}}, 5 * ONE, 0, 20000},
        {ringed, {{46000, 28000, 12000}, {20000, 10000, 4000}}, 4 * ONE, 0, 6000},
        {plain, {{62000, 62000, 62000}, {0}}, 0, 52000, 60000},
        {chequered, {{50000, 18000, 18000}, {56000, 50000, 20000}}, 2 * ONE, 0, 0},
    };

    for (unsigned i = 0; i < SURFACES; i++)
        r->surface[i] = made[i];
}

static struct vector corner(number x, number y, number z)
{
    return (struct vector){x, y, z};
}

/* The box around a triangle, a little larger. */
static void bound_triangle(struct shape *s)
{
    struct vector two = sum(&s->a, &s->b), three = sum(&s->a, &s->c);

#define BOUND(axis)                                                                                \
    s->low.axis = (s->a.axis < two.axis ? s->a.axis : two.axis);                                   \
    s->low.axis = (s->low.axis < three.axis ? s->low.axis : three.axis) - ONE / 64;                \
    s->high.axis = (s->a.axis > two.axis ? s->a.axis : two.axis);                                  \
    s->high.axis = (s->high.axis > three.axis ? s->high.axis : three.axis) + ONE / 64
    BOUND(x);
    BOUND(y);
    BOUND(z);
#undef BOUND
}

static void bound_round(struct shape *s)
{
    struct vector reach = {s->size + ONE / 64, s->size + ONE / 64, s->size + ONE / 64};

    s->low = difference(&s->a, &reach);
    s->high = sum(&s->a, &reach);
}

static struct shape *new_shape(struct rays *r, const struct shape_kind *kind, unsigned surface)
{
    struct shape *s = &r->shape[r->shapes];

    *s = (struct shape){.kind = kind, .surface = &r->surface[surface], .number = r->shapes++};
    return s;
}

/* The vault: height by column, a strip of two triangles for each cell of the floor plan. */
static void make_vault(struct rays *r)
{
    static const number height[9] = {
        9 * ONE,      11 * ONE,           12 * ONE + ONE / 2, 13 * ONE + ONE / 4,
        27 * ONE / 2, 13 * ONE + ONE / 4, 12 * ONE + ONE / 2, 11 * ONE,
        9 * ONE};

    for (int i = 0; i < 8; i++)
        for (int j = 0; j < 8; j++) {
            struct vector a = corner(2 * i * ONE, height[i], 2 * j * ONE);
            struct vector b = corner(2 * i * ONE + 2 * ONE, height[i + 1], 2 * j * ONE);
            struct vector c = corner(2 * i * ONE, height[i], 2 * j * ONE + 2 * ONE);
            struct vector d = corner(b.x, b.y, c.z);

            for (int half = 0; half < 2; half++) {
                struct shape *s = new_shape(r, &triangle_kind, 3 + (unsigned)(i + j) % 2);

                s->a = half ? d : a;
                s->b = half ? difference(&c, &d) : difference(&b, &a);
                s->c = half ? difference(&b, &d) : difference(&c, &a);
                bound_triangle(s);
            }
        }
}

static void make_hall(struct rays *r, unsigned balls)
{
    uint32_t seed = 1986;

    for (unsigned i = 0; i < balls; i++) {
        struct shape *s = new_shape(r, i % 5 == 4 ? &disc_kind : &ball_kind, i % 7);

        s->a = place(&seed);
        s->size = within(&seed, ONE / 6, ONE / 2);
        s->b = corner(within(&seed, -ONE, ONE), within(&seed, -ONE, ONE), ONE / 2);
        s->b = unit_vector(&s->b);
        bound_round(s);
    }
    for (unsigned i = 0; i < balls / 6; i++) {
        struct shape *s = new_shape(r, &slab_kind, 2 + i % 6);
        number half = within(&seed, ONE / 8, ONE / 3);

        s->low = place(&seed);
        s->high = corner(s->low.x + 2 * half, s->low.y + within(&seed, ONE / 8, ONE),
                         s->low.z + 2 * half);
    }
    struct shape *floor = new_shape(r, &slab_kind, 2);

    floor->high = corner(16 * ONE, ONE / 4, 16 * ONE);
    make_vault(r);
}

/* Puts each shape into the lists of all cells that its box touches; with no room, only counts. */
static void list_shapes(struct rays *r)
{
    r->links = 0;
    for (unsigned i = r->shapes; i-- > 0;) {
        const struct shape *s = &r->shape[i];

        for (int x = cell_of(s->low.x); x <= cell_of(s->high.x); x++)
            for (int y = cell_of(s->low.y); y <= cell_of(s->high.y); y++)
                for (int z = cell_of(s->low.z); z <= cell_of(s->high.z); z++, r->links++)
                    if (r->link) {
                        r->link[r->links] = (struct link){s, r->cell[x][y][z]};
                        r->cell[x][y][z] = r->links;
                    }
    }
}

static bool make_cells(struct rays *r)
{
    for (unsigned i = 0; i < GRID * GRID * GRID; i++)
        r->cell[i / GRID / GRID][i / GRID % GRID][i % GRID] = NO_LIST;
    list_shapes(r);
    r->link = malloc(r->links * sizeof(r->link[0]));
    if (r->link)
        list_shapes(r);
    return r->link != NULL;
}

static void *rays_open(enum input_size size)
{
    struct rays *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->side = tile_side[size];
    r->image = r->side * 24;
    r->shape = calloc(ball_count[size] * 7 / 6 + 160, sizeof(r->shape[0]));
    if (!r->shape)
        return NULL;
    rays_make_noise(1989);
    make_surfaces(r);
    make_hall(r, ball_count[size]);
    return make_cells(r) ? r : NULL;
}

/* Unit k is a tile in the middle of the picture: two rows of four. */
static uint32_t rays_unit(void *state, unsigned k)
{
    struct rays *r = state;
    struct vector eye = {8 * ONE, 5 * ONE, ONE / 2};
    uint32_t digest = DIGEST_START;
    unsigned left = (4 + 4 * (k % 4)) * r->side, top = (8 + 6 * (k / 4)) * r->side;

    r->failed = false;
    r->traced = 0;
    for (unsigned y = top; y < top + r->side; y++)
        for (unsigned x = left; x < left + r->side; x++) {
            struct ray ray = {.from = eye};
            struct vector to = {
                (number)((int)(2 * x) - (int)r->image) * (ONE / 2) / (number)r->image,
                (number)((int)r->image - (int)(2 * y)) * (ONE / 2) / (number)r->image, ONE};

            ray.along = unit_vector(&to);
            aim(&ray);
            struct vector light = trace(r, &ray, 0);

            digest =
                digest_add(digest_add(digest_add(digest, (uint32_t)light.x), (uint32_t)light.y),
                           (uint32_t)light.z);
        }
    return r->failed ? 0 : digest;
}

const struct program rays_program = {
    .name = "rays",
    .summary = "ray tracing of a hall in fixed-point numbers",
    .open = rays_open,
    .unit = rays_unit,
    .phase = 8,
    .worth = 217,
};
