/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * walk.h - stops between instructions that change no result; the essay is at the head of walk.c
 */
#ifndef XENOLITH_CPU_WALK_H
#define XENOLITH_CPU_WALK_H

#include "cpu/state.h"

/* Whether a block is walked through that is not at its end. */
bool walk_is_inside(const struct cpu *cpu);

/* Whether blocks must be looked at before they run: for a count of instructions, a breakpoint, a
 * watched byte. */
bool walk_watches(const struct cpu *cpu);

/* Whether a page holds a watched byte; and an access to such a page. */
bool walk_watches_page(const struct cpu *cpu, uint32_t linear);
void walk_accessed(struct cpu *cpu, uint32_t linear, unsigned bytes, bool write);

/* Before an instruction: true if the run stops here, for all that may begin have begun, or for a
 * breakpoint, or for what the one before touched. */
bool walk_steps_over(struct cpu *cpu, uint32_t pc);
bool walk_breaks(struct cpu *cpu, uint32_t pc);

/* A block was charged and fetched. True: it will be walked through; it must not run now. */
bool walk_begin(struct cpu *cpu, const struct block *block);

/* The next of its instructions, or a block that begins with it: true when it may run. */
bool walk_next(struct cpu *cpu, const struct block *block);

/* An instruction that has begun is left before its store and begins again, alone: no stop. */
void walk_again(struct cpu *cpu, uint32_t pc);

/* The block that was walked through is over. */
void walk_end(struct cpu *cpu);

/* The run has stopped, perhaps within a block; it goes on. */
void walk_pause(struct cpu *cpu);
void walk_resume(struct cpu *cpu);

/* The rest of the block will not run: what it was charged is taken back. */
void walk_abandon(struct cpu *cpu);

#endif
