/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants: our own table, and the requests that map and unmap others' frames. */
#include "tests/guest/kit/kit.h"

domid_t own_domain(void)
{
    struct evtchn_alloc_unbound port = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    if (event_op(EVTCHNOP_alloc_unbound, &port))
        give_up("no port to ask who we are");
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port.port};
    if (event_op(EVTCHNOP_status, &status) || event_close(port.port))
        give_up("the port does not tell who we are");
    return status.u.unbound.dom;
}

struct grant_entry_v1 *grant_table(void)
{
    static struct grant_entry_v1 *entries;

    if (entries)
        return entries;
    xen_pfn_t frame;
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    set_xen_guest_handle(setup.frame_list, &frame);
    if (HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1) || setup.status)
        give_up("no grant table");
    entries = page_alloc();
    if (map(entries, MFN_PTE(frame, PTE_P | PTE_W)))
        give_up("our grant table cannot be mapped");
    return entries;
}

void grant_give(grant_ref_t ref, domid_t to, const void *page, uint16_t flags)
{
    volatile struct grant_entry_v1 *entry = &grant_table()[ref];

    entry->domid = to;
    entry->frame = mfn_of(page);
    asm volatile("" ::: "memory");
    entry->flags = flags;
}

struct gnttab_map_grant_ref grant_map(const void *at, unsigned flags, domid_t from, grant_ref_t ref)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = (unsigned long)at, .flags = flags, .ref = ref, .dom = from, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    return op;
}

int grant_unmap(const void *at, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = (unsigned long)at, .handle = handle, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

void *page_unmapped(void)
{
    void *page = page_alloc();

    if (map(page, 0))
        give_up("a page of ours cannot be unmapped");
    return page;
}

static void touch_word(void *at)
{
    (void)*(volatile uint32_t *)at;
}

static void write_word(void *at)
{
    *(volatile uint32_t *)at = 0x77;
}

bool can_read(void *at)
{
    return !trapped(touch_word, at);
}

bool can_write(void *at)
{
    return !trapped(write_word, at);
}
