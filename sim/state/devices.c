/* SPDX-License-Identifier: GPL-2.0-only */
/* devices.c - tables of the devices that every machine has */
#include "sim/state/parts.h"

#define EVENTS_MOST (1u << 20) /* in the queue: hosts may have tens of thousands of connections */

/* Events are put into the queue again by machine.c, those that have a place in it. */
#define SAVED_TYPE struct event
static const struct saved_field event_fields[] = {SAVED(when), SAVED(order),
                                                  SAVED_UP_TO(place, unsigned, EVENTS_MOST),
                                                  SAVED_NOT(fire), SAVED_NOT(owner)};
SAVED_TABLE_SHARED(event)
#undef SAVED_TYPE

/* ---- local APICs ----------------------------------------------------------------------------- */

#define SAVED_TYPE struct lapic_message
static const struct saved_field lapic_message_fields[] = {
    SAVED(destination), SAVED_FLAG(logical), SAVED_UP_TO(mode, enum lapic_mode, LAPIC_EXTINT),
    SAVED(vector), SAVED_FLAG(level)};
SAVED_TABLE(lapic_message)
#undef SAVED_TYPE

#define SAVED_TYPE struct lapic
static const struct saved_field lapic_fields[] = {
    SAVED_NOT(system),
    SAVED_NOT(index),
    SAVED(tpr),
    SAVED(ldr),
    SAVED(dfr),
    SAVED(svr),
    SAVED(esr),
    SAVED(esr_pending),
    SAVED(icr),
    SAVED(lvt),
    SAVED(irr),
    SAVED(isr),
    SAVED(tmr),
    SAVED(timer_initial),
    SAVED_UP_TO(timer_divide, uint32_t, 15),
    SAVED(timer_start),
    SAVED(timer_periods),
    SAVED_ARRAY(timer, event_table),
    SAVED_ARRAY(sending, lapic_message_table),
    SAVED_UP_TO(sending_to, uint32_t, (1u << LAPIC_MAX) - 1),
    SAVED_ARRAY(message, event_table),
};
SAVED_TABLE(lapic)
#undef SAVED_TYPE

#define SAVED_TYPE struct lapic_system
static const struct saved_field lapic_system_fields[] = {
    SAVED_NOT(world),
    SAVED_ARRAY(lapic, lapic_table),
    SAVED_NOT(count),
    SAVED_NOT(changed),
    SAVED_NOT(init),
    SAVED_NOT(startup),
    SAVED_NOT(end_of_interrupt),
    SAVED_NOT(machine),
};
SAVED_TABLE(lapic_system)
#undef SAVED_TYPE

/* ---- other interrupt controllers ------------------------------------------------------------- */

#define SAVED_TYPE struct ioapic
static const struct saved_field ioapic_fields[] = {
    SAVED_NOT(world), SAVED_NOT(lapics), SAVED(select), SAVED(id), SAVED(lines), SAVED(entry)};
SAVED_TABLE(ioapic)
#undef SAVED_TYPE

#define SAVED_TYPE struct pic
static const struct saved_field pic_fields[] = {SAVED(irr),
                                                SAVED(isr),
                                                SAVED(mask),
                                                SAVED(base),
                                                SAVED(lines),
                                                SAVED_UP_TO(init_step, uint8_t, 4),
                                                SAVED_FLAG(wants_icw4),
                                                SAVED_FLAG(auto_eoi),
                                                SAVED_FLAG(read_isr)};
SAVED_TABLE(pic)
#undef SAVED_TYPE

#define SAVED_TYPE struct pic_pair
static const struct saved_field pic_pair_fields[] = {SAVED_NOT(world), SAVED_ARRAY(chip, pic_table),
                                                     SAVED_NOT(changed), SAVED_NOT(machine)};
SAVED_TABLE(pic_pair)
#undef SAVED_TYPE

/* ---- timers, serial port, clock -------------------------------------------------------------- */

#define SAVED_TYPE struct pit_channel
static const struct saved_field pit_channel_fields[] = {
    SAVED_UP_TO(mode, uint8_t, 5),
    SAVED_UP_TO(order, uint8_t, 3),
    SAVED(low),
    SAVED_FLAG(half_written),
    SAVED_FLAG(half_read),
    SAVED_FLAG(counting),
    SAVED_FLAG(gate),
    SAVED_UP_TO(reload, uint32_t, 65536),
    SAVED(start),
    SAVED(counted),
    SAVED_FLAG(latched),
    SAVED_FLAG(status_latched),
    SAVED(latch),
    SAVED(status),
};
SAVED_TABLE(pit_channel)
#undef SAVED_TYPE

#define SAVED_TYPE struct pit
static const struct saved_field pit_fields[] = {SAVED_NOT(world), SAVED_NOT(irq),
                                                SAVED_ARRAY(channel, pit_channel_table),
                                                SAVED(speaker), SAVED_ARRAY(tick, event_table)};
SAVED_TABLE(pit)
#undef SAVED_TYPE

#define SAVED_TYPE struct uart
static const struct saved_field uart_fields[] = {
    SAVED_NOT(irq),
    SAVED_NOT(sent),
    SAVED_NOT(owner),
    SAVED(ier),
    SAVED(lcr),
    SAVED(mcr),
    SAVED(scratch),
    SAVED(fcr),
    SAVED(divisor),
    SAVED_FLAG(transmit_pending),
    SAVED(fifo),
    SAVED_UP_TO(first, unsigned, UART_FIFO - 1),
    SAVED_UP_TO(count, unsigned, UART_FIFO),
    SAVED_FLAG(overrun),
};
SAVED_TABLE(uart)
#undef SAVED_TYPE

#define SAVED_TYPE struct rtc
static const struct saved_field rtc_fields[] = {SAVED_NOT(world), SAVED_NOT(start),
                                                SAVED_NOT(ram_bytes),
                                                SAVED_UP_TO(index, uint8_t, 127), SAVED(memory)};
SAVED_TABLE(rtc)
#undef SAVED_TYPE

const struct saved_table *const devices_tables[] = {
    &event_table,  &lapic_message_table, &lapic_table,    &lapic_system_table,
    &ioapic_table, &pic_table,           &pic_pair_table, &pit_channel_table,
    &pit_table,    &uart_table,          &rtc_table,      NULL};

void devices_saved(struct machine *machine, struct saved *saved)
{
    saved_struct(saved, &lapic_system_table, &machine->lapics);
    saved_struct(saved, &ioapic_table, &machine->ioapic);
    saved_struct(saved, &pic_pair_table, &machine->pic);
    saved_struct(saved, &pit_table, &machine->pit);
    saved_struct(saved, &uart_table, &machine->uart);
    saved_struct(saved, &rtc_table, &machine->rtc);
    for (unsigned i = 0; saved->loading && i < 3; i++)
        if (machine->pit.channel[i].counting && !machine->pit.channel[i].reload)
            saved_refuse(saved, "the saved state is damaged: channel %u of the 8254 counts nothing",
                         i);
}
