/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * apic.c - the local APIC: timer and interrupts between processors (SDM 3A, chapter 10); and the
 * I/O APIC, which sends device interrupts (82093AA data sheet, 3.2)
 */
#include "guestos/arch/native/native.h"
#include "guestos/kernel/lib.h"

#define APIC_BASE   0xfee00000u
#define IOAPIC_BASE 0xfec00000u

#define LARGE_PAGE    0x200000u
#define IO_WINDOW     0xf6000000u /* where other devices' registers are seen */
#define IO_WINDOW_END 0xfe000000u

#define IOAPIC_SELECT 0x00
#define IOAPIC_WINDOW 0x10
#define IOAPIC_ENTRY  0x10 /* two registers a line */

#define APIC_ID         0x020
#define APIC_TASK       0x080
#define APIC_EOI        0x0b0
#define APIC_SPURIOUS   0x0f0
#define APIC_COMMAND    0x300
#define APIC_COMMAND_TO 0x310
#define APIC_TIMER      0x320
#define APIC_LINT0      0x350
#define APIC_LINT1      0x360
#define APIC_INITIAL    0x380
#define APIC_COUNT      0x390
#define APIC_DIVIDE     0x3e0

#define APIC_ENABLE  0x100
#define MASKED       0x10000
#define PERIODIC     0x20000
#define DIVIDE_BY_16 0x3
#define COMMAND_BUSY 0x1000

extern uint64_t kernel_directory[512];
static uint32_t counts_per_tick;

static volatile uint32_t *reg(uint32_t offset)
{
    return (volatile uint32_t *)(APIC_BASE + offset);
}

/* 2 MB pages, uncached, at their own addresses: above the linear map. */
void apic_map(void)
{
    kernel_directory[(APIC_BASE - KERNEL_BASE) >> 21] =
        APIC_BASE | 0x1fb; /* P W PCD PWT A D PS G */
    kernel_directory[(IOAPIC_BASE - KERNEL_BASE) >> 21] = IOAPIC_BASE | 0x1fb;
}

/* Large pages above the linear map and the APICs' own; there are few devices. */
void *io_map(uint32_t physical_address, uint32_t bytes)
{
    static uint32_t next = IO_WINDOW;
    uint32_t first = physical_address & ~(LARGE_PAGE - 1), at = next;

    for (uint32_t from = first; from < physical_address + bytes; from += LARGE_PAGE) {
        ASSERT(next < IO_WINDOW_END);
        kernel_directory[(next - KERNEL_BASE) / LARGE_PAGE] =
            from | 0x1fb; /* P W PCD PWT A D PS G */
        next += LARGE_PAGE;
    }
    return (void *)(at + (physical_address - first));
}

static void ioapic_write(uint32_t index, uint32_t value)
{
    *(volatile uint32_t *)(IOAPIC_BASE + IOAPIC_SELECT) = index;
    *(volatile uint32_t *)(IOAPIC_BASE + IOAPIC_WINDOW) = value;
}

/*
 * ISA: edge-triggered, active high; fixed delivery to one processor. Target first, then unmasked.
 */
void ioapic_route(uint32_t line, uint32_t vector, uint32_t apic_id_of_target)
{
    ioapic_write(IOAPIC_ENTRY + line * 2 + 1, apic_id_of_target << 24);
    ioapic_write(IOAPIC_ENTRY + line * 2, vector);
}

/* Bits 13 and 15: active low; by level. Masked entries of such lines are written whole. */
void ioapic_route_line(const struct mp_line *line, uint32_t vector, uint32_t apic_id_of_target)
{
    uint32_t how = (line->low ? 1u << 13 : 0) | (line->level ? 1u << 15 : 0);

    ioapic_write(IOAPIC_ENTRY + line->pin * 2u + 1, apic_id_of_target << 24);
    ioapic_write(IOAPIC_ENTRY + line->pin * 2u, vector | how);
}

uint32_t apic_id(void)
{
    return *reg(APIC_ID) >> 24;
}

void apic_init(void)
{
    *reg(APIC_TASK) = 0;
    *reg(APIC_LINT0) = MASKED; /* the 8259s are masked too: nothing comes in here */
    *reg(APIC_LINT1) = MASKED;
    *reg(APIC_TIMER) = MASKED | VECTOR_TIMER;
    *reg(APIC_SPURIOUS) = APIC_ENABLE | VECTOR_SPURIOUS;
    *reg(APIC_DIVIDE) = DIVIDE_BY_16;
    *reg(APIC_INITIAL) = ~0u;
}

/*
 * What else is pending waits below the task priority: who waits for a disk is in the middle of
 * something, and a timer's work must not come in between. sti takes effect after the next
 * instruction (SDM 2B), so that an interrupt after the last look ends the hlt.
 */
void apic_wait_for_disk(void)
{
    *reg(APIC_TASK) = (VECTOR_DISK & 0xf0) - 0x10;
    __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
    *reg(APIC_TASK) = 0;
}

uint32_t apic_timer_count(void)
{
    return *reg(APIC_COUNT);
}

void apic_timer_rate(uint32_t counts)
{
    counts_per_tick = counts;
}

void apic_start_timer(void)
{
    *reg(APIC_TIMER) = PERIODIC | VECTOR_TIMER;
    *reg(APIC_INITIAL) = counts_per_tick;
}

void apic_end_of_interrupt(void)
{
    *reg(APIC_EOI) = 0;
}

void apic_send(uint32_t to, uint32_t command)
{
    while (*reg(APIC_COMMAND) & COMMAND_BUSY)
        arch_relax();
    *reg(APIC_COMMAND_TO) = to << 24;
    *reg(APIC_COMMAND) = command;
}
