/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * registers.c - registers as a tool reads and writes them, while no run is under way
 *
 * A write does at once what an instruction of ring 0 would do, but takes no time, is not counted
 * and raises nothing: what the architecture refuses is refused with false, and nothing has changed.
 * It sets aside what is left of a block that has begun, for the code that follows is another. Rings
 * change through gates alone, so a selector of CS or SS must be of the ring that runs.
 */
#include <string.h>

#include "cpu/engine/engine_calls.h"
#include "cpu/engine/unicorn.h"
#include "cpu/walk.h"
#include "cpu/x86/descriptor.h"
#include "cpu/x86/mmu.h"

void cpu_registers(const struct cpu *cpu, struct cpu_registers *out)
{
    const uint64_t *cr = lib_cr(cpu);

    memset(out, 0, sizeof(*out));
    for (unsigned i = 0; i < 8; i++)
        out->gpr[i] = (uint32_t)lib_gpr(cpu)[i];
    out->eip = (uint32_t)*lib_eip(cpu);
    out->eflags = lib_eflags(cpu);
    for (enum segment_register s = SEG_ES; s < SEG_COUNT; s++) {
        out->selector[s] = (uint16_t)lib_segment(cpu, s)->selector;
        out->base[s] = (uint32_t)lib_segment(cpu, s)->base;
    }
    out->ldt = (uint16_t)lib_ldt(cpu)->selector;
    out->tr = (uint16_t)lib_tr(cpu)->selector;
    out->gdt_base = (uint32_t)lib_gdt(cpu)->base;
    out->gdt_limit = (uint16_t)lib_gdt(cpu)->limit;
    out->idt_base = (uint32_t)lib_idt(cpu)->base;
    out->idt_limit = (uint16_t)lib_idt(cpu)->limit;
    out->cr0 = (uint32_t)cr[0];
    out->cr2 = (uint32_t)cr[2];
    out->cr3 = (uint32_t)cr[3];
    out->cr4 = (uint32_t)cr[4];
    out->ring = (uint8_t)lib_ring(cpu);
}

/* ---- writing -------------------------------------------------------------------------------- */

void cpu_write_general(struct cpu *cpu, unsigned number, uint32_t value)
{
    lib_gpr(cpu)[number & 7] = value;
}

void cpu_write_eip(struct cpu *cpu, uint32_t value)
{
    walk_abandon(cpu);
    cpu->walk.passing = false;
    *lib_eip(cpu) = value;
}

bool cpu_write_eflags(struct cpu *cpu, uint32_t value)
{
    const uint32_t known = EFLAGS_ARITHMETIC | EFLAGS_TF | EFLAGS_IF | EFLAGS_DF | EFLAGS_IOPL |
                           EFLAGS_NT | EFLAGS_RF | EFLAGS_AC | EFLAGS_ID;

    if (value & ~(known | EFLAGS_FIXED))
        return false;
    walk_abandon(cpu);
    lib_set_eflags(cpu, value | EFLAGS_FIXED);
    masked_update(cpu, false);
    cpu_update_limit(cpu);
    return true;
}

/* Reads the descriptor without charge, in memory as it stands. */
static bool peek_descriptor(const struct cpu *cpu, uint16_t selector, struct descriptor *out)
{
    const struct lib_segment *table = selector & 4 ? lib_ldt(cpu) : lib_gdt(cpu);
    uint32_t offset = selector & ~7u, physical;
    uint8_t bytes[8];

    if (offset + 7 > table->limit || ((selector & 4) && !(table->selector & ~3u)))
        return false;
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        if (!cpu_translate(cpu, (uint32_t)table->base + offset + i, &physical) ||
            physical >= cpu->engine->config.ram_bytes)
            return false;
        bytes[i] = cpu->engine->config.ram[physical];
    }
    memcpy(&out->low, bytes, 4);
    memcpy(&out->high, bytes + 4, 4);
    return true;
}

bool cpu_write_segment(struct cpu *cpu, unsigned number, uint16_t selector)
{
    enum segment_register name = (enum segment_register)number;
    bool code_or_stack = name == SEG_CS || name == SEG_SS;
    struct descriptor d = {0, 0};

    if (number >= SEG_COUNT)
        return false;
    if (!(lib_cr(cpu)[0] & CR0_PE)) {
        struct lib_segment *s = lib_segment(cpu, name);

        walk_abandon(cpu);
        s->selector = selector;
        s->base = (uint32_t)selector << 4;
        return true;
    }
    if (selector & ~3u) {
        if (!peek_descriptor(cpu, selector, &d) ||
            !descriptor_suits(name, selector, d, lib_ring(cpu)))
            return false;
    } else if (code_or_stack) {
        return false;
    }
    walk_abandon(cpu);
    lib_load_segment(cpu, name, selector, descriptor_base(d), descriptor_limit(d), d.high);
    return true;
}

bool cpu_write_control(struct cpu *cpu, unsigned number, uint32_t value)
{
    if (number != 0 && number != 2 && number != 3 && number != 4)
        return false;
    if (!control_allows_cr(cpu, number, value))
        return false;
    walk_abandon(cpu);
    control_set_cr(cpu, number, value);
    return true;
}
