/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_hooks.c - the functions of the library that ours stand in for
 *
 * Each answers a question the library asks, in the library's words, and passes it on in ours.
 *
 * Helpers are what translated code calls for instructions that it cannot express. A helper that
 * raises an exception needs its return address into the block, from which the library works out
 * EIP and flags; but when ours calls the original, the original sees an address of ours. So each
 * stand-in notes its own return address in lib_helper_return, and whoever raises uses that.
 * An exception leaves by longjmp over all of it, so the note is cleared before.
 */
#include "cpu/unicorn_private.h"

uintptr_t lib_helper_return;

static void helper_begin(uintptr_t ra)
{
    lib_helper_return = ra;
}

static void helper_end(void)
{
    lib_helper_return = 0;
}

/* ---- exceptions ----------------------------------------------------------------------------- */

INTERPOSE(void, raise_exception_err_ra_x86_64, void *env, int vector, int code, uintptr_t ra)
{
    if (lib_helper_return)
        ra = lib_helper_return;
    lib_helper_return = 0;
    lib_tail_end(lib_cpu);
    REAL(raise_exception_err_ra_x86_64)(env, vector, code, ra);
    __builtin_unreachable();
}

_Noreturn void lib_raise(struct cpu *cpu, unsigned vector, uint32_t error_code)
{
    __wrap_raise_exception_err_ra_x86_64(cpu->env, (int)vector, (int)error_code, 0);
    __builtin_unreachable();
}

static bool restore(struct cpu *cpu, uintptr_t ra, struct block_position *position)
{
    if (!lib_position(*lib_block(cpu), ra, position))
        return false;
    *lib_eip(cpu) = position->eip;
    if (position->flags_state)
        FIELD(int, cpu->env, ENV_CC_OP) = position->flags_state;
    return true;
}

/* EIP and flags of the instruction that returns to `ra`; the rest of its block is taken off again.
 * Addresses outside of the block belong to nobody: EIP is right as it is. */
INTERPOSE(_Bool, cpu_restore_state_x86_64, void *object, uintptr_t ra, _Bool leaving)
{
    struct block_position position;

    if (!restore(lib_cpu, ra, &position))
        return REAL(cpu_restore_state_x86_64)(object, ra, leaving);
    if (leaving)
        cpu_block_left(lib_cpu, *lib_block(lib_cpu), position.completed);
    return 1;
}

_Noreturn void lib_abandon(struct cpu *cpu)
{
    uintptr_t ra = lib_helper_return;

    lib_helper_return = 0;
    lib_tail_end(cpu);
    if (ra)
        __wrap_cpu_restore_state_x86_64(cpu->object, ra, 1);
    lib_stop(cpu);
    FIELD(int32_t, cpu->object, OBJECT_EXCEPTION) = -1;
    cpu_loop_exit_x86_64(cpu->object);
}

bool lib_instruction_address(const struct cpu *cpu, uint32_t *linear)
{
    struct block_position position;

    if (!lib_helper_return || !lib_position(*lib_block(cpu), lib_helper_return, &position))
        return false;
    *linear = position.eip + (uint32_t)lib_segment(cpu, SEG_CS)->base;
    return true;
}

void lib_tail_begin(struct cpu *cpu, uintptr_t ra)
{
    struct block *block = *lib_block(cpu);
    struct block_position position;

    if (!restore(cpu, ra, &position))
        return;
    cpu->tail_instructions = block->instructions - position.completed - 1;
    cpu->tail_cycles = block->cost - cpu_block_cycles(block, position.completed + 1);
}

void lib_tail_end(struct cpu *cpu)
{
    cpu->tail_instructions = 0;
    cpu->tail_cycles = 0;
}

/* int n, int3, into: the library tells us after it moved EIP behind the instruction, or before it
 * did, depending on the vector. */
static void note_software_interrupt(int length)
{
    lib_cpu->software_eip = (uint32_t)*lib_eip(lib_cpu);
    lib_cpu->software_return = lib_cpu->software_eip + (uint32_t)length;
}

INTERPOSE(void, helper_raise_interrupt_x86_64, void *env, int vector, int length)
{
    note_software_interrupt(length);
    REAL(helper_raise_interrupt_x86_64)(env, vector, length);
}

INTERPOSE(void, helper_into_x86_64, void *env, int length)
{
    note_software_interrupt(length);
    REAL(helper_into_x86_64)(env, length);
}

INTERPOSE(_Bool, x86_cpu_exec_interrupt_x86_64, void *object, int request)
{
    (void)request;
    FIELD(uint32_t, object, OBJECT_INTERRUPT_REQUEST) &= ~(uint32_t)INTERRUPT_HARD;
    return deliver_interrupt(lib_cpu);
}

/* ---- translation ---------------------------------------------------------------------------- */

/* The slow path of an access asks which region holds its address, but names the linear address;
 * that of RAM is the answer for all, since translation decides everything else. */
static void *ram_region;

INTERPOSE(void *, memory_mapping, void *uc, uint64_t address)
{
    (void)address;
    if (!ram_region)
        ram_region = REAL(memory_mapping)(uc, 0);
    return ram_region;
}

void lib_hooks_reset(void)
{
    ram_region = NULL;
    lib_helper_return = 0;
}

INTERPOSE(_Bool, x86_cpu_tlb_fill_x86_64, void *object, uint64_t linear, int bytes, int kind,
          int mode, _Bool probe, uintptr_t ra)
{
    uintptr_t outer = lib_helper_return;

    (void)object, (void)bytes;
    if (!outer)
        lib_helper_return = ra;
    _Bool done =
        mmu_fill(lib_cpu, (uint32_t)linear, (enum access_kind)kind, (enum access_mode)mode, probe);

    lib_helper_return = outer;
    return done;
}

/* Code was translated from a frame for the first time, or no code is left in it. Stores to such a
 * frame must take the slow path, on every processor, so that they drop the translations. */
INTERPOSE(void, tlb_protect_code_x86_64, void *uc, uint64_t frame)
{
    struct cpu_engine *engine = lib_engine;
    uint8_t *code = &engine->code_frames[frame >> 12];

    (void)uc;
    if (*code)
        return;
    *code = 1;
    for (unsigned i = 0; i < engine->config.processors; i++)
        tlb_reset_dirty_x86_64(engine->cpu[i].object,
                               (uintptr_t)engine->config.ram + (frame & ~UINT64_C(0xfff)), 0x1000);
    if (engine->model->code_frame)
        engine->model->code_frame((uint32_t)frame & ~0xfffu);
}

INTERPOSE(void, tlb_unprotect_code_x86_64, void *uc, uint64_t frame)
{
    (void)uc;
    lib_engine->code_frames[frame >> 12] = 0;
}

/* A store hits a page with code. If that is the very block that stores, the library leaves it
 * through cpu_loop_exit_noexc and does the store again in a block of one instruction. */
static uintptr_t storing;

INTERPOSE(void, tb_invalidate_phys_page_fast_x86_64, void *uc, void *pages, uint64_t start,
          int bytes, uintptr_t ra)
{
    storing = ra;
    REAL(tb_invalidate_phys_page_fast_x86_64)(uc, pages, start, bytes, ra);
    storing = 0;
}

INTERPOSE(void, cpu_loop_exit_noexc_x86_64, void *object)
{
    struct block_position position;

    if (storing && lib_position(*lib_block(lib_cpu), storing, &position))
        cpu_block_left(lib_cpu, *lib_block(lib_cpu), position.completed);
    storing = 0;
    lib_helper_return = 0;
    REAL(cpu_loop_exit_noexc_x86_64)(object);
}

/* The software TLB's table would grow and shrink by the time of day; hold it still. */
struct timeval;
INTERPOSE(int, gettimeofday, struct timeval *time, void *zone)
{
    int64_t *fields = (int64_t *)(void *)time;

    (void)zone;
    fields[0] = 1;
    fields[1] = 0;
    return 0;
}

/* ---- descriptors and stacks, read and written by helpers ------------------------------------- */

/* The helpers that we do not stand in for pass their own return address. */
static uintptr_t access_begin(uintptr_t ra)
{
    uintptr_t outer = lib_helper_return;

    if (!outer)
        lib_helper_return = ra;
    return outer;
}

INTERPOSE(uint32_t, cpu_lduw_mmuidx_ra_x86_64, void *env, uint64_t linear, int mode, uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);
    uint32_t value = lib_read16(lib_cpu, ACCESS_RING0, (uint32_t)linear);

    lib_helper_return = outer;
    return value;
}

INTERPOSE(uint32_t, cpu_ldl_mmuidx_ra_x86_64, void *env, uint64_t linear, int mode, uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);
    uint32_t value = lib_read32(lib_cpu, ACCESS_RING0, (uint32_t)linear);

    lib_helper_return = outer;
    return value;
}

INTERPOSE(void, cpu_stw_mmuidx_ra_x86_64, void *env, uint64_t linear, uint32_t value, int mode,
          uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);

    lib_write16(lib_cpu, ACCESS_RING0, (uint32_t)linear, (uint16_t)value);
    lib_helper_return = outer;
}

INTERPOSE(void, cpu_stl_mmuidx_ra_x86_64, void *env, uint64_t linear, uint32_t value, int mode,
          uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);

    lib_write32(lib_cpu, ACCESS_RING0, (uint32_t)linear, value);
    lib_helper_return = outer;
}

/* ---- far transfers -------------------------------------------------------------------------- */

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

INTERPOSE(void, helper_iret_protected_x86_64, void *env, int shift, int next_eip)
{
    struct cpu *cpu = lib_cpu;
    unsigned from = lib_ring(cpu);
    uint32_t eip = (uint32_t)*lib_eip(cpu);

    helper_begin(CALLER());
    check_pops(cpu, 3, shift ? 4 : 2);
    REAL(helper_iret_protected_x86_64)(env, shift, next_eip);
    helper_end();
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
    deliver_far_done(cpu, CPU_GATE_FAR_CALL, from, eip);
}

INTERPOSE(void, helper_ljmp_protected_x86_64, void *env, int selector, uint64_t offset,
          uint64_t next_eip)
{
    struct cpu *cpu = lib_cpu;

    helper_begin(CALLER());
    REAL(helper_ljmp_protected_x86_64)(env, selector, offset, next_eip);
    helper_end();
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_far_call_same);
    if (lib_ring(cpu) != cpu->ring)
        cpu_ring_changed(cpu); /* a task switch */
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
    meter_charge(&cpu->meter, CPU_cycles_control, cpu->meter.costs->cost_segment_load);
}

/* ---- control, ports ------------------------------------------------------------------------- */

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
HELPER_WITH_TAIL(helper_rdmsr_x86_64, control_rdmsr)
HELPER_WITH_TAIL(helper_wrmsr_x86_64, control_wrmsr)

/* What this processor does not have. */
#define HELPER_ABSENT(symbol, ...)                                                                 \
    INTERPOSE(void, symbol, __VA_ARGS__)                                                           \
    {                                                                                              \
        (void)env;                                                                                 \
        helper_begin(CALLER());                                                                    \
        lib_raise(lib_cpu, 6, 0);                                                                  \
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
