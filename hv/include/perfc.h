/* SPDX-License-Identifier: GPL-2.0-only */
/* perfc.h - counters: one table, announced to the simulator where there is one */
#ifndef HV_PERFC_H
#define HV_PERFC_H

#include "hv/include/types.h"
#include "include/xenolith/announce.h"

enum perfc {
#define PERFC(identifier, name) PERFC_##identifier,
#include "hv/include/perfc.def"
#undef PERFC
#define HYPERCALL(number, name, arguments, function) PERFC_hypercall_##name,
#define ABSENT(number, name)                         PERFC_hypercall_##name,
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
#define OPERATION(hypercall, command, name)        PERFC_op_##hypercall##_##name,
#define OPERATION_ABSENT(hypercall, command, name) PERFC_op_##hypercall##_##name,
#define OPERATION_UNHEARD(hypercall, command)
#include "include/xenolith/operations.def"
#undef OPERATION
#undef OPERATION_ABSENT
#undef OPERATION_UNHEARD
    PERFC_COUNT
};

#if __STDC_HOSTED__
#define perfc_add(counter, n) ((void)(n))
#else
/* What is announced: the header of include/xenolith/announce.h, then its counters. */
struct perfc_table {
    unsigned int magic, count;
    struct announced_counter counter[PERFC_COUNT];
};
extern struct perfc_table perfc_table;

/*
 * Plain additions: a locked one costs a hundred cycles, and counting must not be what is measured.
 * Where two processors really run at once a count may be lost when both count the same thing in the
 * same nanoseconds; on the simulator, which hands over between blocks, none is.
 */
static inline void perfc_add_to(enum perfc counter, uint32_t n)
{
    perfc_table.counter[counter].value += n;
}
#define perfc_add(counter, n) perfc_add_to(PERFC_##counter, n)
#endif
#define perfc_count(counter) perfc_add(counter, 1)

/* Tells the simulator, if its signature is there, of the counters and of the guests' limit. */
void announce_init(void);

/* The guests' limit for this processor: each has its own. announce_init does it for the first. */
void announce_guest_limit(void);

/* Who runs from now on on this processor; ANNOUNCE_CONTEXT_IDLE for nobody. */
void announce_context(unsigned context);
void announce_context_end(unsigned context);

/* The hypervisor cannot go on. */
void announce_panic(uint32_t eip, uint32_t esp);

#endif
