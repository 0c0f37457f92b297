/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wiring.c - which wire goes where: devices to the bus, their lines to the interrupt controllers,
 * those to the processors
 */
#include "sim/machine/wiring.h"
#include "sim/machine/typed.h"

#include "include/xenolith/announce.h"
#include "sim/load/mptable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MSR_APIC_BASE    0x1bu
#define APIC_BASE_ENABLE 0x800u
#define APIC_BASE_BOOT   0x100u

/* Whether the access under way comes from rings 1-3, which a kernel may have given a device. */
static bool outer_ring_asks(void *owner)
{
    const struct machine *machine = owner;
    struct cpu_registers registers;

    if (!machine->asking)
        return false;
    cpu_registers(machine->asking, &registers);
    return registers.ring > 0;
}

/*
 * A kernel that meets what a device has not is told so, and the run ends. Rings 1-3 cannot end it:
 * what they write is ignored, and what they read is what the device returns then.
 */
static void refuse(void *owner, const char *sentence)
{
    if (!outer_ring_asks(owner))
        machine_end_run(owner, MACHINE_REFUSED, sentence);
}

/* ---- interrupt lines ------------------------------------------------------------------------- */

static bool pic_reaches(const struct machine *machine, unsigned cpu)
{
    return cpu == 0 && pic_wants(&machine->pic) && lapic_passes_pic(&machine->lapics.lapic[0]);
}

static void update_interrupt(void *owner, unsigned cpu)
{
    struct machine *machine = owner;
    bool level = lapic_wants(&machine->lapics.lapic[cpu]) || pic_reaches(machine, cpu);

    if (level == machine->asserted[cpu])
        return;
    machine->asserted[cpu] = level;
    cpu_interrupt(machine->cpu[cpu], level);
}

static void pic_changed(void *owner)
{
    update_interrupt(owner, 0);
}

static void interrupt_line(void *owner, unsigned line, bool level)
{
    struct machine *machine = owner;

    if (line < 16)
        pic_line(&machine->pic, line, level);
    ioapic_line(&machine->ioapic, line, level);
}

static void level_ended(void *owner, uint8_t vector)
{
    struct machine *machine = owner;

    ioapic_end(&machine->ioapic, vector);
}

static int acknowledge(void *owner, unsigned cpu)
{
    struct machine *machine = owner;
    int vector = lapic_acknowledge(&machine->lapics.lapic[cpu]);

    if (vector < 0 && pic_reaches(machine, cpu))
        vector = pic_acknowledge(&machine->pic);
    update_interrupt(machine, cpu);
    return vector;
}

static void init_processor(void *owner, unsigned cpu)
{
    struct machine *machine = owner;

    machine->schedule.asleep[cpu] = false;
    update_interrupt(machine, cpu);
    cpu_init(machine->cpu[cpu]);
}

static void start_processor(void *owner, unsigned cpu, uint8_t vector)
{
    struct machine *machine = owner;

    if (cpu_waits_for_startup(machine->cpu[cpu]))
        cpu_startup(machine->cpu[cpu], vector);
}

/* ---- the processors' bus --------------------------------------------------------------------- */

/* What is asked of a device, after the `cycles` that the way to it takes. */
static struct access access_of(const struct machine *machine, unsigned cpu, uint32_t address,
                               unsigned bytes, uint64_t cycles)
{
    cpu_spend(machine->cpu[cpu], cycles);
    return (struct access){
        .now = cpu_clock(machine->cpu[cpu]), .cpu = cpu, .bytes = bytes, .address = address};
}

static uint32_t port_read(void *owner, unsigned cpu, uint16_t port, unsigned bytes)
{
    struct machine *machine = owner;
    struct access access = access_of(machine, cpu, port, bytes, machine->config.devices.port_io);
    uint32_t value;

    machine->asking = machine->cpu[cpu];
    value = bus_port_read(&machine->bus, &access);
    machine->asking = NULL;
    return value;
}

static void port_write(void *owner, unsigned cpu, uint16_t port, unsigned bytes, uint32_t value)
{
    struct machine *machine = owner;
    struct access access = access_of(machine, cpu, port, bytes, machine->config.devices.port_io);

    machine->asking = machine->cpu[cpu];
    bus_port_write(&machine->bus, &access, value);
    machine->asking = NULL;
}

/* The local APIC is part of the processor; the rest is across the bus. */
static struct access memory_access_of(const struct machine *machine, unsigned cpu, uint32_t address,
                                      unsigned bytes)
{
    const struct device_costs *devices = &machine->config.devices;
    bool own = (address & ~UINT32_C(0xfff)) == LAPIC_BASE;

    return access_of(machine, cpu, address, bytes, own ? devices->apic : devices->mmio);
}

static uint32_t mmio_read(void *owner, unsigned cpu, uint32_t address, unsigned bytes)
{
    struct machine *machine = owner;
    struct access access = memory_access_of(machine, cpu, address, bytes);
    uint32_t value;

    machine->asking = machine->cpu[cpu];
    value = bus_memory_read(&machine->bus, &access);
    machine->asking = NULL;
    return value;
}

static void mmio_write(void *owner, unsigned cpu, uint32_t address, unsigned bytes, uint32_t value)
{
    struct machine *machine = owner;
    struct access access = memory_access_of(machine, cpu, address, bytes);

    machine->asking = machine->cpu[cpu];
    bus_memory_write(&machine->bus, &access, value);
    machine->asking = NULL;
}

static uint64_t apic_base(unsigned cpu)
{
    return LAPIC_BASE | APIC_BASE_ENABLE | (cpu == 0 ? APIC_BASE_BOOT : 0);
}

static bool msr_read(void *owner, unsigned cpu, uint32_t msr, uint64_t *value)
{
    (void)owner;
    if (msr != MSR_APIC_BASE)
        return false;
    *value = apic_base(cpu);
    return true;
}

/* ---- announcements (include/xenolith/announce.h) -------------------------------------------- */

/* False: the value is none of those that the MSR may have. */
static bool context_write(struct machine *machine, unsigned cpu, uint32_t msr, uint64_t value)
{
    const struct machine_observer *observer = &machine->observer;

    if (value > ANNOUNCE_CONTEXT_MAX)
        return false;
    if (msr == ANNOUNCE_MSR_CONTEXT) {
        machine->trail.context[cpu] = (uint32_t)value;
        if (observer->context)
            observer->context(observer->owner, cpu, (uint32_t)value);
    } else if (observer->context_ended) {
        observer->context_ended(observer->owner, cpu, (uint32_t)value);
    }
    return true;
}

static bool msr_write(void *owner, unsigned cpu, uint32_t msr, uint64_t value)
{
    struct machine *machine = owner;

    switch (msr) {
    case ANNOUNCE_MSR_CONTEXT:
    case ANNOUNCE_MSR_CONTEXT_END:
        return context_write(machine, cpu, msr, value);
    case ANNOUNCE_MSR_OUTER_LIMIT:
        if (value > UINT32_MAX)
            return false;
        cpu_outer_limit(machine->cpu[cpu], (uint32_t)value);
        return true;
    case ANNOUNCE_MSR_PANIC:
        trail_post_mortem(machine, cpu, "the supervisor panicked", (uint32_t)(value >> 32),
                          (uint32_t)value);
        return true;
    case MSR_APIC_BASE:
        if (value != apic_base(cpu))
            refuse(machine, "the local APIC was moved or disabled by MSR 0x1b, which is not "
                            "implemented");
        return true;
    default:
        return false;
    }
}

/* The signature is there with or without observers: kernels that find it take other paths. */
static void announce(void *owner, unsigned cpu, uint32_t regs[4])
{
    struct machine *machine = owner;
    const struct machine_observer *observer = &machine->observer;
    uint32_t leaf = regs[0], argument = regs[2];

    memset(regs, 0, 4 * sizeof(*regs));
    if (leaf == ANNOUNCE_LEAF_SIGNATURE) {
        regs[0] = ANNOUNCE_LEAF_LAST;
        regs[1] = ANNOUNCE_SIGNATURE_EBX;
        regs[2] = ANNOUNCE_SIGNATURE_ECX;
        regs[3] = ANNOUNCE_SIGNATURE_EDX;
    } else if (observer->announce) {
        observer->announce(observer->owner, cpu, leaf, argument);
    }
}

static void crossed(void *owner, unsigned cpu, const struct cpu_crossing *crossing)
{
    struct machine *machine = owner;
    struct trail *trail = &machine->trail;

    trail->event[trail->count++ % TRAIL_EVENTS] =
        (struct trail_event){.clock = cpu_clock(machine->cpu[cpu]),
                             .context = trail->context[cpu],
                             .cpu = (uint8_t)cpu,
                             .crossing = *crossing};
    if (machine->observer.crossed)
        machine->observer.crossed(machine->observer.owner, cpu, crossing);
}

static void masked(void *owner, unsigned cpu)
{
    struct machine *machine = owner;

    if (machine->observer.masked)
        machine->observer.masked(machine->observer.owner, cpu);
}

/* ---- small ports ----------------------------------------------------------------------------- */

static uint32_t no_read(void *device, const struct access *access)
{
    (void)device;
    (void)access;
    return 0xff;
}

/* Port 0x80, where firmware shows its progress and kernels waste a microsecond. */
static void ignore_write(void *device, const struct access *access, uint32_t value)
{
    (void)device;
    (void)access;
    (void)value;
}

static void exit_write(void *device, const struct access *access, uint32_t value)
{
    struct machine *machine = device;

    (void)access;
    if (machine->end == MACHINE_RUNNING)
        machine->exit_value = value;
    machine_end_run(machine, MACHINE_POWER_OFF, "");
}

/* ---- building -------------------------------------------------------------------------------- */

static void sooner(void *owner, uint64_t when)
{
    schedule_cut(owner, when);
}

/* Ranges of devices that every machine has: that two overlap is an error of this file. */
static void claim(struct machine *machine, enum bus_space space, const struct bus_range *range)
{
    if (bus_claim(&machine->bus, space, range))
        return;
    fprintf(stderr, "xenolith: %s cannot have 0x%x-0x%x\n", range->name, range->first, range->last);
    abort();
}

static void claim_ports(struct machine *machine, const char *name, uint32_t first, uint32_t last,
                        device_read *read, device_write *write, void *device)
{
    claim(machine, BUS_PORT,
          &(struct bus_range){name, first, last, BUS_BYTES, read, write, device});
}

static void claim_memory(struct machine *machine, const char *name, uint32_t first, uint32_t bytes,
                         device_read *read, device_write *write, void *device)
{
    claim(machine, BUS_MEMORY,
          &(struct bus_range){name, first, first + bytes - 1, BUS_ANY_WIDTH, read, write, device});
}

static void open_devices(struct machine *machine)
{
    const struct machine_config *config = &machine->config;
    struct device_world world = {.events = &machine->events,
                                 .hz = config->costs->clock_hz,
                                 .refuse = refuse,
                                 .machine = machine,
                                 .outer_ring = outer_ring_asks,
                                 .memory_read = dma_read,
                                 .memory_write = dma_write};

    machine->bus.memory_first = MACHINE_MMIO_BASE;
    machine->lapics = (struct lapic_system){.world = world,
                                            .count = config->processors,
                                            .changed = update_interrupt,
                                            .init = init_processor,
                                            .startup = start_processor,
                                            .end_of_interrupt = level_ended,
                                            .machine = machine};
    lapic_open(&machine->lapics);
    claim_memory(machine, "local APIC", LAPIC_BASE, LAPIC_BYTES, lapic_read, lapic_write,
                 &machine->lapics);

    machine->ioapic = (struct ioapic){.world = world, .lapics = &machine->lapics};
    ioapic_open(&machine->ioapic);
    claim_memory(machine, "I/O APIC", IOAPIC_BASE, IOAPIC_BYTES, ioapic_read, ioapic_write,
                 &machine->ioapic);

    machine->pic = (struct pic_pair){.world = world, .changed = pic_changed, .machine = machine};
    pic_open(&machine->pic);
    claim_ports(machine, "8259 master", 0x20, 0x21, pic_read, pic_write, &machine->pic);
    claim_ports(machine, "8259 slave", 0xa0, 0xa1, pic_read, pic_write, &machine->pic);

    machine->pit = (struct pit){.world = world, .irq = {interrupt_line, machine, 0}};
    pit_open(&machine->pit);
    claim_ports(machine, "8254", 0x40, 0x43, pit_read, pit_write, &machine->pit);
    claim_ports(machine, "port B", 0x61, 0x61, pit_port61_read, pit_port61_write, &machine->pit);

    machine->uart = (struct uart){
        .irq = {interrupt_line, machine, 4}, .sent = console_byte, .owner = &machine->console};
    uart_open(&machine->uart);
    claim_ports(machine, "COM1", 0x3f8, 0x3ff, uart_read, uart_write, &machine->uart);

    machine->rtc =
        (struct rtc){.world = world, .start = config->date, .ram_bytes = config->ram_bytes};
    rtc_open(&machine->rtc);
    claim_ports(machine, "CMOS", 0x70, 0x71, rtc_read, rtc_write, &machine->rtc);

    claim_ports(machine, "progress", 0x80, 0x80, no_read, ignore_write, machine);
    claim_ports(machine, "exit", 0xf4, 0xf4, no_read, exit_write, machine);

    if (disks_present(machine) || network_present(machine))
        slots_open(machine, &world, interrupt_line);
    disks_open(machine, &world, interrupt_line);
    network_open(machine, &world);

    machine->input = (struct event){.fire = typed_look, .owner = machine};
    event_schedule(&machine->events, &machine->input, 0);
}

struct machine *machine_open(const struct machine_config *config, char *why, size_t why_bytes)
{
    struct machine *machine = calloc(1, sizeof(*machine));
    struct cpu_config cpu = {
        .processors = config->processors,
        .ram_bytes = config->ram_bytes,
        .mmio_base = MACHINE_MMIO_BASE,
        .timing = config->timing,
        .costs = config->costs,
        .no_filter = config->no_filter,
        .bus = {machine, port_read, port_write, mmio_read, mmio_write, acknowledge, msr_read,
                msr_write, announce, crossed, masked},
    };

    if (!machine) {
        snprintf(why, why_bytes, "no memory for a machine");
        return NULL;
    }
    machine->config = *config;
    machine->console.out = config->console_out;
    machine->schedule.running = -1;
    machine->schedule.steps = SCHEDULE_NO_STEPS;
    machine->stop_at = EVENT_NEVER;
    machine->ram = mmap(NULL, config->ram_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (machine->ram == MAP_FAILED) {
        snprintf(why, why_bytes, "no room for %u MB of simulated memory: %s",
                 config->ram_bytes >> 20, strerror(errno));
        free(machine);
        return NULL;
    }
    madvise(machine->ram, config->ram_bytes, MADV_HUGEPAGE); /* only speed: may fail */
    cpu.ram = machine->ram;
    machine->engine = cpu_engine_open(&cpu, why, why_bytes);
    if (!machine->engine) {
        munmap(machine->ram, config->ram_bytes);
        free(machine);
        return NULL;
    }
    for (unsigned i = 0; i < config->processors; i++)
        machine->cpu[i] = cpu_get(machine->engine, i);
    machine->events.sooner = sooner;
    machine->events.who = machine;
    open_devices(machine);
    return machine;
}

bool machine_boot(struct machine *machine, const struct boot_images *images, char *why,
                  size_t why_bytes)
{
    struct boot_entry entry;

    mptable_write(machine->ram, machine->config.processors, slots_devices(machine));
    if (!multiboot_load(machine->ram, machine->config.ram_bytes, images, &entry, why, why_bytes))
        return false;
    cpu_memory_written(machine->engine, 0, machine->config.ram_bytes);
    for (unsigned i = 1; i < machine->config.processors; i++)
        cpu_init(machine->cpu[i]);
    cpu_start_protected(machine->cpu[0], entry.eip, MULTIBOOT_BOOTED, entry.info);
    machine->kernel = images->kernel.file;
    return true;
}

void machine_close(struct machine *machine)
{
    if (!machine)
        return;
    network_close(machine);
    cpu_engine_close(machine->engine);
    munmap(machine->ram, machine->config.ram_bytes);
    bus_close(&machine->bus);
    event_queue_close(&machine->events);
    free(machine);
}
