/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * refusal.c - the sentence that a processor stops with
 *
 * Of what is not simulated, when ring 0 asks for it, and of a triple fault; with the registers.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"

static const char *const signs[VECTORS_OF_ARCHITECTURE] = {
#define VECTOR(mnemonic, number, code, sign, name) [number] = sign,
    ARCHITECTURE_VECTORS(VECTOR)
#undef VECTOR
};

static void append_registers(struct cpu *cpu)
{
    size_t used = strlen(cpu->refusal);
    struct cpu_registers r;

    cpu_registers(cpu, &r);
    snprintf(cpu->refusal + used, sizeof(cpu->refusal) - used,
             "\nprocessor %u, ring %u, clock %llu"
             "\neax %08x ebx %08x ecx %08x edx %08x\nesi %08x edi %08x ebp %08x esp %08x"
             "\neip %08x eflags %08x cs %04x ss %04x ds %04x es %04x fs %04x gs %04x"
             "\ncr0 %08x cr2 %08x cr3 %08x cr4 %08x tr %04x gdt %08x idt %08x",
             cpu->index, r.ring, (unsigned long long)cpu_clock(cpu), r.gpr[EAX], r.gpr[EBX],
             r.gpr[ECX], r.gpr[EDX], r.gpr[ESI], r.gpr[EDI], r.gpr[EBP], r.gpr[ESP], r.eip,
             r.eflags, r.selector[SEG_CS], r.selector[SEG_SS], r.selector[SEG_DS],
             r.selector[SEG_ES], r.selector[SEG_FS], r.selector[SEG_GS], r.cr0, r.cr2, r.cr3, r.cr4,
             r.tr, r.gdt_base, r.idt_base);
}

void cpu_refuse(struct cpu *cpu, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(cpu->refusal, sizeof(cpu->refusal), format, arguments);
    va_end(arguments);
    append_registers(cpu);
    cpu->refused = true;
}

void cpu_shut_down(struct cpu *cpu)
{
    unsigned vector = cpu->first_fault.vector;
    const char *sign =
        vector < VECTORS_OF_ARCHITECTURE && signs[vector] ? signs[vector] : "exception";

    snprintf(cpu->refusal, sizeof(cpu->refusal),
             "triple fault: %s (vector %u) with error code 0x%x at eip %08x, address %08x, and "
             "neither it nor the double fault after it could be delivered",
             sign, vector, cpu->first_fault.error_code, cpu->first_fault.eip,
             cpu->first_fault.address);
    append_registers(cpu);
    cpu->shutdown = true;
}

const char *cpu_refusal(const struct cpu *cpu)
{
    return cpu->refusal;
}
