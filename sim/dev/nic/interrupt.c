/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interrupt.c - causes, the mask, and the two ways to make interrupts fewer
 *
 * A direction's delay collects frames into one cause: RDTR or TIDV counts from the last frame, RADV
 * or TADV from the first one (SDM 3.2.7, 3.4.3.1). The throttle (ITR) keeps interrupts apart
 * whatever their causes: the line goes up no earlier than that after it last did.
 */
#include "sim/dev/nic/card.h"

#define DELAY_TICK_PS    UINT64_C(1024000) /* of RDTR, RADV, TIDV, TADV */
#define THROTTLE_TICK_PS UINT64_C(256000)  /* of ITR */
#define PS_PER_S         UINT64_C(1000000000000)

static uint64_t cycles(const struct nic *nic, uint64_t ticks, uint64_t tick_ps)
{
    return scale_up(ticks * tick_ps, nic->world.hz, PS_PER_S);
}

static void set_line(struct nic *nic, bool level)
{
    nic->asserted = level;
    pci_interrupt(&nic->function, level);
}

void interrupt_update(struct nic *nic, uint64_t now)
{
    uint64_t earliest = nic->asserted_at + cycles(nic, nic->itr, THROTTLE_TICK_PS);

    if (!(nic->icr & nic->ims)) {
        event_cancel(nic->world.events, &nic->throttle);
        if (nic->asserted)
            set_line(nic, false);
    } else if (!nic->asserted && nic->itr && now < earliest) {
        if (!event_pending(&nic->throttle)) {
            nic->counts.throttled++;
            event_schedule(nic->world.events, &nic->throttle, earliest);
        }
    } else if (!nic->asserted) {
        nic->asserted_at = now;
        nic->counts.interrupts++;
        set_line(nic, true);
    }
}

static void throttle_over(void *owner, uint64_t when)
{
    interrupt_update(owner, when);
}

void interrupt_cause(struct nic *nic, uint32_t causes, uint64_t now)
{
    nic->icr |= causes & ICR_KNOWN;
    interrupt_update(nic, now);
}

static void delay_end(struct nic *nic, struct nic_delay *delay, uint64_t now)
{
    event_cancel(nic->world.events, &delay->packet);
    event_cancel(nic->world.events, &delay->limit);
    interrupt_cause(nic, delay->cause, now);
}

static void receive_delay_over(void *owner, uint64_t when)
{
    struct nic *nic = owner;

    delay_end(nic, &nic->receive_delay, when);
}

static void transmit_delay_over(void *owner, uint64_t when)
{
    struct nic *nic = owner;

    delay_end(nic, &nic->transmit_delay, when);
}

void interrupt_delayed(struct nic *nic, struct nic_delay *delay, uint64_t now)
{
    if (!delay->delay) {
        delay_end(nic, delay, now);
        return;
    }
    event_schedule(nic->world.events, &delay->packet,
                   now + cycles(nic, delay->delay, DELAY_TICK_PS));
    if (delay->absolute && !event_pending(&delay->limit))
        event_schedule(nic->world.events, &delay->limit,
                       now + cycles(nic, delay->absolute, DELAY_TICK_PS));
}

void interrupt_flush(struct nic *nic, struct nic_delay *delay, uint64_t now)
{
    if (event_pending(&delay->packet))
        delay_end(nic, delay, now);
}

static void open_delay(struct nic *nic, struct nic_delay *delay, uint32_t cause,
                       void (*over)(void *owner, uint64_t when))
{
    delay->cause = cause;
    delay->packet = delay->limit = (struct event){.fire = over, .owner = nic};
}

void interrupt_open(struct nic *nic)
{
    nic->throttle = (struct event){.fire = throttle_over, .owner = nic};
    open_delay(nic, &nic->receive_delay, ICR_RXT0, receive_delay_over);
    open_delay(nic, &nic->transmit_delay, ICR_TXDW, transmit_delay_over);
}

static void reset_delay(struct nic *nic, struct nic_delay *delay)
{
    event_cancel(nic->world.events, &delay->packet);
    event_cancel(nic->world.events, &delay->limit);
    delay->delay = delay->absolute = 0;
}

void interrupt_reset(struct nic *nic)
{
    event_cancel(nic->world.events, &nic->throttle);
    reset_delay(nic, &nic->receive_delay);
    reset_delay(nic, &nic->transmit_delay);
    nic->icr = nic->ims = nic->itr = 0;
    set_line(nic, false);
}
