/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_fifo.c - events in queues, by priority
 *
 * A domain may exchange the two levels of bits in shared_info for queues (EVTCHNOP_init_control).
 * Each port then has a word in an array of the guest's, which it gave page by page, and each
 * priority a queue of ports; the control block, also the guest's, holds the queues' heads and a
 * bit for each queue that is not empty.
 *
 *     word: | PENDING | MASKED | LINKED | BUSY |      | link: the next port of the queue |
 *
 * Sending sets PENDING. If the port is neither masked nor in a queue already (LINKED), it becomes
 * the link of its queue's last port, or the head if the guest has emptied the queue meanwhile. The
 * guest takes ports from the head: it reads the link, then clears LINKED and link in one step. So
 * the last port may leave its queue at any moment: its link is written by compare-and-exchange, and
 * only while it still says LINKED. A guest that keeps changing the word is told to wait by BUSY,
 * and one that does not care loses its own event; nothing here waits for a guest.
 *
 * All that is kept here is each queue's last port and each port's priority. Words and heads are
 * never believed: what a guest writes there can only spoil its own queues. Both pages count as
 * writable frames of the guest while they are in use, so neither can become a table.
 *
 * The array has one page: it has a word for each of the EVENT_CHANNELS ports that a domain can
 * have.
 *
 * Source: xen/event_channel.h, "FIFO ABI".
 */
#include "hv/include/event_fifo.h"
#include "hv/include/errors.h"
#include "hv/include/event.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/arch/spinlock.h"

#define BIT(n)    (1u << (n))
#define PENDING   BIT(EVTCHN_FIFO_PENDING)
#define MASKED    BIT(EVTCHN_FIFO_MASKED)
#define LINKED    BIT(EVTCHN_FIFO_LINKED)
#define BUSY      BIT(EVTCHN_FIFO_BUSY)
#define LINK_MASK ((uint32_t)EVTCHN_FIFO_LINK_MASK)
#define TRIES     4 /* before a guest is told to wait, and again before its event is lost */

/* Fits a page of the heap. */
struct event_fifo {
    struct spinlock lock;
    mfn control; /* frame of the control block */
    uint32_t control_offset;
    mfn array;                             /* 0: not given yet */
    uint16_t last[EVTCHN_FIFO_MAX_QUEUES]; /* port linked last; 0: none that is known of */
    uint8_t priority[EVENT_CHANNELS];      /* the next time it is linked */
    uint8_t queue[EVENT_CHANNELS];         /* where it was linked the last time */
    uint32_t early[EVENT_CHANNELS / 32];   /* pending before there was a word to say so */
};
_Static_assert(sizeof(struct event_fifo) <= PAGE_SIZE, "one page a domain");

/* A writable frame of the domain's, used until frame_put_with_type(). Needs mm_lock. */
static status get_page(struct domain *domain, uint64_t number)
{
    if (number >> 32 || frame_get_with_type((mfn)number, domain->id, FRAME_WRITABLE))
        return -EINVAL;
    return 0;
}

static uint32_t *word_map(const struct event_fifo *fifo, unsigned port)
{
    return fifo->array ? (uint32_t *)map_frame(fifo->array) + port : NULL;
}

static struct evtchn_fifo_control_block *control_map(const struct event_fifo *fifo)
{
    return (struct evtchn_fifo_control_block *)((char *)map_frame(fifo->control) +
                                                fifo->control_offset);
}

/*
 * Writes the link, as long as the word says LINKED. False: it has left its queue, or will not let
 * us.
 */
static bool link_try(uint32_t *word, unsigned port, uint32_t busy, bool *left)
{
    for (unsigned i = 0; i < TRIES; i++) {
        uint32_t old = __atomic_load_n(word, __ATOMIC_SEQ_CST);

        *left = !(old & LINKED);
        if (*left)
            return false;
        if (__atomic_compare_exchange_n(word, &old, (old & ~(LINK_MASK | busy)) | port, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return true;
    }
    return false;
}

/*
 * Appends a port to the word of the one before it. False: that one is the last of no queue any
 * more.
 */
static bool link_after(uint32_t *word, unsigned port)
{
    bool left, linked = link_try(word, port, 0, &left);

    if (linked || left)
        return linked;
    __atomic_fetch_or(word, BUSY, __ATOMIC_SEQ_CST);
    linked = link_try(word, port, BUSY, &left);
    if (!linked)
        __atomic_fetch_and(word, ~BUSY, __ATOMIC_SEQ_CST);
    return linked || !left; /* an event whose guest fights for the word is lost */
}

/* Puts a port that is pending, and was not linked, into its queue; the word says LINKED already. */
static void enqueue(struct domain *domain, unsigned port)
{
    struct event_fifo *fifo = domain->fifo;
    unsigned queue = fifo->priority[port];
    struct evtchn_fifo_control_block *control;
    bool linked = false;

    if (fifo->last[fifo->queue[port]] == port)
        fifo->last[fifo->queue[port]] = 0; /* it is no longer the last of that one */
    fifo->queue[port] = (uint8_t)queue;
    if (fifo->last[queue]) {
        uint32_t *word = word_map(fifo, fifo->last[queue]);

        linked = link_after(word, port);
        unmap_frame(word);
    }
    fifo->last[queue] = (uint16_t)port;
    control = control_map(fifo);
    if (!linked)
        control->head[queue] = port;
    if (!(__atomic_fetch_or(&control->ready, BIT(queue), __ATOMIC_SEQ_CST) & BIT(queue)))
        event_upcall(&domain->vcpu[0]);
    unmap_frame(control);
}

bool event_fifo_set_pending(struct domain *domain, unsigned port)
{
    struct event_fifo *fifo = domain->fifo;
    uint32_t *word, old;

    lock(&fifo->lock);
    word = word_map(fifo, port);
    if (!word) {
        fifo->early[port / 32] |= BIT(port % 32);
        unlock(&fifo->lock);
        return false;
    }
    old = __atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST);
    if (!(old & (MASKED | LINKED)) &&
        !(__atomic_fetch_or(word, LINKED, __ATOMIC_SEQ_CST) & LINKED)) {
        __atomic_fetch_and(word, ~LINK_MASK, __ATOMIC_SEQ_CST);
        enqueue(domain, port);
    }
    unmap_frame(word);
    unlock(&fifo->lock);
    return !(old & PENDING);
}

void event_fifo_clear_pending(struct domain *domain, unsigned port)
{
    struct event_fifo *fifo = domain->fifo;
    uint32_t *word = word_map(fifo, port);

    fifo->early[port / 32] &= ~BIT(port % 32);
    fifo->priority[port] = EVTCHN_FIFO_PRIORITY_DEFAULT;
    if (word) {
        __atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
        unmap_frame(word);
    }
}

bool event_fifo_is_pending(const struct domain *domain, unsigned port)
{
    const uint32_t *word = word_map(domain->fifo, port);
    bool pending = word && *word & PENDING;

    if (word)
        unmap_frame(word);
    return pending;
}

void event_fifo_unmask(struct domain *domain, unsigned port)
{
    uint32_t *word = word_map(domain->fifo, port);
    bool pending;

    if (!word)
        return;
    pending = __atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST) & PENDING;
    unmap_frame(word);
    if (pending)
        event_fifo_set_pending(domain, port);
}

status event_fifo_set_priority(struct domain *domain, unsigned port, uint32_t priority)
{
    if (!domain->fifo)
        return -ENOSYS;
    if (priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    domain->fifo->priority[port] = (uint8_t)priority;
    return 0;
}

status event_fifo_init(struct domain *domain, struct evtchn_init_control *op)
{
    struct event_fifo *fifo;
    status result;

    op->link_bits = EVTCHN_FIFO_LINK_BITS;
    if (op->vcpu != 0)
        return -ENOENT;
    if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset % 8 != 0 ||
        domain->fifo)
        return -EINVAL;
    fifo = heap_page_for(domain);
    if (!fifo)
        return -ENOMEM;
    result = get_page(domain, op->control_gfn);
    if (result) {
        heap_free(fifo);
        domain->hv_pages--;
        return result;
    }
    fifo->control = (mfn)op->control_gfn;
    fifo->control_offset = op->offset;
    memset(fifo->priority, EVTCHN_FIFO_PRIORITY_DEFAULT, sizeof(fifo->priority));
    for (unsigned port = 1; port < EVENT_CHANNELS; port++)
        if (event_port_open(domain, port) && event_port_pending(domain, port))
            fifo->early[port / 32] |= BIT(port % 32);
    domain->fifo = fifo;
    return 0;
}

status event_fifo_expand(struct domain *domain, const struct evtchn_expand_array *op)
{
    struct event_fifo *fifo = domain->fifo;
    status result;

    if (!fifo)
        return -EOPNOTSUPP;
    if (fifo->array)
        return -ENOSPC;
    result = get_page(domain, op->array_gfn);
    if (result)
        return result;
    fifo->array = (mfn)op->array_gfn;
    for (unsigned port = 1; port < EVENT_CHANNELS; port++)
        if (fifo->early[port / 32] & BIT(port % 32))
            event_fifo_set_pending(domain, port);
    return 0;
}

void event_fifo_release(struct domain *domain)
{
    struct event_fifo *fifo = domain->fifo;

    if (!fifo)
        return;
    domain->fifo = NULL;
    frame_put_with_type(fifo->control);
    if (fifo->array)
        frame_put_with_type(fifo->array);
    heap_free(fifo);
    domain->hv_pages--;
}

void event_fifo_frames(const struct domain *domain, mfn frames[2])
{
    frames[0] = domain->fifo ? domain->fifo->control : 0;
    frames[1] = domain->fifo ? domain->fifo->array : 0;
}
