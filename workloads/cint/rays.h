/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rays.h - numbers, shapes and surfaces of the ray tracer
 *
 * Numbers are fixed-point, 16 bits before the binary point and 16 behind it; products and quotients
 * go through 64 bits. Everything is exact in the sense that every machine computes the same.
 */
#ifndef XENOLITH_CINT_RAYS_H
#define XENOLITH_CINT_RAYS_H

#include <stdbool.h>
#include <stdint.h>

typedef int32_t number;

#define ONE        65536
#define FAR        (1000 * ONE)
#define NEAR       (ONE / 256) /* what is nearer to a ray's beginning is the surface it left */
#define NOISE_SIDE 16

struct vector {
    number x, y, z;
};

struct ray {
    struct vector from, along; /* along is of length 1 */
    struct vector inverse;     /* 1 / along, by axis; FAR for 0 */
};

struct shape;
struct surface;

/* What a kind of shape can do. */
struct shape_kind {
    /* The distance at which a ray meets it, or FAR. */
    number (*meet)(const struct shape *shape, const struct ray *ray);
    struct vector (*normal)(const struct shape *shape, const struct vector *at);
    /* How far a point lies off its surface. */
    number (*off)(const struct shape *shape, const struct vector *at);
};

struct shape {
    const struct shape_kind *kind;
    const struct surface *surface;
    struct vector low, high; /* the box around it */
    struct vector a, b, c;   /* centre; corners; edges, by kind */
    number size;
    uint32_t number;
};

/* How a surface looks: its colour at a point, and the share of light that it mirrors. */
struct surface {
    struct vector (*colour)(const struct surface *surface, const struct vector *at);
    struct vector tint[2];
    number scale, mirror, gloss;
};

extern const struct shape_kind ball_kind, slab_kind, triangle_kind, disc_kind;
extern struct vector plain(const struct surface *s, const struct vector *at);
extern struct vector chequered(const struct surface *s, const struct vector *at);
extern struct vector marbled(const struct surface *s, const struct vector *at);
extern struct vector ringed(const struct surface *s, const struct vector *at);

/* Fills the lattice of noise that marble needs. */
void rays_make_noise(uint32_t seed);

static inline number times(number a, number b)
{
    return (number)((int64_t)a * b >> 16);
}

/* FAR, with the quotient's sign, where it does not fit. */
static inline number ratio(number a, number b)
{
    int64_t wide = b ? (int64_t)a * ONE / b : a < 0 ? -FAR : FAR;

    return (number)(wide > FAR ? FAR : wide < -FAR ? -FAR : wide);
}

number square_root(uint32_t high, uint32_t low);

static inline number dot(const struct vector *a, const struct vector *b)
{
    return (number)(((int64_t)a->x * b->x + (int64_t)a->y * b->y + (int64_t)a->z * b->z) >> 16);
}

static inline struct vector sum(const struct vector *a, const struct vector *b)
{
    return (struct vector){a->x + b->x, a->y + b->y, a->z + b->z};
}

static inline struct vector difference(const struct vector *a, const struct vector *b)
{
    return (struct vector){a->x - b->x, a->y - b->y, a->z - b->z};
}

static inline struct vector scaled(const struct vector *a, number by)
{
    return (struct vector){times(a->x, by), times(a->y, by), times(a->z, by)};
}

static inline struct vector cross(const struct vector *a, const struct vector *b)
{
    return (struct vector){times(a->y, b->z) - times(a->z, b->y),
                           times(a->z, b->x) - times(a->x, b->z),
                           times(a->x, b->y) - times(a->y, b->x)};
}

static inline struct vector unit_vector(const struct vector *a)
{
    int64_t square = (int64_t)a->x * a->x + (int64_t)a->y * a->y + (int64_t)a->z * a->z;
    number length = square_root((uint32_t)(square >> 32), (uint32_t)square);

    return (struct vector){ratio(a->x, length), ratio(a->y, length), ratio(a->z, length)};
}

static inline struct vector along_ray(const struct ray *ray, number distance)
{
    struct vector way = scaled(&ray->along, distance);

    return sum(&ray->from, &way);
}

#endif
