/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - a processor as cpu/'s own files see it
 *
 * Registers live in the library's state (unicorn.h gives access); what the library does not know
 * lives here.
 */
#ifndef XENOLITH_CPU_STATE_H
#define XENOLITH_CPU_STATE_H

#include "cpu/model/block.h"
#include "cpu/cpu.h"
#include "cpu/float/number.h"
#include "cpu/model/model.h"
#include "cpu/model/timing.h"

enum { PAE_ROOTS = 4, REFUSAL_BYTES = 1024 };

/* Stretches without interrupts (masked.c); clocks. */
struct masked {
    bool now, counted;
    uint64_t since, ended, longest; /* of the last or present stretch; ended only if that is over */
};

enum { SOFT_TLB_MODES = 3, SOFT_TLB_NOTED = 512 };

/* Which entries of a table of the software TLB are filled (unicorn_tlb.c). */
struct soft_tlb_filled {
    unsigned count; /* above SOFT_TLB_NOTED: too many, wipe the table */
    uint16_t index[SOFT_TLB_NOTED];
};

/*
 * What is true only while an instruction's helper runs (unicorn_hooks.c), so that between runs it
 * says nothing.
 */
/* The flags before the last RCL or RCR, which is done again if it faults (unicorn_flags.c). */
struct rotated {
    uintptr_t return_address; /* of its helper; 0: none since the last fault */
    uint64_t flags;
};

struct helper {
    uintptr_t return_address; /* of the helper under way; 0 outside of helpers */
    uint64_t outer_flags_at;  /* where an outer ring's iret pops its flags, or NOT_POPPED */
    uintptr_t storing;        /* return address of the store into code under way, or 0 */
    bool before;              /* it is a check that comes before its instruction (unicorn_care.c) */
    struct rotated rotated;
};
#define NOT_POPPED UINT64_MAX

enum { WALK_BLOCK_MOST = 512 }; /* instructions of a block, a limit of the library */
#define WALK_NO_END UINT64_MAX

/* A run that stops between instructions (walk.c). */
struct walk {
    uint64_t steps; /* instructions that may still begin, or WALK_NO_END */
    bool stopped;   /* the run ends, and why */
    enum cpu_stop why;
    bool passing; /* the instruction at `passed` does not break if it is the next */
    uint32_t passed;
    bool inside; /* `whole` is walked through; `begun` of its instructions have begun */
    unsigned begun;
    struct block whole;
    struct decoded_instruction table[WALK_BLOCK_MOST]; /* the whole's, unless it has none */
    unsigned breakpoints;
    uint32_t breakpoint[CPU_BREAKPOINTS]; /* linear addresses */
    unsigned watches;
    struct watch {
        uint32_t linear, bytes;
        bool reads; /* they count, too */
    } watch[CPU_WATCHES];
    bool touched; /* by the instruction that began last: what, and whether it wrote */
    uint32_t touched_at;
    bool touched_written;
    bool (*look)(void *owner, unsigned cpu, const struct cpu_place *place); /* or NULL */
    void *look_owner;
};

/* A tool that is shown where the processor is (cpu_show_places()). */
struct shown {
    enum cpu_grain grain;
    void (*show)(void *owner, unsigned cpu, const struct cpu_place *place);
    void *owner;
};

/* What lies between the helpers of one x87 instruction (unicorn_x87.c). */
struct x87 {
    struct fp_number operand; /* the second one */
    bool operand_empty;
    bool kept;    /* an unmasked exception ended the instruction: nothing is popped */
    uint8_t push; /* enum x87_push: what became of the first half of a load */
};

struct cpu {
    struct cpu_engine *engine;
    unsigned index;
    uint8_t *object; /* the library's processor object */
    uint8_t *env;    /* its architectural state */

    struct timing *timing;   /* caches and TLBs of the full mode, or NULL */
    struct meter meter;      /* clock, tally of the ring that runs, costs */
    struct cpu_tally *tally; /* of the context that runs, by ring */
    unsigned ring;           /* whose tally the meter points at */

    /* Fast counters when they were last folded, and the clock that was not issue by then. */
    uint64_t folded_clock, folded_instructions, folded_stalls;

    /* Charged by the prologue of the block that runs, but not executed yet: known exactly while
     * a bus callback or rdtsc looks at the clock, zero otherwise. */
    uint64_t tail_cycles, tail_instructions;

    uint64_t deadline;
    bool lowered;   /* by a callback, in the run that is open */
    bool running;   /* inside the library's loop: arithmetic flags are apart from EFLAGS */
    bool stopping;  /* the loop ends, for lib_stop() was called */
    bool interrupt; /* level of INTR */
    bool halted, waits_for_startup;
    bool paused;     /* pause ended this run */
    bool look_again; /* code was written: the next block must be looked up, not jumped to */
    bool shutdown;   /* triple fault */
    bool refused;

    bool breakpoints;   /* DR7 enables any */
    uint8_t watch_hits; /* breakpoints on data that the last instruction touched */

    struct helper helper;
    struct walk walk;
    struct shown shown;
    struct x87 x87;
    struct soft_tlb_filled soft_tlb[SOFT_TLB_MODES];
    uint64_t jump_groups; /* of the library's jump cache that may hold blocks, a bit each */

    uint32_t outer_limit;
    uint32_t large_low, large_high; /* all large pages translated since the last flush lie here */
    bool outer_filled;              /* ring 0 filled translations that rings 1-2 would find */
    uint32_t software_eip, software_return; /* of the int n under way, and behind it */
    uint64_t last_exception;                /* the clock when one was delivered */
    bool delivering;                        /* a delivery began and did not succeed yet */
    uint32_t *fetched[3]; /* by ring (0, outer, 3) and linear page: frame of the last fetch, + 1 */
    uint64_t root[PAE_ROOTS]; /* PAE page-directory pointers, loaded with CR3 */
    uint64_t tsc_offset, pat;

    uint64_t delivered[4][256];
    struct masked masked;
    struct {
        unsigned vector;
        uint32_t error_code, eip, address;
    } first_fault; /* of the chain that led to a shutdown */
    char refusal[REFUSAL_BYTES];
};

struct cpu_engine {
    struct cpu_config config;
    const struct cpu_model *model; /* never NULL; its pointers may be */
    struct decoder *decoder;
    void *uc; /* the library's engine */
    void *block_hook;
    void *ram_region;     /* the library's record of physical memory, or NULL: not asked yet */
    uint64_t nowhere;     /* physical page that stands for what nobody backs */
    uint8_t *code_frames; /* by frame: 1 when stores to it must be seen, for it holds code */
    struct twins *twins;  /* which frames share their translations */
    struct cpu_host_figures figures;
    struct cpu_tally nobody[4]; /* charged until cpu_charge_to() */
    struct cpu cpu[CPU_MAX];
};

/* ---- cpu.c ----------------------------------------------------------------------------------- */

/* Adds what translated code counted since the last fold to the tally that is current. */
void cpu_fold(struct cpu *cpu);

/* The ring changed: later events go to its tally, and its rights hold for translations. */
void cpu_ring_changed(struct cpu *cpu);

/* Shows the tool where the processor is; `ahead` cycles on the clock are yet to be spent. */
void cpu_show(struct cpu *cpu, uint32_t pc, uint64_t ahead);
struct cpu_place cpu_place(struct cpu *cpu, uint32_t pc, uint64_t ahead);
/* The ring was set from a saved state: nothing is folded, for nothing has run. */
void cpu_ring_loaded(struct cpu *cpu);

/* Makes the next block enter the slow path when there is a reason to. */
void cpu_update_limit(struct cpu *cpu);

/* Stops the run for good with a sentence; the registers are appended. Callable anywhere. */
void cpu_refuse(struct cpu *cpu, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * The next instruction cannot be fetched: what would have come before it comes before the fault,
 * too, for a fault that is met while a block is looked for is followed by no block. Returns if
 * nothing does.
 */
void cpu_fetch_faults(struct cpu *cpu);

/* A third fault: says which was the first, and stops the processor until it is reset. */
void cpu_shut_down(struct cpu *cpu);

/* From the block's slow path: true when the block may run now and has been charged, false when the
 * loop is left. */
bool cpu_block_entry(struct cpu *cpu, struct block *block);

/* The library is about to leave a block before instruction number `completed`. Of a block that is
 * walked through, `block` and `completed` are those of its instruction that runs. */
void cpu_block_left(struct cpu *cpu, struct block *block, unsigned completed);

/* Cycles of a block's first `completed` instructions. */
uint64_t cpu_block_cycles(const struct block *block, unsigned completed);

/* ---- masked.c -------------------------------------------------------------------------------- */

/* IF has or may have changed. Shadowed: by a `cli` right after
 * `sti`. */
void masked_update(struct cpu *cpu, bool shadowed);

/* The processor has left ring 0, or halted to wait for interrupts: its boot is over. */
void masked_count(struct cpu *cpu);
void masked_reset(struct cpu *cpu);

#endif
