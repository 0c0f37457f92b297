/* SPDX-License-Identifier: GPL-2.0-only */
/* start.c - a processor's state at reset, and where it begins (SDM vol. 3, 9.1 and 8.4) */
#include "cpu/engine/engine_calls.h"
#include "cpu/engine/unicorn.h"
#include "cpu/walk.h"
#include "cpu/x86/mmu.h"

static void reset(struct cpu *cpu)
{
    walk_abandon(cpu);
    lib_reset(cpu);
    if (cpu->engine->model->flushed)
        cpu->engine->model->flushed(cpu);
    cpu->halted = cpu->waits_for_startup = cpu->interrupt = false;
    cpu->outer_filled = false;
    masked_reset(cpu);
    cpu->last_exception = UINT64_MAX;
    breakpoint_reset(cpu);
    cpu->large_low = UINT32_MAX;
    cpu->large_high = 0;
    cpu->pat = UINT64_C(0x0007040600070406);
    cpu_ring_changed(cpu);
}

void cpu_init(struct cpu *cpu)
{
    reset(cpu);
    cpu->waits_for_startup = true;
}

bool cpu_waits_for_startup(const struct cpu *cpu)
{
    return cpu->waits_for_startup;
}

void cpu_startup(struct cpu *cpu, uint8_t vector)
{
    if (!cpu->waits_for_startup)
        return;
    cpu->waits_for_startup = false;
    lib_load_segment(cpu, SEG_CS, (uint16_t)(vector << 8), (uint32_t)vector << 12, 0xffff,
                     0x00009b00);
    *lib_eip(cpu) = 0;
}

void cpu_start_protected(struct cpu *cpu, uint32_t eip, uint32_t eax, uint32_t ebx)
{
    reset(cpu);
    lib_set_cr0(cpu, CR0_PE | 0x10);
    lib_load_segment(cpu, SEG_CS, 0x08, 0, 0xffffffff, 0x00cf9b00);
    for (enum segment_register s = SEG_ES; s <= SEG_GS; s++)
        if (s != SEG_CS)
            lib_load_segment(cpu, s, 0x10, 0, 0xffffffff, 0x00cf9300);
    lib_gpr(cpu)[EAX] = eax;
    lib_gpr(cpu)[EBX] = ebx;
    *lib_eip(cpu) = eip;
    cpu_ring_changed(cpu);
}

void cpu_outer_limit(struct cpu *cpu, uint32_t address)
{
    cpu->outer_limit = address;
    lib_note_segments(cpu);
    lib_tlb_flush(cpu);
}
