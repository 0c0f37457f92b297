/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events in queues: what init_control, expand_array and set_priority refuse; words, links, heads
 * and ready bits as the header describes them; a queue emptied and filled again; reset goes back
 * to the two levels of bits.
 */
#include "tests/guest/kit/kit.h"

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED  (1U << EVTCHN_FIFO_MASKED)
#define LINKED  (1U << EVTCHN_FIFO_LINKED)
#define LINK    ((uint32_t)EVTCHN_FIFO_LINK_MASK)

static volatile uint32_t *words;
static volatile struct evtchn_fifo_control_block *control;

static long init(unsigned long frame, uint32_t offset, uint32_t processor, uint8_t *link_bits)
{
    struct evtchn_init_control op = {.control_gfn = frame, .offset = offset, .vcpu = processor};
    long result = event_op(EVTCHNOP_init_control, &op);

    if (link_bits)
        *link_bits = op.link_bits;
    return result;
}

static long expand(unsigned long frame)
{
    struct evtchn_expand_array op = {.array_gfn = frame};

    return event_op(EVTCHNOP_expand_array, &op);
}

static long priority(unsigned port, unsigned level)
{
    struct evtchn_set_priority op = {.port = port, .priority = level};

    return event_op(EVTCHNOP_set_priority, &op);
}

/* Takes a queue's first port, as a kernel's upcall does. */
static unsigned take(unsigned queue)
{
    unsigned port = control->head[queue];
    uint32_t word = words[port];

    words[port] = word & ~(PENDING | LINKED | LINK);
    control->head[queue] = word & LINK;
    if (!(word & LINK))
        control->ready &= ~(1U << queue);
    return port;
}

static void refused(const void *page)
{
    expect(expand(mfn_of(page)), -EOPNOTSUPP);
    expect(priority(bind_ipi(), 3), -ENOSYS);
    expect(init(mfn_of(page), 0, 1, NULL), -ENOENT);
    expect(init(mfn_of(page), 4, 0, NULL), -EINVAL);
    expect(init(mfn_of(page), PAGE_SIZE - 64, 0, NULL), -EINVAL);
    expect(init(0xffffff, 0, 0, NULL), -EINVAL);
    expect(init(mfn_of(base_table()), 0, 0, NULL), -EINVAL);
}

void test(void)
{
    void *control_page = page_alloc(), *array_page = page_alloc();
    uint8_t link_bits = 0;

    events_off();
    refused(control_page);
    control = (void *)((char *)control_page + 64);
    words = array_page;
    unsigned before = bind_ipi(); /* pending when the bits give way to words */
    expect(event_send(before), 0);
    expect(init(mfn_of(control_page), 64, 0, &link_bits), 0);
    expect(link_bits, EVTCHN_FIFO_LINK_BITS);
    expect(init(mfn_of(control_page), 64, 0, NULL), -EINVAL);
    expect(expand(mfn_of(base_table())), -EINVAL);

    /* Sent before there is a word: it is there when the word is. */
    unsigned a = bind_ipi(), b = bind_ipi(), c = bind_ipi(), urgent = bind_ipi();
    vcpu()->evtchn_upcall_pending = 0;
    expect(event_send(a), 0);
    expect(vcpu()->evtchn_upcall_pending, 0);
    expect(expand(mfn_of(array_page)), 0);
    expect(words[before], PENDING | LINKED | a);
    expect(take(EVTCHN_FIFO_PRIORITY_DEFAULT), before);
    expect(words[a], PENDING | LINKED);
    expect(control->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT);
    expect(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], a);
    expect(vcpu()->evtchn_upcall_pending, 1);

    expect(event_send(b), 0);
    expect(words[a], PENDING | LINKED | b);
    expect(event_send(a), 0); /* pending still */
    expect(words[b], PENDING | LINKED);
    words[c] = MASKED;
    expect(event_send(c), 0);
    expect(words[c], PENDING | MASKED);
    expect(words[b], PENDING | LINKED);
    expect(event_unmask(c), 0);
    expect(words[c], PENDING | LINKED);
    expect(words[b], PENDING | LINKED | c);

    expect(priority(urgent, EVTCHN_FIFO_PRIORITY_MIN + 1), -EINVAL);
    expect(priority(1023, 0), -EINVAL);
    expect(priority(urgent, 0), 0);
    expect(event_send(urgent), 0);
    expect(control->ready, 1U << EVTCHN_FIFO_PRIORITY_DEFAULT | 1);
    expect(control->head[0], urgent);

    expect(take(0), urgent);
    expect(take(EVTCHN_FIFO_PRIORITY_DEFAULT), a);
    expect(take(EVTCHN_FIFO_PRIORITY_DEFAULT), b);
    expect(take(EVTCHN_FIFO_PRIORITY_DEFAULT), c);
    expect(control->ready, 0);
    /* The queue's last port has left it: the next is a head again. */
    expect(event_send(b), 0);
    expect(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], b);
    expect(words[b], PENDING | LINKED);
    /* It moves to another queue while nobody looks. */
    expect(take(EVTCHN_FIFO_PRIORITY_DEFAULT), b);
    expect(priority(b, 15), 0);
    expect(event_send(b), 0);
    expect(control->head[15], b);
    expect(event_send(a), 0);
    expect(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], a);
    expect(words[b], PENDING | LINKED);
    expect(event_close(a), 0);
    expect(words[a] & PENDING, 0);

    /* Neither page can become a table while it is used. */
    make_readonly(array_page);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(array_page), 0), -EINVAL);
    make_writable(array_page);

    struct evtchn_reset all = {.dom = DOMID_SELF};
    expect(event_op(EVTCHNOP_reset, &all), 0);
    unsigned port = bind_ipi();
    expect(event_send(port), 0);
    check(event_pending(port), "no bit in shared_info after reset");
    expect(init(mfn_of(control_page), 64, 0, NULL), 0);
}
