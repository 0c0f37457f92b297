/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unicorn.h - the execution engine as the rest of cpu/ sees it
 *
 * What we ask of the library. Everything that knows libunicorn's symbols and structures is behind
 * this header (unicorn*.c); the essay is at the head of unicorn.c. What the library asks of us is
 * in engine_calls.h.
 */
#ifndef XENOLITH_CPU_UNICORN_H
#define XENOLITH_CPU_UNICORN_H

#include "cpu/state.h"
#include "cpu/engine/unicorn_layout.h"

/* Translation modes of the software TLB. Whose rights a translation was made with. */
enum access_mode { ACCESS_RING0 = 0, ACCESS_RING3 = 1, ACCESS_RING12 = 2 };

enum access_kind { ACCESS_READ = 0, ACCESS_WRITE = 1, ACCESS_FETCH = 2 };

enum segment_register { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };

enum general_register { EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI };

/* ---- registers ------------------------------------------------------------------------------- */

#define LIB_FIELD(type, name, offset)                                                              \
    static inline type *lib_##name(const struct cpu *cpu)                                          \
    {                                                                                              \
        return (type *)(void *)(cpu->env + (offset));                                              \
    }

LIB_FIELD(uint64_t, gpr, ENV_GPR) /* array of 8; the upper halves are zero */
LIB_FIELD(uint64_t, eip, ENV_EIP)
LIB_FIELD(uint32_t, raw_eflags, ENV_EFLAGS) /* without the arithmetic flags and DF */
LIB_FIELD(uint32_t, hflags, ENV_HFLAGS)
LIB_FIELD(uint64_t, cr, ENV_CR) /* array of 5 */
LIB_FIELD(uint64_t, efer, ENV_EFER)
LIB_FIELD(uint32_t, error_code, ENV_ERROR_CODE)
LIB_FIELD(uint32_t, exception_is_int, ENV_EXCEPTION_IS_INT)
LIB_FIELD(int32_t, old_exception, ENV_OLD_EXCEPTION)
LIB_FIELD(uint64_t, dr, ENV_DR) /* array of 8 */
LIB_FIELD(uint32_t, sysenter_cs, ENV_SYSENTER_CS)
LIB_FIELD(uint64_t, sysenter_esp, ENV_SYSENTER_ESP)
LIB_FIELD(uint64_t, sysenter_eip, ENV_SYSENTER_EIP)
LIB_FIELD(uint64_t, clock, SLOT_CLOCK)
LIB_FIELD(uint64_t, model_clock, SLOT_MODEL_CLOCK)
LIB_FIELD(uint64_t, instructions, SLOT_INSTRUCTIONS)
LIB_FIELD(uint64_t, limit, SLOT_LIMIT)
LIB_FIELD(struct block *, block, SLOT_BLOCK)
#undef LIB_FIELD

/* A segment register, LDTR, TR; GDTR and IDTR use base and limit only. */
struct lib_segment {
    uint32_t selector, unused;
    uint64_t base;
    uint32_t limit;
    uint32_t flags; /* the descriptor's second word */
};
_Static_assert(sizeof(struct lib_segment) == ENV_SEGMENT_BYTES, "segment register layout");

static inline struct lib_segment *lib_segment(const struct cpu *cpu, enum segment_register segment)
{
    return (struct lib_segment *)(void *)(cpu->env + ENV_SEGMENTS + segment * ENV_SEGMENT_BYTES);
}

static inline struct lib_segment *lib_ldt(const struct cpu *cpu)
{
    return (struct lib_segment *)(void *)(cpu->env + ENV_LDT);
}

static inline struct lib_segment *lib_tr(const struct cpu *cpu)
{
    return (struct lib_segment *)(void *)(cpu->env + ENV_TR);
}

static inline struct lib_segment *lib_gdt(const struct cpu *cpu)
{
    return (struct lib_segment *)(void *)(cpu->env + ENV_GDT);
}

static inline struct lib_segment *lib_idt(const struct cpu *cpu)
{
    return (struct lib_segment *)(void *)(cpu->env + ENV_IDT);
}

static inline unsigned lib_ring(const struct cpu *cpu)
{
    return *lib_hflags(cpu) & HF_CPL;
}

/* EFLAGS as software sees them. Inside a run the library keeps the arithmetic flags apart. */
uint32_t lib_eflags(const struct cpu *cpu);
/* Sets all of them, while no run is under way. */
void lib_set_eflags(struct cpu *cpu, uint32_t value);

/* Loads a segment register and derives the mode bits; SS sets the ring by its descriptor's DPL. */
void lib_load_segment(struct cpu *cpu, enum segment_register segment, uint16_t selector,
                      uint32_t base, uint32_t limit, uint32_t flags);

/* Whether CS has a limit that running blocks must look at; after CS or the outer limit changed. */
void lib_note_segments(struct cpu *cpu);
/* Whether all of a block that is about to run lies below the limit of CS. */
bool lib_within_limit(const struct cpu *cpu, const struct block *block);

/* ---- engine ---------------------------------------------------------------------------------- */

/* Opens, checks and interposes the library and makes the processor objects. */
bool lib_open(struct cpu_engine *engine, char *why, size_t why_bytes);
void lib_close(struct cpu_engine *engine);

/* Runs a processor until lib_stop(), a halt, a shutdown. EIP and registers are exact after it. */
void lib_run(struct cpu *cpu);

/* The processor whose code runs or ran last. */
struct cpu *lib_current(void);

/* Puts a processor into its state after INIT; the clock and the counters stay. */
void lib_reset(struct cpu *cpu);

/* Ends the run after the instruction under way if called from a hook, at once from a callback at
 * a block's start. */
void lib_stop(struct cpu *cpu);

/* From a block's slow path: do not run this block now, look at interrupts first. */
void lib_break(struct cpu *cpu);

/* From a block's slow path: do not run this block now, look up which one is to run. */
void lib_look_again(struct cpu *cpu);

/* From a block's slow path: run its first instruction alone instead. */
void lib_single(struct cpu *cpu);

bool lib_halted(const struct cpu *cpu);
bool lib_stopped_by_shutdown(const struct cpu *cpu);

/* Raises an exception from within the loop; does not return. EIP becomes that of the instruction
 * whose helper runs; in a hook at a block's boundary it stays. */
_Noreturn void lib_raise(struct cpu *cpu, unsigned vector, uint32_t error_code);

/*
 * Ends what is under way inside the loop, which then looks for interrupts and the next block; does
 * not return. EIP as for lib_raise().
 */
_Noreturn void lib_leave(struct cpu *cpu);

/* Leaves the loop at once, from anywhere inside; does not return. EIP as for lib_raise(). */
_Noreturn void lib_abandon(struct cpu *cpu);

/* Linear address of the instruction whose helper or memory access is under way; false between
 * blocks. */
bool lib_instruction_address(const struct cpu *cpu, uint32_t *linear);

/*
 * The tail (state.h) is what follows the instruction at `ra`, until lib_tail_end(); EIP is set to
 * it.
 */
void lib_tail_begin(struct cpu *cpu, uintptr_t ra);
void lib_tail_end(struct cpu *cpu);

/* ---- memory ---------------------------------------------------------------------------------- */

/*
 * Accesses by the processor itself, at a linear address. They translate like an instruction of
 * that mode would and may raise #PF or #GP with EIP as it stands: deliver and helpers set it first.
 */
uint16_t lib_read16(struct cpu *cpu, enum access_mode mode, uint32_t linear);
uint32_t lib_read32(struct cpu *cpu, enum access_mode mode, uint32_t linear);
void lib_write16(struct cpu *cpu, enum access_mode mode, uint32_t linear, uint16_t value);
void lib_write32(struct cpu *cpu, enum access_mode mode, uint32_t linear, uint32_t value);

/* Enters a translation of a linear address, for mmu_fill(). Physical addresses that nobody backs
 * read as ones and ignore writes. */
void lib_tlb_enter(struct cpu *cpu, enum access_mode mode, uint64_t linear, uint64_t physical,
                   bool readable, bool writable, bool executable);
void lib_tlb_flush(struct cpu *cpu);
/* What a slot of the software TLB holds, as lib_tlb_enter() takes it; rights: 1 to read, 2 to
 * write, 4 to execute. False: nothing. A processor has LIB_TLB_SLOTS of them. */
#define LIB_TLB_SLOTS (3 * 2048)
bool lib_tlb_entry(struct cpu *cpu, unsigned slot, uint32_t *mode, uint64_t *linear,
                   uint64_t *physical, uint32_t *rights);
void lib_tlb_flush_page(struct cpu *cpu, uint32_t linear);
/* Accesses to a page that is held already are told from now on, as those of pages to come are for
 * which breakpoint_watches_page() is true. */
void lib_tlb_watch_page(struct cpu *cpu, uint32_t linear);
void lib_tlb_flush_outer(struct cpu *cpu); /* ACCESS_RING12 alone */

/* Sets block->frame as the processor's translations stand: translations serve all frames of equal
 * content (twins.h), so this differs from run to run. */
void lib_code_place(const struct cpu *cpu, struct block *block);

/* A range of physical memory was written, or is about to be: drops code translated from it. */
void lib_code_invalidate(struct cpu_engine *engine, uint32_t physical, uint32_t bytes);

/* Recompute what depends on a control register, after the caller checked the value. */
void lib_set_cr0(struct cpu *cpu, uint32_t value);
void lib_set_cr4(struct cpu *cpu, uint32_t value);

uint64_t lib_code_bytes_used(const struct cpu_engine *engine);

#endif
