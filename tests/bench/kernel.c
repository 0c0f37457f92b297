/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel.c - the least kernel that a bench image needs: serial line, gates, page tables, power-off
 *
 * Sources: Intel SDM volume 3, 6.11 (gates), 7.2.1 (TSS), 4.3 (32-bit paging); Multiboot 0.6.96,
 * 3.3.
 */
#include "include/pc/port.h"
#include "tests/bench/bench.h"

#define COM1                0x3f8
#define EXIT_PORT           0xf4   /* Xenolith, and QEMU's isa-debug-exit */
#define BOCHS_SHUTDOWN_PORT 0x8900 /* takes the word "Shutdown" */
#define MAPPED_PAGES        4096   /* 16 MB */

struct tss {
    uint32_t link, esp0, ss0, rest[22], iomap;
};

static struct tss tss;
static uint64_t idt[256];
static uint8_t interrupt_stack[4096] __attribute__((aligned(16)));
static uint32_t directory[2][1024] __attribute__((aligned(4096)));
static uint32_t tables[MAPPED_PAGES] __attribute__((aligned(4096)));
extern uint64_t gdt_tss;

static void put_char(char c)
{
    while (!(in8(COM1 + 5) & 0x20))
        ;
    out8(COM1, c);
}

void put(const char *text)
{
    while (*text)
        put_char(*text++);
}

void put_number(uint64_t value)
{
    char digits[21];
    int at = 20;
    uint32_t high = value >> 32, low = value;

    digits[at] = 0;
    do { /* long division by ten in two halves: there is no 64-bit division here */
        uint32_t rest = high % 10, quotient;
        high /= 10;
        __asm__("divl %4" : "=a"(quotient), "=d"(rest) : "0"(low), "1"(rest), "r"(10));
        low = quotient;
        digits[--at] = '0' + rest;
    } while (high | low);
    put(digits + at);
}

void power_off(uint8_t code)
{
    while (!(in8(COM1 + 5) & 0x40)) /* the line has sent its last bit */
        ;
    out8(EXIT_PORT, code);
    __asm__ volatile("jmp 1f; 1:"); /* Xenolith stops at the block's end: say no more to it */
    for (const char *word = "Shutdown"; *word; word++)
        out8(BOCHS_SHUTDOWN_PORT, *word);
    for (;;)
        __asm__ volatile("cli; hlt");
}

__attribute__((noreturn)) void bench_unexpected(void);
void bench_unexpected(void)
{
    put("unexpected exception\n");
    power_off(3);
    __builtin_unreachable();
}

void set_gate(unsigned vector, void (*handler)(void), unsigned dpl)
{
    uint32_t at = (uint32_t)handler;

    idt[vector] =
        (uint64_t)((at & 0xffff0000) | 0x8e00 | dpl << 13) << 32 | 0x00080000 | (at & 0xffff);
}

uint32_t *page_directory(unsigned which)
{
    return directory[which];
}

void load_directory(const uint32_t *root)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(root) : "memory");
}

void paging_on(void)
{
    for (uint32_t page = 0; page < MAPPED_PAGES; page++)
        tables[page] = page << 12 | 7;
    for (unsigned which = 0; which < 2; which++)
        for (uint32_t i = 0; i < MAPPED_PAGES / 1024; i++)
            directory[which][i] = (uint32_t)&tables[i * 1024] | 7;
    load_directory(directory[0]);
    __asm__ volatile("mov %%cr0, %%eax; or $0x80010000, %%eax; mov %%eax, %%cr0"
                     :
                     :
                     : "eax", "memory");
}

void kernel_start(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) pointer = {sizeof(idt) - 1, (uint32_t)idt};
    uint32_t base = (uint32_t)&tss;

    tss.esp0 = (uint32_t)(interrupt_stack + sizeof(interrupt_stack));
    tss.ss0 = 0x10;
    tss.iomap = sizeof(tss) << 16;
    gdt_tss = (uint64_t)((base & 0xff000000) | 0x8900 | (base >> 16 & 0xff)) << 32 |
              (uint64_t)(base & 0xffff) << 16 | (sizeof(tss) - 1);
    for (unsigned vector = 0; vector < 256; vector++)
        set_gate(vector, gate_unexpected, 0);
    out8(COM1 + 3, 3); /* eight bits: Bochs's line starts with five */
    __asm__ volatile("lidt %0; ltr %w1" : : "m"(pointer), "r"(0x28));
}
