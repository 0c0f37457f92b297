/* SPDX-License-Identifier: GPL-2.0-only */
/* perfc.h - counters: one table, announced to the simulator where there is one */
#ifndef HV_PERFC_H
#define HV_PERFC_H

#include "hv/include/types.h"

enum perfc {
#define PERFC(identifier, name) PERFC_##identifier,
#include "hv/include/perfc.def"
#undef PERFC
#define HYPERCALL(number, name, arguments, function) PERFC_hypercall_##name,
#define ABSENT(number, name)                         PERFC_hypercall_##name,
#include "hv/include/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
    PERFC_COUNT
};

#if __STDC_HOSTED__
#define perfc_add(counter, n) ((void)(n))
#else
uint64_t *perfc_value(enum perfc counter);

/* Two locked halves: the sum is right whichever processor adds when. */
static inline void perfc_add_to(enum perfc counter, uint32_t n)
{
    uint64_t *value = perfc_value(counter);

    __asm__ volatile("lock addl %2, %0\n\t"
                     "jnc 1f\n\t"
                     "lock incl %1\n"
                     "1:"
                     : "+m"(*(uint32_t *)value), "+m"(*((uint32_t *)value + 1))
                     : "r"(n)
                     : "memory", "cc");
}
#define perfc_add(counter, n) perfc_add_to(PERFC_##counter, n)
#endif
#define perfc_count(counter) perfc_add(counter, 1)

/* Tells the simulator, if its signature is there, of the counters and of the guests' limit. */
void announce_init(void);

/* Who runs from now on on this processor; ANNOUNCE_CONTEXT_IDLE for nobody. */
void announce_context(unsigned context);
void announce_context_end(unsigned context);

#endif
