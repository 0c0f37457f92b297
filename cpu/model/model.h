/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - where a timing model of caches and TLBs attaches to the processor
 *
 * The processor calls these when something happens that a model may want to see or charge for
 * (through the processor's meter). Every pointer may be NULL. Addresses named
 * linear are after segmentation, physical after translation.
 */
#ifndef XENOLITH_CPU_MODEL_H
#define XENOLITH_CPU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu/model/block.h"

struct cpu;
struct cpu_engine;

struct cpu_model {
    /* A block is being translated. */
    void (*translated)(struct cpu *cpu, struct block *block);
    /* A block is about to run and has taken the slow path; its cost is not on the clock yet. */
    void (*entered)(struct cpu *cpu, struct block *block);
    /* The next instruction of a block that was entered as a whole runs by itself (walk.c). */
    void (*walked)(struct cpu *cpu);
    /* The block was left before its instruction number `completed` (from 0) completed. */
    void (*left)(struct cpu *cpu, struct block *block, unsigned completed);
    /* Translations were dropped: all of them, or the one of a page. */
    void (*flushed)(struct cpu *cpu);
    void (*flushed_page)(struct cpu *cpu, uint32_t linear);
    /* The processor itself read or wrote memory, with the rights of `mode` (enum access_mode):
     * descriptors, TSS, stacks of a crossing. The software TLB holds the translation. */
    void (*accessed)(struct cpu *cpu, unsigned mode, uint32_t linear, unsigned bytes, bool write);
    /* A page of physical memory came to hold translated code: stores to it must be seen. */
    void (*code_frame)(struct cpu_engine *engine, uint32_t physical);
};

#endif
