/* SPDX-License-Identifier: GPL-2.0-only */
/* segments.c - GDT, TSS and IDT (SDM 3A, chapters 3, 6 and 7) */
#include "guestos/arch/native/native.h"
#include "guestos/arch/native/segments.h"
#include "guestos/arch/x86/port.h"

#define FLAT_CODE(dpl) (0x00cf9b000000ffffull | (uint64_t)(dpl) << 45)
#define FLAT_DATA(dpl) (0x00cf93000000ffffull | (uint64_t)(dpl) << 45)
#define TSS_AVAILABLE  0x0000890000000000ull

struct task_state {
    uint32_t link, esp0, ss0, unused[22];
    uint16_t trap, io_map;
};

struct table_pointer {
    uint16_t limit;
    uint32_t base;
} __attribute__((packed));

static uint64_t gdt[CPU_LIMIT][GDT_ENTRIES] __attribute__((aligned(8)));
static struct task_state task[CPU_LIMIT];
static uint64_t idt[256] __attribute__((aligned(8)));

const uint32_t user_code_selector = USER_CS, user_data_selector = USER_DS;

void segments_init(unsigned processor, uint32_t stack_top)
{
    struct task_state *t = &task[processor];
    uint64_t *entry = gdt[processor];
    uint32_t base = (uint32_t)t, limit = sizeof(*t) - 1;

    t->esp0 = stack_top;
    t->ss0 = KERNEL_DS;
    t->io_map = sizeof(*t); /* beyond the limit: no port for ring 3 */
    entry[KERNEL_CS / 8] = FLAT_CODE(0);
    entry[KERNEL_DS / 8] = FLAT_DATA(0);
    entry[USER_CS / 8] = FLAT_CODE(3);
    entry[USER_DS / 8] = FLAT_DATA(3);
    entry[TSS_SEGMENT / 8] =
        TSS_AVAILABLE | (uint64_t)(base >> 24) << 56 | (uint64_t)(base & 0xffffff) << 16 | limit;
    struct table_pointer pointer = {sizeof(gdt[0]) - 1, (uint32_t)entry};
    __asm__ volatile("lgdt %0\n\t"
                     "ljmp %1, $1f\n"
                     "1: movl %2, %%ss\n\t"
                     "movl %3, %%ds\n\t"
                     "movl %3, %%es\n\t"
                     "movl %4, %%fs\n\t"
                     "movl %4, %%gs\n\t"
                     "ltr %w5\n\t"
                     "lldt %w4" /* none */
                     :
                     : "m"(pointer), "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(USER_DS), "r"(0),
                       "r"(TSS_SEGMENT)
                     : "memory");
}

void segments_use_stack(unsigned processor, uint32_t stack_top)
{
    task[processor].esp0 = stack_top;
}

void segments_load_tls(unsigned processor, const uint64_t tls[TLS_ENTRIES])
{
    for (uint32_t i = 0; i < TLS_ENTRIES; i++)
        gdt[processor][TLS_FIRST + i] = tls[i];
}

/*
 * 32-bit interrupt gates: interrupts off on entry. Ring 3 may use int3, into and the system call.
 */
void interrupts_init(void)
{
    for (uint32_t vector = 0; vector < 256; vector++) {
        uint32_t at = (uint32_t)vector_stubs + vector * VECTOR_STUB;
        uint32_t ring = vector == 3 || vector == 4 || vector == VECTOR_SYSTEM_CALL ? 3 : 0;

        idt[vector] = (uint64_t)(at & 0xffff0000) << 32 | (uint64_t)(0x8e00 | ring << 13) << 32 |
                      (uint32_t)KERNEL_CS << 16 | (at & 0xffff);
    }
}

void interrupts_load(void)
{
    struct table_pointer pointer = {sizeof(idt) - 1, (uint32_t)idt};

    __asm__ volatile("lidt %0" : : "m"(pointer));
}
