/* SPDX-License-Identifier: GPL-2.0-only */
/* native.h - between the files of the bare-machine port */
#ifndef GUESTOS_NATIVE_H
#define GUESTOS_NATIVE_H

#include "guestos/arch.h"
#include "guestos/process/process.h"
#include "include/pc/pci.h"
#include "include/pc/port.h"

#define VECTOR_SERIAL   0xe0
#define VECTOR_KEYBOARD 0xe1
#define VECTOR_TIMER    0xef
#define VECTOR_NIC      0xd1
#define VECTOR_KICK     0xed
#define VECTOR_DISK     0xf1 /* and the next, a channel each; above all other classes */
#define VECTOR_SPURIOUS 0xff

static inline uint64_t read_tsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

static inline void write_msr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "A"(value));
}

static inline uint32_t physical(const void *address)
{
    return (uint32_t)address - KERNEL_BASE;
}

/* start.c */
void native_start(uint32_t magic, uint32_t info) __attribute__((noreturn));
void native_start_other(void) __attribute__((noreturn));

/* segments.c: descriptor tables and task state of this processor */
void segments_init(unsigned processor, uint32_t stack_top);
void segments_use_stack(unsigned processor, uint32_t stack_top);
void segments_load_tls(unsigned processor, const uint64_t tls[TLS_ENTRIES]);
void interrupts_init(void); /* the table, once */
void interrupts_load(void); /* on each processor */

/* apic.c */
void apic_map(void);
void apic_init(void);        /* this processor's */
void apic_start_timer(void); /* this processor's, TICK_HZ */
void apic_end_of_interrupt(void);
void apic_send(uint32_t apic_id, uint32_t command); /* low word of the interrupt command register */
uint32_t apic_id(void);
uint32_t apic_timer_count(void); /* for calibration: counts down from ~0 */
void apic_timer_rate(uint32_t counts_per_tick);
/* Waits with interrupts of one class alone let in, that of VECTOR_DISK. */
void apic_wait_for_disk(void);
/* Device registers, uncached, for ever: the address where the kernel sees them. */
void *io_map(uint32_t physical_address, uint32_t bytes);
/* The I/O APIC: an ISA line, or a PCI device's, begins to send a vector to a processor. */
void ioapic_route(uint32_t line, uint32_t vector, uint32_t apic_id_of_target);
struct mp_line;
void ioapic_route_line(const struct mp_line *line, uint32_t vector, uint32_t apic_id_of_target);

/* clock.c */
void clock_init(void); /* calibrates TSC and APIC timer; reads the wall clock */
void clock_delay(uint32_t microseconds);

/* mp.c: the Intel MP specification's tables. Number of usable processors, their APIC ids, the boot
 * processor first; 1 if there are no tables. */
unsigned mp_find(uint8_t ids[CPU_LIMIT]);
bool mp_has_pci(void); /* true without tables: who knows */
/* Where the interrupt of a function of PCI bus 0 arrives. False: nobody says. */
struct mp_line {
    uint8_t pin; /* of the I/O APIC */
    bool low, level;
};
bool mp_pci_line(uint32_t function, struct mp_line *line);

/* e1000.c */
void e1000_find(void);
void e1000_interrupt(void);

/* ide.c */
void ide_find_disks(void);

/* console.c */
void console_init(void);
void serial_interrupt(void);
void keyboard_interrupt(void);

/* pc.c: the PC's screen and keyboard. Where there are none, these do nothing. */
void pc_init(void);
struct pc_access;
const struct pc_access *pc_access(void);       /* for other code of include/pc/ */
void pc_write(const char *text, size_t bytes); /* line ends as CR LF */
void pc_show_cursor(void);                     /* where the text ended */
bool pc_has_keyboard(void);
bool pc_read(char *character);

/* announce.c */
void announce_init(void);

#endif
