/* SPDX-License-Identifier: GPL-2.0-only */
/* segment.h - limits of segments, where an access is about to fault; see segment.c */
#ifndef XENOLITH_CPU_SEGMENT_H
#define XENOLITH_CPU_SEGMENT_H

#include "cpu/state.h"

/*
 * For a data access of the instruction under way, at a linear address that it cannot have: the
 * vector (#SS or #GP, with error code 0) that its segment's limit raises, or 0 if the segment
 * allows it.
 */
unsigned segment_refuses(const struct cpu *cpu, uint32_t linear);

/*
 * Whether the instruction under way reads and then writes its memory operand. A processor
 * translates that once, for writing, so a fault of the reading half is one of a write.
 */
bool segment_operand_modified(const struct cpu *cpu);

#endif
