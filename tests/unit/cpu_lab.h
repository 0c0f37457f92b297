/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_lab.h - a machine of two processors, memory and a few toy devices, for tests of cpu/
 *
 * Guest code is written in the test as 32-bit assembly:
 *
 *     GUEST(loop, "mov $10, %ecx; 1: dec %ecx; jnz 1b; hlt");
 *     ...
 *     lab_load(&lab, 0x100000, GUEST_CODE(loop));
 */
#ifndef XENOLITH_TESTS_CPU_LAB_H
#define XENOLITH_TESTS_CPU_LAB_H

#include <stdlib.h>
#include <string.h>

#include "cpu/cpu.h"

#define GUEST_BITS(bits, name, text)                                                               \
    __asm__(".pushsection .rodata\n.code" bits "\nguest_" #name ":\n" text "\nguest_end_" #name    \
            ":\n.code64\n.popsection\n");                                                          \
    extern const uint8_t guest_##name[], guest_end_##name[]
#define GUEST(name, text)   GUEST_BITS("32", name, text)
#define GUEST16(name, text) GUEST_BITS("16", name, text)
#define GUEST_CODE(name)    guest_##name, (size_t)(guest_end_##name - guest_##name)

enum {
    LAB_RAM = 16 << 20,
    LAB_GDT = 0x1000, /* selectors 08/10 ring 0, 19/21 ring 1, 2a/32 ring 2, 3b/43 ring 3, 48 TSS */
    LAB_IDT = 0x2000,
    LAB_TSS = 0x3000,
    LAB_STACK0 = 0x90000, /* in the TSS for rings 0, 1, 2 */
    LAB_STACK1 = 0xa0000,
    LAB_STACK2 = 0xb0000,
    LAB_CODE = 0x100000,
    LAB_DEVICE = 0xfec00000,
};

enum {
    LAB_CS0 = 0x08,
    LAB_DS0 = 0x10,
    LAB_CS1 = 0x19,
    LAB_DS1 = 0x21,
    LAB_CS2 = 0x2a,
    LAB_DS2 = 0x32,
    LAB_CS3 = 0x3b,
    LAB_DS3 = 0x43,
    LAB_TR = 0x48
};

enum { LAB_CROSSINGS = 64 };

struct lab {
    uint8_t *ram;
    struct cpu_engine *engine;
    struct cpu *cpu[2];
    struct cpu_tally tally[2][4];
    int pending[2]; /* vector of the external interrupt that waits, or -1 */
    uint32_t last_port, last_value, port_answer;
    uint64_t port_cycles; /* that each port access takes */
    uint64_t port_clock;  /* cpu_clock() at the last port access, after them */
    uint32_t last_device, last_device_value;
    uint64_t msr;
    struct cpu_tally *change_to; /* unless NULL, a write to a port charges to it from then on */
    uint32_t announced[2];       /* leaf, argument */
    unsigned crossings;
    struct cpu_crossing crossing[LAB_CROSSINGS];
};

/* Opens a lab; fails the test on any error. */
void lab_open(struct lab *lab, unsigned processors, enum cpu_timing timing,
              const struct machine_costs *costs);
/* The same with one mode and a given room for translated code. */
void lab_open_room(struct lab *lab, unsigned processors, size_t code_bytes);
/* The same as lab_open(), without translations shared by frames of equal content. */
void lab_open_no_sharing(struct lab *lab, unsigned processors, enum cpu_timing timing,
                         const struct machine_costs *costs);
void lab_close(struct lab *lab);

void lab_load(struct lab *lab, uint32_t at, const uint8_t *code, size_t bytes);
void lab_write32(struct lab *lab, uint32_t at, uint32_t value);
void lab_write64(struct lab *lab, uint32_t at, uint64_t value);
uint32_t lab_read32(const struct lab *lab, uint32_t at);

/* A segment or system descriptor in the GDT, and a gate in the IDT. */
void lab_descriptor(struct lab *lab, unsigned selector, uint32_t base, uint32_t limit,
                    uint32_t access, uint32_t granularity);
void lab_gate(struct lab *lab, unsigned vector, uint16_t selector, uint32_t offset,
              uint32_t access);

/* Descriptor tables and a TSS in memory; the registers are loaded by guest code LAB_TABLES. */
void lab_tables(struct lab *lab);
#define LAB_TABLES "mov $0x70000, %esp\n lgdt 0x3f00\n lidt 0x3f08\n mov $0x48, %ax\n ltr %ax\n"

/* cpu_run(), or, with LAB_STEPS=n in the environment, the same stopped after every n instructions:
 * all that a test expects must hold then, too. */
enum cpu_stop lab_run(struct cpu *cpu, uint64_t deadline);

/* Starts processor 0 at LAB_CODE with a stack and runs it until it stops by itself. */
enum cpu_stop lab_go(struct lab *lab);
uint32_t lab_reg(struct lab *lab, unsigned reg);

/* Sum over rings of one event on a processor, after settling. */
uint64_t lab_event(struct lab *lab, unsigned cpu, enum cpu_event event);
/* Fails the test unless the cycles_* rows sum to the clock. */
void lab_check_cycles(struct lab *lab, unsigned cpu);

#endif
