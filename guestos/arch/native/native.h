/* SPDX-License-Identifier: GPL-2.0-only */
/* native.h - between the files of the bare-machine port */
#ifndef GUESTOS_NATIVE_H
#define GUESTOS_NATIVE_H

#include "guestos/arch.h"
#include "guestos/process/process.h"

#define VECTOR_SERIAL   0xe0
#define VECTOR_TIMER    0xef
#define VECTOR_KICK     0xf0
#define VECTOR_SPURIOUS 0xff

static inline u8 in8(u16 port)
{
    u8 value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void out8(u16 port, u8 value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u64 read_tsc(void)
{
    u64 value;
    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

static inline void write_msr(u32 msr, u64 value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "A"(value));
}

static inline u32 physical(const void *address)
{
    return (u32)address - KERNEL_BASE;
}

/* start.c */
void native_start(u32 magic, u32 info) __attribute__((noreturn));
void native_start_other(void) __attribute__((noreturn));

/* segments.c: descriptor tables and task state of this processor */
void segments_init(unsigned processor, u32 stack_top);
void segments_use_stack(unsigned processor, u32 stack_top);
void segments_load_tls(unsigned processor, const u64 tls[TLS_ENTRIES]);
void interrupts_init(void); /* the table, once */
void interrupts_load(void); /* on each processor */

/* apic.c */
void apic_map(void);
void apic_init(void);        /* this processor's */
void apic_start_timer(void); /* this processor's, TICK_HZ */
void apic_end_of_interrupt(void);
void apic_send(u32 apic_id, u32 command); /* low word of the interrupt command register */
u32 apic_id(void);
u32 apic_timer_count(void); /* for calibration: counts down from ~0 */
void apic_timer_rate(u32 counts_per_tick);
/* The I/O APIC: an ISA interrupt line begins to send a vector to a processor. */
void ioapic_route(u32 line, u32 vector, u32 apic_id_of_target);

/* clock.c */
void clock_init(void); /* calibrates TSC and APIC timer; reads the wall clock */
void clock_delay(u32 microseconds);

/* mp.c: the Intel MP specification's tables. Number of usable processors, their APIC ids, the boot
 * processor first; 1 if there are no tables. */
unsigned mp_find(u8 ids[CPU_LIMIT]);

/* console.c */
void serial_init(void);
void serial_interrupt(void);

/* announce.c */
void announce_init(void);

#endif
