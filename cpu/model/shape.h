/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shape.h - the geometry of a memory model, as its inner functions take it
 *
 * The functions on the path of every notified access take a shape as an argument and are compiled
 * twice: with a constant one, whose numbers the compiler folds into the code, and with that of any
 * other machine. The constant one is that of the experiments' machine: `usual_shape`, which
 * make_shape.c writes from machines/xeon-2400.ini whenever that file changes.
 */
#ifndef XENOLITH_CPU_SHAPE_H
#define XENOLITH_CPU_SHAPE_H

#include "cpu/costs/costs.h"

/* Line numbers are searched four at a time; arrays of them are padded with NO_LINE. */
#define SEARCH_WIDTH 4
static inline unsigned search_stride(uint64_t ways)
{
    return ((unsigned)ways + SEARCH_WIDTH - 1) / SEARCH_WIDTH * SEARCH_WIDTH;
}

/* Counts of sets, ways, buffers and streams; strides: as searched, padded; flags: 0 or 1. */
#define SHAPE_FIELDS(FIELD)                                                                        \
    FIELD(l1d_sets)                                                                                \
    FIELD(l1d_stride)                                                                              \
    FIELD(buffers)                                                                                 \
    FIELD(buffer_stride)                                                                           \
    FIELD(l2_sets)                                                                                 \
    FIELD(l2_ways)                                                                                 \
    FIELD(l2_stride)                                                                               \
    FIELD(streams)                                                                                 \
    FIELD(dtlb)                                                                                    \
    FIELD(l1d)                                                                                     \
    FIELD(write_allocate)                                                                          \
    FIELD(l2)

struct shape {
#define FIELD(name) unsigned name;
    SHAPE_FIELDS(FIELD)
#undef FIELD
};

/* The shape of a machine that costs_check() has accepted. */
struct shape shape_of(const struct machine_costs *costs);

#endif
