/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - what the bench images share
 *
 * Each image is a Multiboot kernel that does one kind of work `scale` times, `scale` being the
 * number on its command line, and prints
 *
 *     NAME begins
 *     NAME scale=N work=W tsc=T check=C
 *
 * W is in the unit that the image names, T the TSC's difference around the work. Where the TSC
 * advances by one an instruction, T is a count of instructions and must be the same on every
 * emulator; that is why the images take no interrupts. Speed is the host's time between the two
 * lines, so that booting does not count.
 */
#ifndef BENCH_H
#define BENCH_H

#include "include/freestanding/types.h"

struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline;
};

/* Each image defines these. */
extern const char bench_name[];
void bench_prepare(void);             /* before the clock is read */
uint32_t bench_work(uint32_t scale);  /* returns a checksum of what was done */
uint32_t bench_units(uint32_t scale); /* how much work that was */

/*
 * boot.S and kernel.c offer these; kernel_main() is what boot.S calls, main.c's in a bench image.
 */
void kernel_main(const struct multiboot_info *info);
void kernel_start(void); /* serial line, gates, task register; call it first */
void power_off(uint8_t code);
void put(const char *text);
void put_number(uint64_t value);
void enter_user(void (*function)(void), uint32_t stack);
void gate_null(void);
void gate_leave(void);
void gate_fault(void);
void gate_unexpected(void);
extern uint32_t fault_window, fault_table, fault_count;

void set_gate(unsigned vector, void (*handler)(void), unsigned dpl);
void paging_on(void);                     /* identity, 16 MB, two-level tables, user accessible */
uint32_t *page_directory(unsigned which); /* two directories that map the same */
void load_directory(const uint32_t *directory);

static inline uint64_t read_tsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value) : : "memory");
    return value;
}

#endif
