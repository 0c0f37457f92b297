/* SPDX-License-Identifier: GPL-2.0-only */
/* apic.c - the local APIC (SDM vol. 3, chapter 10): timer, interprocessor interrupts */
#include "hv/include/arch/layout.h"
#include "hv/include/arch/smp.h"
#include "hv/include/arch/x86.h"
#include "include/pc/port.h"

#define APIC_ID            0x020
#define APIC_TASK_PRIORITY 0x080
#define APIC_EOI           0x0b0
#define APIC_SPURIOUS      0x0f0
#define APIC_COMMAND_LOW   0x300
#define APIC_COMMAND_HIGH  0x310
#define APIC_LVT_TIMER     0x320
#define APIC_LVT_LINT0     0x350
#define APIC_LVT_LINT1     0x360
#define APIC_LVT_ERROR     0x370
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK  0xa1

#define LVT_MASKED       0x10000
#define SPURIOUS_ENABLE  0x100
#define DIVIDE_BY_1      0xb
#define DELIVERY_PENDING 0x1000

static uint32_t apic_read(unsigned reg)
{
    return *(volatile uint32_t *)(uintptr_t)(FIX_APIC + reg);
}

static void apic_write(unsigned reg, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(FIX_APIC + reg) = value;
}

/*
 * Nothing comes through the 8259 pair. Masked before LINT0 is, so that a request of the BIOS's
 * timer is withdrawn on the way it came.
 */
static void pic_mask(void)
{
    out8(PIC_MASTER_MASK, 0xff);
    out8(PIC_SLAVE_MASK, 0xff);
}

void apic_init(void)
{
    pic_mask();
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_TASK_PRIORITY, 0);
    apic_write(APIC_LVT_LINT0, LVT_MASKED);
    apic_write(APIC_LVT_LINT1, LVT_MASKED);
    apic_write(APIC_LVT_ERROR, LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER); /* one-shot */
}

unsigned apic_id(void)
{
    return apic_read(APIC_ID) >> 24;
}

void apic_end_of_interrupt(void)
{
    apic_write(APIC_EOI, 0);
}

void apic_send(unsigned apic, uint32_t command)
{
    while (apic_read(APIC_COMMAND_LOW) & DELIVERY_PENDING)
        pause();
    apic_write(APIC_COMMAND_HIGH, apic << 24);
    apic_write(APIC_COMMAND_LOW, command);
}

void apic_timer_set(uint32_t ticks)
{
    apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t apic_timer_left(void)
{
    return apic_read(APIC_TIMER_CURRENT);
}
