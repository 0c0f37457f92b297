/* SPDX-License-Identifier: GPL-2.0-only */
/* unicorn_care.h - instructions that the library takes too lightly; see unicorn_care.c */
#ifndef XENOLITH_CPU_UNICORN_CARE_H
#define XENOLITH_CPU_UNICORN_CARE_H

#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/opcode.h"

/* The translation of a block with these flags begins, or that of an instruction in it. */
void lib_care_block(uint32_t flags);
void lib_care_begin(const struct opcode *op);

/* The same for its segments: the bytes of the instruction, as many as there are. */
void lib_care_segments(const uint8_t *bytes, unsigned count);

/* unicorn_segments.c: a block begins; whether an instruction's segments are to be checked; its
 * entry in the table of checks, false if it needs none; and the check itself, when it runs. */
void lib_segments_block(uint32_t flags);
bool lib_segments_wanted(const struct opcode *op);
bool lib_segments_check(const uint8_t *bytes, unsigned count, uint32_t *entry);
void lib_segments_run(struct cpu *cpu, uint32_t entry);

/* The access that is emitted: its description with the alignment that it has to have. */
unsigned lib_care_access(unsigned memop);

/* Whether the slow path's description of an access names an alignment. */
#define CARE_ALIGNED (7u << 8)

/* An access of the slow path, described so: raises #GP or #AC if it is not aligned as it has to be.
 * Returns the description without the alignment. */
uint32_t lib_care_aligned(uint32_t linear, uint32_t oi, uintptr_t ra);

/* The same for 8 bytes that a helper accesses. */
void lib_care_of_eight(uint32_t linear, uintptr_t ra);

#endif
