/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * breakpoint.c - debug registers
 *
 * Rules (SDM vol. 3, 17.2)
 *   - DR0-DR3 hold linear addresses; DR7 enables each (locally or globally, which is the same here)
 *     for execution, writes, or reads and writes, of 1, 2 or 4 bytes.
 *   - A breakpoint on execution is a fault: #DB before the instruction, unless EFLAGS.RF is set.
 *     One on data is a trap: #DB after the instruction, with all that it touched in DR6.
 *   - A load of SS holds such a trap back until the instruction after it is done, or has faulted:
 *     then it meets the first instruction of the handler (vol. 3, 6.8.3).
 *   - DR6 keeps what happened until software clears it.
 *
 * While any is enabled the processor enters every block by the slow path, and blocks of more than
 * one instruction are replaced by ones of a single instruction. So execution is compared at each
 * instruction, and data that was hit is reported before the next. Pages that hold a watched address
 * carry a flag in the software TLB, which leads accesses to breakpoint_accessed().
 *
 * An unaligned read of a watched page may count a byte beside it as touched: the engine reads the
 * aligned words around it. Breakpoints on ports and DR7.GD are not simulated.
 */
#include "cpu/x86/mmu.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"
#include "cpu/walk.h"

enum { BREAKPOINTS = 4 };
enum { ON_EXECUTION = 0, ON_WRITE = 1, ON_PORT = 2, ON_ACCESS = 3 };

#define DR6_FIXED 0xffff0ff0u
#define DR6_HITS  0xfu
#define DR6_KEPT  0xe00fu /* BT, BS, BD and the hits */
#define DR7_FIXED 0x400u
#define DR7_GD    0x2000u

static bool enabled(uint64_t dr7, unsigned i)
{
    return dr7 >> (2 * i) & 3;
}

static unsigned kind(uint64_t dr7, unsigned i)
{
    return dr7 >> (16 + 4 * i) & 3;
}

static unsigned length(uint64_t dr7, unsigned i)
{
    return (dr7 >> (18 + 4 * i) & 3) + 1;
}

/* Breakpoints on data are aligned to their length. */
static uint32_t first_byte(const uint64_t *dr, unsigned i)
{
    return (uint32_t)dr[i] & ~(length(dr[7], i) - 1);
}

static bool on_data(uint64_t dr7, unsigned i)
{
    return enabled(dr7, i) && (kind(dr7, i) == ON_WRITE || kind(dr7, i) == ON_ACCESS);
}

static void note_enabled(struct cpu *cpu)
{
    cpu->breakpoints = false;
    for (unsigned i = 0; i < BREAKPOINTS; i++)
        cpu->breakpoints = cpu->breakpoints || enabled(lib_dr(cpu)[7], i);
}

static void set_dr7(struct cpu *cpu, uint32_t value)
{
    uint64_t *dr = lib_dr(cpu);

    for (unsigned i = 0; i < BREAKPOINTS; i++)
        if (enabled(value, i) && kind(value, i) == ON_PORT && (lib_cr(cpu)[4] & CR4_DE)) {
            cpu_refuse(cpu, "DR7 is set to 0x%x: breakpoints on ports are not simulated", value);
            lib_abandon(cpu);
        }
    if (value & DR7_GD) {
        cpu_refuse(cpu, "DR7 is set to 0x%x: general detection is not simulated", value);
        lib_abandon(cpu);
    }
    dr[7] = value | DR7_FIXED;
    note_enabled(cpu);
}

void breakpoint_loaded(struct cpu *cpu)
{
    note_enabled(cpu);
}

void breakpoint_write(struct cpu *cpu, unsigned number, uint32_t value)
{
    if (number == 4 || number == 5) {
        if (lib_cr(cpu)[4] & CR4_DE)
            lib_raise(cpu, VECTOR_UD, 0);
        number += 2;
    }
    if (number == 6)
        lib_dr(cpu)[6] = (value & DR6_KEPT) | DR6_FIXED;
    else if (number == 7)
        set_dr7(cpu, value);
    else
        lib_dr(cpu)[number] = value;
    if (number != 6 && cpu->breakpoints)
        lib_tlb_flush(cpu); /* other pages carry the flag now */
    cpu_update_limit(cpu);
}

void breakpoint_reset(struct cpu *cpu)
{
    cpu->breakpoints = false;
    cpu->watch_hits = 0;
}

bool breakpoint_watches_page(const struct cpu *cpu, uint32_t linear)
{
    const uint64_t *dr = lib_dr(cpu);

    if (walk_watches_page(cpu, linear))
        return true;
    if (cpu->breakpoints)
        for (unsigned i = 0; i < BREAKPOINTS; i++)
            if (on_data(dr[7], i) && (dr[i] ^ linear) >> 12 == 0)
                return true;
    return false;
}

void breakpoint_accessed(struct cpu *cpu, uint32_t linear, unsigned bytes, bool write)
{
    const uint64_t *dr = lib_dr(cpu);

    walk_accessed(cpu, linear, bytes, write);
    for (unsigned i = 0; i < BREAKPOINTS; i++)
        if (on_data(dr[7], i) && (write || kind(dr[7], i) == ON_ACCESS) &&
            first_byte(dr, i) < linear + bytes && linear < first_byte(dr, i) + length(dr[7], i))
            cpu->watch_hits |= (uint8_t)(1u << i);
}

static _Noreturn void trap(struct cpu *cpu, uint32_t pc, unsigned hits)
{
    uint64_t *dr6 = &lib_dr(cpu)[6];

    *dr6 = (*dr6 & ~(uint64_t)DR6_HITS) | hits;
    *lib_eip(cpu) = pc - (uint32_t)lib_segment(cpu, SEG_CS)->base;
    lib_raise(cpu, VECTOR_DB, 0);
}

void breakpoint_trap_data(struct cpu *cpu, uint32_t pc)
{
    unsigned hits = cpu->watch_hits;

    if (!hits || (*lib_hflags(cpu) & HF_INHIBIT_IRQ))
        return;
    cpu->watch_hits = 0;
    trap(cpu, pc, hits);
}

void breakpoint_trap_execution(struct cpu *cpu, uint32_t pc)
{
    const uint64_t *dr = lib_dr(cpu);
    unsigned hits = 0;

    if (!(*lib_raw_eflags(cpu) & EFLAGS_RF))
        for (unsigned i = 0; i < BREAKPOINTS; i++)
            if (enabled(dr[7], i) && kind(dr[7], i) == ON_EXECUTION && dr[i] == pc)
                hits |= 1u << i;
    if (hits)
        trap(cpu, pc, hits);
}

bool breakpoint_may_run(struct cpu *cpu, const struct block *block)
{
    breakpoint_trap_execution(cpu, block->pc);
    if (block->instructions > 1) {
        lib_single(cpu);
        return false;
    }
    return true;
}
