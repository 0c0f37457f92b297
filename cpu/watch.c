/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.c - stops behind accesses to watched bytes
 *
 * Pages that hold a watched byte carry TLB_WATCHED in the software TLB, as for the guest's own
 * breakpoints on data (breakpoint.c): their accesses come here. A run stops between instructions
 * alone, so while anything is watched blocks are walked through (walk.c), and the stop is before
 * the next instruction.
 */
#include "cpu/engine/unicorn.h"
#include "cpu/walk.h"

static bool same_page(uint32_t a, uint32_t b)
{
    return a >> 12 == b >> 12;
}

bool walk_watches_page(const struct cpu *cpu, uint32_t linear)
{
    for (unsigned i = 0; i < cpu->walk.watches; i++) {
        const struct watch *watch = &cpu->walk.watch[i];

        if (same_page(watch->linear, linear) || same_page(watch->linear + watch->bytes - 1, linear))
            return true;
    }
    return false;
}

void walk_accessed(struct cpu *cpu, uint32_t linear, unsigned bytes, bool write)
{
    struct walk *walk = &cpu->walk;

    for (unsigned i = 0; i < walk->watches; i++) {
        const struct watch *watch = &walk->watch[i];

        if ((write || watch->reads) &&
            (linear - watch->linear < watch->bytes || watch->linear - linear < bytes)) {
            walk->touched = true;
            walk->touched_at = linear;
            walk->touched_written = write;
        }
    }
}

bool cpu_watch_set(struct cpu *cpu, uint32_t linear, uint32_t bytes, bool reads)
{
    struct walk *walk = &cpu->walk;

    cpu_watch_clear(cpu, linear);
    if (walk->watches == CPU_WATCHES || bytes == 0 || bytes > 4096)
        return false;
    walk->watch[walk->watches++] = (struct watch){linear, bytes, reads};
    walk->touched = false;
    lib_tlb_watch_page(cpu, linear);
    lib_tlb_watch_page(cpu, linear + bytes - 1);
    return true;
}

/* Pages keep their flag: it costs time alone. */
void cpu_watch_clear(struct cpu *cpu, uint32_t linear)
{
    struct walk *walk = &cpu->walk;

    for (unsigned i = 0; i < walk->watches; i++)
        if (walk->watch[i].linear == linear) {
            walk->watch[i] = walk->watch[--walk->watches];
            return;
        }
}

uint32_t cpu_watch_hit(const struct cpu *cpu, bool *written)
{
    *written = cpu->walk.touched_written;
    return cpu->walk.touched_at;
}
