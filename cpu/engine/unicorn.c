/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn.c - the execution engine: Debian's libunicorn, interposed
 *
 * libunicorn translates x86 code to host code. As it stands it cannot serve us: it walks page
 * tables but then uses the linear address as the physical one, never goes through an IDT, checks no
 * I/O permission, reads the host's clock as the TSC and knows one processor. Its internals can be
 * replaced, though, without touching the library. We link its static archive with the linker's
 * --wrap, so that a call from one of its object files to a function of another lands in ours
 * (a call within an object file does not). Nothing is patched, and the archive stays Debian's.
 *
 *   unicorn_hooks.c    the functions that ours stand in for: faults, TLB fills
 *   unicorn_code.c     translations and the frames they were made from; code written to
 *   unicorn_helpers.c  and what instructions call: far transfers, ports, MSRs, CPUID
 *   unicorn_extent.c   where blocks end; code read for the translator
 *   unicorn_emit.c     what each translated block carries for accounting, and the code buffer
 *   unicorn_filter.c   what it carries for the full timing model
 *   unicorn_tlb.c      the software TLB and accesses made through it
 *   unicorn_check.c    whether this is the build whose structures we know
 *   unicorn.c          opening, processor objects, registers, running
 *
 * Replacing internals means knowing structures. Their offsets are in unicorn_layout.h alone, and
 * at every start unicorn_check.c writes through the public interface, reads at our offsets, and
 * refuses another build with one sentence.
 *
 * Several processors are as many of the library's processor objects in one engine: the others are
 * copies of the first with pointers set right and tables of their own. Switching is one store to
 * uc->cpu. Each has translations of its own (its number is in the mode bits, for their records
 * belong to one processor's model), but they hang on the same frames: a store into code drops all.
 *
 * Thread rule: the library keeps globals and so do we; one engine a process, one thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/engine/unicorn_private.h"
#include "cpu/x86/vectors.h"
#include "cpu/x86/registers.h"
#include "cpu/engine/engine_calls.h"

enum { BUILT_WITH = UC_API_MAJOR << 24 | UC_API_MINOR << 16 | UC_API_PATCH << 8 };
enum { NOWHERE_BYTES = 0x1000 };
enum { MXCSR_POWER_UP = 0x1f80 }; /* INIT leaves it (SDM vol. 3, table 9-1) */
enum { DESCRIPTOR_BIG = 1 << 22, DESCRIPTOR_DPL_SHIFT = 13 };
_Static_assert(CPU_MAX <= 1 << (31 - HF_PROCESSOR), "a processor's number in the mode bits");

/* The engine drops instructions of later processors when their feature is off. */
enum {
    FEATURES_1_EDX = 0x0783fbff, /* FPU .. SSE2 without ACPI, DS, SS, HTT, TM */
    FEATURES_81_EDX = 1 << 20,   /* NX */
};

struct cpu_engine *lib_engine;
struct cpu *lib_cpu;

/* ---- devices --------------------------------------------------------------------------------- */

static uint64_t device_read(uc_engine *uc, uint64_t offset, unsigned bytes, void *engine)
{
    struct cpu *cpu = lib_cpu;

    (void)uc, (void)engine;
    lib_tail_begin(cpu, FIELD(uintptr_t, cpu->object, OBJECT_IO_RETURN));
    uint32_t value = control_mmio_read(cpu, cpu->engine->config.ram_bytes + offset, bytes);

    lib_tail_end(cpu);
    return value;
}

static void device_write(uc_engine *uc, uint64_t offset, unsigned bytes, uint64_t value,
                         void *engine)
{
    struct cpu *cpu = lib_cpu;

    (void)uc, (void)engine;
    lib_tail_begin(cpu, FIELD(uintptr_t, cpu->object, OBJECT_IO_RETURN));
    control_mmio_write(cpu, cpu->engine->config.ram_bytes + offset, bytes, (uint32_t)value);
    lib_tail_end(cpu);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

static void exception_hook(uc_engine *uc, uint32_t vector, void *data)
{
    (void)uc, (void)data;
    lib_cpu->helper.return_address = 0;
    deliver_pending(lib_cpu, vector);
}

/* #UD has a hook of its own, which ends the run; lib_run() then starts again. */
static bool undefined_hook(uc_engine *uc, void *data)
{
    (void)uc, (void)data;
    lib_cpu->helper.return_address = 0;
    deliver_pending(lib_cpu, VECTOR_UD);
#if LIB_VERSION >= 20100
    FIELD(int32_t, lib_cpu->object, OBJECT_EXCEPTION) = -1; /* or exception_hook() is asked, too */
#endif
    return true;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void attach(struct cpu *cpu, uint8_t *object)
{
    cpu->object = object;
    cpu->env = object + OBJECT_ENV;
    cpu->meter.clock = lib_clock(cpu);
    cpu->helper.outer_flags_at = NOT_POPPED;
}

static bool clone_object(struct cpu_engine *engine, unsigned index)
{
    uint8_t *object;

    if (posix_memalign((void **)&object, 64, OBJECT_BYTES))
        return false;
    memcpy(object, engine->cpu[0].object, OBJECT_BYTES);
    if (!lib_tlb_prepare(object)) {
        free(object);
        return false;
    }
    FIELD(void *, object, OBJECT_ENV_POINTER) = object + OBJECT_ENV;
    FIELD(void *, object, OBJECT_COUNTER_POINTER) = object + OBJECT_COUNTER;
    memset(object + OBJECT_JUMP_CACHE, 0, OBJECT_JUMP_CACHE_SLOTS * sizeof(void *));
    FIELD(uint32_t, object, OBJECT_INDEX) = index;
    for (unsigned i = 0; i < 2; i++) { /* empty lists, whose tail points at their head */
        uint8_t *list = object + (i ? OBJECT_WATCHPOINTS : OBJECT_BREAKPOINTS);

        FIELD(void *, list, 0) = NULL;
        FIELD(void *, list, sizeof(void *)) = list;
    }
    attach(&engine->cpu[index], object);
    return true;
}

static bool add_hooks(struct cpu_engine *engine)
{
    uc_hook exceptions, undefined, blocks;
    uc_engine *uc = engine->uc;

    if (uc_hook_add(uc, &exceptions, UC_HOOK_INTR, (void *)exception_hook, NULL, 1, 0) ||
        uc_hook_add(uc, &undefined, UC_HOOK_INSN_INVALID, (void *)undefined_hook, NULL, 1, 0) ||
        uc_hook_add(uc, &blocks, UC_HOOK_BLOCK, (void *)lib_block_slow, engine, 1, 0))
        return false;
    engine->block_hook = (void *)blocks;
    return true;
}

static bool map_memory(struct cpu_engine *engine)
{
    const struct cpu_config *config = &engine->config;
    uint64_t devices = (UINT64_C(1) << 32) - config->ram_bytes;

    /* What nobody backs is a device that answers with ones: the rest of the 4 GB and, for what PAE
     * can name beyond them, one page more. */
    engine->nowhere = UINT64_C(1) << 32;
    return !uc_mem_map_ptr(engine->uc, 0, config->ram_bytes, UC_PROT_ALL, config->ram) &&
           !uc_mmio_map(engine->uc, config->ram_bytes, devices + NOWHERE_BYTES, device_read, engine,
                        device_write, engine);
}

bool lib_open(struct cpu_engine *engine, char *why, size_t why_bytes)
{
    unsigned version = uc_version(NULL, NULL);
    uc_engine *uc;

    if (lib_engine) {
        snprintf(why, why_bytes, "a process can hold one engine at a time");
        return false;
    }
    if ((version & 0xffffff00u) != BUILT_WITH) {
        snprintf(why, why_bytes, "libunicorn is %u.%u.%u, and its headers are another version's",
                 version >> 24, version >> 16 & 0xff, version >> 8 & 0xff);
        return false;
    }
    lib_engine = engine;
    lib_code_begin();
    if (uc_open(UC_ARCH_X86, UC_MODE_32, &uc)) {
        snprintf(why, why_bytes, "libunicorn cannot open an x86 engine");
        lib_engine = NULL;
        return false;
    }
    engine->uc = uc;
    if (uc_ctl_exits_enable(uc) || !map_memory(engine) || !add_hooks(engine)) {
        snprintf(why, why_bytes, "libunicorn cannot map %u bytes of memory",
                 engine->config.ram_bytes);
        goto close;
    }
    attach(&engine->cpu[0], FIELD(uint8_t *, uc, UC_CPU));
    lib_cpu = &engine->cpu[0];
    lib_regions_ready(engine);
    if (!lib_check_layout(engine, why, why_bytes))
        goto close;
    lib_tlb_release(engine->cpu[0].object);
    if (!lib_tlb_prepare(engine->cpu[0].object))
        abort(); /* the library could not be closed either */
    for (unsigned i = 1; i < engine->config.processors; i++)
        if (!clone_object(engine, i)) {
            snprintf(why, why_bytes, "no memory for processor %u", i);
            lib_close(engine);
            return false;
        }
    for (unsigned i = 0; i < engine->config.processors; i++)
        if (!lib_code_open(&engine->cpu[i])) {
            snprintf(why, why_bytes, "no memory to note where code lies");
            lib_close(engine);
            return false;
        }
    lib_code_ready(engine);
    if (!lib_check_blocks(engine, why, why_bytes)) {
        lib_close(engine);
        return false;
    }
    for (unsigned i = 0; i < engine->config.processors; i++) {
        FIELD(uint32_t, engine->cpu[i].env, ENV_MXCSR) = MXCSR_POWER_UP;
        lib_reset(&engine->cpu[i]);
    }
    return true;

close:
    uc_close(uc);
    lib_engine = NULL;
    return false;
}

void lib_close(struct cpu_engine *engine)
{
    FIELD(uint8_t *, engine->uc, UC_CPU) = engine->cpu[0].object;
    tb_flush_x86_64(engine->cpu[0].object); /* else what it knows of written pages is lost */
    for (unsigned i = 1; i < CPU_MAX; i++)
        if (engine->cpu[i].object) {
            lib_tlb_release(engine->cpu[i].object);
            free(engine->cpu[i].object);
        }
    uc_close(engine->uc);
    for (unsigned i = 0; i < CPU_MAX; i++)
        lib_code_close(&engine->cpu[i]);
    lib_code_release();
    lib_engine = NULL;
}

/* ---- registers ------------------------------------------------------------------------------- */

uint32_t lib_eflags(const struct cpu *cpu)
{
    uint32_t flags = *lib_raw_eflags(cpu);

    if (cpu->running) {
        int op = FIELD(int, cpu->env, ENV_CC_OP);

        flags |= cpu_cc_compute_all_x86_64(cpu->env, op) |
                 (FIELD(uint32_t, cpu->env, ENV_DF) & EFLAGS_DF);
    }
    return flags | 2;
}

void lib_set_eflags(struct cpu *cpu, uint32_t value)
{
    *lib_raw_eflags(cpu) = value;
}

void lib_load_segment(struct cpu *cpu, enum segment_register segment, uint16_t selector,
                      uint32_t base, uint32_t limit, uint32_t flags)
{
    struct lib_segment *s = lib_segment(cpu, segment);
    uint32_t mode = *lib_hflags(cpu);

    s->selector = selector;
    s->base = base;
    s->limit = limit;
    s->flags = flags;
    if (segment == SEG_CS)
        mode = (mode & ~HF_CS32) | (flags & DESCRIPTOR_BIG ? HF_CS32 : 0);
    if (segment == SEG_SS) {
        unsigned ring = flags >> DESCRIPTOR_DPL_SHIFT & 3;

        mode = (mode & ~(HF_CPL | HF_SMAP | HF_SS32)) | ring | (ring == 0 ? HF_SMAP : 0) |
               (flags & DESCRIPTOR_BIG ? HF_SS32 : 0);
    }
    /* The translator leaves out zero bases, but in 16-bit code it must not. */
    bool bases = !(lib_cr(cpu)[0] & CR0_PE) || (*lib_raw_eflags(cpu) & EFLAGS_VM) ||
                 !(mode & HF_CS32) || lib_segment(cpu, SEG_DS)->base ||
                 lib_segment(cpu, SEG_ES)->base || lib_segment(cpu, SEG_SS)->base;

    *lib_hflags(cpu) = (mode & ~HF_ADDSEG) | (bases ? HF_ADDSEG : 0);
    lib_note_segments(cpu);
}

void lib_reset(struct cpu *cpu)
{
    struct cpu *before = lib_cpu;
    uint64_t clock = *lib_clock(cpu), instructions = *lib_instructions(cpu);
    uint64_t *features = &FIELD(uint64_t, cpu->env, ENV_FEATURES);
    uint8_t filters[SLOT_CLOCK - SLOT_FILTERS];
    uint64_t model_clock = FIELD(uint64_t, cpu->env, SLOT_MODEL_CLOCK);

    memcpy(filters, cpu->env + SLOT_FILTERS, sizeof(filters));
    lib_cpu = cpu;
    FIELD(uint8_t *, cpu->engine->uc, UC_CPU) = cpu->object;
    do_cpu_init_x86_64(cpu->object);
    FIELD(uint8_t *, cpu->engine->uc, UC_CPU) = before->object;
    lib_cpu = before;

    memcpy(cpu->env + SLOT_FILTERS, filters, sizeof(filters));
    FIELD(uint64_t, cpu->env, SLOT_MODEL_CLOCK) = model_clock;
    *lib_clock(cpu) = clock;
    *lib_instructions(cpu) = instructions;
    *lib_old_exception(cpu) = -1;
    *lib_hflags(cpu) |= HF_SMAP | cpu->index << HF_PROCESSOR;
    lib_note_segments(cpu);
    features[FEATURE_1_EDX] = FEATURES_1_EDX;
    features[FEATURE_1_ECX] = 0;
    features[FEATURE_7_EBX] = 0;
    features[FEATURE_81_EDX] = FEATURES_81_EDX;
    features[FEATURE_81_ECX] = 0;
    FIELD(uint32_t, cpu->object, OBJECT_HALTED) = 0;
    FIELD(uint32_t, cpu->object, OBJECT_INTERRUPT_REQUEST) = 0;
    lib_tlb_flush(cpu);
}

/* ---- running --------------------------------------------------------------------------------- */

struct cpu *lib_current(void)
{
    return lib_cpu;
}

void lib_run(struct cpu *cpu)
{
    lib_cpu = cpu;
    FIELD(uint8_t *, cpu->engine->uc, UC_CPU) = cpu->object;
    cpu->stopping = false;
    do {
        /* Ends by lib_stop(), hlt, #UD or a triple fault. */
        cpu->running = true;
        uc_err error = uc_emu_start(cpu->engine->uc, *lib_eip(cpu), 0, 0, 0);

        cpu->running = false;
        lib_cpu->helper.return_address = 0;
        if (error) {
            cpu_refuse(cpu, "libunicorn: %s", uc_strerror(error));
            return;
        }
    } while (!cpu->stopping && !lib_halted(cpu) && !lib_stopped_by_shutdown(cpu));
}

void lib_stop(struct cpu *cpu)
{
    cpu->stopping = true;
    uc_emu_stop(cpu->engine->uc);
}

void lib_break(struct cpu *cpu)
{
    FIELD(uint32_t, cpu->object, OBJECT_INTERRUPT_REQUEST) |= INTERRUPT_HARD;
    lib_look_again(cpu);
}

void lib_look_again(struct cpu *cpu)
{
    FIELD(int16_t, cpu->object, OBJECT_COUNTER + 2) = -1;
}

void lib_single(struct cpu *cpu)
{
    FIELD(uint32_t, cpu->object, OBJECT_NEXT_FLAGS) =
        1; /* the most instructions, in its low bits */
    FIELD(int16_t, cpu->object, OBJECT_COUNTER + 2) = -1;
}

bool lib_halted(const struct cpu *cpu)
{
    return FIELD(uint32_t, cpu->object, OBJECT_HALTED);
}

/* A third fault leaves the loop with the double fault still noted. */
bool lib_stopped_by_shutdown(const struct cpu *cpu)
{
    return *lib_old_exception(cpu) == 8;
}
