/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_lab.c - the toy machine of the processor's tests */
#include "tests/unit/cpu_lab.h"

#include <criterion/criterion.h>
#include <sys/mman.h>

static uint32_t port_read(void *machine, unsigned cpu, uint16_t port, unsigned bytes)
{
    struct lab *lab = machine;

    (void)bytes;
    cpu_spend(lab->cpu[cpu], lab->port_cycles);
    lab->last_port = port;
    lab->port_clock = cpu_clock(lab->cpu[cpu]);
    return lab->port_answer;
}

static void port_write(void *machine, unsigned cpu, uint16_t port, unsigned bytes, uint32_t value)
{
    struct lab *lab = machine;

    (void)bytes;
    cpu_spend(lab->cpu[cpu], lab->port_cycles);
    lab->last_port = port;
    lab->last_value = value;
    lab->port_clock = cpu_clock(lab->cpu[cpu]);
    if (port == 0x21) { /* raises an external interrupt */
        lab->pending[cpu] = (int)value & 0xff;
        cpu_interrupt(lab->cpu[cpu], true);
    }
    if (lab->change_to)
        cpu_charge_to(lab->cpu[cpu], lab->change_to);
    if (port == 0x22) /* ends the run */
        cpu_deadline(lab->cpu[cpu], 0);
}

static uint32_t mmio_read(void *machine, unsigned cpu, uint32_t address, unsigned bytes)
{
    struct lab *lab = machine;

    (void)cpu, (void)bytes;
    lab->last_device = address;
    return address == LAB_DEVICE + 0x20 ? cpu : 0x600d0000 + (address & 0xfff);
}

static void mmio_write(void *machine, unsigned cpu, uint32_t address, unsigned bytes,
                       uint32_t value)
{
    struct lab *lab = machine;

    (void)bytes;
    lab->last_device = address;
    lab->last_device_value = value;
    if (address == LAB_DEVICE + 0x300) { /* interrupt the other processor */
        lab->pending[!cpu] = (int)value & 0xff;
        cpu_interrupt(lab->cpu[!cpu], true);
    }
    if (address == LAB_DEVICE + 0x304)
        cpu_init(lab->cpu[!cpu]);
    if (address == LAB_DEVICE + 0x308)
        cpu_startup(lab->cpu[!cpu], (uint8_t)value);
}

static int acknowledge(void *machine, unsigned cpu)
{
    struct lab *lab = machine;
    int vector = lab->pending[cpu];

    lab->pending[cpu] = -1;
    cpu_interrupt(lab->cpu[cpu], false);
    return vector;
}

static bool msr_read(void *machine, unsigned cpu, uint32_t msr, uint64_t *value)
{
    struct lab *lab = machine;

    (void)cpu;
    *value = lab->msr;
    return msr == 0x1b;
}

static bool msr_write(void *machine, unsigned cpu, uint32_t msr, uint64_t value)
{
    struct lab *lab = machine;

    (void)cpu;
    lab->msr = value;
    return msr == 0x1b;
}

static void announce(void *machine, unsigned cpu, uint32_t regs[4])
{
    struct lab *lab = machine;

    (void)cpu;
    lab->announced[0] = regs[0];
    lab->announced[1] = regs[2];
    regs[1] = 0x11223344;
}

static void crossed(void *machine, unsigned cpu, const struct cpu_crossing *crossing)
{
    struct lab *lab = machine;

    (void)cpu;
    if (lab->crossings < LAB_CROSSINGS)
        lab->crossing[lab->crossings] = *crossing;
    lab->crossings++;
}

static void open_lab(struct lab *lab, unsigned processors, enum cpu_timing timing,
                     const struct machine_costs *costs, size_t code_bytes, bool no_sharing)
{
    char why[256] = "";

    memset(lab, 0, sizeof(*lab));
    lab->pending[0] = lab->pending[1] = -1;
    lab->ram = mmap(NULL, LAB_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct cpu_config config = {.processors = processors,
                                .ram = lab->ram,
                                .ram_bytes = LAB_RAM,
                                .mmio_base = LAB_DEVICE,
                                .code_bytes = code_bytes,
                                .timing = timing,
                                .costs = costs,
                                .no_sharing = no_sharing,
                                .bus = {.machine = lab,
                                        .port_read = port_read,
                                        .port_write = port_write,
                                        .mmio_read = mmio_read,
                                        .mmio_write = mmio_write,
                                        .acknowledge = acknowledge,
                                        .msr_read = msr_read,
                                        .msr_write = msr_write,
                                        .announce = announce,
                                        .crossed = crossed}};

    lab->engine = cpu_engine_open(&config, why, sizeof(why));
    cr_assert(lab->engine, "%s", why);
    for (unsigned i = 0; i < processors; i++) {
        lab->cpu[i] = cpu_get(lab->engine, i);
        cpu_charge_to(lab->cpu[i], lab->tally[i]);
    }
}

void lab_open(struct lab *lab, unsigned processors, enum cpu_timing timing,
              const struct machine_costs *costs)
{
    open_lab(lab, processors, timing, costs, 64 << 20, false);
}

void lab_open_room(struct lab *lab, unsigned processors, size_t code_bytes)
{
    open_lab(lab, processors, CPU_TIMING_UNIT, NULL, code_bytes, false);
}

void lab_open_no_sharing(struct lab *lab, unsigned processors, enum cpu_timing timing,
                         const struct machine_costs *costs)
{
    open_lab(lab, processors, timing, costs, 64 << 20, true);
}

void lab_close(struct lab *lab)
{
    cpu_engine_close(lab->engine);
    munmap(lab->ram, LAB_RAM);
}

void lab_load(struct lab *lab, uint32_t at, const uint8_t *code, size_t bytes)
{
    memcpy(lab->ram + at, code, bytes);
    cpu_memory_written(lab->engine, at, (uint32_t)bytes);
}

void lab_write32(struct lab *lab, uint32_t at, uint32_t value)
{
    memcpy(lab->ram + at, &value, sizeof(value));
}

void lab_write64(struct lab *lab, uint32_t at, uint64_t value)
{
    memcpy(lab->ram + at, &value, sizeof(value));
}

uint32_t lab_read32(const struct lab *lab, uint32_t at)
{
    uint32_t value;

    memcpy(&value, lab->ram + at, sizeof(value));
    return value;
}

void lab_descriptor(struct lab *lab, unsigned selector, uint32_t base, uint32_t limit,
                    uint32_t access, uint32_t granularity)
{
    uint32_t at = LAB_GDT + (selector & ~7u);

    lab_write32(lab, at, (limit & 0xffff) | base << 16);
    lab_write32(lab, at + 4,
                (base >> 16 & 0xff) | access << 8 | (limit & 0xf0000) | granularity << 20 |
                    (base & 0xff000000));
}

void lab_gate(struct lab *lab, unsigned vector, uint16_t selector, uint32_t offset, uint32_t access)
{
    lab_write32(lab, LAB_IDT + 8 * vector, (offset & 0xffff) | (uint32_t)selector << 16);
    lab_write32(lab, LAB_IDT + 8 * vector + 4, (offset & 0xffff0000) | access << 8);
}

void lab_tables(struct lab *lab)
{
    for (unsigned ring = 0; ring < 4; ring++) {
        lab_descriptor(lab, LAB_CS0 + 0x10 * ring, 0, 0xfffff, 0x9b | ring << 5, 0xc);
        lab_descriptor(lab, LAB_DS0 + 0x10 * ring, 0, 0xfffff, 0x93 | ring << 5, 0xc);
    }
    lab_descriptor(lab, LAB_TR, LAB_TSS, 0x67, 0x89, 0);
    lab_write32(lab, LAB_TSS + 4, LAB_STACK0);
    lab_write32(lab, LAB_TSS + 8, LAB_DS0);
    lab_write32(lab, LAB_TSS + 12, LAB_STACK1);
    lab_write32(lab, LAB_TSS + 16, LAB_DS1);
    lab_write32(lab, LAB_TSS + 20, LAB_STACK2);
    lab_write32(lab, LAB_TSS + 24, LAB_DS2);
    lab_write32(lab, LAB_TSS + 0x64, 0x680000);
    lab_write32(lab, 0x3f00, 0xff | (uint32_t)LAB_GDT << 16);
    lab_write32(lab, 0x3f04, LAB_GDT >> 16);
    lab_write32(lab, 0x3f08, 0x7ff | (uint32_t)LAB_IDT << 16);
    lab_write32(lab, 0x3f0c, LAB_IDT >> 16);
}

enum cpu_stop lab_run(struct cpu *cpu, uint64_t deadline)
{
    const char *steps = getenv("LAB_STEPS");
    enum cpu_stop stop = CPU_STOP_STEP;
    struct cpu_registers registers;

    if (!steps)
        return cpu_run(cpu, deadline);
    while (stop == CPU_STOP_STEP) {
        uint64_t left = strtoul(steps, NULL, 10);

        stop = cpu_step(cpu, deadline, &left);
        cpu_settle(cpu);
        cpu_registers(cpu, &registers);
    }
    return stop;
}

enum cpu_stop lab_go(struct lab *lab)
{
    cpu_start_protected(lab->cpu[0], LAB_CODE, 0, 0);
    return lab_run(lab->cpu[0], 1000000000);
}

uint32_t lab_reg(struct lab *lab, unsigned reg)
{
    struct cpu_registers registers;

    cpu_registers(lab->cpu[0], &registers);
    return registers.gpr[reg];
}

uint64_t lab_event(struct lab *lab, unsigned cpu, enum cpu_event event)
{
    uint64_t sum = 0;

    cpu_settle(lab->cpu[cpu]);
    for (unsigned ring = 0; ring < 4; ring++)
        sum += lab->tally[cpu][ring].n[event];
    return sum;
}

void lab_check_cycles(struct lab *lab, unsigned cpu)
{
    static const enum cpu_event rows[] = {
        CPU_cycles_issue,    CPU_cycles_l1,  CPU_cycles_memory,  CPU_cycles_tlb,
        CPU_cycles_crossing, CPU_cycles_cr3, CPU_cycles_control, CPU_cycles_halted};
    uint64_t sum = 0;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        sum += lab_event(lab, cpu, rows[i]);
    cr_assert_eq(sum, cpu_clock(lab->cpu[cpu]), "cycles %lu, clock %lu", (unsigned long)sum,
                 (unsigned long)cpu_clock(lab->cpu[cpu]));
}
