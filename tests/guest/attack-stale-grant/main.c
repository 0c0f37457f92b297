/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A translation that outlives its entry, on another processor. Two domains run this kernel, as
 * "giver N" and "taker N" (run-created.sh). The taker maps a page of the giver's by a grant, writes
 * to it, overwrites the entry without a flush, and goes on writing for as long as its processor
 * lets it; meanwhile the giver makes the page a page table. Its first entry is in turn nothing and
 * a writable mapping of the giver's own root: a table that was found right must stay so. Alone
 * there is nobody to do it.
 */
#include "tests/guest/kit/kit.h"

#define CONTROL  8 /* grant references */
#define TABLE    9
#define PATIENCE (5000 * MS)
#define ROUNDS   100

enum { NOTHING, MAP, STALE, OVER, FINISHED };

/* The granted page by which the two agree; states go to and fro. */
struct control {
    volatile uint32_t state;
    volatile uint64_t evil;
};

static void wait_for(const struct control *control, uint32_t state)
{
    for (uint64_t end = now() + PATIENCE; control->state != state;)
        if (now() > end)
            give_up("waited for state %u in vain, it is %u", state, control->state);
}

static void give(void)
{
    struct control *control = page_alloc();
    uint64_t *table = page_alloc();
    void *data = page_alloc();
    unsigned pinned = 0, changed = 0;

    control->evil = MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W | PTE_A | PTE_D);
    grant_give(CONTROL, peer, control, GTF_permit_access);
    grant_give(TABLE, peer, table, GTF_permit_access);
    for (unsigned round = 0; round < ROUNDS; round++) {
        /* Entries that take long to check. */
        for (unsigned i = 1; i < 512; i++)
            table[i] = MFN_PTE(mfn_of(data), PTE_P | PTE_A);
        table[0] = 0;
        control->state = MAP;
        wait_for(control, STALE);
        /* Processors that take turns: at each point of the giver's turn. */
        for (volatile unsigned i = 0; i < round * 200; i++)
            ;
        make_readonly(table);
        bool good = mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(table), 0) == 0;
        uint64_t first = table[0];
        control->state = OVER;
        wait_for(control, NOTHING);
        if (good) {
            pinned++;
            changed += first != 0 || table[0] != 0;
            pte_write(machine_of(&table[0]), 0);
            expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(table), 0), 0);
        }
        make_writable(table);
    }
    control->state = FINISHED;
    check(changed == 0, "%u of %u tables changed after they were found right", changed, pinned);
    check(pinned > 5, "%u tables were pinned", pinned);
}

static volatile uint64_t *stale;
static const struct control *agreed;

/* Until a fault, or until the giver has pinned its table. */
static void storm(void *unused)
{
    (void)unused;
    for (unsigned turn = 0; agreed->state == STALE; turn++)
        *stale = turn & 1 ? agreed->evil : 0;
}

static void take(void)
{
    struct control *control = page_unmapped();
    uint64_t *table = page_unmapped();
    unsigned outlived = 0;

    pair_map(control, CONTROL);
    agreed = control;
    stale = table;
    for (unsigned round = 0; round < ROUNDS; round++) {
        wait_for(control, MAP);
        expect(grant_map(table, GNTMAP_host_map, peer, TABLE).status, GNTST_okay);
        *stale = 0;
        expect(HYPERCALL(update_va_mapping, table, 0, 0, UVMF_NONE), 0);
        control->state = STALE;
        outlived += !trapped(storm, NULL);
        wait_for(control, OVER);
        expect(map(table, 0), 0);
        control->state = NOTHING;
    }
    wait_for(control, FINISHED);
    check(outlived == 0, "%u of %u translations outlived a table", outlived, ROUNDS);
}

void test(void)
{
    pair_run(give, take);
}
