/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/lapic.h"

#include <string.h>

/* Register offsets, SDM volume 3, "Local APIC Register Address Map". */
enum {
    REG_ID = 0x020,
    REG_VERSION = 0x030,
    REG_TPR = 0x080,
    REG_APR = 0x090,
    REG_PPR = 0x0a0,
    REG_EOI = 0x0b0,
    REG_LDR = 0x0d0,
    REG_DFR = 0x0e0,
    REG_SVR = 0x0f0,
    REG_ISR = 0x100,
    REG_TMR = 0x180,
    REG_IRR = 0x200,
    REG_ESR = 0x280,
    REG_ICR_LOW = 0x300,
    REG_ICR_HIGH = 0x310,
    REG_LVT = 0x320,
    REG_TIMER_INITIAL = 0x380,
    REG_TIMER_CURRENT = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,
};

#define VERSION_P4        0x00050014u /* six LVT entries, integrated APIC */
#define SVR_ENABLE        0x100u
#define LVT_MASKED        0x10000u
#define LVT_PERIODIC      0x20000u
#define ICR_PENDING       0x1000u
#define ICR_ASSERT        0x4000u
#define ICR_LEVEL         0x8000u
#define ESR_SEND_ILLEGAL  0x20u
#define ESR_WRONG_ADDRESS 0x80u

/* Writable bits of each LVT entry. */
static const uint32_t lvt_writable[LVT_COUNT] = {
    [LVT_TIMER] = 0x300ff, [LVT_THERMAL] = 0x107ff, [LVT_PERFORMANCE] = 0x107ff,
    [LVT_LINT0] = 0x1a7ff, [LVT_LINT1] = 0x1a7ff,   [LVT_ERROR] = 0x100ff,
};

/* ---- vectors --------------------------------------------------------------------------------- */

static int highest(const uint32_t bits[8])
{
    for (int word = 7; word >= 0; word--)
        if (bits[word])
            return 32 * word + 31 - __builtin_clz(bits[word]);
    return -1;
}

static void set_bit(uint32_t bits[8], uint8_t vector, bool value)
{
    if (value)
        bits[vector / 32] |= 1u << vector % 32;
    else
        bits[vector / 32] &= ~(1u << vector % 32);
}

static bool test_bit(const uint32_t bits[8], uint8_t vector)
{
    return bits[vector / 32] >> vector % 32 & 1;
}

static uint32_t processor_priority(const struct lapic *lapic)
{
    int in_service = highest(lapic->isr);
    uint32_t service_class = in_service < 0 ? 0 : (uint32_t)in_service & 0xf0;

    return (lapic->tpr & 0xf0) >= service_class ? lapic->tpr : service_class;
}

bool lapic_wants(const struct lapic *lapic)
{
    int requested = highest(lapic->irr);

    return requested >= 0 && lapic->svr & SVR_ENABLE &&
           ((uint32_t)requested & 0xf0) > (processor_priority(lapic) & 0xf0);
}

int lapic_acknowledge(struct lapic *lapic)
{
    int vector = highest(lapic->irr);

    if (!lapic_wants(lapic))
        return -1;
    set_bit(lapic->irr, (uint8_t)vector, false);
    set_bit(lapic->isr, (uint8_t)vector, true);
    lapic->system->changed(lapic->system->machine, lapic->index);
    return vector;
}

bool lapic_expects(const struct lapic *lapic)
{
    return event_pending(&lapic->message) ||
           (event_pending(&lapic->timer) && !(lapic->lvt[LVT_TIMER] & LVT_MASKED));
}

bool lapic_passes_pic(const struct lapic *lapic)
{
    uint32_t entry = lapic->lvt[LVT_LINT0];

    return !(entry & LVT_MASKED) && (entry >> 8 & 7) == LAPIC_EXTINT;
}

static void request(struct lapic *lapic, uint8_t vector, bool level)
{
    if (!(lapic->svr & SVR_ENABLE))
        return;
    set_bit(lapic->irr, vector, true);
    set_bit(lapic->tmr, vector, level);
    lapic->system->changed(lapic->system->machine, lapic->index);
}

static void end_of_interrupt(struct lapic *lapic)
{
    int vector = highest(lapic->isr);

    if (vector < 0)
        return;
    set_bit(lapic->isr, (uint8_t)vector, false);
    if (test_bit(lapic->tmr, (uint8_t)vector) && lapic->system->end_of_interrupt)
        lapic->system->end_of_interrupt(lapic->system->machine, (uint8_t)vector);
    lapic->system->changed(lapic->system->machine, lapic->index);
}

/* ---- messages -------------------------------------------------------------------------------- */

static bool addressed(const struct lapic *lapic, uint8_t destination, bool logical)
{
    uint8_t id = (uint8_t)(lapic->ldr >> 24);

    if (destination == 0xff)
        return true;
    if (!logical)
        return destination == lapic->index;
    if (lapic->dfr >> 28 == 0xf) /* flat */
        return id & destination;
    return id >> 4 == destination >> 4 && id & destination & 0xf;
}

static uint32_t targets(const struct lapic_system *system, uint8_t destination, bool logical)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < system->count; i++)
        if (addressed(&system->lapic[i], destination, logical))
            mask |= 1u << i;
    return mask;
}

/* Of several, the one that does the least important work; ties go to the lowest id. */
static uint32_t lowest_priority(const struct lapic_system *system, uint32_t mask)
{
    uint32_t best = 0, best_priority = UINT32_MAX;

    for (unsigned i = 0; i < system->count; i++) {
        uint32_t priority = processor_priority(&system->lapic[i]);

        if (mask >> i & 1 && priority < best_priority) {
            best = 1u << i;
            best_priority = priority;
        }
    }
    return best;
}

static void deliver_to(struct lapic_system *system, const struct lapic_message *message,
                       uint32_t mask)
{
    if (message->mode == LAPIC_LOWEST)
        mask = lowest_priority(system, mask);
    for (unsigned i = 0; i < system->count; i++) {
        if (!(mask >> i & 1))
            continue;
        switch (message->mode) {
        case LAPIC_FIXED:
        case LAPIC_LOWEST:
            request(&system->lapic[i], message->vector, message->level);
            break;
        case LAPIC_INIT:
            lapic_reset(system, i);
            system->init(system->machine, i);
            break;
        case LAPIC_STARTUP:
            system->startup(system->machine, i, message->vector);
            break;
        default:
            device_refuse(&system->world,
                          "local APIC %u was sent a message of delivery mode %d, which this "
                          "machine does not implement",
                          i, message->mode);
        }
    }
}

void lapic_deliver(struct lapic_system *system, const struct lapic_message *message)
{
    deliver_to(system, message, targets(system, message->destination, message->logical));
}

static void message_arrives(void *owner, uint64_t when)
{
    struct lapic *lapic = owner;

    (void)when;
    lapic->icr[0] &= ~ICR_PENDING;
    deliver_to(lapic->system, &lapic->sending, lapic->sending_to);
}

static void send(struct lapic *lapic, uint64_t now)
{
    struct lapic_system *system = lapic->system;
    uint32_t command = lapic->icr[0], all = (1u << system->count) - 1, self = 1u << lapic->index;
    struct lapic_message message = {
        .destination = (uint8_t)(lapic->icr[1] >> 24),
        .logical = command >> 11 & 1,
        .mode = command >> 8 & 7,
        .vector = (uint8_t)command,
    };
    const uint32_t by_shorthand[4] = {targets(system, message.destination, message.logical), self,
                                      all, all & ~self};
    uint32_t mask = by_shorthand[command >> 18 & 3];

    if (message.mode == LAPIC_INIT && command & ICR_LEVEL && !(command & ICR_ASSERT))
        return; /* de-assertion: resets arbitration ids, of which this machine has none */
    if (device_ignores(&system->world, lapic_takes(message.mode)))
        return;
    if ((message.mode == LAPIC_FIXED || message.mode == LAPIC_LOWEST) && message.vector < 16) {
        lapic->esr_pending |= ESR_SEND_ILLEGAL;
        return;
    }
    /* An earlier message that is still under way is not lost: it arrives now. */
    if (event_pending(&lapic->message)) {
        event_cancel(system->world.events, &lapic->message);
        message_arrives(lapic, now);
    }
    if (mask == self && message.mode <= LAPIC_LOWEST) {
        deliver_to(system, &message, mask);
        return;
    }
    lapic->sending = message;
    lapic->sending_to = mask;
    lapic->icr[0] |= ICR_PENDING;
    event_schedule(system->world.events, &lapic->message, now);
}

/* ---- timer ----------------------------------------------------------------------------------- */

static unsigned divisor(const struct lapic *lapic)
{
    unsigned code = (lapic->timer_divide & 3) | (lapic->timer_divide >> 1 & 4);

    return code == 7 ? 1 : 2u << code;
}

/* Cycles that `counts` decrements take. */
static uint64_t timer_cycles(const struct lapic *lapic, uint64_t counts)
{
    return scale_up(counts * divisor(lapic), lapic->system->world.hz, LAPIC_BUS_HZ);
}

static void timer_arm(struct lapic *lapic)
{
    uint64_t periods = lapic->timer_periods + 1;

    if (!lapic->timer_initial)
        event_cancel(lapic->system->world.events, &lapic->timer);
    else
        event_schedule(lapic->system->world.events, &lapic->timer,
                       lapic->timer_start + timer_cycles(lapic, periods * lapic->timer_initial));
}

static void timer_load(struct lapic *lapic, uint32_t initial, uint64_t now)
{
    lapic->timer_initial = initial;
    lapic->timer_start = now;
    lapic->timer_periods = 0;
    timer_arm(lapic);
}

static void timer_expires(void *owner, uint64_t when)
{
    struct lapic *lapic = owner;
    uint32_t entry = lapic->lvt[LVT_TIMER];

    (void)when;
    if (!(entry & LVT_MASKED))
        request(lapic, (uint8_t)entry, false);
    lapic->timer_periods++;
    if (entry & LVT_PERIODIC)
        timer_arm(lapic);
}

static uint32_t timer_current(const struct lapic *lapic, uint64_t now)
{
    uint64_t ticks;

    if (!lapic->timer_initial || now < lapic->timer_start)
        return lapic->timer_initial;
    ticks = scale(now - lapic->timer_start, LAPIC_BUS_HZ, lapic->system->world.hz) / divisor(lapic);
    if (lapic->lvt[LVT_TIMER] & LVT_PERIODIC)
        return lapic->timer_initial - (uint32_t)(ticks % lapic->timer_initial);
    return ticks < lapic->timer_initial ? lapic->timer_initial - (uint32_t)ticks : 0;
}

/* A new divisor takes effect on what is left of the count. */
static void timer_divide(struct lapic *lapic, uint32_t value, uint64_t now)
{
    uint32_t left = timer_current(lapic, now), initial = lapic->timer_initial;

    lapic->timer_divide = value & 0xb;
    if (!event_pending(&lapic->timer))
        return;
    timer_load(lapic, left, now);
    if (lapic->lvt[LVT_TIMER] & LVT_PERIODIC)
        lapic->timer_initial = initial;
}

/* ---- registers ------------------------------------------------------------------------------- */

uint32_t lapic_read(void *device, const struct access *access)
{
    struct lapic_system *system = device;
    struct lapic *lapic = &system->lapic[access->cpu];
    uint32_t offset = access->offset;

    if (access->bytes != 4 || offset & 0xf) {
        device_refuse(&system->world,
                      "local APIC register 0x%x was read with %u bytes; only aligned 32-bit "
                      "accesses are defined",
                      offset, access->bytes);
        return 0;
    }
    if (offset >= REG_ISR && offset < REG_ESR) {
        const uint32_t *bits = offset < REG_TMR   ? lapic->isr
                               : offset < REG_IRR ? lapic->tmr
                                                  : lapic->irr;

        return bits[offset >> 4 & 7];
    }
    if (offset >= REG_LVT && offset < REG_TIMER_INITIAL)
        return lapic->lvt[(offset - REG_LVT) >> 4];
    switch (offset) {
    case REG_ID:
        return lapic->index << 24;
    case REG_VERSION:
        return VERSION_P4;
    case REG_TPR:
        return lapic->tpr;
    case REG_APR:
    case REG_EOI:
        return 0;
    case REG_PPR:
        return processor_priority(lapic);
    case REG_LDR:
        return lapic->ldr;
    case REG_DFR:
        return lapic->dfr;
    case REG_SVR:
        return lapic->svr;
    case REG_ESR:
        return lapic->esr;
    case REG_ICR_LOW:
        return lapic->icr[0];
    case REG_ICR_HIGH:
        return lapic->icr[1];
    case REG_TIMER_INITIAL:
        return lapic->timer_initial;
    case REG_TIMER_CURRENT:
        return timer_current(lapic, access->now);
    case REG_TIMER_DIVIDE:
        return lapic->timer_divide;
    default:
        lapic->esr_pending |= ESR_WRONG_ADDRESS;
        return 0;
    }
}

static void write_svr(struct lapic *lapic, uint32_t value)
{
    lapic->svr = value & 0x3ff;
    if (!(value & SVR_ENABLE)) /* SDM: disabling by software masks every local entry */
        for (int i = 0; i < LVT_COUNT; i++)
            lapic->lvt[i] |= LVT_MASKED;
    lapic->system->changed(lapic->system->machine, lapic->index);
}

static void write_lvt(struct lapic *lapic, unsigned entry, uint32_t value)
{
    if (!(lapic->svr & SVR_ENABLE))
        value |= LVT_MASKED;
    lapic->lvt[entry] = value & lvt_writable[entry];
    lapic->system->changed(lapic->system->machine, lapic->index);
}

void lapic_write(void *device, const struct access *access, uint32_t value)
{
    struct lapic_system *system = device;
    struct lapic *lapic = &system->lapic[access->cpu];
    uint32_t offset = access->offset;

    if (access->bytes != 4 || offset & 0xf) {
        device_refuse(&system->world,
                      "local APIC register 0x%x was written with %u bytes; only aligned 32-bit "
                      "accesses are defined",
                      offset, access->bytes);
        return;
    }
    if (offset >= REG_LVT && offset < REG_TIMER_INITIAL) {
        write_lvt(lapic, (offset - REG_LVT) >> 4, value);
        return;
    }
    switch (offset) {
    case REG_ID: /* the id is wired; kernels write back what they read */
        break;
    case REG_TPR:
        lapic->tpr = value & 0xff;
        system->changed(system->machine, lapic->index);
        break;
    case REG_EOI:
        end_of_interrupt(lapic);
        break;
    case REG_LDR:
        lapic->ldr = value & 0xff000000;
        break;
    case REG_DFR:
        lapic->dfr = value | 0x0fffffff;
        break;
    case REG_SVR:
        write_svr(lapic, value);
        break;
    case REG_ESR: /* a write latches what was found since the last one */
        lapic->esr = lapic->esr_pending;
        lapic->esr_pending = 0;
        break;
    case REG_ICR_LOW:
        lapic->icr[0] = (value & 0xcdfff & ~ICR_PENDING) | (lapic->icr[0] & ICR_PENDING);
        send(lapic, access->now);
        break;
    case REG_ICR_HIGH:
        lapic->icr[1] = value & 0xff000000;
        break;
    case REG_TIMER_INITIAL:
        timer_load(lapic, value, access->now);
        break;
    case REG_TIMER_DIVIDE:
        timer_divide(lapic, value, access->now);
        break;
    default:
        lapic->esr_pending |= ESR_WRONG_ADDRESS;
    }
}

/* ---- reset ----------------------------------------------------------------------------------- */

void lapic_reset(struct lapic_system *system, unsigned index)
{
    struct lapic *lapic = &system->lapic[index];

    event_cancel(system->world.events, &lapic->timer);
    event_cancel(system->world.events, &lapic->message);
    memset(lapic, 0, sizeof(*lapic));
    lapic->system = system;
    lapic->index = index;
    lapic->dfr = 0xffffffff;
    lapic->svr = 0xff;
    for (int i = 0; i < LVT_COUNT; i++)
        lapic->lvt[i] = LVT_MASKED;
    lapic->timer.fire = timer_expires;
    lapic->timer.owner = lapic;
    lapic->message.fire = message_arrives;
    lapic->message.owner = lapic;
}

void lapic_open(struct lapic_system *system)
{
    for (unsigned i = 0; i < system->count; i++)
        lapic_reset(system, i);
    /* Virtual-wire mode, Intel MultiProcessor Specification 1.4, 3.6.2.2. */
    system->lapic[0].svr |= SVR_ENABLE;
    system->lapic[0].lvt[LVT_LINT0] = LAPIC_EXTINT << 8;
    system->lapic[0].lvt[LVT_LINT1] = LAPIC_NMI << 8;
}
