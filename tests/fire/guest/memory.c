/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls about memory: entries, tables, descriptors, reservations, grants. */
#include "tests/fire/guest/fuzz.h"

bool make_mmu_update(struct call *call)
{
    unsigned count = any_count(8, PAGE_SIZE / 2 / sizeof(struct mmu_update));
    struct mmu_update *list = scratch(count * sizeof(*list));

    for (unsigned i = 0; i < count; i++) {
        list[i].ptr = any_entry_address() | (once_in(6) ? below(4) : 0);
        list[i].val = once_in(3) ? any_table_entry() : any_entry();
    }
    call->args[0] = once_in(20) ? (unsigned long)any_buffer() : (unsigned long)list;
    call->args[1] = repeated(count);
    call->args[2] = once_in(4) ? (unsigned long)any_buffer() : 0;
    call->args[3] = any_domain() | (once_in(20) ? (unsigned long)(any_domain() + 1) << 16 : 0);
    return true;
}

bool make_mmuext_op(struct call *call)
{
    static const uint8_t pins[] = {MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE,
                                   MMUEXT_UNPIN_TABLE,  MMUEXT_UNPIN_TABLE,  MMUEXT_NEW_BASEPTR};
    unsigned count = any_count(4, PAGE_SIZE / 2 / sizeof(struct mmuext_op));
    struct mmuext_op *list = scratch(count * sizeof(*list));

    for (unsigned i = 0; i < count; i++) {
        list[i].cmd = once_in(2) ? pins[below(sizeof(pins))] : once_in(20) ? any_word() : below(21);
        list[i].arg1.mfn = any_mfn();
        list[i].arg2.src_mfn = any_mfn();
        if (list[i].cmd == MMUEXT_NEW_BASEPTR && once_in(2))
            list[i].arg1.mfn = mfn_of(once_in(2) ? arena.root : base_table());
        if (list[i].cmd == MMUEXT_SET_LDT) {
            list[i].arg1.linear_addr = (unsigned long)(once_in(3) ? any_buffer() : any_page());
            list[i].arg2.nr_ents = once_in(4) ? any_word() : below(1024);
        }
        if (list[i].cmd >= MMUEXT_TLB_FLUSH_LOCAL && list[i].cmd <= MMUEXT_INVLPG_ALL) {
            list[i].arg1.linear_addr = any_word();
            set_xen_guest_handle(list[i].arg2.vcpumask, any_buffer());
        }
    }
    call->args[0] = once_in(20) ? (unsigned long)any_buffer() : (unsigned long)list;
    call->args[1] = repeated(count);
    call->args[2] = once_in(4) ? (unsigned long)any_buffer() : 0;
    call->args[3] = any_domain();
    return true;
}

/*
 * An address of the arena, or one that its tables map; seldom any: it may be the ground we stand
 * on.
 */
static unsigned long any_mapped_address(void)
{
    if (once_in(20000))
        return any_word();
    return once_in(3) ? WINDOW + (below(0x400000) & ~4095u) : (unsigned long)any_page();
}

bool make_update_va_mapping(struct call *call)
{
    uint64_t entry = any_entry();

    call->args[0] = any_mapped_address();
    call->args[1] = entry;
    call->args[2] = entry >> 32;
    call->args[3] = once_in(8) ? any_word() : below(6);
    return true;
}

bool make_update_va_mapping_other(struct call *call)
{
    make_update_va_mapping(call);
    call->args[4] = any_domain();
    return true;
}

bool make_update_descriptor(struct call *call)
{
    uint64_t machine = machine_of(any_page()) + 8 * below(512);
    uint64_t value = (uint64_t)random() << 32 | random();

    if (once_in(3))
        value = descriptor(random(), random(), 0x90 | below(4) << 5 | below(16), below(16));
    if (once_in(10))
        machine = (uint64_t)any_mfn() << 12 | below(4096);
    call->args[0] = machine;
    call->args[1] = machine >> 32;
    call->args[2] = once_in(5) ? 0 : value;
    call->args[3] = once_in(5) ? 0 : value >> 32;
    return true;
}

bool make_set_gdt(struct call *call)
{
    xen_pfn_t *frames = scratch(14 * sizeof(*frames));

    for (unsigned i = 0; i < 14; i++)
        frames[i] = any_mfn();
    call->args[0] = once_in(8) ? (unsigned long)any_buffer() : (unsigned long)frames;
    call->args[1] = once_in(4) ? any_word() : below(2000);
    return true;
}

bool make_memory_op(struct call *call)
{
    static const uint8_t ops[] = {XENMEM_increase_reservation, XENMEM_decrease_reservation,
                                  XENMEM_populate_physmap, XENMEM_exchange};
    unsigned count = any_count(4, 64) - 1;
    xen_pfn_t *in = scratch(64 * sizeof(*in)), *out = scratch(64 * sizeof(*out));
    struct xen_memory_exchange *op = scratch(sizeof(*op));

    for (unsigned i = 0; i < 64; i++) {
        in[i] = any_mfn();
        out[i] = pfn_of(any_page());
    }
    op->in.nr_extents = once_in(20) ? any_word() : count;
    op->in.extent_order = once_in(3) ? below(12) : 0;
    op->in.domid = any_domain();
    set_xen_guest_handle(op->in.extent_start, once_in(10) ? any_buffer() : in);
    op->out = op->in;
    set_xen_guest_handle(op->out.extent_start, once_in(10) ? any_buffer() : out);
    if (once_in(4))
        op->out.extent_order = below(6);
    if (once_in(4))
        op->out.nr_extents = below(40);
    if (once_in(8))
        op->nr_exchanged = below(8);
    call->args[0] = once_in(2) ? ops[below(4)] : once_in(10) ? any_word() : below(30);
    if (once_in(12))
        call->args[0] |= below(8) << 6; /* extents done before a continuation */
    call->args[1] = once_in(10) ? (unsigned long)any_buffer() : (unsigned long)op;
    return true;
}

/* ---- grants ---------------------------------------------------------------------------------- */

static void any_grant(uint32_t *words, unsigned command)
{
    for (unsigned i = 0; i < 10; i++)
        words[i] = once_in(3) ? any_handle() : any_word();
    switch (command) {
    case GNTTABOP_map_grant_ref: {
        struct gnttab_map_grant_ref *map_ref = (void *)words;

        map_ref->host_addr = once_in(3) ? any_entry_address() : any_mapped_address();
        map_ref->flags =
            once_in(6) ? any_word() : GNTMAP_host_map | (below(2) ? GNTMAP_readonly : 0);
        map_ref->ref = any_handle();
        map_ref->dom = any_peer();
        break;
    }
    case GNTTABOP_unmap_grant_ref:
    case GNTTABOP_unmap_and_replace: {
        struct gnttab_unmap_grant_ref *unmap = (void *)words;

        unmap->host_addr = once_in(3) ? any_entry_address() : any_mapped_address();
        unmap->dev_bus_addr = 0;
        unmap->handle = any_handle();
        break;
    }
    case GNTTABOP_setup_table: {
        struct gnttab_setup_table *setup = (void *)words;

        setup->dom = any_domain();
        setup->nr_frames = once_in(8) ? any_word() : below(4);
        set_xen_guest_handle(setup->frame_list, any_buffer());
        break;
    }
    case GNTTABOP_transfer: {
        struct gnttab_transfer *transfer = (void *)words;

        transfer->mfn = any_mfn();
        transfer->domid = any_peer();
        transfer->ref = any_handle();
        break;
    }
    case GNTTABOP_copy: {
        struct gnttab_copy *copy = (void *)words;

        copy->flags = below(4);
        copy->source.domid = once_in(2) ? any_peer() : any_domain();
        copy->dest.domid = once_in(2) ? any_peer() : any_domain();
        copy->source.u.gmfn = copy->flags & GNTCOPY_source_gref ? any_handle() : any_mfn();
        copy->dest.u.gmfn = copy->flags & GNTCOPY_dest_gref ? any_handle() : any_mfn();
        copy->source.offset = once_in(4) ? any_word() : 0;
        copy->dest.offset = once_in(4) ? any_word() : 0;
        copy->len = once_in(4) ? any_word() : below(4097);
        break;
    }
    default:
        *(domid_t *)words = any_domain();
        break;
    }
}

bool make_grant_table_op(struct call *call)
{
    unsigned command = once_in(20) ? any_word() : below(13), count = any_count(3, 48);
    uint32_t *list = scratch(count * 40);

    for (unsigned i = 0; i < count; i++)
        any_grant(list + i * 10, command);
    call->args[0] = command;
    call->args[1] = once_in(15) ? (unsigned long)any_buffer() : (unsigned long)list;
    call->args[2] = once_in(30) ? any_word() : once_in(2) ? 1 : count;
    return true;
}
