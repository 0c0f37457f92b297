/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timing_engine.c - the full mode in the engine: behind the filter against notified of everything
 *
 * One guest program does everything that could make the two differ: accesses of all sizes across
 * lines and pages, locked operations, x87 state, strings, device memory, page faults, TLB and page
 * flushes, code that changes itself, data in pages of code; it reads the TSC, so a difference of
 * one cycle changes what it computes. It runs on one processor and on two that share its data,
 * in slices of several lengths. Clocks, registers, memory and all counts must be equal.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cpu/cpu.h"
#include "cpu/costs/costs.h"

/*
 * Start: EAX = 0x2badb002 (Multiboot), EBX = seed. Memory as laid out by prepare(): page tables
 * at 0x10000, IDT at 0x2000 and 0x2800, GDT at 0x1000, code at 0x100000, data from 0x200000 (1 MB),
 * a demand-mapped megabyte at 0x300000, stacks below 0x90000 and 0xa0000.
 * EDI is the random state, ESI the check sum, EBP the rounds left.
 */
__asm__(
    ".pushsection .rodata\n"
    ".code32\n"
    "program:\n"
    "  lgdt 0x3f00\n"
    "  lidt 0x3f08\n"
    "  ljmp $8, $(0x100000 + 1f - program)\n"
    "1: mov $0x10, %ax\n"
    "  mov %ax, %ds\n  mov %ax, %es\n  mov %ax, %ss\n"
    "  mov $0x90000, %esp\n"
    "  test $1, %ebx\n  jz 1f\n  mov $0xa0000, %esp\n"
    "1: mov %ebx, %edi\n"
    "  mov $0x10000, %eax\n  mov %eax, %cr3\n"
    "  mov %cr4, %eax\n  or $0x290, %eax\n  mov %eax, %cr4\n" /* PSE, PGE, OSFXSR */
    "  mov %cr0, %eax\n  or $0x80010000, %eax\n  mov %eax, %cr0\n"
    "  fninit\n"
    "  xor %esi, %esi\n"
    "  mov $2000, %ebp\n"
    "round:\n"
    "  call random\n"
    "  mov 0x200000(%eax), %ecx\n  add %ecx, %esi\n" /* any alignment */
    "  call random\n  mov %esi, 0x200000(%eax)\n"
    "  call random\n  movzwl 0x200000(%eax), %ecx\n  mov %cx, 0x200800(%eax)\n"
    "  mov %cl, 0x200040(%eax)\n  movsbl 0x200fff(%eax), %ecx\n"
    "  call random\n  and $~3, %eax\n"
    "  lock xadd %ecx, 0x200000(%eax)\n"
    "  lock incl 0x200004(%eax)\n  lock btsl $5, 0x200008(%eax)\n"
    "  xchg %ecx, 0x20000c(%eax)\n  lock orl $0x55, 0x200010(%eax)\n"
    "  lock negl 0x200014(%eax)\n  lock xorl %esi, 0x200018(%eax)\n"
    "  mov %eax, %ebx\n  mov 0x20001c(%ebx), %eax\n  lock cmpxchg %esi, 0x20001c(%ebx)\n"
    "  push %ebx\n  mov %ebx, %ecx\n  cmpxchg8b 0x200020(%ecx)\n  pop %ebx\n"
    "  fildll 0x200000(%ebx)\n  fistpll 0x200039(%ebx)\n"
    "  fildl 0x200003(%ebx)\n  fstpt 0x200ff9(%ebx)\n"
    "  pushl 0x200000(%ebx)\n  popl 0x201000(%ebx)\n  pusha\n  popa\n"
    "  test $7, %ebp\n  jnz 2f\n"
    "  call random\n  push %esi\n  push %edi\n"
    "  lea 0x200000(%eax), %esi\n  call random\n  lea 0x200000(%eax), %edi\n"
    "  mov $37, %ecx\n  rep movsb\n  mov $50, %ecx\n  rep stosl\n"
    "  pop %edi\n  pop %esi\n"
    "2: test $15, %ebp\n  jnz 3f\n"
    "  mov 0xfec00010, %ecx\n  add %ecx, %esi\n  mov %esi, 0xfec00020\n"
    "  call random\n  and $~63, %eax\n  fxsave 0x200000(%eax)\n  fxrstor 0x200000(%eax)\n"
    "  call random\n  mov %eax, %ecx\n  shr $2, %ecx\n  invlpg 0x200000(%ecx)\n"
    "3: test $31, %ebp\n  jnz 4f\n"
    "  mov %esi, changed + 1 - program + 0x100000\n"           /* the code below changes */
    "  call random\n  mov %al, scratch - program + 0x100000\n" /* data beside code */
    "4: call changed\n"
    "  test $63, %ebp\n  jnz 5f\n"
    "  mov %cr3, %eax\n  mov %eax, %cr3\n"
    "5: call random\n  add %eax, 0x300000(%eax)\n" /* may fault: not mapped yet */
    "  test $3, %ebp\n  jnz 6f\n"
    "  call random\n  shr $12, %eax\n" /* unmaps such a page */
    "  movl $0, 0x10c00 + 0x1000(,%eax,4)\n"
    "  shl $12, %eax\n  invlpg 0x300000(%eax)\n"
    "6: int $0x40\n"
    "  dec %ebp\n  jnz round\n"
    "  mov %esi, %eax\n  out %eax, $0xf4\n"
    "7: jmp 7b\n"
    "changed: mov $0x12345678, %eax\n  xor %eax, %esi\n  ret\n"
    "scratch: .long 0\n"
    "random: imul $1664525, %edi, %edi\n  add $1013904223, %edi\n"
    "  mov %edi, %eax\n  shr $13, %eax\n  and $0x7ffff, %eax\n"
    /* half of them within 4 KB, so that something is found again */
    "  test $0x100, %edi\n  jz 1f\n  and $0xfff, %eax\n1: ret\n"
    "fault: push %eax\n  push %ecx\n  mov %cr2, %eax\n  mov %eax, %ecx\n"
    "  and $~0xfff, %eax\n  or $3, %eax\n  shr $12, %ecx\n  mov %eax, 0x11000(,%ecx,4)\n"
    "  pop %ecx\n  pop %eax\n  add $4, %esp\n  iret\n"
    "called: push %eax\n  push %edx\n  rdtsc\n  add %eax, %esi\n  pop %edx\n  pop %eax\n  iret\n"
    "program_end:\n"
    ".code64\n.popsection\n");
extern const uint8_t program[], program_end[], fault[], called[];

enum { RAM = 16 << 20, CODE = 0x100000 };

struct outcome {
    struct cpu_tally tally[CPU_MAX][4];
    struct cpu_registers registers[CPU_MAX];
    uint64_t clock[CPU_MAX], path;
    bool done[CPU_MAX];
    uint8_t *ram;
    struct cpu_engine *engine;
};

static uint32_t port_read(void *machine, unsigned cpu, uint16_t port, unsigned bytes)
{
    (void)machine, (void)cpu, (void)port, (void)bytes;
    return 0;
}

static void port_write(void *machine, unsigned cpu, uint16_t port, unsigned bytes, uint32_t value)
{
    struct outcome *outcome = machine;

    (void)bytes, (void)value;
    if (port == 0xf4) {
        outcome->done[cpu] = true;
        cpu_deadline(cpu_get(outcome->engine, cpu), 0);
    }
}

static uint32_t mmio_read(void *machine, unsigned cpu, uint32_t address, unsigned bytes)
{
    (void)machine, (void)cpu, (void)bytes;
    return address * 3;
}

static void mmio_write(void *machine, unsigned cpu, uint32_t address, unsigned bytes,
                       uint32_t value)
{
    (void)machine, (void)cpu, (void)address, (void)bytes, (void)value;
}

static int acknowledge(void *machine, unsigned cpu)
{
    (void)machine, (void)cpu;
    return -1;
}

static void poke(uint8_t *ram, uint32_t at, uint32_t value)
{
    memcpy(ram + at, &value, sizeof(value));
}

static void gate(uint8_t *ram, unsigned vector, const uint8_t *target)
{
    uint32_t offset = CODE + (uint32_t)(target - program);

    poke(ram, 0x2000 + 8 * vector, 0x00080000 | (offset & 0xffff));
    poke(ram, 0x2004 + 8 * vector, (offset & 0xffff0000) | 0x8e00);
}

static void prepare(uint8_t *ram)
{
    memcpy(ram + CODE, program, (size_t)(program_end - program));
    for (uint32_t page = 0; page < RAM >> 12; page++) {
        bool later = page >= 0x300 && page < 0x380;
        uint32_t global = page % 5 == 0 ? 0x100 : 0;

        poke(ram, 0x11000 + 4 * page, later ? 0 : page << 12 | global | 3);
    }
    for (uint32_t i = 0; i < RAM >> 22; i++)
        poke(ram, 0x10000 + 4 * i, (0x11000 + i * 0x1000) | 3);
    poke(ram, 0x10000 + 4 * 2, 2u << 22 | 0x83);             /* one large page */
    poke(ram, 0x10000 + 4 * (0xfec00000 >> 22), 0xfec00083); /* and one of devices */
    poke(ram, 0x1008, 0x0000ffff), poke(ram, 0x100c, 0x00cf9b00);
    poke(ram, 0x1010, 0x0000ffff), poke(ram, 0x1014, 0x00cf9300);
    poke(ram, 0x3f00, 0x10000017), poke(ram, 0x3f04, 0);
    poke(ram, 0x3f08, 0x200007ff), poke(ram, 0x3f0c, 0);
    gate(ram, 14, fault);
    gate(ram, 0x40, called);
}

/* cpu_run(), or with LAB_STEPS=n in the environment the same stopped after every n instructions. */
static enum cpu_stop run(struct cpu *cpu, uint64_t deadline)
{
    const char *steps = getenv("LAB_STEPS");
    enum cpu_stop stop = CPU_STOP_STEP;

    if (!steps)
        return cpu_run(cpu, deadline);
    while (stop == CPU_STOP_STEP) {
        uint64_t left = strtoul(steps, NULL, 10);

        stop = cpu_step(cpu, deadline, &left);
    }
    return stop;
}

static void play(struct outcome *outcome, enum cpu_timing timing, const struct machine_costs *costs,
                 unsigned processors, uint64_t slice, bool no_filter)
{
    char why[256] = "";

    memset(outcome, 0, sizeof(*outcome));
    outcome->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    prepare(outcome->ram);
    struct cpu_config config = {.processors = processors,
                                .ram = outcome->ram,
                                .ram_bytes = RAM,
                                .mmio_base = 0xfec00000,
                                .code_bytes = 64 << 20,
                                .timing = timing,
                                .costs = costs,
                                .no_filter = no_filter,
                                .bus = {.machine = outcome,
                                        .port_read = port_read,
                                        .port_write = port_write,
                                        .mmio_read = mmio_read,
                                        .mmio_write = mmio_write,
                                        .acknowledge = acknowledge}};
    outcome->engine = cpu_engine_open(&config, why, sizeof(why));
    cr_assert(outcome->engine, "%s", why);
    for (unsigned i = 0; i < processors; i++) {
        struct cpu *cpu = cpu_get(outcome->engine, i);

        cpu_charge_to(cpu, outcome->tally[i]);
        cpu_start_protected(cpu, CODE, 0x2badb002, 12344 + i);
    }
    for (bool busy = true; busy;) {
        busy = false;
        for (unsigned i = 0; i < processors; i++) {
            struct cpu *cpu = cpu_get(outcome->engine, i);

            if (outcome->done[i])
                continue;
            enum cpu_stop stop = run(cpu, cpu_clock(cpu) + slice);
            cr_assert_eq(stop, CPU_STOP_DEADLINE, "stop %d: %s", stop, cpu_refusal(cpu));
            cpu_registers(cpu, &outcome->registers[i]);
            outcome->path =
                outcome->path * 0x100000001b3 ^ outcome->registers[i].eip ^ cpu_clock(cpu) << 32;
            busy = true;
        }
    }
    for (unsigned i = 0; i < processors; i++) {
        struct cpu *cpu = cpu_get(outcome->engine, i);
        uint64_t sum = 0;

        cpu_settle(cpu);
        outcome->clock[i] = cpu_clock(cpu);
        for (unsigned ring = 0; ring < 4; ring++)
            for (enum cpu_event event = CPU_cycles_issue; event <= CPU_cycles_halted; event++)
                sum += outcome->tally[i][ring].n[event];
        cr_assert_eq(sum, outcome->clock[i], "%lu cycles charged, the clock is %lu", sum,
                     outcome->clock[i]);
    }
    cpu_engine_close(outcome->engine);
}

struct row {
    unsigned processors;
    uint64_t slice;
    char change[2][40];
};

static struct row rows[] = {
    {1, 100000000, {""}},
    {1, 1009, {""}},
    {1, 10007, {"tlb.d.entries=4", "tlb.i.entries=2"}},
    {1, 10007, {"tlb.d.enabled=no", "tlb.i.enabled=no"}},
    {1, 10007, {"cache.l1d.write_allocate=yes"}},
    {1, 10007, {"cache.l1d.size=1K", "cache.l1i.size=1K"}},
    {1, 10007, {"cache.l1d.combining=0"}},
    {1, 10007, {"cache.l1d.enabled=no"}},
    {2, 10007, {""}},
    {2, 997, {"cache.l2.size=16K"}},
    {2, 4001, {"cache.l1d.size=48K", "cache.l1d.ways=12"}},
};

ParameterizedTestParameters(timing_engine, filter_changes_nothing)
{
    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

ParameterizedTest(struct row *row, timing_engine, filter_changes_nothing)
{
    static struct outcome notified, filtered;
    struct machine_costs costs;
    char why[256];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    for (int i = 0; i < 2 && row->change[i][0]; i++)
        cr_assert(costs_override(&costs, row->change[i], why, sizeof(why)), "%s", why);

    cr_log_info("%u processors, slices of %lu, %s %s", row->processors, row->slice, row->change[0],
                row->change[1]);
    play(&notified, CPU_TIMING_FULL, &costs, row->processors, row->slice, true);
    play(&filtered, CPU_TIMING_FULL, &costs, row->processors, row->slice, false);
    cr_assert_gt(notified.tally[0][0].n[CPU_page_faults], 100);
    for (unsigned i = 0; i < row->processors; i++) {
        cr_expect_eq(notified.clock[i], filtered.clock[i], "clock %lu notified, %lu filtered",
                     notified.clock[i], filtered.clock[i]);
        cr_expect(
            !memcmp(&notified.registers[i], &filtered.registers[i], sizeof(notified.registers[i])));
        for (enum cpu_event event = 0; event < CPU_NR_EVENTS; event++) {
            uint64_t a = notified.tally[i][0].n[event], b = filtered.tally[i][0].n[event];

            cr_expect_eq(a, b, "event %d: %lu notified, %lu filtered", event, a, b);
        }
    }
    cr_expect_eq(notified.path, filtered.path, "the runs stopped at different places");
    cr_expect(!memcmp(notified.ram, filtered.ram, RAM), "memory differs");
}

/* Without TLBs and caches the full mode is the fast one. */
Test(timing_engine, components_can_be_switched_off)
{
    static struct outcome fast, full;
    static const char *const off[] = {"cache.l1d.enabled=no", "cache.l1i.enabled=no",
                                      "tlb.d.enabled=no", "tlb.i.enabled=no"};
    struct machine_costs costs;
    char why[256];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    play(&fast, CPU_TIMING_FAST, &costs, 1, 10007, false);
    play(&full, CPU_TIMING_FULL, &costs, 1, 10007, false);
    cr_expect_gt(full.clock[0], fast.clock[0]);
    for (unsigned i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        cr_assert(costs_override(&costs, off[i], why, sizeof(why)), "%s", why);
    play(&full, CPU_TIMING_FULL, &costs, 1, 10007, false);
    cr_expect_eq(full.clock[0], fast.clock[0], "%lu cycles, %lu in the fast mode", full.clock[0],
                 fast.clock[0]);
    cr_expect_eq(full.path, fast.path);
    cr_expect(!memcmp(full.ram, fast.ram, RAM));
}
