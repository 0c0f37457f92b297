/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The well-behaved neighbour: a domain that works on its memory, builds and drops page tables, sets
 * timers and waits for them, for ever. A round's sum depends on nothing but the round being done
 * right, so every line that it prints must say the same. Memory that changed is said and ends it.
 */
#include "tests/guest/kit/kit.h"

#define PAGES  24
#define ROUNDS 32 /* a line */

static uint32_t *pages[PAGES];

static uint32_t next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void fill(unsigned round)
{
    for (unsigned p = 0; p < PAGES; p++) {
        uint32_t state = (p + 1) * 2654435761u + round;

        for (unsigned i = 0; i < PAGE_SIZE / 4; i++)
            pages[p][i] = next(&state);
    }
}

/* Compares all memory with what was written, and sums it up. */
static uint32_t verify(unsigned round)
{
    uint32_t sum = 0;

    for (unsigned p = 0; p < PAGES; p++) {
        uint32_t state = (p + 1) * 2654435761u + round;

        for (unsigned i = 0; i < PAGE_SIZE / 4; i++) {
            uint32_t want = next(&state), got = pages[p][i];

            if (got != want)
                give_up("memory changed: page %u word %u is %x, not %x", p, i, got, want);
            sum = (sum << 5 | sum >> 27) ^ got;
        }
    }
    return sum;
}

/* An address space of its own, pinned, used, and given back; as a kernel does for a process. */
static void tables(void)
{
    static uint64_t *l3;

    if (!l3)
        l3 = address_space_build();
    if (mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(l3), 0))
        give_up("an address space could not be pinned");
    if (mmuext(MMUEXT_NEW_BASEPTR, mfn_of(l3), 0) ||
        mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0))
        give_up("the address space could not be switched");
    if (mmuext(MMUEXT_UNPIN_TABLE, mfn_of(l3), 0))
        give_up("an address space could not be unpinned");
}

static void wait_for_timer(unsigned port)
{
    unsigned before = upcalls;
    uint64_t due = now() + MS;

    event_clear(port);
    HYPERCALL(set_timer_op, due, due >> 32);
    while (upcalls == before)
        HYPERCALL(sched_op, SCHEDOP_block, 0);
}

void test(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        pages[i] = page_alloc();
    unsigned port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL);
    for (unsigned line = 0;; line++) {
        uint32_t sum = 0;

        for (unsigned round = 0; round < ROUNDS; round++) {
            fill(round);
            tables();
            wait_for_timer(port);
            sum = sum * 31 + verify(round);
        }
        print("neighbour: %u rounds, sum %08x\n", (line + 1) * ROUNDS, sum);
    }
}
