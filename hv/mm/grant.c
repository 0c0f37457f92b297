/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant.c - grant tables: what a domain lets others do with its frames
 *
 * A domain keeps a table in memory that it shares with the hypervisor. An entry says "domain D may
 * read (or write) my frame F", and its index, the grant reference, is what the domain tells D. D
 * gives the reference to the hypervisor to have F mapped into its page tables, or copied from or
 * to. So two domains share memory without trusting each other, and nobody needs privilege.
 *
 *   1. The shared entry belongs to the granter, who may change it at any moment. It is believed
 *      once, when the entry's first use begins, with a compare-exchange that also marks it as in
 *      use (GTF_reading, GTF_writing); from then on our own record, struct active_grant, says whose
 *      and which frame. A granter that keeps changing the entry under the exchange is refused.
 *   2. While a mark stands the granter must not reuse the frame; it ends the grant by clearing the
 *      entry's type with an exchange that fails while the marks are there. Taking back a grant that
 *      is mapped is therefore impossible, and clearing the entry by force takes nothing away.
 *   3. Uses of one entry are counted by kind (processor or device, reading or writing), for one
 *      domain at a time. The first to write sets GTF_writing, the last to go clears the marks.
 *   4. A pin is bookkeeping between two domains and protects nothing by itself. What protects the
 *      frame are the counts of frame.c, which every mapping takes like any page-table entry: a
 *      writable mapping of what is a page table fails, and a frame outlives its domain for as long
 *      as somebody maps it.
 *   5. A mapping has a handle, an index into a list that only its domain knows. Unmapping needs it.
 *      If a domain overwrites the page-table entry by other means, the counts are returned as for
 *      any entry; the pin stays until the domain dies (the interface's rule).
 *   6. A dying domain's pins are returned by walking its handles (grants_release). A dying
 *      granter's table stays until the last of its frames is free. Handles that name it then, for
 *      their entries were overwritten, mean nothing; its number does not come back before they are
 *      gone.
 *
 * Tables are made when first used: until then a domain has one frame of empty entries, as the
 * interface promises, without paying for it.
 *
 * Sources: xen/grant_table.h; for error codes and limits the behaviour of Xen 4.17.
 */
#include "hv/include/grant.h"
#include "hv/include/errors.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

#define LIST_END 0xffffffffu /* of free handles */

#define UNSTABLE_TRIES 5 /* compare-exchanges lost to the granter before giving up */

/* Flags and domain id, the two halves of an entry's first word, change together. */
typedef uint32_t __attribute__((may_alias)) header_word;

_Static_assert(sizeof(struct grant_entry_v1) == 8, "grant_table.h");
#if !__STDC_HOSTED__
_Static_assert(sizeof(struct grant_table) <= PAGE_SIZE, "a grant table is one page");
#endif

/* --- the tables ------------------------------------------------------------------------------- */

static unsigned active_pages(unsigned frames)
{
    return (unsigned)((frames * GRANTS_A_FRAME + ACTIVE_A_PAGE - 1) / ACTIVE_A_PAGE);
}

/* The page is the hypervisor's, lent to the domain, as shared_info is. */
static void lend(const struct domain *domain, const void *page)
{
    mfn number = heap_mfn(page);

    frame_table[number] = (struct frame){.count = 1,
                                         .type = FRAME_WRITABLE,
                                         .type_count = 1,
                                         .flags = FRAME_RAM | FRAME_HV,
                                         .owner = domain->id};
    m2p[number] = M2P_INVALID;
}

static struct grant_table *table_make(struct domain *domain)
{
    if (!domain->grants) {
        domain->grants = heap_page_for(domain);
        if (!domain->grants)
            return NULL;
        domain->grants->free_handle = LIST_END;
    }
    return domain->grants;
}

status grant_table_grow(struct domain *domain, unsigned frames)
{
    struct grant_table *table;

    frames = MAX(frames, 1u);
    if (frames > domain->max_grant_frames)
        return -EINVAL;
    table = table_make(domain);
    if (!table)
        return -ENOMEM;
    for (unsigned i = active_pages(table->frames); i < active_pages(frames); i++) {
        if (!table->active[i])
            table->active[i] = heap_page_for(domain);
        if (!table->active[i])
            return -ENOMEM; /* what is there serves the next attempt */
    }
    for (; table->frames < frames; table->frames++) {
        struct grant_entry_v1 *page = heap_page_for(domain);

        if (!page)
            return -ENOMEM;
        table->shared[table->frames] = page;
        lend(domain, page);
    }
    return 0;
}

unsigned grant_frames(const struct domain *domain)
{
    return domain->grants ? MAX(domain->grants->frames, 1u) : 1;
}

unsigned grant_entries(const struct domain *domain)
{
    return grant_frames(domain) * GRANTS_A_FRAME;
}

struct grant_entry_v1 *grant_shared(const struct domain *domain, grant_ref_t ref)
{
    const struct grant_table *table = domain->grants;

    if (!table || ref >= table->frames * GRANTS_A_FRAME)
        return NULL;
    return &table->shared[ref / GRANTS_A_FRAME][ref % GRANTS_A_FRAME];
}

struct active_grant *grant_active(const struct domain *domain, grant_ref_t ref)
{
    const struct grant_table *table = domain->grants;

    if (!table || ref >= table->frames * GRANTS_A_FRAME)
        return NULL;
    return &table->active[ref / ACTIVE_A_PAGE][ref % ACTIVE_A_PAGE];
}

/* --- pins ------------------------------------------------------------------------------------- */

bool grant_pinned(const struct active_grant *active)
{
    return active->pins[GRANT_HOST_WRITE] || active->pins[GRANT_HOST_READ] ||
           active->pins[GRANT_DEVICE_WRITE] || active->pins[GRANT_DEVICE_READ];
}

static bool pinned_for_writing(const struct active_grant *active)
{
    return active->pins[GRANT_HOST_WRITE] || active->pins[GRANT_DEVICE_WRITE];
}

/* Rule 1: believes the entry and marks it, in one step. */
static grant_status mark(struct grant_entry_v1 *entry, bool pinned, uint16_t grantee, bool writes,
                         bool whole_page)
{
    uint16_t mask = GTF_type_mask | (whole_page ? GTF_sub_page : 0);
    header_word *word = (header_word *)(void *)entry;
    uint32_t seen = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    for (unsigned tries = 0; tries < UNSTABLE_TRIES; tries++) {
        uint16_t flags = (uint16_t)seen, domain = (uint16_t)(seen >> 16);

        if (!pinned && ((flags & mask) != GTF_permit_access || domain != grantee))
            return GNTST_general_error;
        if (writes && (flags & GTF_readonly))
            return GNTST_general_error;
        if (__atomic_compare_exchange_n(word, &seen,
                                        seen | GTF_reading | (writes ? GTF_writing : 0), false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

/* Takes away the marks that no use needs any more. */
static void unmark(struct grant_entry_v1 *entry, const struct active_grant *active, bool wrote)
{
    uint16_t gone = grant_pinned(active) ? 0 : GTF_reading;

    if (wrote && !pinned_for_writing(active))
        gone |= GTF_writing;
    if (gone)
        __atomic_fetch_and(&entry->flags, (uint16_t)~gone, __ATOMIC_SEQ_CST);
}

grant_status grant_pin(const struct domain *granter, grant_ref_t ref, uint16_t grantee,
                       enum grant_use use, bool whole_page, mfn *frame)
{
    struct grant_entry_v1 *entry = grant_shared(granter, ref);
    struct active_grant *active = grant_active(granter, ref);
    bool writes = GRANT_WRITES(use), pinned;
    grant_status result;

    if (ref >= grant_entries(granter))
        return GNTST_bad_gntref;
    if (!entry)
        return GNTST_general_error; /* a table never made grants nothing */
    pinned = grant_pinned(active);
    if (pinned && (active->domain != grantee || active->pins[use] >= GRANT_USE_LIMIT))
        return GNTST_general_error;
    if (!pinned || (writes && !pinned_for_writing(active))) {
        result = mark(entry, pinned, grantee, writes, whole_page);
        if (result)
            return result;
    }
    if (!pinned) {
        mfn number = __atomic_load_n(&entry->frame, __ATOMIC_SEQ_CST);
        const struct frame *granted = frame_of(number);

        if (!granted || granted->owner != granter->id || granted->count == 0) {
            unmark(entry, active, writes);
            return GNTST_bad_page;
        }
        active->frame = number;
        active->domain = grantee;
    }
    active->pins[use]++;
    *frame = active->frame;
    return GNTST_okay;
}

void grant_unpin(const struct domain *granter, grant_ref_t ref, enum grant_use use)
{
    struct active_grant *active = grant_active(granter, ref);

    ASSERT(active && active->pins[use] > 0);
    active->pins[use]--;
    unmark(grant_shared(granter, ref), active, GRANT_WRITES(use));
}

/* --- handles ---------------------------------------------------------------------------------- */

struct grant_mapping *grant_mapping(const struct domain *domain, uint32_t handle)
{
    const struct grant_table *table = domain->grants;

    if (!table || handle >= table->handles)
        return NULL;
    return &table->mapping[handle / MAPPINGS_A_PAGE][handle % MAPPINGS_A_PAGE];
}

/* The same of a handle that is the table's. */
static struct grant_mapping *known_mapping(const struct domain *domain, uint32_t handle)
{
    struct grant_mapping *mapping = grant_mapping(domain, handle);

    ASSERT(mapping);
    return mapping;
}

bool grant_handle_get(struct domain *domain, uint32_t *result)
{
    struct grant_table *table = table_make(domain);
    uint32_t handle;

    if (!table)
        return false;
    if (table->free_handle == LIST_END) {
        unsigned page = table->handles / MAPPINGS_A_PAGE;
        struct grant_mapping *fresh = page < MAPPING_PAGES ? heap_page_for(domain) : NULL;

        if (!fresh)
            return false;
        for (unsigned i = 0; i < MAPPINGS_A_PAGE; i++)
            fresh[i].ref = i + 1 < MAPPINGS_A_PAGE ? table->handles + i + 1 : LIST_END;
        table->mapping[page] = fresh;
        table->free_handle = table->handles;
        table->handles += MAPPINGS_A_PAGE;
    }
    handle = table->free_handle;
    table->free_handle = known_mapping(domain, handle)->ref;
    *result = handle;
    return true;
}

void grant_handle_put(struct domain *domain, uint32_t handle)
{
    *known_mapping(domain, handle) = (struct grant_mapping){.ref = domain->grants->free_handle};
    domain->grants->free_handle = handle;
}

/* Handles that name a domain as the granter. */
static uint32_t naming[MAX_DOMAINS];

void grant_handle_names(uint16_t granter, int change)
{
    naming[granter] += (uint32_t)change;
}

bool grant_handles_name(unsigned granter)
{
    return naming[granter] > 0;
}

/* --- the end ---------------------------------------------------------------------------------- */

bool grant_frames_unused(const struct domain *domain)
{
    const struct grant_table *table = domain->grants;

    for (unsigned i = 0; table && i < table->frames; i++) {
        if (frame_table[heap_mfn(table->shared[i])].count > 1)
            return false;
    }
    return true;
}

void grants_forget(struct domain *domain)
{
    struct grant_table *table = domain->grants;

    if (!table)
        return;
    for (unsigned i = 0; i < table->frames; i++) {
        frame_table[heap_mfn(table->shared[i])] = (struct frame){.owner = OWNER_HV};
        heap_free(table->shared[i]);
    }
    for (unsigned i = 0; i < ACTIVE_PAGES; i++)
        heap_free(table->active[i]);
    for (unsigned i = 0; i < MAPPING_PAGES; i++)
        heap_free(table->mapping[i]);
    heap_free(table);
    domain->grants = NULL;
}
