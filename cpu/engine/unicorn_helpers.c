/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_helpers.c - the helpers of instructions that ours stand in for
 *
 * Far transfers are carried out by the library and reported; control registers, MSRs, CPUID, the
 * TSC, ports and what this processor does not have are ours. See unicorn_hooks.c for why each notes
 * its return address.
 */
#include "cpu/engine/unicorn_care.h"
#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/vectors.h"
#include "cpu/engine/engine_calls.h"

static void helper_begin(uintptr_t ra)
{
    lib_cpu->helper.return_address = ra;
}

static void helper_end(void)
{
    lib_cpu->helper.return_address = 0;
}

/* ---- far transfers --------------------------------------------------------------------------- */

static enum access_mode own_mode(unsigned ring)
{
    return ring == 0 ? ACCESS_RING0 : ring == 3 ? ACCESS_RING3 : ACCESS_RING12;
}

static uint32_t stack_address(struct cpu *cpu, uint32_t distance)
{
    uint32_t esp = (uint32_t)lib_gpr(cpu)[ESP] + distance;

    if (!(*lib_hflags(cpu) & HF_SS32))
        esp &= 0xffff;
    return (uint32_t)lib_segment(cpu, SEG_SS)->base + esp;
}

/* The library pops with the rights of ring 0. An outer ring must be able to read its own frame. */
static void check_pops(struct cpu *cpu, unsigned words, unsigned word_bytes)
{
    unsigned ring = lib_ring(cpu);

    if (ring == 0)
        return;
    for (unsigned i = 0; i < words; i++)
        lib_read16(cpu, own_mode(ring), stack_address(cpu, i * word_bytes));
}

/*
 * The library returns to virtual-8086 mode from any ring. Only ring 0 can (SDM vol. 2, IRET); of an
 * outer ring's flags VM is ignored.
 */
INTERPOSE(void, helper_iret_protected_x86_64, void *env, int shift, int next_eip)
{
    struct cpu *cpu = lib_cpu;
    unsigned from = lib_ring(cpu);
    uint32_t eip = (uint32_t)*lib_eip(cpu);

    helper_begin(CALLER());
    check_pops(cpu, 3, shift ? 4 : 2);
    lib_cpu->helper.outer_flags_at = from && shift ? stack_address(cpu, 8) : NOT_POPPED;
    REAL(helper_iret_protected_x86_64)(env, shift, next_eip);
    lib_cpu->helper.outer_flags_at = NOT_POPPED;
    helper_end();
    lib_note_segments(cpu);
    deliver_far_done(cpu, CPU_GATE_IRET, from, eip);
}

INTERPOSE(void, helper_lret_protected_x86_64, void *env, int shift, int drop)
{
    struct cpu *cpu = lib_cpu;
    unsigned from = lib_ring(cpu);
    uint32_t eip = (uint32_t)*lib_eip(cpu);

    helper_begin(CALLER());
    check_pops(cpu, 2, shift ? 4 : 2);
    REAL(helper_lret_protected_x86_64)(env, shift, drop);
    helper_end();
    lib_note_segments(cpu);
    deliver_far_done(cpu, CPU_GATE_FAR_RETURN, from, eip);
}

INTERPOSE(void, helper_lcall_protected_x86_64, void *env, int selector, uint64_t offset, int shift,
          uint64_t next_eip)
{
    struct cpu *cpu = lib_cpu;
    unsigned from = lib_ring(cpu);
    uint32_t eip = (uint32_t)*lib_eip(cpu);

    helper_begin(CALLER());
    /* The library pushes with the rights of ring 0, too. */
    if (from != 0)
        for (unsigned i = 1; i <= 2; i++)
            probe_access_x86_64(env, stack_address(cpu, (uint32_t) - (int)(shift ? 4 * i : 2 * i)),
                                1, ACCESS_WRITE, own_mode(from), CALLER());
    REAL(helper_lcall_protected_x86_64)(env, selector, offset, shift, next_eip);
    helper_end();
    lib_note_segments(cpu);
    deliver_far_done(cpu, CPU_GATE_FAR_CALL, from, eip);
}

INTERPOSE(void, helper_ljmp_protected_x86_64, void *env, int selector, uint64_t offset,
          uint64_t next_eip)
{
    struct cpu *cpu = lib_cpu;

    helper_begin(CALLER());
    REAL(helper_ljmp_protected_x86_64)(env, selector, offset, next_eip);
    helper_end();
    lib_note_segments(cpu);
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_far_call_same);
    if (lib_ring(cpu) != cpu->ring)
        cpu_ring_changed(cpu); /* a task switch */
    masked_update(cpu, false);
}

INTERPOSE(void, helper_sysenter_x86_64, void *env, int length)
{
    (void)env, (void)length;
    helper_begin(CALLER());
    deliver_sysenter(lib_cpu);
    helper_end();
}

INTERPOSE(void, helper_sysexit_x86_64, void *env, int shift)
{
    (void)env, (void)shift;
    helper_begin(CALLER());
    deliver_sysexit(lib_cpu);
    helper_end();
}

INTERPOSE(void, helper_load_seg_x86_64, void *env, int segment, int selector)
{
    struct cpu *cpu = lib_cpu;

    helper_begin(CALLER());
    REAL(helper_load_seg_x86_64)(env, segment, selector);
    helper_end();
    lib_note_segments(cpu);
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_segment_load);
}

/* ---- the interrupt flag ---------------------------------------------------------------------- */

/* `sti` and `popf` end their blocks, so that nothing has been charged in advance; `cli` does
 * not. */
INTERPOSE(void, helper_sti_x86_64, void *env)
{
    REAL(helper_sti_x86_64)(env);
    masked_update(lib_cpu, false);
}

INTERPOSE(void, helper_cli_x86_64, void *env)
{
    bool shadowed = *lib_hflags(lib_cpu) & HF_INHIBIT_IRQ;

    REAL(helper_cli_x86_64)(env);
    if (lib_cpu->masked.now)
        return;
    lib_tail_begin(lib_cpu, CALLER());
    masked_update(lib_cpu, shadowed);
    lib_tail_end(lib_cpu);
}

INTERPOSE(void, helper_write_eflags_x86_64, void *env, uint64_t flags, uint32_t mask)
{
    REAL(helper_write_eflags_x86_64)(env, flags, mask);
    masked_update(lib_cpu, false);
}

/* The original takes the flags it keeps as they were computed last, not as the block left them. */
INTERPOSE(void, helper_cmpxchg8b_unlocked_x86_64, void *env, uint64_t linear)
{
    struct block_position position;

    helper_begin(CALLER());
    lib_restore(lib_cpu, CALLER(), &position);
    lib_care_of_eight((uint32_t)linear, CALLER());
    REAL(helper_cmpxchg8b_unlocked_x86_64)(env, linear);
    helper_end();
}

/* ---- control, ports -------------------------------------------------------------------------- */

INTERPOSE(void, helper_write_crN_x86_64, void *env, int number, uint64_t value)
{
    (void)env;
    helper_begin(CALLER());
    control_write_cr(lib_cpu, (unsigned)number, (uint32_t)value);
    helper_end();
}

void lib_set_cr0(struct cpu *cpu, uint32_t value)
{
    cpu_x86_update_cr0_x86_64(cpu->env, value);
}

void lib_set_cr4(struct cpu *cpu, uint32_t value)
{
    cpu_x86_update_cr4_x86_64(cpu->env, value);
    if (lib_ring(cpu) == 0)
        *lib_hflags(cpu) |= HF_SMAP; /* see lib_load_segment() */
}

INTERPOSE(void, helper_invlpg_x86_64, void *env, uint64_t linear)
{
    (void)env;
    control_invlpg(lib_cpu, (uint32_t)linear);
}

INTERPOSE(void, helper_set_dr_x86_64, void *env, int number, uint64_t value)
{
    (void)env;
    helper_begin(CALLER());
    breakpoint_write(lib_cpu, (unsigned)number, (uint32_t)value);
    helper_end();
}

/* An access to a page with TLB_WATCHED; bit 1 of `kind` says that it writes. */
INTERPOSE(void, cpu_check_watchpoint_x86_64, void *object, uint64_t linear, uint64_t bytes,
          uint32_t attributes, int kind, uintptr_t ra)
{
    (void)object, (void)attributes, (void)ra;
    breakpoint_accessed(lib_cpu, (uint32_t)linear, (unsigned)bytes, kind & 2);
}

#define HELPER_WITH_TAIL(symbol, action)                                                           \
    INTERPOSE(void, symbol, void *env)                                                             \
    {                                                                                              \
        (void)env;                                                                                 \
        helper_begin(CALLER());                                                                    \
        lib_tail_begin(lib_cpu, CALLER());                                                         \
        action(lib_cpu);                                                                           \
        lib_tail_end(lib_cpu);                                                                     \
        helper_end();                                                                              \
    }

HELPER_WITH_TAIL(helper_rdtsc_x86_64, control_rdtsc)
HELPER_WITH_TAIL(helper_rdpmc_x86_64, control_rdpmc)
HELPER_WITH_TAIL(helper_rdmsr_x86_64, control_rdmsr)
HELPER_WITH_TAIL(helper_wrmsr_x86_64, control_wrmsr)

/* What this processor does not have. */
#define HELPER_ABSENT(symbol, ...)                                                                 \
    INTERPOSE(void, symbol, __VA_ARGS__)                                                           \
    {                                                                                              \
        (void)env;                                                                                 \
        helper_begin(CALLER());                                                                    \
        lib_raise(lib_cpu, VECTOR_UD, 0);                                                          \
    }

HELPER_ABSENT(helper_rdtscp_x86_64, void *env)
HELPER_ABSENT(helper_syscall_x86_64, void *env, int length __attribute__((unused)))
HELPER_ABSENT(helper_sysret_x86_64, void *env, int shift __attribute__((unused)))
HELPER_ABSENT(helper_monitor_x86_64, void *env, uint64_t address __attribute__((unused)))
HELPER_ABSENT(helper_mwait_x86_64, void *env, int length __attribute__((unused)))

INTERPOSE(void, helper_cpuid_x86_64, void *env)
{
    struct cpu *cpu = lib_cpu;
    uint64_t *gpr = lib_gpr(cpu);
    uint32_t regs[4] = {(uint32_t)gpr[EAX], (uint32_t)gpr[EBX], (uint32_t)gpr[ECX],
                        (uint32_t)gpr[EDX]};

    (void)env;
    helper_begin(CALLER());
    lib_tail_begin(cpu, CALLER());
    control_cpuid(cpu, regs);
    lib_tail_end(cpu);
    helper_end();
    gpr[EAX] = regs[0];
    gpr[EBX] = regs[1];
    gpr[ECX] = regs[2];
    gpr[EDX] = regs[3];
}

/* Gives way to another processor, if one has something to do. */
INTERPOSE(void, helper_pause_x86_64, void *env, int length)
{
    struct cpu *cpu = lib_cpu;

    (void)env;
    *lib_eip(cpu) += (unsigned)length;
    for (unsigned i = 0; i < cpu->engine->config.processors; i++) {
        const struct cpu *other = &cpu->engine->cpu[i];

        if (i != cpu->index && !other->halted && !other->waits_for_startup) {
            cpu->paused = true;
            lib_abandon(cpu);
        }
    }
    FIELD(int32_t, cpu->object, OBJECT_EXCEPTION) = -1;
    cpu_loop_exit_x86_64(cpu->object);
}

#define HELPER_IN(symbol, bytes)                                                                   \
    INTERPOSE(uint64_t, symbol, void *env, uint32_t port)                                          \
    {                                                                                              \
        (void)env;                                                                                 \
        helper_begin(CALLER());                                                                    \
        lib_tail_begin(lib_cpu, CALLER());                                                         \
        uint32_t value = control_in(lib_cpu, (uint16_t)port, bytes);                               \
        lib_tail_end(lib_cpu);                                                                     \
        helper_end();                                                                              \
        return value;                                                                              \
    }

#define HELPER_OUT(symbol, bytes)                                                                  \
    INTERPOSE(void, symbol, void *env, uint32_t port, uint32_t value)                              \
    {                                                                                              \
        (void)env;                                                                                 \
        helper_begin(CALLER());                                                                    \
        lib_tail_begin(lib_cpu, CALLER());                                                         \
        control_out(lib_cpu, (uint16_t)port, bytes, value);                                        \
        lib_tail_end(lib_cpu);                                                                     \
        helper_end();                                                                              \
    }

HELPER_IN(helper_inb_x86_64, 1)
HELPER_IN(helper_inw_x86_64, 2)
HELPER_IN(helper_inl_x86_64, 4)
HELPER_OUT(helper_outb_x86_64, 1)
HELPER_OUT(helper_outw_x86_64, 2)
HELPER_OUT(helper_outl_x86_64, 4)
