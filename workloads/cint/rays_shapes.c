/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rays_shapes.c - where rays meet shapes, and what colour shapes have there
 */
#include "workloads/cint/program.h"
#include "workloads/cint/rays.h"

/* The root of a 64-bit square, bit by bit: the largest number whose square is not above it. */
number square_root(uint32_t high, uint32_t low)
{
    uint64_t rest = (uint64_t)high << 32 | low, root = 0;

    for (uint64_t bit = UINT64_C(1) << 46; bit; bit >>= 2)
        if (rest >= root + bit) {
            rest -= root + bit;
            root = root >> 1 | bit;
        } else {
            root >>= 1;
        }
    return (number)root;
}

static number length(const struct vector *a)
{
    int64_t square = (int64_t)a->x * a->x + (int64_t)a->y * a->y + (int64_t)a->z * a->z;

    return square_root((uint32_t)(square >> 32), (uint32_t)square);
}

static number magnitude(number a)
{
    return a < 0 ? -a : a;
}

/* ---- a ball: centre a, radius size ----------------------------------------------------------- */

static number ball_meet(const struct shape *s, const struct ray *ray)
{
    struct vector out = difference(&s->a, &ray->from);
    number middle = dot(&out, &ray->along);
    int64_t beside = (int64_t)out.x * out.x + (int64_t)out.y * out.y + (int64_t)out.z * out.z -
                     (int64_t)middle * middle;
    int64_t half = (int64_t)s->size * s->size - beside;

    if (half < 0)
        return FAR;
    number chord = square_root((uint32_t)(half >> 32), (uint32_t)half);

    if (middle - chord > NEAR)
        return middle - chord;
    return middle + chord > NEAR ? middle + chord : FAR;
}

static struct vector ball_normal(const struct shape *s, const struct vector *at)
{
    struct vector out = difference(at, &s->a);

    return unit_vector(&out);
}

static number ball_off(const struct shape *s, const struct vector *at)
{
    struct vector out = difference(at, &s->a);

    return magnitude(length(&out) - s->size);
}

/* ---- a slab: all between low and high -------------------------------------------------------- */

static void narrow(number low, number high, number from, number inverse, number *enter,
                   number *leave)
{
    number one = times(low - from, inverse), two = times(high - from, inverse);
    number first = one < two ? one : two, last = one < two ? two : one;

    if (first > *enter)
        *enter = first;
    if (last < *leave)
        *leave = last;
}

static number slab_meet(const struct shape *s, const struct ray *ray)
{
    number enter = -FAR, leave = FAR;

    narrow(s->low.x, s->high.x, ray->from.x, ray->inverse.x, &enter, &leave);
    narrow(s->low.y, s->high.y, ray->from.y, ray->inverse.y, &enter, &leave);
    narrow(s->low.z, s->high.z, ray->from.z, ray->inverse.z, &enter, &leave);
    if (enter > leave)
        return FAR;
    return enter > NEAR ? enter : leave > NEAR ? leave : FAR;
}

/* The nearest of six faces: its axis and sign; the distance to it. */
static number nearest_face(const struct shape *s, const struct vector *at, struct vector *normal)
{
    number gap[6] = {magnitude(at->x - s->low.x),  magnitude(at->y - s->low.y),
                     magnitude(at->z - s->low.z),  magnitude(at->x - s->high.x),
                     magnitude(at->y - s->high.y), magnitude(at->z - s->high.z)};
    unsigned best = 0;

    for (unsigned i = 1; i < 6; i++)
        if (gap[i] < gap[best])
            best = i;
    number sign = best < 3 ? -ONE : ONE;

    *normal = (struct vector){best % 3 == 0 ? sign : 0, best % 3 == 1 ? sign : 0,
                              best % 3 == 2 ? sign : 0};
    return gap[best];
}

static struct vector slab_normal(const struct shape *s, const struct vector *at)
{
    struct vector normal;

    nearest_face(s, at, &normal);
    return normal;
}

static number slab_off(const struct shape *s, const struct vector *at)
{
    struct vector normal;

    return nearest_face(s, at, &normal);
}

/* ---- a triangle: corner a, edges b and c (Moeller and Trumbore) ------------------------------ */

static number triangle_meet(const struct shape *s, const struct ray *ray)
{
    struct vector p = cross(&ray->along, &s->c), out = difference(&ray->from, &s->a), q;
    number determinant = dot(&s->b, &p), u, v, distance;

    if (magnitude(determinant) < 16)
        return FAR;
    u = ratio(dot(&out, &p), determinant);
    if (u < 0 || u > ONE)
        return FAR;
    q = cross(&out, &s->b);
    v = ratio(dot(&ray->along, &q), determinant);
    if (v < 0 || u + v > ONE)
        return FAR;
    distance = ratio(dot(&s->c, &q), determinant);
    return distance > NEAR ? distance : FAR;
}

static struct vector triangle_normal(const struct shape *s, const struct vector *at)
{
    struct vector across = cross(&s->b, &s->c);

    (void)at;
    return unit_vector(&across);
}

static number triangle_off(const struct shape *s, const struct vector *at)
{
    struct vector normal = triangle_normal(s, at), out = difference(at, &s->a);

    return magnitude(dot(&normal, &out));
}

/* ---- a disc: centre a, normal b, radius size ------------------------------------------------- */

static number disc_meet(const struct shape *s, const struct ray *ray)
{
    struct vector out = difference(&s->a, &ray->from), at;
    number slope = dot(&s->b, &ray->along), distance;

    if (magnitude(slope) < 16)
        return FAR;
    distance = ratio(dot(&s->b, &out), slope);
    if (distance <= NEAR || distance >= FAR)
        return FAR;
    at = along_ray(ray, distance);
    out = difference(&at, &s->a);
    return length(&out) <= s->size ? distance : FAR;
}

static struct vector disc_normal(const struct shape *s, const struct vector *at)
{
    (void)at;
    return s->b;
}

static number disc_off(const struct shape *s, const struct vector *at)
{
    struct vector out = difference(at, &s->a);

    return magnitude(dot(&s->b, &out));
}

const struct shape_kind ball_kind = {ball_meet, ball_normal, ball_off};
const struct shape_kind slab_kind = {slab_meet, slab_normal, slab_off};
const struct shape_kind triangle_kind = {triangle_meet, triangle_normal, triangle_off};
const struct shape_kind disc_kind = {disc_meet, disc_normal, disc_off};

/* ---- colours --------------------------------------------------------------------------------- */

static uint16_t noise[NOISE_SIDE][NOISE_SIDE][NOISE_SIDE]; /* 0 to ONE - 1, at whole coordinates */

void rays_make_noise(uint32_t seed)
{
    for (unsigned i = 0; i < NOISE_SIDE * NOISE_SIDE * NOISE_SIDE; i++)
        noise[i / NOISE_SIDE / NOISE_SIDE][i / NOISE_SIDE % NOISE_SIDE][i % NOISE_SIDE] =
            (uint16_t)(random_next(&seed) >> 16);
}

static number blend(number a, number b, number share)
{
    return a + times(b - a, share);
}

/* Noise at a point, between the lattice's eight corners around it. */
static number noise_at(const struct vector *at)
{
    unsigned x = (unsigned)(at->x >> 16), y = (unsigned)(at->y >> 16), z = (unsigned)(at->z >> 16),
             m = NOISE_SIDE - 1;
    number edge[2][2];

    for (unsigned i = 0; i < 2; i++)
        for (unsigned j = 0; j < 2; j++) {
            const uint16_t *row = noise[(x + i) & m][(y + j) & m];

            edge[i][j] = blend(row[z & m], row[(z + 1) & m], at->z & 0xffff);
        }
    return blend(blend(edge[0][0], edge[0][1], at->y & 0xffff),
                 blend(edge[1][0], edge[1][1], at->y & 0xffff), at->x & 0xffff);
}

static struct vector mixed(const struct surface *s, number share)
{
    return (struct vector){blend(s->tint[0].x, s->tint[1].x, share),
                           blend(s->tint[0].y, s->tint[1].y, share),
                           blend(s->tint[0].z, s->tint[1].z, share)};
}

struct vector plain(const struct surface *s, const struct vector *at)
{
    (void)at;
    return s->tint[0];
}

struct vector chequered(const struct surface *s, const struct vector *at)
{
    struct vector p = scaled(at, s->scale);

    return s->tint[((p.x >> 16) + (p.y >> 16) + (p.z >> 16)) & 1];
}

/* Four octaves of noise, each of half the size and half the strength. */
struct vector marbled(const struct surface *s, const struct vector *at)
{
    struct vector p = scaled(at, s->scale);
    number share = 0;

    for (int octave = 1; octave <= 4; octave++) {
        share += noise_at(&p) >> octave;
        p = (struct vector){p.x * 2 + ONE / 3, p.y * 2 + ONE / 5, p.z * 2 + ONE / 7};
    }
    return mixed(s, share);
}

struct vector ringed(const struct surface *s, const struct vector *at)
{
    struct vector p = scaled(at, s->scale);
    number around = length(&(struct vector){p.x, 0, p.z}) + noise_at(&p) / 2;
    number share = around & 0xffff;

    return mixed(s, share < ONE / 2 ? 2 * share : 2 * (ONE - share));
}
