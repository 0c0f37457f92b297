/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn_hooks.c - the functions of the library's core that ours stand in for
 *
 * Each answers a question the library asks, in the library's words, and passes it on in ours.
 * Exceptions, translation, memory accessed by helpers; what instructions call is in
 * unicorn_helpers.c, code that is overwritten in unicorn_code.c.
 *
 * Helpers are what translated code calls for instructions that it cannot express. A helper that
 * raises an exception needs its return address into the block, from which the library works out
 * EIP and flags; but when ours calls the original, the original sees an address of ours. So each
 * stand-in notes its own return address in struct helper, and the one that raises uses that.
 * An exception leaves by longjmp over all of it, so the note is cleared before.
 */
#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/registers.h"
#include "cpu/engine/engine_calls.h"

/* ---- exceptions ------------------------------------------------------------------------------ */

INTERPOSE(void, raise_exception_err_ra_x86_64, void *env, int vector, int code, uintptr_t ra)
{
    if (lib_cpu->helper.return_address)
        ra = lib_cpu->helper.return_address;
    lib_cpu->helper.return_address = 0;
    lib_cpu->helper.outer_flags_at = NOT_POPPED;
    lib_tail_end(lib_cpu);
    REAL(raise_exception_err_ra_x86_64)(env, vector, code, ra);
    __builtin_unreachable();
}

_Noreturn void lib_raise(struct cpu *cpu, unsigned vector, uint32_t error_code)
{
    __wrap_raise_exception_err_ra_x86_64(cpu->env, (int)vector, (int)error_code, 0);
    __builtin_unreachable();
}

bool lib_restore(struct cpu *cpu, uintptr_t ra, struct block_position *position)
{
    if (!lib_position(*lib_block(cpu), ra, position))
        return false;
    *lib_eip(cpu) = position->eip;
    if (position->flags_state)
        FIELD(int, cpu->env, ENV_CC_OP) = position->flags_state;
    lib_flags_recall(cpu, position);
    return true;
}

/* EIP and flags of the instruction that returns to `ra`; the rest of its block is taken off again.
 * Addresses outside of the block belong to nobody: EIP is right as it is. */
INTERPOSE(_Bool, cpu_restore_state_x86_64, void *object, uintptr_t ra, _Bool leaving)
{
    struct block_position position;

    if (!lib_restore(lib_cpu, ra, &position))
        return REAL(cpu_restore_state_x86_64)(object, ra, leaving);
    if (leaving) {
        lib_flags_undo(lib_cpu, ra, &position);
        cpu_block_left(lib_cpu, *lib_block(lib_cpu), position.completed);
    }
    return 1;
}

_Noreturn void lib_leave(struct cpu *cpu)
{
    uintptr_t ra = lib_cpu->helper.return_address;

    lib_cpu->helper.return_address = 0;
    lib_tail_end(cpu);
    if (ra)
        __wrap_cpu_restore_state_x86_64(cpu->object, ra, 1);
    FIELD(int32_t, cpu->object, OBJECT_EXCEPTION) = -1;
    cpu_loop_exit_x86_64(cpu->object);
}

_Noreturn void lib_skip(struct cpu *cpu)
{
    uintptr_t ra = cpu->helper.return_address;
    struct block_position position;

    cpu->helper.return_address = 0;
    if (lib_restore(cpu, ra, &position)) {
        cpu_block_left(cpu, *lib_block(cpu), position.completed + 1);
        *lib_eip(cpu) = position.next_eip;
    }
    lib_leave(cpu);
}

_Noreturn void lib_abandon(struct cpu *cpu)
{
    lib_stop(cpu);
    lib_leave(cpu);
}

bool lib_instruction_address(const struct cpu *cpu, uint32_t *linear)
{
    struct block_position position;

    if (!lib_cpu->helper.return_address ||
        !lib_position(*lib_block(cpu), lib_cpu->helper.return_address, &position))
        return false;
    *linear = position.eip + (uint32_t)lib_segment(cpu, SEG_CS)->base;
    return true;
}

void lib_tail_begin(struct cpu *cpu, uintptr_t ra)
{
    struct block *block = *lib_block(cpu);
    struct block_position position;

    if (!lib_restore(cpu, ra, &position))
        return;
    if (cpu->walk.inside) {
        block = &cpu->walk.whole;
        position.completed += cpu->walk.begun - 1;
    }
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
    if (!(request & (int)INTERRUPT_HARD))
        return 0;
    FIELD(uint32_t, object, OBJECT_INTERRUPT_REQUEST) &= ~(uint32_t)INTERRUPT_HARD;
    return deliver_interrupt(lib_cpu);
}

/* ---- translation ----------------------------------------------------------------------------- */

/* The slow path of an access asks which region holds its address, but names the linear address;
 * that of RAM is the answer for all, since translation decides everything else. */
#if LIB_VERSION < 20100
INTERPOSE(void *, memory_mapping, void *uc, uint64_t address)
{
    (void)address;
    if (!lib_engine->ram_region)
        lib_engine->ram_region = REAL(memory_mapping)(uc, 0);
    return lib_engine->ram_region;
}

void lib_regions_ready(struct cpu_engine *engine)
{
    (void)engine;
}
#else
typedef void *mapping_function(void *uc, uint64_t address);

static void *region_of_ram(void *uc, uint64_t address)
{
    (void)uc, (void)address;
    return lib_engine->ram_region;
}

/*
 * At the first store into a page of code the library would take the mark away that makes stores
 * there come to us, unless the region's priority says that a snapshot was taken and wants them.
 */
void lib_regions_ready(struct cpu_engine *engine)
{
    mapping_function **mapping = &FIELD(mapping_function *, engine->uc, UC_MEMORY_MAPPING);

    engine->ram_region = (*mapping)(engine->uc, 0);
    FIELD(int32_t, engine->ram_region, REGION_PRIORITY) = LIB_VERSION < 20102 ? 1 : -1;
    *mapping = region_of_ram;
}

/* Would mark pages after each translation, by a walk through all of the software TLB. Ours are
 * marked as they are entered (unicorn_tlb.c). */
void __wrap_tlb_reset_dirty_by_vaddr_x86_64(void *object, uint64_t start, uint64_t bytes);
void __wrap_tlb_reset_dirty_by_vaddr_x86_64(void *object, uint64_t start, uint64_t bytes)
{
    (void)object, (void)start, (void)bytes;
}
#endif

INTERPOSE(_Bool, x86_cpu_tlb_fill_x86_64, void *object, uint64_t linear, int bytes, int kind,
          int mode, _Bool probe, uintptr_t ra)
{
    uintptr_t outer = lib_cpu->helper.return_address;

    (void)object, (void)bytes;
    if (!outer)
        lib_cpu->helper.return_address = ra;
    _Bool done = mmu_fill(lib_cpu, linear, (enum access_kind)kind, (enum access_mode)mode, probe);

    lib_cpu->helper.return_address = outer;
    return done;
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
    uintptr_t outer = lib_cpu->helper.return_address;

    if (!outer)
        lib_cpu->helper.return_address = ra;
    return outer;
}

INTERPOSE(uint32_t, cpu_lduw_mmuidx_ra_x86_64, void *env, uint64_t linear, int mode, uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);
    uint32_t value = lib_read16(lib_cpu, ACCESS_RING0, (uint32_t)linear);

    lib_cpu->helper.return_address = outer;
    return value;
}

INTERPOSE(uint32_t, cpu_ldl_mmuidx_ra_x86_64, void *env, uint64_t linear, int mode, uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);
    uint32_t value = lib_read32(lib_cpu, ACCESS_RING0, (uint32_t)linear);

    lib_cpu->helper.return_address = outer;
    return linear == lib_cpu->helper.outer_flags_at ? value & ~EFLAGS_VM : value;
}

INTERPOSE(void, cpu_stw_mmuidx_ra_x86_64, void *env, uint64_t linear, uint32_t value, int mode,
          uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);

    lib_write16(lib_cpu, ACCESS_RING0, (uint32_t)linear, (uint16_t)value);
    lib_cpu->helper.return_address = outer;
}

INTERPOSE(void, cpu_stl_mmuidx_ra_x86_64, void *env, uint64_t linear, uint32_t value, int mode,
          uintptr_t ra)
{
    (void)env, (void)mode;
    uintptr_t outer = access_begin(ra);

    lib_write32(lib_cpu, ACCESS_RING0, (uint32_t)linear, value);
    lib_cpu->helper.return_address = outer;
}
