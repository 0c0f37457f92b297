/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netfront_rx.c - buffers for what comes: pages that are copied to, or frames that are exchanged
 *
 * Copied: a page stays granted, and is offered again as soon as the stack has read it.
 *
 * Exchanged, as in the paper: the page's frame is given back to the hypervisor, its grant entry
 * accepts another one. With the packet comes that frame, which takes the place of the old one in
 * the linear map. Mapping and unmapping many pages costs one hypercall each way (multicall).
 *
 * Nothing that the other end says of an offer is believed but what our own entry shows, and no
 * length beyond the page.
 */
#include "guestos/arch/xen/netfront.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/heap.h"

#include <xen/grant_table.h>
#include <xen/io/ring.h>
#include <xen/io/netif.h>

#define RX_RING    __CONST_RING_SIZE(netif_rx, PAGE_SIZE)
#define ALL        (~0ull >> (64 - NETFRONT_BUFFERS))
#define PAGE_FLAGS (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

_Static_assert(NETFRONT_BUFFERS <= INTERFACE_BATCH, "a batch has room for all");

static struct multicall_entry calls[NETFRONT_BUFFERS + 1];

static void map_call(struct multicall_entry *call, const void *page, uint64_t entry)
{
    *call = (struct multicall_entry){
        .op = __HYPERVISOR_update_va_mapping,
        .args = {(uint32_t)page, (uint32_t)entry, (uint32_t)(entry >> 32), UVMF_INVLPG}};
}

/* Whether all calls have done what they should; `count` of them gave a result of `last`. */
static bool run(uint32_t number, uint32_t last)
{
    if (HYPERCALL_2(multicall, calls, number))
        return false;
    for (uint32_t i = 0; i + 1 < number; i++)
        if (calls[i].result)
            return false;
    return calls[number - 1].result == last;
}

/* ---- offers ---------------------------------------------------------------------------------- */

bool netfront_make_buffers(struct netfront *front)
{
    for (uint32_t i = 0; i < NETFRONT_BUFFERS; i++) {
        front->in[i].page = heap_allocate(PAGE_SIZE);
        if (!front->in[i].page)
            return false;
        front->in[i].ref =
            front->flip ? grant_reserve() : grant_give(front->backend, front->in[i].page, false);
        if (!front->in[i].ref)
            return false;
    }
    return true;
}

/* The frames of these buffers go. */
static bool give_frames(const struct netfront *front, uint64_t buffers)
{
    static xen_pfn_t frames[NETFRONT_BUFFERS];
    struct xen_memory_reservation less = {.domid = DOMID_SELF};
    uint32_t n = 0;

    for (uint64_t bits = buffers; bits; bits &= bits - 1) {
        const uint8_t *page = front->in[lowest_of(bits)].page;

        frames[n] = (xen_pfn_t)(machine_address(page) >> PAGE_SHIFT);
        if (!frames[n])
            continue; /* it went before, and none has come for it */
        map_call(&calls[n++], page, 0);
        memory_set_frame(page, 0);
    }
    if (n == 0)
        return true;
    less.nr_extents = n;
    set_xen_guest_handle(less.extent_start, frames);
    calls[n] = (struct multicall_entry){.op = __HYPERVISOR_memory_op,
                                        .args = {XENMEM_decrease_reservation, (uint32_t)&less}};
    return run(n + 1, n);
}

void netfront_offer(struct netfront *front)
{
    uint64_t buffers = ALL & ~front->rx_offered;
    uint32_t before = front->rx_prod;

    if (!buffers || front->dead)
        return;
    if (front->flip && !give_frames(front, buffers)) {
        netfront_give_up(front);
        return;
    }
    for (uint64_t bits = buffers; bits; bits &= bits - 1) {
        uint32_t i = lowest_of(bits);

        if (front->flip)
            grant_accept(front->in[i].ref, front->backend, front->in[i].page);
        front->rx->ring[front->rx_prod++ % RX_RING].req =
            (struct netif_rx_request){.id = (uint16_t)i, .gref = front->in[i].ref};
    }
    front->rx_offered |= buffers;
    __atomic_store_n(&front->rx->req_prod, front->rx_prod, __ATOMIC_SEQ_CST);
    uint32_t wanted = __atomic_load_n(&front->rx->req_event, __ATOMIC_SEQ_CST);
    if (front->rx_prod - wanted < front->rx_prod - before)
        event_send(front->port);
}

/* ---- what has come --------------------------------------------------------------------------- */

/* Copies the answers that are there, as far as they make sense; how many. */
static uint32_t collect(struct netfront *front, struct netif_rx_response *answers)
{
    uint32_t end = __atomic_load_n(&front->rx->rsp_prod, __ATOMIC_ACQUIRE), n = 0;

    if (end - front->rx_cons > front->rx_prod - front->rx_cons) {
        netfront_give_up(front);
        return 0;
    }
    while (front->rx_cons != end) {
        struct netif_rx_response answer = front->rx->ring[front->rx_cons % RX_RING].rsp;

        if (answer.id >= NETFRONT_BUFFERS || !(front->rx_offered >> answer.id & 1)) {
            netfront_give_up(front);
            return 0;
        }
        front->rx_cons++;
        front->rx_offered &= ~(1ull << answer.id);
        answers[n++] = answer;
    }
    return n;
}

/* Puts the new frames in their places. An offer without one stays as it was: it is made again. */
static bool take_frames(struct netfront *front, struct netif_rx_response *answers, uint32_t count)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t buffer = answers[i].id;
        uint32_t frame = grant_accepted(front->in[buffer].ref);

        if (!frame) {
            answers[i].status = NETIF_RSP_ERROR;
            continue;
        }
        memory_set_frame(front->in[buffer].page, frame);
        map_call(&calls[n++], front->in[buffer].page, (uint64_t)frame << PAGE_SHIFT | PAGE_FLAGS);
    }
    count_many(COUNT_net_exchanged, n);
    return n == 0 || run(n, 0);
}

static void receive(struct netfront *front, const struct netif_rx_response *answer)
{
    enum sum_state sum = answer->flags & NETRXF_csum_blank       ? SUM_BLANK
                         : answer->flags & NETRXF_data_validated ? SUM_GOOD
                                                                 : SUM_UNKNOWN;

    if (answer->status <= 0 || answer->offset >= PAGE_SIZE ||
        (uint32_t)answer->status > PAGE_SIZE - answer->offset) {
        front->interface.in.errors++;
        return;
    }
    interface_receive(&front->interface, front->in[answer->id].page + answer->offset,
                      (uint32_t)answer->status, sum);
}

bool netfront_take(struct netfront *front)
{
    struct netif_rx_response answers[NETFRONT_BUFFERS];
    uint32_t n = front->dead ? 0 : collect(front, answers);

    if (n == 0 || front->dead) {
        __atomic_store_n(&front->rx->rsp_event, front->rx_cons + 1, __ATOMIC_SEQ_CST);
        return !front->dead &&
               __atomic_load_n(&front->rx->rsp_prod, __ATOMIC_SEQ_CST) != front->rx_cons;
    }
    if (front->flip && !take_frames(front, answers, n)) {
        netfront_give_up(front);
        return false;
    }
    for (uint32_t i = 0; i < n; i++)
        receive(front, &answers[i]);
    netfront_offer(front);
    __atomic_store_n(&front->rx->rsp_event, front->rx_cons + 1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&front->rx->rsp_prod, __ATOMIC_SEQ_CST) != front->rx_cons;
}
