/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu.h - contract 4: simulated x86 processors
 *
 * An engine holds up to CPU_MAX processors that share a physical memory. It knows rings, gates,
 * page tables, caches and cycles; it knows nothing of domains, devices or experiments. Whatever a
 * processor needs from the rest of the machine it asks through struct cpu_bus.
 *
 * Time. Each processor has a clock in cycles. cpu_run() advances one processor until its clock
 * reaches a deadline, to the block: it stops before the first block that begins at or after the
 * deadline. Nothing else advances a clock but cpu_skip(), by which the machine lets a halted
 * processor wait.
 *
 * Accounting. The machine keeps the tallies and lends the processor an array of four, one a ring;
 * the processor adds each event to the one of the ring in which it happens. Everything that moves
 * the clock is in a cycles_* event (events.def), so that the sums can be held against the clock.
 *
 * Thread rule: one engine a process, all calls from one thread. The library beneath keeps globals.
 */
#ifndef XENOLITH_CPU_H
#define XENOLITH_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpu_event {
#define EVENT(name, unit, model, description) CPU_##name,
#include "cpu/events.def"
#undef EVENT
    CPU_NR_EVENTS
};

/* What one context did in one ring on one processor. */
struct cpu_tally {
    uint64_t n[CPU_NR_EVENTS];
};

enum cpu_timing { CPU_TIMING_UNIT, CPU_TIMING_FAST, CPU_TIMING_FULL };

#define CPU_MAX 8 /* the library's mode bits have room for as many, see HF_PROCESSOR */

#define CPU_WATCHES     8
#define CPU_BREAKPOINTS 64 /* of a tool, on each processor */

struct cpu;           /* one processor */
struct cpu_engine;    /* the processors and what they share */
struct machine_costs; /* cpu/costs/costs.h: the cost model read from machines/ */

enum cpu_gate_kind {
    CPU_GATE_EXCEPTION,
    CPU_GATE_SOFTWARE, /* int n, int3, into */
    CPU_GATE_INTERRUPT,
    CPU_GATE_IRET,
    CPU_GATE_FAR_CALL,
    CPU_GATE_FAR_RETURN,
    CPU_GATE_SYSENTER,
    CPU_GATE_SYSEXIT,
};

/* One ring crossing, reported after it is complete and charged. */
struct cpu_crossing {
    enum cpu_gate_kind kind;
    uint8_t from, to; /* rings; equal for a delivery within a ring */
    uint8_t vector;   /* of exceptions and interrupts */
    uint32_t eax;     /* as the interrupted code left it: a hypercall's number for int 0x82 */
    uint32_t error_code;
    uint32_t eip;     /* of the interrupted code */
    uint32_t address; /* CR2 for page faults */
};

/*
 * What the machine supplies. Every callback gets `machine` and the processor's index. A callback
 * may call cpu_interrupt(), cpu_deadline() and cpu_spend(), and nothing else that changes a
 * processor.
 */
struct cpu_bus {
    void *machine;
    uint32_t (*port_read)(void *machine, unsigned cpu, uint16_t port, unsigned bytes);
    void (*port_write)(void *machine, unsigned cpu, uint16_t port, unsigned bytes, uint32_t value);
    /* Physical addresses at and above cpu_config.mmio_base. */
    uint32_t (*mmio_read)(void *machine, unsigned cpu, uint32_t address, unsigned bytes);
    void (*mmio_write)(void *machine, unsigned cpu, uint32_t address, unsigned bytes,
                       uint32_t value);
    /* The vector to deliver now, acknowledged; or -1: nothing after all. */
    int (*acknowledge)(void *machine, unsigned cpu);
    /* MSRs the processor does not know itself (APIC base, announcements). False raises #GP(0). */
    bool (*msr_read)(void *machine, unsigned cpu, uint32_t msr, uint64_t *value);
    bool (*msr_write)(void *machine, unsigned cpu, uint32_t msr, uint64_t value);
    /* CPUID leaves 0x40000000 and up; regs = EAX, EBX, ECX, EDX, preset to the input. */
    void (*announce)(void *machine, unsigned cpu, uint32_t regs[4]);
    void (*crossed)(void *machine, unsigned cpu, const struct cpu_crossing *crossing);
    /* The last stretch without interrupts is the longest so far (cpu_longest_masked); before the
     * crossing or `cli` that begins the next. May be NULL. */
    void (*masked)(void *machine, unsigned cpu);
};

struct cpu_config {
    unsigned processors; /* 1..CPU_MAX */
    uint8_t *ram;        /* host address of physical memory, page aligned */
    uint32_t ram_bytes;  /* multiple of 4096, at most mmio_base */
    uint32_t mmio_base;  /* devices live from here to 4 GB */
    size_t code_bytes;   /* room for translated code, reserved lazily; 0: a sane default */
    enum cpu_timing timing;
    const struct machine_costs *costs; /* not used by CPU_TIMING_UNIT; outlives the engine */
    bool no_filter;  /* CPU_TIMING_FULL: notify the model of every access, the oracle for tests */
    bool no_sharing; /* frames of equal content share no translations, the oracle for tests */
    struct cpu_bus bus;
};

/* The libraries beneath and their versions, for people: "libunicorn 2.0.1, Capstone 4.0". */
const char *cpu_libraries(void);

/*
 * Returns the engine, or NULL with one sentence in `why` (at most why_bytes): an unsupported
 * library build, a cost model that does not fit, no memory.
 */
struct cpu_engine *cpu_engine_open(const struct cpu_config *config, char *why, size_t why_bytes);
void cpu_engine_close(struct cpu_engine *engine);
struct cpu *cpu_get(struct cpu_engine *engine, unsigned index);

/* ---- running --------------------------------------------------------------------------------- */

enum cpu_stop {
    CPU_STOP_DEADLINE, /* the clock reached the deadline */
    CPU_STOP_HALT,     /* hlt with nothing pending: cpu_skip() or another event must wake it */
    CPU_STOP_PAUSE,    /* pause: it spins, and another processor has something to do */
    CPU_STOP_RESET,    /* triple fault; the registers are those before the first fault */
    CPU_STOP_STEP,     /* as many instructions have begun and ended as cpu_step() was asked for */
    CPU_STOP_BREAK,    /* the next instruction is one that cpu_break_set() named */
    CPU_STOP_WATCH,    /* the last instruction touched what cpu_watch_set() named */
    CPU_STOP_LOOK,     /* who was named to cpu_look() asked for it, before the next instruction */
    CPU_STOP_REFUSED,  /* something this processor does not implement: see cpu_refusal() */
};

/* Runs until the clock reaches `deadline` (cycles) or something else stops it. */
enum cpu_stop cpu_run(struct cpu *cpu, uint64_t deadline);

/*
 * The same, at most *instructions, from which those that began are taken (each iteration of a
 * repeated one counts, and one that faults). Stops change nothing: clocks, tallies and memory are
 * in the end those of one cpu_run(). The run stays open, with its deadline if a callback lowered
 * it: the next run goes on with it.
 */
enum cpu_stop cpu_step(struct cpu *cpu, uint64_t deadline, uint64_t *instructions);

/* Whether the open run stopped within a block that has begun. The next run finishes it first,
 * beyond the deadline if need be; until then no other processor may run and no event fire. */
bool cpu_within_block(const struct cpu *cpu);

/*
 * Runs stop before the instruction at a linear address, and go on from there. Any number of stops
 * changes nothing, as above. False: there are CPU_BREAKPOINTS already. While there is one the
 * processor runs at about half its speed.
 */
bool cpu_break_set(struct cpu *cpu, uint32_t linear);
void cpu_break_clear(struct cpu *cpu, uint32_t linear);

/*
 * Runs stop behind an instruction that wrote any of `bytes` from a linear address on, or, with
 * `reads`, read them; what the processor itself reads and writes in a crossing does not count. Any
 * number of stops changes nothing. False: there are CPU_WATCHES already. While there is one the
 * processor runs instruction by instruction, some ten million a second.
 */
bool cpu_watch_set(struct cpu *cpu, uint32_t linear, uint32_t bytes, bool reads);
void cpu_watch_clear(struct cpu *cpu, uint32_t linear);
/* After CPU_STOP_WATCH: the address of the access, and whether it wrote. */
uint32_t cpu_watch_hit(const struct cpu *cpu, bool *written);

/* Where a processor is when it is about to run what it has looked up. */
struct cpu_place {
    uint32_t pc;    /* linear */
    uint32_t stack; /* linear, of ESP */
    uint32_t cr3;
    uint8_t ring;
    uint64_t clock; /* what ran before has cost so much; exact */
};

enum cpu_grain { CPU_GRAIN_NONE, CPU_GRAIN_BLOCK, CPU_GRAIN_INSTRUCTION };

/*
 * From the next run on `show` is called before each block, a straight stretch of code, or before
 * each instruction, too (one may be shown twice at the same clock). It may look and not touch. No
 * count changes; the processor runs at a half of its speed, or at 10 million instructions a second.
 */
void cpu_show_places(struct cpu *cpu, enum cpu_grain grain,
                     void (*show)(void *owner, unsigned cpu, const struct cpu_place *place),
                     void *owner);

/*
 * From the next run on `look` is called before each instruction, and stops the run there by
 * returning true. It may look and not touch; one may be shown twice. NULL: no more. Stops change
 * nothing, as above; the processor runs at 10 million instructions a second at the most.
 */
void cpu_look(struct cpu *cpu,
              bool (*look)(void *owner, unsigned cpu, const struct cpu_place *place), void *owner);

/* The sentence that goes with CPU_STOP_REFUSED and CPU_STOP_RESET, with registers. */
const char *cpu_refusal(const struct cpu *cpu);

/* Cycles since reset. Exact while no run is under way and inside every bus callback. */
uint64_t cpu_clock(const struct cpu *cpu);

/* Instructions that have completed since reset; exact as the clock is. */
uint64_t cpu_instructions(const struct cpu *cpu);

/* Lowers the deadline of the run under way, from within a bus callback; never raises it. */
void cpu_deadline(struct cpu *cpu, uint64_t deadline);

/* Lets a halted processor wait until `clock`; the cycles are charged to cycles_halted. */
void cpu_skip(struct cpu *cpu, uint64_t clock);

/* From within a read or write of struct cpu_bus: the access takes this many cycles, charged to
 * cycles_control. The unit mode takes no notice. */
void cpu_spend(struct cpu *cpu, uint64_t cycles);

/* Level of the INTR line. While true and EFLAGS.IF allows, acknowledge() is called and its vector
 * delivered at the next block boundary. */
void cpu_interrupt(struct cpu *cpu, bool asserted);

bool cpu_halted(const struct cpu *cpu);

/* INIT (to the wait-for-SIPI state) and start-up IPI (begins at vector << 12 in real mode). */
void cpu_init(struct cpu *cpu);
void cpu_startup(struct cpu *cpu, uint8_t vector);
bool cpu_waits_for_startup(const struct cpu *cpu);

/* Multiboot's machine state (Multiboot 0.6.96, 3.2): protected mode, flat segments, no paging. */
void cpu_start_protected(struct cpu *cpu, uint32_t eip, uint32_t eax, uint32_t ebx);

/* ---- accounting ------------------------------------------------------------------------------ */

/* From now on events go to tally[ring], ring 0..3. Takes effect at once, also from a callback. */
void cpu_charge_to(struct cpu *cpu, struct cpu_tally *tally);

/* Folds what is still held in fast counters into the tallies; call before reading them. */
void cpu_settle(struct cpu *cpu);

/* The first linear address that rings 1-3 may not touch, 0 for none (announce.h). */
void cpu_outer_limit(struct cpu *cpu, uint32_t address);

/* Deliveries of each vector from each ring since reset. */
uint64_t cpu_delivered(const struct cpu *cpu, unsigned ring, uint8_t vector);

/* Cycles of the longest time since boot in which the processor took no interrupts (masked.c); with
 * `unfinished`, that which has not ended yet is compared too. */
uint64_t cpu_longest_masked(const struct cpu *cpu, bool unfinished);

/* Whether the engine's timing mode models an event; otherwise reports call it absent. */
bool cpu_models(const struct cpu_engine *engine, enum cpu_event event);

/* ---- inspection ------------------------------------------------------------------------------ */

struct cpu_registers {
    uint32_t gpr[8]; /* eax ecx edx ebx esp ebp esi edi */
    uint32_t eip, eflags;
    uint16_t selector[6]; /* es cs ss ds fs gs */
    uint32_t base[6];
    uint16_t ldt, tr;
    uint32_t gdt_base, idt_base;
    uint16_t gdt_limit, idt_limit;
    uint32_t cr0, cr2, cr3, cr4;
    uint8_t ring;
};

void cpu_registers(const struct cpu *cpu, struct cpu_registers *out);

/*
 * Writes by a tool, while no run is under way: they take no time and are not counted. False: the
 * processor would raise an exception for it, or the ring would change (registers.c); nothing has
 * changed. Numbers of general and segment registers are those of struct cpu_registers; control
 * registers are 0, 2, 3, 4. What is left of a block within which the run stopped does not run.
 */
void cpu_write_general(struct cpu *cpu, unsigned number, uint32_t value);
void cpu_write_eip(struct cpu *cpu, uint32_t value);
bool cpu_write_eflags(struct cpu *cpu, uint32_t value);
bool cpu_write_segment(struct cpu *cpu, unsigned number, uint16_t selector);
bool cpu_write_control(struct cpu *cpu, unsigned number, uint32_t value);

/* Walks the page tables without setting accessed bits. False: not present. */
bool cpu_translate(const struct cpu *cpu, uint32_t linear, uint32_t *physical);

/* The machine wrote guest memory itself, before anything ran: forget code translated from it. */
void cpu_memory_written(struct cpu_engine *engine, uint32_t physical, uint32_t bytes);

/* What a device's access to memory met in the caches, in lines of 64 bytes. */
struct cpu_device_lines {
    uint64_t moved;        /* lines that the range touches */
    uint64_t written_back; /* dirty in a cache */
    uint64_t dropped;      /* left a cache because the device wrote them */
};

/*
 * A device, as master of the bus, is about to read or write a range of RAM. Caches of every
 * processor write back what is dirty in it and, before a write, drop it; the transfer occupies the
 * bus. Before a write, code translated from the range is forgotten. Allowed between runs and from a
 * bus callback; adds to *lines, which only the full mode does.
 */
void cpu_device_access(struct cpu_engine *engine, uint32_t physical, uint32_t bytes, bool write,
                       struct cpu_device_lines *lines);

/*
 * Saves the processors by name, or loads what another process saved (saved/saved.h). Between runs,
 * within no block, of processors that have not ended; the engine that loads was opened with the
 * same configuration, has not run, and has its memory's contents already. Clocks, counts and all
 * that follows are then those of the engine that was saved. Tallies are the machine's: it calls
 * cpu_settle() before it saves and cpu_charge_to() after it has loaded.
 */
struct saved;
void cpu_engine_saved(struct cpu_engine *engine, struct saved *saved);

/* Figures about the engine itself, for benchmarks; never part of a result. */
struct cpu_host_figures {
    uint64_t blocks_translated, code_bytes_used, code_flushes, softmmu_fills, slow_blocks;
    uint64_t texts; /* different pages of code (twins.h) since the last flush */
};
void cpu_host_figures(const struct cpu_engine *engine, struct cpu_host_figures *out);

#endif
