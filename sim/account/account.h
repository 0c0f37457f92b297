/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.h - who did what: every event and every cycle to a context, a ring and a reason
 *
 * A context is what the software on the machine says it is (include/xenolith/announce.h): a domain
 * under the hypervisor, a process under the bare kernel. Every processor charges its events to the
 * tally of the context it runs, one a ring; the sums over all contexts and rings equal the clocks.
 *
 * Time in ring 0 is also split by reason: the hypercall, exception or interrupt by which ring 0 was
 * entered from outside, from the moment the entry is complete to the moment the exit is.
 */
#ifndef XENOLITH_SIM_ACCOUNT_H
#define XENOLITH_SIM_ACCOUNT_H

#include "include/xenolith/announce.h"
#include "sim/machine/machine.h"

#define HYPERCALL_VECTOR 0x82
#define HYPERCALL_MAX    64 /* numbers counted each on their own */
#define SYSCALL_VECTOR   0x80
#define SYSCALL_MAX      512 /* likewise; the last stands for all greater ones */

/* Reasons for being in ring 0: before anything was entered; a vector; a hypercall by number. */
enum {
    REASON_BOOT = 0,
    REASON_VECTOR = 1,                                  /* + vector */
    REASON_HYPERCALL = REASON_VECTOR + 256,             /* + number */
    REASON_COUNT = REASON_HYPERCALL + HYPERCALL_MAX + 1 /* the last: any greater number */
};

struct reason {
    uint64_t entries, cycles;
};

/* What grows while a context runs; kept twice, now and at the window's start. */
struct context_counts {
    struct cpu_tally tally[CPU_MAX][4];
    struct reason reason[REASON_COUNT];
    uint64_t syscalls[SYSCALL_MAX];
    uint64_t units; /* of work, announced */
};

/* A counter table in guest memory, checked when it was announced. */
struct counter_table {
    bool present;
    bool ended; /* who announced it is gone, and its number may be given away again */
    uint32_t physical;
    uint32_t kept, count; /* counters in memory; those and what only users before had */
    char (*names)[ANNOUNCE_NAME_BYTES];
    uint64_t *before;      /* what users of the number before counted */
    uint64_t *now, *start; /* values read last; values at the window's start */
};

struct context {
    uint32_t id;
    bool ended; /* will not run again */
    struct counter_table table;
    struct context_counts now, start;
};

/* A copy of a program, as what starts it tells (ANNOUNCE_LEAF_COPY_READY and the next). */
struct copy {
    struct context *starter; /* who said that it is ready; NULL: nobody has */
    struct context *program; /* who runs it now; NULL: nobody */
    uint64_t begin, end;     /* clocks of the processor: of its first begin, of its last end */
    uint64_t runs;           /* that ended well */
    bool begun, ended, late; /* late: it was not ready when another began */
    bool lost;               /* its starter is gone, and has not said how it ended */
    uint16_t status;         /* wait status of the last run, once ended */
};

struct copies {
    struct copy *copy; /* NULL: none are expected */
    bool repeat;       /* each begins again when it has ended well, and that is a unit of work */
    unsigned expected, begun, ended;
};

/* A stretch that is counted by name (ANNOUNCE_LEAF_REGION). */
struct region {
    char name[ANNOUNCE_NAME_BYTES];
    bool machine;                          /* counts all contexts, and not only */
    uint32_t context;                      /* this one */
    unsigned depth;                        /* begins without an end */
    uint64_t times;                        /* outermost ends, or units */
    uint64_t begun;                        /* clock of the processor that began it */
    uint64_t elapsed;                      /* cycles between begins and ends */
    struct cpu_tally start[4], counted[4]; /* by ring: at the begin; between begins and ends */
};

struct regions {
    struct region *region[ANNOUNCE_REGIONS_MAX]; /* in the order in which they were first named */
    unsigned count;
    uint64_t refused; /* malformed, one too many, or an end without a begin */
};

#define REASON_DEPTH 8

/* Where a processor is. */
struct account_cpu {
    struct context *context;
    bool inside; /* in ring 0, for a reason that is on the stack */
    uint16_t reason[REASON_DEPTH];
    unsigned depth; /* of interrupts within ring 0 */
    uint64_t since; /* clock up to which ring 0 time is charged */
    uint64_t start_clock;
    uint16_t masked_for; /* the reason on top while it was masked for longest */
    uint64_t outside;    /* cycles in rings 1-3, for the check */
};

/* A disk that a guest keeps in its memory. */
struct ramdisk {
    uint32_t bytes;
    uint32_t *page; /* physical address of each; NULL: none was announced */
};

struct account {
    struct machine *machine;
    struct account_cpu cpu[CPU_MAX];
    struct context *by_id[ANNOUNCE_CONTEXT_MAX + 1];
    uint32_t highest;                /* id in by_id */
    struct counter_table supervisor; /* the hypervisor's, or the bare kernel's */
    unsigned expected;               /* contexts that must work before the window begins; 0: none */
    unsigned working;                /* contexts that have announced a unit */
    bool window;                     /* has begun */
    struct copies copies;
    struct regions regions;
    struct ramdisk ramdisk;  /* the last one that was announced */
    uint64_t tables_refused; /* malformed ones, or from a ring that may not */
};

/* Observes `machine` from now on. When `expected` contexts have announced work the machine is
 * stopped, once. */
void account_attach(struct account *account, struct machine *machine, unsigned expected);
void account_free(struct account *account);

/* The record of a context, made if there is none. */
struct context *account_context(struct account *account, uint32_t id);

/* Brings everything up to date, between runs only. */
void account_settle(struct account *account);

/* For how long a processor took no interrupts at the most, in cycles since its boot, and why it
 * was in ring 0 then. What is under way at the end counts, unless the supervisor has switched
 * the machine off. */
uint64_t account_masked(const struct account *account, unsigned cpu, unsigned *reason);

/* A context has finished units of work. */
void account_work(struct account *account, struct context *context, uint32_t units);

/* The window begins now. */
void account_start_window(struct account *account);

/* Name of a reason (reasons.c): "hypercall.mmu_update", "exception.page_fault", "vector.240". At
 * most 48 bytes. */
void reason_name(unsigned reason, char *name, size_t bytes);

/* ---- counter tables (announced.c) ------------------------------------------------------------ */

/* Checks and takes over a table announced at `linear` by `cpu` in `ring`. False: refused. */
bool counter_table_take(struct counter_table *table, const struct machine *machine, unsigned cpu,
                        unsigned ring, uint32_t linear);
/* Reads its values again. */
void counter_table_read(struct counter_table *table, const struct machine *machine);
/* Its announcer is gone: the values of now stand, and the next table of the number adds to them. */
void counter_table_end(struct counter_table *table, const struct machine *machine);
void counter_table_free(struct counter_table *table);
/* The value of `name` now, and since the window began. False if the table has no such counter. */
bool counter_value(const struct counter_table *table, const char *name, uint64_t *now,
                   uint64_t *in_window);

/* ---- copies of a program (copies.c) ---------------------------------------------------------- */

/*
 * Follows `count` copies. The machine is stopped when the first begins and when the last has ended;
 * with `repeat`, when each has ended once, and when one has failed. False: no memory.
 */
bool copies_expect(struct account *account, unsigned count, bool repeat);
/* Copy `argument` (low half) is ready, begins or ends on `cpu`, by `leaf`. What makes no sense is
 * ignored. */
void copies_announced(struct account *account, unsigned cpu, uint32_t leaf, uint32_t argument);
/* A context ended: a copy that it was to start, and that has not ended, is lost. */
void copies_context_ended(struct account *account, const struct context *context);
/* The machine will not run again: what runs now is counted with what started it. */
void copies_settle(struct account *account);
void copies_free(struct copies *copies);

/* ---- regions (regions.c) --------------------------------------------------------------------- */

/* A struct announced_region at `linear` of `cpu`. What makes no sense is refused and counted. */
void region_announced(struct account *account, unsigned cpu, uint32_t linear);
/* Context `from` is about to be counted as `into`: so are its regions. */
void regions_merge(struct account *account, uint32_t from, uint32_t into);
/* The machine will not run again: what is open ends here, and stays marked by its depth. */
void regions_settle(struct account *account);
void regions_free(struct regions *regions);

/* The name of an i386 Linux system call (syscalls.c): "read", or its number if it has none. */
void syscall_name(unsigned number, char *name, size_t bytes);

/* ---- ramdisks (ramdisk.c) -------------------------------------------------------------------- */

/* Checks and takes over a ramdisk announced at `linear` by `cpu`. False: refused. */
bool ramdisk_take(struct ramdisk *ramdisk, const struct machine *machine, unsigned cpu,
                  uint32_t linear);
/* Writes it as it is now to a file. False with one sentence in `why`: none, or the file's
 * trouble. */
bool ramdisk_save(const struct ramdisk *ramdisk, const struct machine *machine, const char *path,
                  char *why, size_t why_bytes);
void ramdisk_free(struct ramdisk *ramdisk);

/* ---- sums (sums.c) --------------------------------------------------------------------------- */

enum span { SPAN_ALL, SPAN_WINDOW }; /* since reset; since the window began */

/* How often an event happened to a context in a ring of a processor. */
uint64_t context_event(const struct context *context, unsigned cpu, unsigned ring,
                       enum cpu_event event, enum span span);
/* Over all contexts, processors and rings. */
uint64_t total_event(const struct account *account, enum cpu_event event, enum span span);
/* All cycles of a context on a processor. */
uint64_t context_cycles(const struct context *context, unsigned cpu, enum span span);
struct reason context_reason(const struct context *context, unsigned reason, enum span span);
struct reason total_reason(const struct account *account, unsigned reason, enum span span);

struct work_figures {
    uint64_t units;
    uint64_t instructions;  /* in ring 3, of the contexts that work */
    uint64_t contexts;      /* that work */
    uint64_t cycles;        /* of those, not halted, */
    uint64_t smallest;      /* and of the one with fewest, */
    uint64_t largest;       /* and with most */
    uint64_t window_cycles; /* length of the window on processor 0; 0 without one */
};
void work_figures(struct work_figures *work, const struct account *account, enum span span);

/* Of the contexts of some copies of a program; once copies_settle() was called. */
struct group_figures {
    uint64_t units, cycles, instructions; /* cycles: not halted; instructions: in ring 3 */
};
void group_figures(struct group_figures *group, const struct account *account, uint64_t first,
                   uint64_t copies, enum span span);

/* Every cycles_* event. */
bool is_cycles(enum cpu_event event);
uint64_t tally_cycles(const struct cpu_tally *tally);
/* The next context with an id at or above `id`, or NULL. */
struct context *context_from(const struct account *account, uint32_t id);
/* "domain 3", "idle", ... */
void context_name(uint32_t id, const char *kind, char *name, size_t bytes);

extern const char *const event_names[CPU_NR_EVENTS];
extern const char *const event_units[CPU_NR_EVENTS];

#endif
