/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deliver.c - through the gates: exceptions, interrupts, and the ways back
 *
 * Rules (SDM vol. 3, 6.12 and 6.13)
 *   - The vector selects a gate in the IDT. An int n needs the gate's DPL to be at least the ring;
 *     hardware does not. What is wrong with a gate is a #GP or #NP whose error code is the
 *     vector's, with bit 1 set; what is wrong with the code segment behind it, its selector's. Bit
 *     0 (EXT) is set when no instruction of the program asked for the delivery.
 *   - The target ring is the code segment's DPL (conforming segments keep the ring). Never outward.
 *     Inward, the TSS gives the new stack; a stack that does not suit the ring is a #TS.
 *   - Pushed: SS and ESP if the ring changes, EFLAGS, CS, EIP, and the error code of those
 *     exceptions that have one. EIP is that of the instruction for faults, of the next for traps
 *     and int n. Interrupt gates clear IF; all clear TF, NT, VM.
 *   - A fault during delivery takes the place of the first: nothing of the processor has changed
 *     before the last push succeeded. Which pairs become a double fault, and that a third fault
 *     shuts the processor down, the library keeps track of.
 *
 * The library would deliver by itself when told to; we do it ourselves because its error codes lack
 * EXT, it reports the wrong EIP when an int n faults, and every access must pass the timing model.
 * It carries out iret, far calls and far returns; the hooks report here when one is done.
 *
 * Differences from real hardware: EFLAGS.RF is never pushed set (no instruction breakpoints exist
 * that it could suppress), segment limits are checked only where this file says so, delivery in
 * virtual-8086 mode stops the run. Task gates: task.c.
 */
#include "cpu/x86/descriptor.h"
#include "cpu/x86/mmu.h"
#include "cpu/engine/unicorn.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"
#include "cpu/walk.h"

enum {
    GATE_TASK = 5,
    GATE_INTERRUPT_16 = 6,
    GATE_TRAP_16 = 7,
    GATE_INTERRUPT_32 = 14,
    GATE_TRAP_32 = 15
};

bool descriptor_read(struct cpu *cpu, uint16_t selector, struct descriptor *out)
{
    const struct lib_segment *table = selector & 4 ? lib_ldt(cpu) : lib_gdt(cpu);
    uint32_t offset = selector & ~7u;

    if (offset + 7 > table->limit || ((selector & 4) && !(table->selector & ~3u)))
        return false;
    out->low = lib_read32(cpu, ACCESS_RING0, (uint32_t)table->base + offset);
    out->high = lib_read32(cpu, ACCESS_RING0, (uint32_t)table->base + offset + 4);
    return true;
}

bool descriptor_suits(unsigned name, uint16_t selector, struct descriptor d, unsigned ring)
{
    bool code = d.high & DESCRIPTOR_CODE;

    if (!(d.high & DESCRIPTOR_SEGMENT) || !(d.high & DESCRIPTOR_PRESENT))
        return false;
    if (name == SEG_CS)
        return code && (d.high & DESCRIPTOR_CONFORMING ? descriptor_dpl(d) <= ring
                                                       : descriptor_dpl(d) == ring);
    if (name == SEG_SS)
        return !code && (d.high & DESCRIPTOR_WRITABLE) && descriptor_dpl(d) == ring &&
               (selector & 3) == ring;
    if (code)
        return d.high & DESCRIPTOR_WRITABLE; /* the same bit: code that can be read */
    return descriptor_dpl(d) >= ring && descriptor_dpl(d) >= (selector & 3u);
}

static bool has_error_code(unsigned vector)
{
#define VECTOR(mnemonic, number, code, sign, name) | UINT32_C(code) << (number)
    const uint32_t with_code = 0 ARCHITECTURE_VECTORS(VECTOR);
#undef VECTOR

    return vector < VECTORS_OF_ARCHITECTURE && with_code >> vector & 1;
}

/* ---- crossings ------------------------------------------------------------------------------- */

static enum access_mode stack_mode(unsigned ring)
{
    return ring == 0 ? ACCESS_RING0 : ring == 3 ? ACCESS_RING3 : ACCESS_RING12;
}

/* Counts and charges a crossing to the ring it began in, then moves on to the new ring. */
static void crossed(struct cpu *cpu, const struct cpu_crossing *crossing)
{
    struct cpu_engine *engine = cpu->engine;

    meter_count(&cpu->meter, (enum cpu_event)(CPU_cross_0_0 + 4 * crossing->from + crossing->to),
                1);
    meter_charge(&cpu->meter, CPU_cycles_crossing,
                 timing_crossing(cpu->meter.costs, crossing->kind, crossing->from, crossing->to));
    if (crossing->from != crossing->to)
        cpu_ring_changed(cpu);
    masked_update(cpu, false);
    if (crossing->to != 0)
        masked_count(cpu);
    if (engine->config.bus.crossed)
        engine->config.bus.crossed(engine->config.bus.machine, cpu->index, crossing);
    cpu_update_limit(cpu); /* IF may have been set or cleared */
}

void deliver_far_done(struct cpu *cpu, enum cpu_gate_kind kind, unsigned from, uint32_t eip)
{
    struct cpu_crossing crossing = {.kind = kind,
                                    .from = (uint8_t)from,
                                    .to = (uint8_t)lib_ring(cpu),
                                    .eax = (uint32_t)lib_gpr(cpu)[EAX],
                                    .eip = eip};

    crossed(cpu, &crossing);
}

/* ---- delivery -------------------------------------------------------------------------------- */

struct stack {
    struct cpu *cpu;
    enum access_mode mode;
    uint32_t base, mask, pointer;
    bool words; /* 16-bit pushes */
};

static void push(struct stack *stack, uint32_t value)
{
    stack->pointer -= stack->words ? 2 : 4;
    uint32_t at = stack->base + (stack->pointer & stack->mask);

    if (stack->words)
        lib_write16(stack->cpu, stack->mode, at, (uint16_t)value);
    else
        lib_write32(stack->cpu, stack->mode, at, value);
}

static uint32_t stack_mask(uint32_t flags)
{
    return flags & DESCRIPTOR_BIG ? 0xffffffff : 0xffff;
}

struct delivery {
    unsigned vector;
    enum cpu_gate_kind kind;
    bool pushes_code;
    uint32_t error_code, return_eip;
    unsigned ext;
};

static void deliver_real_mode(struct cpu *cpu, const struct delivery *d)
{
    const struct lib_segment *ss = lib_segment(cpu, SEG_SS);
    struct stack stack = {.cpu = cpu,
                          .mode = ACCESS_RING0,
                          .base = (uint32_t)ss->base,
                          .mask = 0xffff,
                          .pointer = (uint32_t)lib_gpr(cpu)[ESP],
                          .words = true};
    struct lib_segment *cs = lib_segment(cpu, SEG_CS);

    if (d->vector * 4 + 3 > lib_idt(cpu)->limit)
        lib_raise(cpu, VECTOR_GP, 0);
    uint32_t target = lib_read32(cpu, ACCESS_RING0, (uint32_t)lib_idt(cpu)->base + d->vector * 4);

    push(&stack, lib_eflags(cpu));
    push(&stack, cs->selector);
    push(&stack, d->return_eip);
    lib_gpr(cpu)[ESP] = (lib_gpr(cpu)[ESP] & ~UINT64_C(0xffff)) | (stack.pointer & 0xffff);
    cs->selector = target >> 16;
    cs->base = target >> 16 << 4;
    *lib_eip(cpu) = target & 0xffff;
    *lib_raw_eflags(cpu) &= ~(EFLAGS_IF | EFLAGS_TF | EFLAGS_RF);
}

/* The gate of the vector, checked. */
static struct descriptor read_gate(struct cpu *cpu, const struct delivery *d)
{
    uint32_t code = d->vector * 8 + 2 + d->ext;
    uint32_t at = (uint32_t)lib_idt(cpu)->base + d->vector * 8;
    struct descriptor gate;

    if (d->vector * 8 + 7 > lib_idt(cpu)->limit)
        lib_raise(cpu, VECTOR_GP, code);
    gate.low = lib_read32(cpu, ACCESS_RING0, at);
    gate.high = lib_read32(cpu, ACCESS_RING0, at + 4);
    switch (gate.high >> 8 & 0x1f) {
    case GATE_TASK:
    case GATE_INTERRUPT_16:
    case GATE_TRAP_16:
    case GATE_INTERRUPT_32:
    case GATE_TRAP_32:
        break;
    default:
        lib_raise(cpu, VECTOR_GP, code);
    }
    if (d->kind == CPU_GATE_SOFTWARE && descriptor_dpl(gate) < lib_ring(cpu))
        lib_raise(cpu, VECTOR_GP, code);
    if (!(gate.high & DESCRIPTOR_PRESENT))
        lib_raise(cpu, VECTOR_NP, code);
    return gate;
}

static struct descriptor read_target(struct cpu *cpu, uint16_t selector, unsigned ext)
{
    uint32_t code = (selector & ~3u) | ext;
    struct descriptor target;

    if (!(selector & ~3u))
        lib_raise(cpu, VECTOR_GP, ext);
    if (!descriptor_read(cpu, selector, &target) || !(target.high & DESCRIPTOR_SEGMENT) ||
        !(target.high & DESCRIPTOR_CODE) || descriptor_dpl(target) > lib_ring(cpu))
        lib_raise(cpu, VECTOR_GP, code);
    if (!(target.high & DESCRIPTOR_PRESENT))
        lib_raise(cpu, VECTOR_NP, code);
    return target;
}

/* The stack that the TSS names for an inner ring, checked. */
static struct descriptor read_stack(struct cpu *cpu, unsigned ring, unsigned ext,
                                    uint16_t *selector, uint32_t *pointer)
{
    const struct lib_segment *tss = lib_tr(cpu);
    bool wide = tss->flags & (8 << 8); /* 32-bit TSS */
    uint32_t at = wide ? 4 + 8 * ring : 2 + 4 * ring;
    struct descriptor stack;

    if (at + (wide ? 5 : 3) > tss->limit || !(tss->flags & DESCRIPTOR_PRESENT))
        lib_raise(cpu, VECTOR_TS, (tss->selector & ~3u) | ext);
    at += (uint32_t)tss->base;
    *pointer = wide ? lib_read32(cpu, ACCESS_RING0, at) : lib_read16(cpu, ACCESS_RING0, at);
    *selector = lib_read16(cpu, ACCESS_RING0, at + (wide ? 4 : 2));

    uint32_t code = (*selector & ~3u) | ext;

    if (!(*selector & ~3u))
        lib_raise(cpu, VECTOR_TS, ext);
    if ((*selector & 3) != ring || !descriptor_read(cpu, *selector, &stack) ||
        descriptor_dpl(stack) != ring || !(stack.high & DESCRIPTOR_SEGMENT) ||
        (stack.high & DESCRIPTOR_CODE) || !(stack.high & DESCRIPTOR_WRITABLE))
        lib_raise(cpu, VECTOR_TS, code);
    if (!(stack.high & DESCRIPTOR_PRESENT))
        lib_raise(cpu, VECTOR_SS, code);
    return stack;
}

/* The new task's stack is that of its TSS; a 32-bit task takes the error code on it. */
static void deliver_to_task(struct cpu *cpu, const struct delivery *d, uint16_t selector)
{
    const struct lib_segment *ss = lib_segment(cpu, SEG_SS);
    struct stack stack = {.cpu = cpu};

    task_enter(cpu, selector, d->ext, d->return_eip);
    if (!d->pushes_code)
        return;
    stack.mode = stack_mode(lib_ring(cpu));
    stack.base = (uint32_t)ss->base;
    stack.mask = stack_mask(ss->flags);
    stack.pointer = (uint32_t)lib_gpr(cpu)[ESP];
    push(&stack, d->error_code);
    lib_gpr(cpu)[ESP] = stack.pointer;
}

static void deliver_through(struct cpu *cpu, const struct delivery *d, struct descriptor gate)
{
    uint16_t selector = (uint16_t)(gate.low >> 16);
    unsigned type = gate.high >> 8 & 0x1f;
    uint32_t offset = (gate.low & 0xffff) | (type & 8 ? gate.high & 0xffff0000 : 0);
    struct descriptor target = read_target(cpu, selector, d->ext);
    unsigned from = lib_ring(cpu);
    unsigned to = target.high & DESCRIPTOR_CONFORMING ? from : descriptor_dpl(target);
    const struct lib_segment *ss = lib_segment(cpu, SEG_SS);
    struct stack stack = {.cpu = cpu,
                          .mode = stack_mode(to),
                          .base = (uint32_t)ss->base,
                          .mask = stack_mask(ss->flags),
                          .pointer = (uint32_t)lib_gpr(cpu)[ESP],
                          .words = !(type & 8)};
    struct descriptor stack_segment = {0, 0};
    uint16_t stack_selector = 0;

    if (offset > descriptor_limit(target))
        lib_raise(cpu, VECTOR_GP, d->ext);
    if (to != from) {
        stack_segment = read_stack(cpu, to, d->ext, &stack_selector, &stack.pointer);
        stack.base = descriptor_base(stack_segment);
        stack.mask = stack_mask(stack_segment.high);
        push(&stack, ss->selector);
        push(&stack, (uint32_t)lib_gpr(cpu)[ESP]);
    }
    push(&stack, lib_eflags(cpu));
    push(&stack, lib_segment(cpu, SEG_CS)->selector);
    push(&stack, d->return_eip);
    if (d->pushes_code)
        push(&stack, d->error_code);

    /* Nothing fails from here on. */
    if (to != from)
        lib_load_segment(cpu, SEG_SS, stack_selector, stack.base, descriptor_limit(stack_segment),
                         stack_segment.high);
    lib_load_segment(cpu, SEG_CS, (uint16_t)((selector & ~3u) | to), descriptor_base(target),
                     descriptor_limit(target), target.high);
    lib_gpr(cpu)[ESP] = (stack.pointer & stack.mask) | ((uint32_t)lib_gpr(cpu)[ESP] & ~stack.mask);
    *lib_eip(cpu) = offset;
    *lib_raw_eflags(cpu) &=
        ~(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF | EFLAGS_VM | (type & 1 ? 0 : EFLAGS_IF));
}

static void deliver_protected(struct cpu *cpu, const struct delivery *d)
{
    struct descriptor gate = read_gate(cpu, d);

    if ((gate.high >> 8 & 0x1f) == GATE_TASK)
        deliver_to_task(cpu, d, (uint16_t)(gate.low >> 16));
    else
        deliver_through(cpu, d, gate);
}

/*
 * A handler whose first instruction faults with the same handler costs nothing where crossings are
 * free, and if its stack never ends nor would the run. So the second of such exceptions takes a
 * cycle.
 */
static void let_time_pass(struct cpu *cpu, const struct delivery *d)
{
    if (d->kind != CPU_GATE_EXCEPTION)
        return;
    *lib_clock(cpu) += *lib_clock(cpu) == cpu->last_exception;
    cpu->last_exception = *lib_clock(cpu);
}

static void deliver(struct cpu *cpu, const struct delivery *d)
{
    struct cpu_crossing crossing = {.kind = d->kind,
                                    .from = (uint8_t)lib_ring(cpu),
                                    .vector = (uint8_t)d->vector,
                                    .eax = (uint32_t)lib_gpr(cpu)[EAX],
                                    .error_code = d->error_code,
                                    .eip = d->return_eip,
                                    .address = (uint32_t)lib_cr(cpu)[2]};
    static const enum cpu_event counted[] = {[CPU_GATE_EXCEPTION] = CPU_exceptions,
                                             [CPU_GATE_SOFTWARE] = CPU_software_interrupts,
                                             [CPU_GATE_INTERRUPT] = CPU_interrupts};

    if (*lib_raw_eflags(cpu) & EFLAGS_VM) {
        cpu_refuse(cpu, "virtual-8086 mode is not simulated");
        lib_abandon(cpu);
    }
    walk_abandon(cpu); /* a page of a block that is walked through has gone */
    cpu->delivering = true;
    if (lib_cr(cpu)[0] & CR0_PE)
        deliver_protected(cpu, d);
    else
        deliver_real_mode(cpu, d);
    cpu->delivering = false;

    *lib_old_exception(cpu) = -1;
    let_time_pass(cpu, d);
    crossing.to = (uint8_t)lib_ring(cpu);
    cpu->delivered[crossing.from][d->vector]++;
    meter_count(&cpu->meter, counted[d->kind], 1);
    if (d->kind == CPU_GATE_EXCEPTION && d->vector == VECTOR_PF)
        meter_count(&cpu->meter, CPU_page_faults, 1);
    crossed(cpu, &crossing);
}

void deliver_pending(struct cpu *cpu, unsigned vector)
{
    struct delivery d = {.vector = vector, .return_eip = (uint32_t)*lib_eip(cpu)};

    if (*lib_exception_is_int(cpu)) {
        /* A fault in the delivery belongs to the instruction. */
        d.kind = CPU_GATE_SOFTWARE;
        d.return_eip = cpu->software_return;
        *lib_exception_is_int(cpu) = 0;
        *lib_eip(cpu) = cpu->software_eip;
    } else {
        d.kind = CPU_GATE_EXCEPTION;
        d.ext = 1;
        d.pushes_code = has_error_code(vector) && (lib_cr(cpu)[0] & CR0_PE);
        d.error_code = *lib_error_code(cpu);
        if (!cpu->delivering) {
            cpu->first_fault.vector = vector;
            cpu->first_fault.error_code = d.error_code;
            cpu->first_fault.eip = d.return_eip;
            cpu->first_fault.address = (uint32_t)lib_cr(cpu)[2];
        }
    }
    deliver(cpu, &d);
}

bool deliver_interrupt(struct cpu *cpu)
{
    const struct cpu_bus *bus = &cpu->engine->config.bus;
    int vector = bus->acknowledge(bus->machine, cpu->index);

    if (vector < 0) {
        cpu->interrupt = false;
        cpu_update_limit(cpu);
        return false;
    }
    struct delivery d = {.vector = (unsigned)vector,
                         .kind = CPU_GATE_INTERRUPT,
                         .ext = 1,
                         .return_eip = (uint32_t)*lib_eip(cpu)};

    deliver(cpu, &d);
    return true;
}

/* ---- the fast system call gates -------------------------------------------------------------- */

static void flat(struct cpu *cpu, enum segment_register segment, uint32_t selector, unsigned ring)
{
    uint32_t type = segment == SEG_CS ? DESCRIPTOR_CODE : 0;

    lib_load_segment(cpu, segment, (uint16_t)((selector & ~3u) | ring), 0, 0xffffffff,
                     DESCRIPTOR_PAGES | DESCRIPTOR_BIG | DESCRIPTOR_PRESENT | DESCRIPTOR_SEGMENT |
                         DESCRIPTOR_WRITABLE | DESCRIPTOR_ACCESSED | type | ring << 13 | 0xf0000);
}

void deliver_sysenter(struct cpu *cpu)
{
    uint32_t selector = *lib_sysenter_cs(cpu), eip = (uint32_t)*lib_eip(cpu);
    unsigned from = lib_ring(cpu);

    if (!(selector & ~3u))
        lib_raise(cpu, VECTOR_GP, 0);
    *lib_raw_eflags(cpu) &= ~(EFLAGS_VM | EFLAGS_IF | EFLAGS_RF);
    flat(cpu, SEG_SS, selector + 8, 0);
    flat(cpu, SEG_CS, selector, 0);
    lib_gpr(cpu)[ESP] = (uint32_t)*lib_sysenter_esp(cpu);
    *lib_eip(cpu) = (uint32_t)*lib_sysenter_eip(cpu);
    deliver_far_done(cpu, CPU_GATE_SYSENTER, from, eip);
}

void deliver_sysexit(struct cpu *cpu)
{
    uint32_t selector = *lib_sysenter_cs(cpu), eip = (uint32_t)*lib_eip(cpu);

    if (!(selector & ~3u) || lib_ring(cpu) != 0)
        lib_raise(cpu, VECTOR_GP, 0);
    flat(cpu, SEG_SS, selector + 24, 3);
    flat(cpu, SEG_CS, selector + 16, 3);
    lib_gpr(cpu)[ESP] = (uint32_t)lib_gpr(cpu)[ECX];
    *lib_eip(cpu) = (uint32_t)lib_gpr(cpu)[EDX];
    deliver_far_done(cpu, CPU_GATE_SYSEXIT, 0, eip);
}
