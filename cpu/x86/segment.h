/* SPDX-License-Identifier: GPL-2.0-only */
/* segment.h - limits and types of segments; see segment.c */
#ifndef XENOLITH_CPU_SEGMENT_H
#define XENOLITH_CPU_SEGMENT_H

#include "cpu/engine/unicorn.h"
#include "cpu/state.h"
#include "cpu/x86/descriptor.h"
#include "cpu/x86/operand.h"

/*
 * For a data access of the instruction under way, at a linear address that it cannot have: the
 * vector (#SS or #GP, with error code 0) that its segment's limit raises, or 0 if the segment
 * allows it.
 */
unsigned segment_refuses(const struct cpu *cpu, uint32_t linear);

/* Limits are cut in pages, wherever the base lies. */
enum { SEGMENT_CUT_BYTES = 4096 };

static inline bool segment_is_null(const struct lib_segment *segment)
{
    return segment->selector <= 3;
}

/* Whether a segment ends where the outer rings' part does, by however many bases. */
static inline bool segment_is_cut(const struct cpu *cpu, const struct lib_segment *segment)
{
    return cpu->outer_limit &&
           cpu->outer_limit - 1 - ((uint32_t)segment->base + segment->limit) < SEGMENT_CUT_BYTES;
}

/*
 * Whether no access of its ring through the segment can be refused. Every crossing asks this of
 * up to six segments, so it is a matter of a few instructions of the host.
 */
static inline bool segment_is_flat(const struct cpu *cpu, enum segment_register number)
{
    const struct lib_segment *segment = lib_segment(cpu, number);
    uint32_t type = DESCRIPTOR_CODE | DESCRIPTOR_EXPANDS_DOWN | DESCRIPTOR_WRITABLE;

    if (number == SEG_CS)
        return segment->limit == UINT32_MAX || (segment->base == 0 && segment_is_cut(cpu, segment));
    return (segment->flags & type) == DESCRIPTOR_WRITABLE && !segment_is_null(segment) &&
           (segment->limit == UINT32_MAX || segment_is_cut(cpu, segment));
}

/*
 * Before an instruction, within the loop: raises what the segments of its operands raise. The
 * second reads it where the processor is.
 */
void segment_check(struct cpu *cpu, const struct operands *operands);
void segment_check_here(struct cpu *cpu);

/*
 * Whether the instruction under way reads and then writes its memory operand. A processor
 * translates that once, for writing, so a fault of the reading half is one of a write.
 */
bool segment_operand_modified(const struct cpu *cpu);

#endif
