/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calibrate.c - what the simulated machine's primitives cost, measured from inside
 *
 * A bare kernel that does each primitive N times and 2N times and prints the difference for one, in
 * thousandths of a cycle, so that loops and clock reading drop out (the method of nanoBench). It
 * knows nothing of the simulator: on any other machine it would print that machine's figures.
 *
 *     NAME milli-cycles UNIT
 *
 * The host side (tests/calibrate/report) sets these beside the published figures.
 */
#include "tests/bench/bench.h"

#define STRIDE      64
#define ARENA       ((uint8_t *)0x400000)
#define ARENA_BYTES (8u << 20)
#define WINDOW      0x10000000u
#define APIC        0xfee00000u
#define IPI_VECTOR  0x50

static uint32_t window_table[1024] __attribute__((aligned(4096)));
static uint32_t apic_table[1024] __attribute__((aligned(4096)));
static uint8_t user_stack[4096] __attribute__((aligned(16)));
static uint32_t user_rounds;
static uint64_t user_cycles;

static void report(const char *name, uint32_t parameter, uint64_t milli_cycles, const char *unit)
{
    put(name);
    if (parameter) {
        put("_");
        put_number(parameter);
    }
    put(" ");
    put_number(milli_cycles);
    put(" ");
    put(unit);
    put("\n");
}

/* (cycles at 2N - cycles at N) / N, in thousandths. */
static uint64_t difference(uint64_t (*measured)(uint32_t rounds), uint32_t rounds)
{
    uint64_t once, twice;

    measured(rounds); /* warm */
    once = measured(rounds);
    twice = measured(2 * rounds);
    uint32_t cycles = twice - once;
    return (uint64_t)(cycles / rounds) * 1000 + cycles % rounds * 1000 / rounds;
}

static uint64_t add_loop(uint32_t rounds)
{
    uint64_t begin = read_tsc();
    uint32_t sum = 0;

    for (uint32_t i = 0; i < rounds; i++)
        __asm__ volatile("add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0"
                         : "+r"(sum)
                         : "r"(i));
    return read_tsc() - begin;
}

static void user_null(void)
{
    uint64_t begin = read_tsc();

    for (uint32_t i = 0; i < user_rounds; i++)
        __asm__ volatile("int $0x80" : : : "memory");
    user_cycles = read_tsc() - begin;
    __asm__ volatile("int $0x81");
}

static uint64_t null_call(uint32_t rounds)
{
    user_rounds = rounds;
    enter_user(user_null, (uint32_t)(user_stack + sizeof(user_stack) - 16));
    return user_cycles;
}

static void user_touch(void)
{
    uint64_t begin = read_tsc();

    for (uint32_t page = 0; page < user_rounds; page++)
        *(volatile uint32_t *)(WINDOW + page * 4096) = page;
    user_cycles = read_tsc() - begin;
    __asm__ volatile("int $0x81");
}

static uint64_t page_fault(uint32_t rounds)
{
    for (unsigned i = 0; i < 1024; i++)
        window_table[i] = 0;
    load_directory(page_directory(0));
    user_rounds = rounds;
    enter_user(user_touch, (uint32_t)(user_stack + sizeof(user_stack) - 16));
    return user_cycles;
}

static uint64_t cr3_load(uint32_t rounds)
{
    uint64_t begin = read_tsc();

    for (uint32_t i = 0; i < rounds; i++)
        load_directory(page_directory(i & 1));
    return read_tsc() - begin;
}

static uint64_t invlpg(uint32_t rounds)
{
    uint64_t begin = read_tsc();

    for (uint32_t i = 0; i < rounds; i++)
        __asm__ volatile("invlpg %0" : : "m"(*(ARENA + 4096)));
    return read_tsc() - begin;
}

static volatile uint32_t *apic_register(uint32_t offset)
{
    return (volatile uint32_t *)(APIC + offset);
}

/* Ends the interrupt and returns; EAX kept. SDM volume 3, 10.8.5. */
void gate_ipi(void);
__asm__(".text\n"
        ".global gate_ipi\n"
        "gate_ipi:\n"
        "    movl $0, 0xfee000b0\n"
        "    iret\n");

/* An interprocessor interrupt to the sender itself: sent, taken, ended. SDM volume 3, 10.6.1. */
static uint64_t ipi_self(uint32_t rounds)
{
    uint64_t begin;

    *apic_register(0xf0) = 0x1ff; /* on; spurious vector 255 */
    __asm__ volatile("sti");
    begin = read_tsc();
    for (uint32_t i = 0; i < rounds; i++)
        *apic_register(0x300) = 0x44000 | IPI_VECTOR;
    begin = read_tsc() - begin;
    __asm__ volatile("cli");
    return begin;
}

/*
 * Dependent loads over a chain of links, spread by a permutation that no stream prefetcher follows:
 * link i leads to link (a * i + c) mod links, one cycle through all for a = 1 mod 4, c odd.
 */
static void make_chain(uint32_t links, uint32_t stride)
{
    for (uint32_t link = 0; link < links; link++) {
        uint32_t next = (link * 1664525 + 1013904223) & (links - 1);

        *(uint8_t **)(ARENA + link * stride) = ARENA + next * stride;
    }
}

static uint64_t chase(uint32_t rounds)
{
    uint64_t begin = read_tsc();
    uint8_t *at = ARENA;

    for (uint32_t i = 0; i < rounds; i++)
        __asm__ volatile("mov (%0), %0" : "+r"(at) : : "memory");
    return read_tsc() - begin;
}

/* Loads in order: what a stream costs where there is a prefetcher. */
static uint32_t stream_bytes;

static uint64_t stream(uint32_t rounds)
{
    uint64_t begin = read_tsc();
    uint32_t at = 0;

    for (uint32_t i = 0; i < rounds; i++) {
        __asm__ volatile("mov %0, %%eax" : : "m"(ARENA[at]) : "eax");
        at = (at + STRIDE) & (stream_bytes - 1);
    }
    return read_tsc() - begin;
}

void kernel_main(const struct multiboot_info *info)
{
    (void)info;
    kernel_start();
    paging_on();
    page_directory(0)[WINDOW >> 22] = (uint32_t)window_table | 7;
    page_directory(1)[WINDOW >> 22] = (uint32_t)window_table | 7;
    page_directory(0)[APIC >> 22] = page_directory(1)[APIC >> 22] = (uint32_t)apic_table | 3;
    apic_table[APIC >> 12 & 1023] = APIC | 0x13; /* uncached */
    set_gate(IPI_VECTOR, gate_ipi, 0);
    set_gate(0x80, gate_null, 3);
    set_gate(0x81, gate_leave, 3);
    set_gate(14, gate_fault, 0);
    fault_window = WINDOW;
    fault_table = (uint32_t)window_table;

    report("dependent_add_x4", 0, difference(add_loop, 100000), "milli-cycles");
    report("null_call", 0, difference(null_call, 2000), "milli-cycles");
    report("page_fault", 0, difference(page_fault, 400), "milli-cycles");
    report("cr3_load", 0, difference(cr3_load, 2000), "milli-cycles");
    report("invlpg", 0, difference(invlpg, 2000), "milli-cycles");
    report("ipi_self", 0, difference(ipi_self, 2000), "milli-cycles");
    for (uint32_t kib = 4; kib <= ARENA_BYTES >> 10; kib *= 2) {
        make_chain((kib << 10) / STRIDE, STRIDE);
        report("chase_64B_kib", kib, difference(chase, (kib << 10) / STRIDE * 2), "milli-cycles");
    }
    for (uint32_t kib = 4; kib <= ARENA_BYTES >> 10; kib *= 8) {
        stream_bytes = kib << 10;
        report("stream_64B_kib", kib, difference(stream, (kib << 10) / STRIDE * 2), "milli-cycles");
    }
    /* One line a page, each in another L1 set: the TLB's reach, caches held as still as they go. */
    for (uint32_t pages = 16; pages <= 512; pages *= 2) {
        make_chain(pages, 4096 + STRIDE);
        report("chase_pages", pages, difference(chase, pages * 16), "milli-cycles");
    }
    power_off(0);
}
