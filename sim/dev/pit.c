/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/pit.h"

enum { MODE_ONE_SHOT = 0, MODE_RATE = 2, MODE_SQUARE = 3 };

/* Ticks counted since the count was loaded. */
static uint64_t elapsed(const struct pit *pit, const struct pit_channel *channel, uint64_t now)
{
    uint64_t ticks = channel->counted;

    if (channel->gate && now > channel->start)
        ticks += scale(now - channel->start, PIT_HZ, pit->world.hz);
    return ticks;
}

static uint16_t count(const struct pit *pit, const struct pit_channel *channel, uint64_t now)
{
    uint64_t ticks = elapsed(pit, channel, now);

    if (!channel->counting)
        return 0;
    switch (channel->mode) {
    case MODE_ONE_SHOT:
        return (uint16_t)(channel->reload - ticks);
    case MODE_RATE:
        return (uint16_t)(channel->reload - ticks % channel->reload);
    default: /* square wave: counts by two, twice a period */
        return (uint16_t)(channel->reload - 2 * ticks % channel->reload) & 0xfffe;
    }
}

static bool output(const struct pit *pit, const struct pit_channel *channel, uint64_t now)
{
    uint64_t ticks = elapsed(pit, channel, now);

    if (!channel->counting)
        return channel->mode != MODE_ONE_SHOT;
    switch (channel->mode) {
    case MODE_ONE_SHOT:
        return ticks >= channel->reload;
    case MODE_RATE:
        return ticks % channel->reload != channel->reload - 1;
    default:
        return ticks % channel->reload < (channel->reload + 1) / 2;
    }
}

/* The cycle at which channel 0 has counted `ticks`. */
static uint64_t cycle_of(const struct pit *pit, uint64_t ticks)
{
    return pit->channel[0].start + scale_up(ticks, pit->world.hz, PIT_HZ);
}

static void tick(void *owner, uint64_t when)
{
    struct pit *pit = owner;
    const struct pit_channel *channel = &pit->channel[0];
    uint64_t periods;

    irq_set(&pit->irq, false);
    irq_set(&pit->irq, true);
    if (channel->mode == MODE_ONE_SHOT)
        return;
    periods = elapsed(pit, channel, when) / channel->reload;
    event_schedule(pit->world.events, &pit->tick, cycle_of(pit, (periods + 1) * channel->reload));
}

static void load(struct pit *pit, struct pit_channel *channel, uint16_t value, uint64_t now)
{
    channel->reload = value ? value : 0x10000;
    channel->start = now;
    channel->counted = 0;
    channel->counting = true;
    if (channel == &pit->channel[0])
        event_schedule(pit->world.events, &pit->tick, cycle_of(pit, channel->reload));
}

static void set_mode(struct pit *pit, struct pit_channel *channel, uint32_t command)
{
    uint8_t mode = command >> 1 & 7;

    if (mode >= 6)
        mode &= 3; /* 6 and 7 are 2 and 3 */
    if (command & 1 || (mode != MODE_ONE_SHOT && mode != MODE_RATE && mode != MODE_SQUARE)) {
        device_refuse(&pit->world,
                      "the 8254 was given control word 0x%x: only binary counting in modes 0, 2 "
                      "and 3 is implemented",
                      command);
        return;
    }
    *channel = (struct pit_channel){
        .mode = mode, .order = command >> 4 & 3, .gate = channel->gate, .reload = 0x10000};
    if (channel == &pit->channel[0]) {
        event_cancel(pit->world.events, &pit->tick);
        irq_set(&pit->irq, mode != MODE_ONE_SHOT);
    }
}

static void latch_count(const struct pit *pit, struct pit_channel *channel, uint64_t now)
{
    if (channel->latched)
        return;
    channel->latched = true;
    channel->latch = count(pit, channel, now);
}

static void read_back(struct pit *pit, uint32_t command, uint64_t now)
{
    for (int i = 0; i < 3; i++) {
        struct pit_channel *channel = &pit->channel[i];

        if (!(command >> (i + 1) & 1))
            continue;
        if (!(command & 0x20))
            latch_count(pit, channel, now);
        if (!(command & 0x10) && !channel->status_latched) {
            channel->status_latched = true;
            channel->status = (uint8_t)(output(pit, channel, now) << 7 | !channel->counting << 6 |
                                        channel->order << 4 | channel->mode << 1);
        }
    }
}

static void control(struct pit *pit, uint32_t command, uint64_t now)
{
    unsigned number = command >> 6;

    if (number == 3)
        read_back(pit, command, now);
    else if (number == 1)
        device_refuse(&pit->world, "channel 1 of the 8254 (memory refresh) is not implemented");
    else if (!(command & 0x30))
        latch_count(pit, &pit->channel[number], now);
    else
        set_mode(pit, &pit->channel[number], command);
}

void pit_write(void *device, const struct access *access, uint32_t value)
{
    struct pit *pit = device;
    struct pit_channel *channel = &pit->channel[access->offset & 3];

    if (access->offset == 3) {
        control(pit, value, access->now);
    } else if (access->offset == 1) {
        device_refuse(&pit->world, "channel 1 of the 8254 (memory refresh) is not implemented");
    } else if (channel->order == 3 && !channel->half_written) {
        channel->low = (uint8_t)value;
        channel->half_written = true;
        if (channel->mode == MODE_ONE_SHOT)
            channel->counting = false; /* the first byte stops the count */
    } else if (channel->order == 3) {
        channel->half_written = false;
        load(pit, channel, (uint16_t)(value << 8 | channel->low), access->now);
    } else {
        load(pit, channel, (uint16_t)(channel->order == 2 ? value << 8 : value), access->now);
    }
}

uint32_t pit_read(void *device, const struct access *access)
{
    struct pit *pit = device;
    struct pit_channel *channel = &pit->channel[access->offset & 3];
    uint16_t value;
    bool high;

    if (access->offset == 3)
        return 0xff; /* the control word cannot be read */
    if (channel->status_latched) {
        channel->status_latched = false;
        return channel->status;
    }
    value = channel->latched ? channel->latch : count(pit, channel, access->now);
    high = channel->order == 2 || channel->half_read;
    if (channel->order == 3)
        channel->half_read = !channel->half_read;
    if (!channel->half_read)
        channel->latched = false;
    return high ? value >> 8 : value & 0xff;
}

uint32_t pit_port61_read(void *device, const struct access *access)
{
    struct pit *pit = device;
    uint32_t refresh = scale(access->now, PIT_HZ, pit->world.hz) / 18 & 1; /* about 15 us */

    return pit->speaker | refresh << 4 | (uint32_t)output(pit, &pit->channel[2], access->now) << 5;
}

void pit_port61_write(void *device, const struct access *access, uint32_t value)
{
    struct pit *pit = device;
    struct pit_channel *channel = &pit->channel[2];
    bool gate = value & 1;

    pit->speaker = value & 0x0f;
    if (gate == channel->gate)
        return;
    if (gate) {
        if (channel->mode != MODE_ONE_SHOT)
            channel->counted = 0; /* a rising gate starts the period again */
        channel->start = access->now;
    } else {
        channel->counted = elapsed(pit, channel, access->now);
    }
    channel->gate = gate;
}

void pit_open(struct pit *pit)
{
    pit->tick.fire = tick;
    pit->tick.owner = pit;
    for (int i = 0; i < 3; i++)
        pit->channel[i] = (struct pit_channel){
            .mode = MODE_SQUARE, .order = 3, .gate = i != 2, .reload = 0x10000};
    /* Firmware leaves channel 0 at 18.2 Hz. */
    load(pit, &pit->channel[0], 0, 0);
}
