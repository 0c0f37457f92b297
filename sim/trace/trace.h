/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - everything that happens on a machine, as records with time, domain and cost
 *
 * trace.c observes and makes records; a writer (write_*.c) gets each when it is complete, in the
 * order in which they began. One that lasts while very many others begin, as a call that waits, is
 * given away unfinished, and again when it has ended.
 */
#ifndef XENOLITH_SIM_TRACE_H
#define XENOLITH_SIM_TRACE_H

#include "sim/account/account.h"
#include "sim/account/result.h"
#include "sim/load/names.h"
#include "sim/watch/watch.h"

#define TRACE_KINDS(X)                                                                             \
    X(START, start)         /* of a processor; its cost is the time until what follows */          \
    X(CROSSING, crossing)   /* from ring to ring; its cost is the time until the next */           \
    X(SWITCH, switch)       /* a processor runs another context; its cost likewise */              \
    X(HYPERCALL, hypercall) /* until the first return to an outer ring of the same domain */       \
    X(SYSCALL, syscall)     /* until the thread is back in ring 3 */                               \
    X(FAULT, fault)         /* an exception, until its ring, or an outer one, runs again */        \
    X(INTERRUPT, interrupt) /* likewise */                                                         \
    X(DISK, disk)           /* a command, until it has ended */                                    \
    X(FRAME, frame)         /* arrived at an end of the wire */

enum trace_kind {
#define X(id, name) TRACE_##id,
    TRACE_KINDS(X)
#undef X
        TRACE_KIND_COUNT
};

#define TRACE_ALL       ((1u << TRACE_KIND_COUNT) - 1)
#define TRACE_NO_HOLE   UINT16_MAX
#define TRACE_TEXT      240
#define TRACE_ARGUMENTS 6
#define TRACE_NAME      48

struct trace_record {
    enum trace_kind kind;
    uint8_t cpu, from, to;  /* rings; equal to each other where none are crossed */
    bool ended, moved;      /* moved: it is given away unfinished, and comes again */
    bool resumed;           /* it comes again */
    bool returns, returned; /* a call that has a result; `result` is it */
    uint8_t vector;
    uint8_t gate;            /* enum cpu_gate_kind, of a crossing */
    uint32_t context;        /* whose it is */
    uint32_t before;         /* SWITCH: who ran until now */
    uint64_t begin, end;     /* cycles */
    uint32_t eip;            /* of the code that it interrupted */
    uint32_t number;         /* of the call */
    uint32_t error, address; /* of a fault */
    uint32_t argument[TRACE_ARGUMENTS];
    uint32_t result;
    uint16_t hole;         /* where what the call puts out belongs into `text` */
    uint8_t hole_of;       /* and which argument points there */
    bool hole_string;      /* to a string */
    char text[TRACE_TEXT]; /* "write(1, \"hello\\n\", 6)" */
};

struct trace;

/* A form of output; each function gets the trace whose it is. */
struct trace_form {
    const char *name;
    bool text; /* may go to standard error */
    bool (*open)(struct trace *trace);
    void (*write)(struct trace *trace, const struct trace_record *record);
    void (*close)(struct trace *trace);
};

extern const struct trace_form trace_text, trace_xentrace, trace_perfetto;

#define TRACE_FILTERS 64
#define TRACE_BUCKETS 256

struct trace_filter {
    unsigned kinds; /* a bit each */
    unsigned contexts, names;
    uint32_t context[TRACE_FILTERS]; /* only these, if there are any */
    char name[TRACE_FILTERS][40];    /* only calls of these names, if there are any */
};

struct trace_queue;
struct trace_call;

struct trace {
    /* Set by the command. */
    const struct trace_form *form;
    struct trace_filter filter;
    struct result_file file;
    FILE *out;

    struct machine *machine;
    struct account *account;
    struct machine_observer inner; /* the accounting's */
    struct names names[2];         /* of ring 0, and of rings 1 and 2 */
    bool hypervisor;
    struct trace_queue *queue;
    struct trace_call *calls[TRACE_BUCKETS]; /* not returned, by context, newest first */
    uint32_t context[CPU_MAX];
    struct trace_record *stay[CPU_MAX];      /* the crossing or switch whose cost grows */
    struct trace_record stay_moved[CPU_MAX]; /* it, when it has left the queue */
    bool lost;                               /* memory was short */
    void *state;                             /* of the form */
};

/* Observes the account's machine; trace.c's part of struct watcher. */
bool trace_begin(void *owner, struct account *account, const struct boot_images *images, char *why,
                 size_t why_bytes);
bool trace_end(void *owner, char *why, size_t why_bytes);

const char *trace_kind_name(enum trace_kind kind);

/* The clock of the processor that runs now, else of the machine. */
uint64_t trace_now(const struct trace *trace);

/* "queue_flush+0x31" of code in a ring, or digits. Returns `text`. */
const char *trace_place(const struct trace *trace, unsigned ring, uint32_t eip, char *text,
                        size_t bytes);

/* Names of calls; NULL: there is none of the number. */
const char *trace_hypercall_name(uint32_t number);
const char *trace_syscall_name(uint32_t number);
/* As in the counts: "page_fault"; "": it has none. Returns `text` (48 bytes). */
const char *trace_exception_name(uint32_t vector, char *text);

/* ---- queue.c: records in the order in which they began --------------------------------------- */

bool queue_open(struct trace *trace);
/* Room for one that begins; the oldest may have to go unfinished for it. */
struct trace_record *queue_add(struct trace *trace);
/* Gives away what is complete, or all. */
void queue_give(struct trace *trace, bool all);
void queue_close(struct trace *trace);

/* ---- arguments.c, operations.c: calls as text ------------------------------------------------ */

/* Fills in the text of a system call, or hypercall, that begins. */
void trace_syscall_text(const struct trace *trace, struct trace_record *record);
void trace_hypercall_text(const struct trace *trace, struct trace_record *record);
/* A system call has returned, on a processor, or is shown before: what it has put out. */
void trace_fill_hole(const struct trace *trace, unsigned cpu, struct trace_record *record);
/* "512", "0xb7f00000", "-1 ENOENT"; "?": it has none. */
void trace_result_text(const struct trace_record *record, char *text, size_t bytes);

/* Bytes between quotation marks, with escapes; "..." behind it if it was cut. */
void trace_quote(char *text, size_t bytes, const char *from, size_t count, bool cut);

#endif
