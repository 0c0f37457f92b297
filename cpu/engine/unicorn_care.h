/* SPDX-License-Identifier: GPL-2.0-only */
/* unicorn_care.h - instructions that the library takes too lightly; see unicorn_care.c */
#ifndef XENOLITH_CPU_UNICORN_CARE_H
#define XENOLITH_CPU_UNICORN_CARE_H

#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/opcode.h"

/* The translation of a block with these flags begins, or that of an instruction in it. */
void lib_care_block(uint32_t flags);
void lib_care_begin(const struct opcode *op);

/* The access that is emitted: its description with the alignment that it has to have. */
unsigned lib_care_access(unsigned memop);

/* Whether the slow path's description of an access names an alignment. */
#define CARE_ALIGNED (7u << 8)

/* An access of the slow path, described so: raises #GP or #AC if it is not aligned as it has to be.
 * Returns the description without the alignment. */
uint32_t lib_care_aligned(uint32_t linear, uint32_t oi, uintptr_t ra);

#endif
