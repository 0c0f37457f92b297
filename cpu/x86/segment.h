/* SPDX-License-Identifier: GPL-2.0-only */
/* segment.h - limits and types of segments; see segment.c */
#ifndef XENOLITH_CPU_SEGMENT_H
#define XENOLITH_CPU_SEGMENT_H

#include "cpu/engine/unicorn.h"
#include "cpu/state.h"
#include "cpu/x86/operand.h"

/*
 * For a data access of the instruction under way, at a linear address that it cannot have: the
 * vector (#SS or #GP, with error code 0) that its segment's limit raises, or 0 if the segment
 * allows it.
 */
unsigned segment_refuses(const struct cpu *cpu, uint32_t linear);

/* Whether no access of its ring through the segment can be refused. */
bool segment_is_flat(const struct cpu *cpu, enum segment_register number);

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
