/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inspect.h - stepping: run a machine to the next of something, and say what happened
 *
 * The logic of every face (a script today) is here; faces read commands and print. It observes the
 * machine in front of the accounting and passes everything on. No stop changes a result
 * (cpu/walk.c, sim/machine/machine.c).
 */
#ifndef XENOLITH_SIM_INSPECT_H
#define XENOLITH_SIM_INSPECT_H

#include "sim/account/account.h"
#include "sim/inspect/sentence.h"
#include "sim/inspect/symbols.h"
#include "sim/inspect/timeline.h"

/* What a run goes to. */
enum inspect_level {
    INSPECT_END,         /* of the run */
    INSPECT_INSTRUCTION, /* so many further */
    INSPECT_CLOCK,       /* every processor's has reached it */
    INSPECT_ADDRESS,     /* a processor is to run the instruction there */
    INSPECT_CROSSING,    /* from a ring to another */
    INSPECT_HYPERCALL,   /* any, or one number */
    INSPECT_SYSCALL,     /* any, or one number */
    INSPECT_SWITCH,      /* a processor runs another domain, or process */
    INSPECT_EVENT,       /* the hypervisor enters a guest's event callback */
    INSPECT_UPDATE,      /* the hypervisor is to update a page-table entry */
    INSPECT_OVER,        /* the code behind a call, which has returned */
    INSPECT_OUT,         /* what runs returns to its caller, or by iret */
    INSPECT_LINE,        /* another line of source code, of the same ring and domain */
    INSPECT_COUNTER,     /* a counter has grown, or reached `until` */
};

#define INSPECT_ANY       UINT64_MAX
#define INSPECT_MARKS     16
#define INSPECT_MARK_NAME 24
#define INSPECT_ARGUMENTS 160

/* Where a run is: instructions that all processors have completed, and the sum of their clocks, by
 * which two places with as many instructions differ. */
struct inspect_position {
    uint64_t instructions, clocks;
    uint64_t clock_min; /* of the processor furthest behind; 0: not known */
};

/* A register's value and another, both without sign. */
enum inspect_relation { INSPECT_IS, INSPECT_ISNT, INSPECT_BELOW, INSPECT_ABOVE };

/* When a breakpoint or a watch stops: for whom, and what a register holds. */
struct inspect_when {
    uint32_t context; /* or INSPECT_ANYBODY */
    int reg;          /* EAX to EDI as in struct cpu_registers, or -1: whatever it holds */
    enum inspect_relation relation;
    uint32_t value;
};
#define INSPECT_ANYBODY UINT32_MAX

/* Where a run began, for those that end relative to it (frame.c). */
struct inspect_frame {
    unsigned cpu;
    uint32_t context, stack; /* stack: linear, of ESP */
    uint8_t ring;
    struct source source; /* the line; its file is NULL if it has none */
    bool returns;         /* the last instruction seen was its return, at `pc` */
    uint32_t pc;
};

/* What a counter was when it was last looked at (counted.c). */
struct inspect_counted {
    uint64_t total;
    uint64_t own[CPU_MAX]; /* of the context that a processor ran then, on it */
    uint32_t of[CPU_MAX];  /* the context's number and 1; 0: none was looked at */
};

/* What the user has set, wherever the run is. */
struct inspect_session {
    uint32_t kept[CPU_BREAKPOINTS]; /* addresses of breakpoints that were set to stay */
    struct inspect_when when[CPU_BREAKPOINTS];
    unsigned kept_count;
    struct {
        uint32_t address, bytes;
        bool reads;
        struct inspect_when when;
    } watch[CPU_WATCHES];
    unsigned watches;
    struct {
        char name[INSPECT_MARK_NAME];
        struct inspect_position at;
    } mark[INSPECT_MARKS];
    unsigned marks;
};

struct history;

struct inspect {
    struct machine *machine;
    struct account *account;
    struct symbols symbols;
    struct machine_observer inner; /* the accounting's */
    bool hypervisor;               /* ring 0 is one; else contexts are processes */
    unsigned cpu;                  /* that is looked at: the one which stopped last */

    enum inspect_level level; /* of the run under way */
    uint64_t number;          /* of the call that is looked for, or INSPECT_ANY; or a counter's */
    uint64_t until;           /* what the counter has to reach; 0: it has to grow */
    uint64_t within;          /* cycles after which the next run ends, found or not; 0: whenever */
    bool found;
    struct inspect_frame frame;
    struct inspect_counted counted;
    bool at_crossing; /* the last stop is behind `crossing`, and nothing has run since */
    struct cpu_crossing crossing; /* the last one, of `crossing_cpu` */
    unsigned crossing_cpu;
    uint32_t context[CPU_MAX], context_before;
    struct inspect_session session;
    struct history *history; /* earlier states; NULL: none are kept */
    struct timeline timeline;
    uint32_t *callback; /* by context: the event callback's address, as last set; 0: none */

    struct cpu_registers before; /* of `cpu`, at the last stop */
    struct cpu_tally total, total_before;
    uint64_t clock, clock_before;
    char sentence[INSPECT_SENTENCE]; /* what the last stop was for */
};

/* Observes instead of `account`, which is attached already. False: no memory. */
bool inspect_open(struct inspect *inspect, struct account *account,
                  const struct boot_images *images);
void inspect_close(struct inspect *inspect);

/*
 * Runs to the next of a level. `number` is the instructions, clock, address, or number of the call.
 * False: the run ended before; the sentence says how, and no later run goes on.
 */
bool inspect_run(struct inspect *inspect, enum inspect_level level, uint64_t number);

/* To a position ahead, without breakpoints on the way; the sentence says where that is. */
void inspect_go_on_to(struct inspect *inspect, const struct inspect_position *target);

struct inspect_position inspect_position(const struct inspect *inspect);
bool inspect_before(const struct inspect_position *a, const struct inspect_position *b);

/* A breakpoint on every processor, or none any more. False: no room. */
bool inspect_break(struct inspect *inspect, uint32_t address, bool set);
/* When one that is set stops. */
void inspect_break_when(struct inspect *inspect, uint32_t address, const struct inspect_when *when);

/* Stops behind writes, or also reads, of so many bytes, on every processor. False: no room. */
bool inspect_watch(struct inspect *inspect, uint32_t address, uint32_t bytes, bool reads,
                   const struct inspect_when *when);
void inspect_unwatch(struct inspect *inspect, uint32_t address);
/* The session's, on processors that have none. */
void inspect_set_watches(struct inspect *inspect, bool set);

/* Memory at a linear address of the processor that is looked at. False: not all of it is there. */
bool inspect_read(const struct inspect *inspect, uint32_t linear, void *bytes, size_t count);

/* "domain 3", "process 7", "idle". */
void inspect_context(const struct inspect *inspect, uint32_t id, char *text, size_t bytes);

/* ---- calls.c: calls by name and with their arguments ---------------------------------------- */

/* NULL: no such number. */
const char *inspect_hypercall_name(uint32_t number);
const char *inspect_syscall_name(uint32_t number);
/* INSPECT_ANY: no such name. */
uint64_t inspect_hypercall_number(const char *name);
uint64_t inspect_syscall_number(const char *name);

/* One sentence on the last crossing, whose arguments are in the registers. */
void inspect_describe(const struct inspect *inspect, char *text, size_t bytes);

/* ---- views.c: what is shown, as text --------------------------------------------------------- */

void view_where(const struct inspect *inspect, FILE *out);
void view_registers(const struct inspect *inspect, FILE *out);
void view_disassembly(const struct inspect *inspect, uint32_t address, unsigned count, FILE *out);
/* The code behind a call or a software interrupt at an address. False: it is neither. */
bool view_behind_call(const struct inspect *inspect, uint32_t address, uint32_t *behind);
void view_crossing(const struct inspect *inspect, FILE *out);
void view_walk(const struct inspect *inspect, uint32_t linear, FILE *out);
void view_domains(const struct inspect *inspect, FILE *out);
void view_counters(const struct inspect *inspect, FILE *out);
void view_stack(const struct inspect *inspect, unsigned words, FILE *out);
/* Lanes of the timeline as characters; as numbers, of the bins from `first` on. */
void view_timeline(const struct inspect *inspect, FILE *out);
void view_timeline_data(const struct inspect *inspect, unsigned first, FILE *out);

/* ---- script.c ------------------------------------------------------------------------------- */

/* Obeys a command (docs/stepping.md), which is changed. False with one sentence in `why`: it means
 * nothing. */
bool inspect_obey(struct inspect *inspect, char *text, FILE *out, char *why, size_t why_bytes);

#endif
