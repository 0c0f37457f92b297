/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations on a large tree of page tables that another one has under way: an event comes while
 * the tree is being taken, and its handler asks for something else of the same root. Both must
 * return, with the results that they have one after the other, in either order; which of the two is
 * the hypervisor's choice.
 */
#include "tests/guest/kit/kit.h"

#define TABLES        1024 /* as two directories name: a PIN_L2 looks at one */
#define LIMIT_SECONDS 2    /* then one of them never returns */

static const struct operation {
    const char *name;
    unsigned command;
    bool of_pinned; /* begins with a root that is pinned */
} outer[] =
    {
        {"pin", MMUEXT_PIN_L3_TABLE, false},
        {"load", MMUEXT_NEW_BASEPTR, false},
        {"unpin", MMUEXT_UNPIN_TABLE, true},
},
  inner[] = {
      {"pin as L1", MMUEXT_PIN_L1_TABLE, false}, {"pin as L2", MMUEXT_PIN_L2_TABLE, false},
      {"pin", MMUEXT_PIN_L3_TABLE, false},       {"unpin", MMUEXT_UNPIN_TABLE, false},
      {"load", MMUEXT_NEW_BASEPTR, false},
};

struct results {
    long outer, inner;
};

static unsigned port;
static unsigned long root;
static const struct operation *from_within; /* NULL: has been done */
static volatile bool under_way;
static unsigned nested;
static volatile long result_within;

static long perform(const struct operation *op)
{
    return mmuext(op->command, root, 0);
}

static bool interfere(struct trap_frame *frame)
{
    const struct operation *op = from_within;

    (void)frame;
    event_clear(port);
    if (!op)
        return true;
    from_within = NULL;
    nested += under_way;
    result_within = perform(op);
    return true;
}

/* As it was: neither loaded nor pinned, or only that. */
static void restore(const struct operation *first)
{
    mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0);
    mmuext(MMUEXT_UNPIN_TABLE, root, 0);
    if (first->of_pinned)
        expect(mmuext(MMUEXT_PIN_L3_TABLE, root, 0), 0);
}

/* One after the other; *took: how long the outer one takes. */
static struct results in_turn(const struct operation *a, const struct operation *b, bool b_first,
                              uint64_t *took)
{
    struct results results = {0};
    uint64_t begin;

    restore(a);
    if (b_first)
        results.inner = perform(b);
    begin = now();
    results.outer = perform(a);
    *took = now() - begin;
    if (!b_first)
        results.inner = perform(b);
    return results;
}

/* The inner one begins when so much of the outer one's time has gone. */
static struct results within(const struct operation *a, const struct operation *b, uint64_t after)
{
    static struct sched_watchdog dog;
    struct results results;
    uint64_t when;

    dog.timeout = LIMIT_SECONDS;
    restore(a);
    if (dog.id)
        expect(HYPERCALL(sched_op, SCHEDOP_watchdog, &dog), 0);
    else
        dog.id = HYPERCALL(sched_op, SCHEDOP_watchdog, &dog);
    from_within = b;
    when = now() + after;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    events_on();
    under_way = true;
    results.outer = perform(a);
    under_way = false;
    while (from_within && now() < when + 1000 * MS)
        ;
    events_off();
    results.inner = result_within;
    dog.timeout = 0;
    expect(HYPERCALL(sched_op, SCHEDOP_watchdog, &dog), 0);
    dog.id = 0;
    return results;
}

static bool same(struct results a, struct results b)
{
    return a.outer == b.outer && a.inner == b.inner;
}

void test(void)
{
    struct large_tree tree;

    large_tree_build(&tree, TABLES, 32);
    root = mfn_of(tree.root);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_hook = interfere;

    for (unsigned a = 0; a < sizeof(outer) / sizeof(outer[0]); a++) {
        for (unsigned b = 0; b < sizeof(inner) / sizeof(inner[0]); b++) {
            uint64_t took, unused;
            struct results after = in_turn(&outer[a], &inner[b], false, &took);
            struct results before = in_turn(&outer[a], &inner[b], true, &unused);

            for (unsigned quarter = 1; quarter <= 3; quarter += 2) {
                struct results have = within(&outer[a], &inner[b], took * quarter / 4);

                check(same(have, after) || same(have, before),
                      "%s gives %d, %s within it %d; in turn %d %d, or %d %d", outer[a].name,
                      (int)have.outer, inner[b].name, (int)have.inner, (int)after.outer,
                      (int)after.inner, (int)before.outer, (int)before.inner);
            }
        }
    }
    check(nested > 0 || tree.tables < TABLES, "no operation met another one under way");
    restore(&outer[0]);
    large_tree_unbuild(&tree);
}
