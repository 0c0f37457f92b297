/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.c - crossings in words: hypercalls and system calls by name, with their arguments
 *
 * Hypercalls have the registers EBX, ECX, EDX, ESI, EDI (public interface, x86_32), system calls
 * the same and EBP. Of a hypercall the argument that says most is shown with its meaning; names of
 * system calls are those of the kernel's headers (asm/unistd_32.h), from which a table is made.
 */
#include "sim/inspect/inspect.h"

#include <stdio.h>
#include <string.h>

enum { EBX_ = 3, ECX_ = 1, EDX_ = 2 }; /* places in cpu_registers.gpr */

static const char *const hypercalls[HYPERCALL_MAX] = {
#define HYPERCALL(number, name, arguments, function) [number] = #name,
#define ABSENT(number, name)                         [number] = #name,
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
};

enum { SYSCALLS = 512 };

static const char *const syscalls[SYSCALLS] = {
#define SYSCALL(number, name) [number] = #name,
#include "sim/inspect/syscalls.def"
#undef SYSCALL
};

const char *inspect_hypercall_name(uint32_t number)
{
    return number < HYPERCALL_MAX ? hypercalls[number] : NULL;
}

const char *inspect_syscall_name(uint32_t number)
{
    return number < SYSCALLS ? syscalls[number] : NULL;
}

static uint64_t number_of(const char *const *names, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (names[i] && !strcmp(names[i], name))
            return i;
    return INSPECT_ANY;
}

uint64_t inspect_hypercall_number(const char *name)
{
    return number_of(hypercalls, HYPERCALL_MAX, name);
}

uint64_t inspect_syscall_number(const char *name)
{
    return number_of(syscalls, SYSCALLS, name);
}

/* ---- hypercalls ------------------------------------------------------------------------------ */

/* What a register of a hypercall says, as a format for it; the rows of a name are joined. */
static const struct meaning {
    const char *name, *format;
    unsigned gpr;
} meanings[] = {
    {"mmu_update", ", %u updates", ECX_},
    {"mmuext_op", ", %u operations", ECX_},
    {"multicall", ", %u calls", ECX_},
    {"update_va_mapping", ", address 0x%08x", EBX_},
    {"update_va_mapping", ", entry 0x%08x", ECX_},
    {"stack_switch", ", stack 0x%08x", ECX_},
    {"set_callbacks", ", events to 0x%08x", ECX_},
    {"console_io", ", %u bytes", ECX_},
    {"sched_op", ", operation %u", EBX_},
    {"event_channel_op", ", operation %u", EBX_},
    {"memory_op", ", operation %u", EBX_},
    {"grant_table_op", ", operation %u", EBX_},
    {"vcpu_op", ", operation %u", EBX_},
    {"callback_op", ", operation %u", EBX_},
    {"xen_version", ", operation %u", EBX_},
    {"physdev_op", ", operation %u", EBX_},
    {"vm_assist", ", operation %u", EBX_},
    {"fpu_taskswitch", ", set %u", EBX_},
};

static void say_hypercall(uint32_t number, const struct cpu_registers *r, char *text, size_t bytes)
{
    const char *name = inspect_hypercall_name(number);
    size_t used;

    if (!name) {
        snprintf(text, bytes, "hypercall %u, which has no name", number);
        return;
    }
    used = (size_t)snprintf(text, bytes, "hypercall %s", name);
    for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
        if (!strcmp(meanings[i].name, name) && used < bytes)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            used += (size_t)snprintf(text + used, bytes - used, meanings[i].format,
                                     r->gpr[meanings[i].gpr]);
#pragma GCC diagnostic pop
}

static void say_syscall(uint32_t number, const struct cpu_registers *r, char *text, size_t bytes)
{
    const char *name = inspect_syscall_name(number);
    char digits[16];

    snprintf(digits, sizeof(digits), "%u", number);
    snprintf(text, bytes, "system call %s(0x%x, 0x%x, 0x%x, ...)", name ? name : digits,
             r->gpr[EBX_], r->gpr[ECX_], r->gpr[EDX_]);
}

/* ---- crossings ------------------------------------------------------------------------------- */

static const char *const exceptions[32] = {"divide error",
                                           "debug",
                                           "NMI",
                                           "breakpoint",
                                           "overflow",
                                           "bound",
                                           "invalid opcode",
                                           "no FPU",
                                           "double fault",
                                           "segment overrun",
                                           "invalid TSS",
                                           "segment not present",
                                           "stack fault",
                                           "general protection",
                                           "page fault",
                                           NULL,
                                           "x87 error",
                                           "alignment",
                                           "machine check",
                                           "SIMD error"};

static void say_kind(const struct inspect *inspect, const struct cpu_registers *r, char *text,
                     size_t bytes)
{
    const struct cpu_crossing *c = &inspect->crossing;
    const char *exception = c->vector < 32 ? exceptions[c->vector] : NULL;
    uint32_t callback = inspect->callback[inspect->context[inspect->crossing_cpu]];

    switch (c->kind) {
    case CPU_GATE_EXCEPTION:
        if (c->vector == 14)
            snprintf(text, bytes, "page fault at 0x%08x, error 0x%x", c->address, c->error_code);
        else
            snprintf(text, bytes, "exception %u (%s), error 0x%x", c->vector,
                     exception ? exception : "reserved", c->error_code);
        break;
    case CPU_GATE_SOFTWARE:
        if (c->vector == HYPERCALL_VECTOR && c->from && !c->to)
            say_hypercall(c->eax, r, text, bytes);
        else if (c->vector == 0x80 && c->from == 3)
            say_syscall(c->eax, r, text, bytes);
        else
            snprintf(text, bytes, "int 0x%x", c->vector);
        break;
    case CPU_GATE_INTERRUPT:
        snprintf(text, bytes, "interrupt 0x%x", c->vector);
        break;
    case CPU_GATE_IRET:
        snprintf(text, bytes, "%s",
                 callback && r->eip == callback && c->to ? "events are delivered, by iret"
                                                         : "iret");
        break;
    default:
        snprintf(text, bytes, "%s",
                 (const char *[]){[CPU_GATE_FAR_CALL] = "far call",
                                  [CPU_GATE_FAR_RETURN] = "far return",
                                  [CPU_GATE_SYSENTER] = "sysenter",
                                  [CPU_GATE_SYSEXIT] = "sysexit"}[c->kind]);
        break;
    }
}

/* Where a crossing came from. A hypercall through the page of them came from the page's caller,
 * whose return address is on top of the guest's stack. */
static const char *came_from(const struct inspect *inspect, const struct cpu_registers *r,
                             char *text)
{
    const struct cpu_crossing *c = &inspect->crossing;
    uint32_t esp, caller;

    symbols_name(&inspect->symbols, c->from, c->eip, text);
    if (!strncmp(text, "hypercall_page", strlen("hypercall_page")) &&
        inspect_read(inspect, r->base[2] + r->gpr[4] + 12, &esp, sizeof(esp)) &&
        inspect_read(inspect, esp, &caller, sizeof(caller)))
        symbols_name(&inspect->symbols, c->from, caller, text);
    return text;
}

void inspect_describe(const struct inspect *inspect, char *text, size_t bytes)
{
    const struct cpu_crossing *c = &inspect->crossing;
    char kind[INSPECT_ARGUMENTS], from[SYMBOL_BYTES], to[SYMBOL_BYTES], who[64];
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[inspect->crossing_cpu], &r);
    say_kind(inspect, &r, kind, sizeof(kind));
    inspect_context(inspect, inspect->context[inspect->crossing_cpu], who, sizeof(who));
    snprintf(text, bytes, "ring %u to ring %u: %s, from %s to %s, %s", c->from, c->to, kind,
             came_from(inspect, &r, from), symbols_name(&inspect->symbols, c->to, r.eip, to), who);
}
