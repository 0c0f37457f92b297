/* SPDX-License-Identifier: GPL-2.0-only */
#include "cpu/model/shape.h"

struct shape shape_of(const struct machine_costs *costs)
{
    unsigned buffers = costs->l1d_write_allocate ? 0 : (unsigned)costs->l1d_combining;

    return (struct shape){
        .l1d_sets = (unsigned)(costs->l1d_bytes / COSTS_LINE_BYTES / costs->l1d_ways),
        .l1d_stride = search_stride(costs->l1d_ways),
        .buffers = buffers,
        .buffer_stride = search_stride(buffers),
        .l2_sets = (unsigned)(costs->l2_bytes / COSTS_LINE_BYTES / costs->l2_ways),
        .l2_ways = (unsigned)costs->l2_ways,
        .l2_stride = search_stride(costs->l2_ways),
        .streams = (unsigned)costs->prefetch_streams,
        .dtlb = costs->dtlb_enabled,
        .l1d = costs->l1d_enabled,
        .write_allocate = costs->l1d_write_allocate,
        .l2 = costs->l2_enabled};
}
