/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.c - caches and TLBs of the full mode in a saved state
 *
 * Lines are taken off the fast path first: what is known of their last uses is then with the lines
 * and entries themselves. A TLB is saved as the list that it is, the most recent entry first, and
 * linked again. Orders of uses are permutations, which is looked at: what is not one would lead
 * beyond a set.
 */
#include "cpu/model/filter.h"
#include "cpu/saved/processor.h"

#define SAVED_TYPE struct tlb_entry
static const struct saved_field tlb_entry_fields[] = {SAVED_UP_TO(page, uint32_t, 0xfffff),
                                                      SAVED_UP_TO(shift, uint8_t, 22),
                                                      SAVED_FLAG(global),
                                                      SAVED_NOT(previous),
                                                      SAVED_NOT(next),
                                                      SAVED(stamp),
                                                      SAVED(bound)};
SAVED_TABLE(tlb_entry)
#undef SAVED_TYPE

#define SAVED_TYPE struct l1d_state
static const struct saved_field l1d_state_fields[] = {
    SAVED(stamp),        SAVED_NOT(entry), SAVED_NOT(vline),    SAVED_NOT(next),
    SAVED_NOT(previous), SAVED_NOT(tlb),   SAVED_FLAG(written), SAVED_FLAG(twice)};
SAVED_TABLE(l1d_state)
#undef SAVED_TYPE

#define SAVED_TYPE struct l1i_state
static const struct saved_field l1i_state_fields[] = {
    SAVED(stamp), SAVED_NOT(owner), SAVED_NOT(next), SAVED_NOT(previous), SAVED_NOT(tlb)};
SAVED_TABLE(l1i_state)
#undef SAVED_TYPE

#define SAVED_TYPE struct l1i_page
static const struct saved_field l1i_page_fields[] = {SAVED(stamp), SAVED_NOT(first)};
SAVED_TABLE(l1i_page)
#undef SAVED_TYPE

#define SAVED_TYPE struct l1d
static const struct saved_field l1d_fields[] = {
    SAVED_NOT(buffers),  SAVED_NOT(end), SAVED_NOT(line), SAVED_NOT(state),
    SAVED(buffer_order), SAVED(loose),   SAVED_NOT(first)};
SAVED_TABLE(l1d)
#undef SAVED_TYPE

#define SAVED_TYPE struct l1i
static const struct saved_field l1i_fields[] = {
    SAVED_NOT(set_mask), SAVED_NOT(ways),  SAVED_NOT(stride),  SAVED_NOT(end),
    SAVED_NOT(line),     SAVED_NOT(state), SAVED_NOT(recency), SAVED_ARRAY(page, l1i_page_table)};
SAVED_TABLE(l1i)
#undef SAVED_TYPE

#define SAVED_TYPE struct streams
static const struct saved_field streams_fields[] = {SAVED(page), SAVED(line), SAVED(order)};
SAVED_TABLE(streams)
#undef SAVED_TYPE

#define SAVED_TYPE struct l2
static const struct saved_field l2_fields[] = {SAVED_NOT(sets), SAVED_NOT(ready), SAVED(bus_free),
                                               SAVED_ARRAY(streams, streams_table)};
SAVED_TABLE(l2)
#undef SAVED_TYPE

#define SAVED_TYPE struct timing
static const struct saved_field timing_fields[] = {
    SAVED_NOT(meter),
    SAVED_NOT(costs),
    SAVED_NOT(sequence),
    SAVED_NOT(filter),
    SAVED_FLAG(paging),
    SAVED_NOT(no_filter),
    SAVED_NOT(usual),
    SAVED_NOT(shape),
    SAVED_ARRAY(l1d, l1d_table),
    SAVED_ARRAY(l2, l2_table),
    SAVED_NOT(next),
    SAVED_NOT(dtlb), /* by their lists */
    SAVED_NOT(itlb),
    SAVED_ARRAY(l1i, l1i_table),
    SAVED_NOT(page_of),
    SAVED_NOT(cpu),
    SAVED_NOT(own_sequence), /* the library has the clock of uses */
    SAVED(flushed_cr0),
    SAVED(flushed_cr4),
};
SAVED_TABLE(timing)
#undef SAVED_TYPE

const struct saved_table *const timing_saved_tables[] = {
    &tlb_entry_table, &l1d_state_table, &l1i_state_table, &l1i_page_table, &l1d_table,
    &l1i_table,       &streams_table,   &l2_table,        &timing_table,   NULL};

/* ---- TLBs ------------------------------------------------------------------------------------ */

static bool fits(const struct tlb *tlb, uint64_t place, const struct tlb_entry *e)
{
    if (place >= tlb->entries || tlb->used >> place & 1 || e->shift < 12 ||
        (e->shift != 12 && e->shift < 21))
        return false;
    return tlb_find(tlb, e->page) == TLB_NONE;
}

/* The last in the list is the least recently used: entries are linked in at that end. */
static void load_entry(struct tlb *tlb, uint64_t place, const struct tlb_entry *e)
{
    tlb->entry[place] = *e;
    tlb->used |= UINT64_C(1) << place;
    tlb_link_after(tlb, tlb->entry[TLB_HEAD].previous, (unsigned)place);
    tlb_map(tlb, &tlb->entry[place], (uint8_t)place);
}

static void tlb_saved(struct tlb *tlb, struct saved *saved)
{
    uint64_t count = (uint64_t)__builtin_popcountll(tlb->used);
    uint64_t place = TLB_HEAD;

    if (saved->loading)
        tlb_drop_all(tlb, true);
    saved_number(saved, "entries", &count, tlb->entries);
    for (; count && saved_good(saved); count--) {
        struct tlb_entry e = {0};

        place = tlb->entry[place % (TLB_HEAD + 1)].next;
        if (!saved->loading)
            e = tlb->entry[place];
        saved_number(saved, "entry", &place, TLB_ENTRIES_MAX - 1);
        saved_struct(saved, &tlb_entry_table, &e);
        if (!saved->loading || !saved_good(saved))
            continue;
        if (fits(tlb, place, &e))
            load_entry(tlb, place, &e);
        else
            saved_refuse(saved,
                         "the saved state is damaged: two entries of a TLB are in one place");
    }
}

/* ---- orders of uses -------------------------------------------------------------------------- */

/* Whether an order has each of its things once. */
static bool is_order(uint64_t order, unsigned things)
{
    uint32_t seen = 0;

    for (unsigned i = 0; i < things; i++)
        seen |= 1u << (order >> 4 * i & 15);
    return seen == (1u << things) - 1 && (things == 16 || order >> 4 * things == 0);
}

static bool orders_good(const struct timing *t)
{
    const struct shape *as = &t->shape;
    bool good = is_order(t->l1d.buffer_order, as->buffers) &&
                is_order(t->l2.streams.order, as->streams ? as->streams : 16);

    for (uint32_t set = 0; set < as->l2_sets; set++)
        good = good && is_order(*l2_order(l2_set(&t->l2, set, as), as), as->l2_ways);
    return good;
}

void timing_saved(struct timing *t, struct saved *saved)
{
    const struct shape *as = &t->shape;
    size_t places = (size_t)as->l2_sets * as->l2_stride;

    timing_empty_filter(t);
    fetch_empty_filter(t);
    saved_struct(saved, &timing_table, t);
    tlb_saved(&t->dtlb, saved);
    tlb_saved(&t->itlb, saved);
    saved_named(saved, "L1D lines", t->l1d.line, t->l1d.end * sizeof(*t->l1d.line));
    for (unsigned place = 0; place < t->l1d.end; place++)
        saved_struct(saved, &l1d_state_table, &t->l1d.state[place]);
    saved_named(saved, "L1I lines", t->l1i.line, t->l1i.end * sizeof(*t->l1i.line));
    for (unsigned place = 0; place < t->l1i.end; place++)
        saved_struct(saved, &l1i_state_table, &t->l1i.state[place]);
    saved_named(saved, "L2 sets", t->l2.sets, places * 2 * sizeof(*t->l2.sets));
    saved_named(saved, "L2 arrivals", t->l2.ready, places * sizeof(*t->l2.ready));
    if (saved->loading && saved_good(saved) && !orders_good(t))
        saved_refuse(saved, "the saved state is damaged: an order of a cache's lines is none");
}
