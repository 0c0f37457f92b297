/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/console_ring.h"

size_t console_ring_waiting(const volatile struct xencons_interface *page)
{
    uint32_t waiting = page->out_prod - page->out_cons;

    return waiting <= sizeof(page->out) ? waiting : 0;
}

size_t console_ring_room(const volatile struct xencons_interface *page)
{
    uint32_t used = page->in_prod - page->in_cons;

    return used <= sizeof(page->in) ? sizeof(page->in) - used : 0;
}

size_t console_ring_take(volatile struct xencons_interface *page, char *to, size_t bytes)
{
    uint32_t cons = page->out_cons;
    size_t waiting = console_ring_waiting(page), n = bytes < waiting ? bytes : waiting;

    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* the text after the index that announces it */
    for (size_t i = 0; i < n; i++)
        to[i] = page->out[MASK_XENCONS_IDX(cons + i, page->out)];
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    page->out_cons = cons + (uint32_t)n;
    return n;
}

size_t console_ring_give(volatile struct xencons_interface *page, const char *from, size_t bytes)
{
    uint32_t prod = page->in_prod;
    size_t room = console_ring_room(page), n = bytes < room ? bytes : room;

    for (size_t i = 0; i < n; i++)
        page->in[MASK_XENCONS_IDX(prod + i, page->in)] = from[i];
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    page->in_prod = prod + (uint32_t)n;
    return n;
}
