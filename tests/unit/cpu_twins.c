/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_twins.c - frames of equal content share translations, and nobody can tell
 *
 * Random programs, each run twice: with shared translations and with translations of its own for
 * each frame. Registers, memory, instructions, clocks and misses must be the same. A program is
 * code on four pages, which several address spaces map to frames that begin alike; it goes from
 * space to space, calls into the pages, writes into them by their own addresses and by others, also
 * just ahead of what runs and across pages, and maps pages anew. Devices write between. Two
 * processors share all of it.
 */
#include <criterion/criterion.h>

#include "cpu/costs/costs.h"
#include "cpu/engine/twins.h"
#include "tests/unit/cpu_lab.h"

enum { PAGE = 4096 };

/* ---- random programs ------------------------------------------------------------------------- */

enum {
    SPACES = 4,
    PAGES = 4,
    DIRECTORY = 0x20000, /* of space 0; a page for each */
    TABLE = 0x30000,     /* its table for the window */
    ALIAS_TABLE = 0x3a000,
    SCRIPT = 0x200000, /* of processor 0; processor 1's is 1 MB above */
    POOL = 0x600000,   /* the frames: SPACES x PAGES */
    WINDOW = 0x400000, /* where spaces have their code */
    ELSEWHERE = 0x380000,
    ALIAS = 0x800000, /* where all have all frames, as data */
    STEPS = 600,
    SEEDS = 6,
};

/*
 * Reads steps at ESI: what, and three arguments in EBX, ECX, EDX. EBP gathers what the code
 * computes.
 */
GUEST(steps, "mov %ebx, %esi\n mov %eax, %esp\n mov $0x20000, %eax\n mov %eax, %cr3\n"
             "mov $0x10, %eax\n mov %eax, %cr4\n mov $0x80010011, %eax\n mov %eax, %cr0\n"
             "1: mov (%esi), %eax\n mov 4(%esi), %ebx\n mov 8(%esi), %ecx\n mov 12(%esi), %edx\n "
             "add $16, %esi\n"
             "dec %eax\n jz 2f\n dec %eax\n jz 3f\n dec %eax\n jz 4f\n dec %eax\n jz 5f\n"
             "dec %eax\n jz 6f\n cli\n hlt\n"
             "2: mov %ebx, %cr3\n jmp 7f\n"
             "3: call *%ebx\n jmp 7f\n"
             "4: mov %cl, (%ebx)\n jmp 7f\n"
             "5: mov %ecx, (%ebx)\n jmp 7f\n"
             "6: mov %ecx, (%ebx)\n invlpg (%edx)\n"
             "7: mov %ebp, -4(%esi)\n jmp 1b\n");

enum { STEP_SPACE = 1, STEP_CALL, STEP_BYTE, STEP_WORD, STEP_MAP, STEP_END };

struct code {
    uint8_t bytes[PAGES * PAGE];
    uint32_t entry[2000], constant[4000]; /* offsets: functions; bytes that may change */
    unsigned entries, constants;
};

struct random {
    uint64_t state;
};

static uint32_t below(struct random *random, uint32_t limit)
{
    random->state = random->state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(random->state >> 33) % limit;
}

static uint32_t emit(struct code *code, uint32_t at, const void *bytes, unsigned count)
{
    memcpy(code->bytes + at, bytes, count);
    return at + count;
}

/* A constant at `at` may be written, unless the last such one is too near. */
static void may_change(struct code *code, uint32_t at, uint32_t apart)
{
    if (!code->constants || at - code->constant[code->constants - 1] >= apart)
        code->constant[code->constants++] = at;
}

/* Functions of a few instructions, one after the other over all pages and page ends. Few constants
 * that change, far apart, make the same texts come again; many make pages that are left alone. */
static void make_code(struct code *code, uint32_t apart, struct random *random)
{
    uint32_t at = 0;

    memset(code, 0, sizeof(*code));
    while (at < sizeof(code->bytes) - 128) {
        code->entry[code->entries++] = at;
        for (unsigned i = 1 + below(random, 6); i; i--) {
            uint32_t value = below(random, 1u << 30), to;

            switch (below(random, 5)) {
            case 0: /* rol $n, %ebp */
                at = emit(code, at, (uint8_t[]){0xc1, 0xc5, (uint8_t)(value & 31)}, 3);
                break;
            case 1: /* mov %cl, to: a constant of the next instruction, the next block, or before */
                may_change(code, at + 6 + 2, apart);
                may_change(code, at + 6 + 8 + 2, apart);
                to = code->constant[code->constants - 1];
                if (below(random, 4) == 0)
                    to = code->constant[below(random, code->constants)];
                if (below(random, 2)) {
                    at = emit(code, at, (uint8_t[]){0x88, 0x0d}, 2);
                    at = emit(code, at, &(uint32_t){WINDOW + to}, 4);
                } else { /* mov %cl, (%edx): the step says where, perhaps elsewhere */
                    at = emit(code, at, (uint8_t[]){0x88, 0x0a, 0xc1, 0xc5, 1, 0x90}, 6);
                }
                at = emit(code, at, (uint8_t[]){0x81, 0xc5, 1, 1, 1, 1, 0xeb, 0}, 8);
                /* fall through */
            default: /* add $n, %ebp */
                at = emit(code, at, (uint8_t[]){0x81, 0xc5}, 2);
                at = emit(code, at, &value, 4);
                break;
            case 2: /* a short jump over nothing ends a block */
                at = emit(code, at, (uint8_t[]){0xeb, 0}, 2);
                break;
            }
        }
        at = emit(code, at, (uint8_t[]){0xc3}, 1);
    }
}

static uint32_t frame_of(unsigned space, unsigned page)
{
    return POOL + (space * PAGES + page) * PAGE;
}

static void make_steps(struct lab *lab, uint32_t at, const struct code *code, struct random *random)
{
    for (unsigned i = 0; i < STEPS; i++, at += 16) {
        /* Few functions, often: those about the constants, and some all over. */
        uint32_t near = code->constant[below(random, code->constants)], called = 0;
        uint32_t step[4] = {STEP_CALL};
        unsigned space = below(random, SPACES), page = below(random, PAGES);
        uint32_t constant = code->constant[below(random, code->constants)];
        uint32_t value = below(random, 2); /* so that frames become equal again */

        for (unsigned k = 0; k < code->entries && code->entry[k] <= near; k++)
            called = code->entry[k];
        if (below(random, 4) == 0)
            called = code->entry[code->entries * below(random, 20) / 20];
        step[1] = WINDOW + called;
        step[2] = value;
        step[3] = below(random, 2) ? WINDOW + near : ELSEWHERE;

        switch (below(random, 12)) {
        case 0:
        case 1:
            step[0] = STEP_SPACE;
            step[1] = DIRECTORY + space * PAGE;
            break;
        case 2:
            step[0] = STEP_BYTE;
            step[1] = ALIAS + space * PAGES * PAGE + constant;
            break;
        case 3:
            step[0] = STEP_WORD; /* in the code's own pages, perhaps in two of them */
            step[1] = WINDOW + constant;
            break;
        case 4:
            step[0] = STEP_MAP; /* in whichever space: the processor's own is flushed */
            step[1] = TABLE + below(random, SPACES) * PAGE + 4 * page;
            step[2] = frame_of(space, page) | 7;
            step[3] = WINDOW + page * PAGE;
            break;
        default:
            break;
        }
        memcpy(lab->ram + at, step, sizeof(step));
    }
    lab_write32(lab, at, STEP_END);
}

static void make_spaces(struct lab *lab, const struct code *code)
{
    for (unsigned space = 0; space < SPACES; space++) {
        lab_write32(lab, DIRECTORY + space * PAGE, 0xe7); /* 4 MB onto themselves */
        lab_write32(lab, DIRECTORY + space * PAGE + 4, (TABLE + space * PAGE) | 7);
        lab_write32(lab, DIRECTORY + space * PAGE + 8, ALIAS_TABLE | 7);
        for (unsigned page = 0; page < PAGES; page++) {
            lab_write32(lab, TABLE + space * PAGE + 4 * page, frame_of(space, page) | 7);
            lab_write32(lab, ALIAS_TABLE + 4 * (space * PAGES + page), frame_of(space, page) | 7);
        }
        lab_load(lab, frame_of(space, 0), code->bytes, sizeof(code->bytes));
    }
}

/* The same by reading and doing: the steps from `at` on, in memory that is its own. Each step
 * leaves EBP in its last word, as the guest does. */
struct plain {
    uint8_t ram[LAB_RAM];
    uint32_t space, ebp, ecx, edx;
};

static uint8_t *plain_byte(struct plain *plain, uint32_t linear)
{
    uint32_t entry, offset = linear & (PAGE - 1);

    if (linear >= ALIAS)
        return &plain->ram[POOL + linear - ALIAS];
    if (linear < WINDOW)
        return &plain->ram[linear];
    memcpy(&entry, plain->ram + TABLE + plain->space * PAGE + 4 * ((linear - WINDOW) / PAGE), 4);
    return &plain->ram[(entry & ~(uint32_t)(PAGE - 1)) + offset];
}

static uint32_t plain_word(struct plain *plain, uint32_t linear)
{
    uint32_t value = 0;

    for (unsigned i = 4; i--;)
        value = value << 8 | *plain_byte(plain, linear + i);
    return value;
}

static void plain_call(struct plain *plain, uint32_t pc)
{
    for (;;)
        switch (*plain_byte(plain, pc)) {
        case 0xc1: { /* rol */
            unsigned count = *plain_byte(plain, pc + 2) & 31;

            plain->ebp = plain->ebp << count | plain->ebp >> (-count & 31);
            pc += 3;
            break;
        }
        case 0x88: /* mov %cl */
            if (*plain_byte(plain, pc + 1) == 0x0d) {
                *plain_byte(plain, plain_word(plain, pc + 2)) = (uint8_t)plain->ecx;
                pc += 6;
            } else {
                *plain_byte(plain, plain->edx) = (uint8_t)plain->ecx;
                pc += 2;
            }
            break;
        case 0x81: /* add */
            plain->ebp += plain_word(plain, pc + 2);
            pc += 6;
            break;
        case 0xeb: /* to the next one */
            pc += 2;
            break;
        case 0x90:
            pc++;
            break;
        default:
            cr_assert_eq(*plain_byte(plain, pc), 0xc3, "at %x", pc);
            return;
        }
}

static void plain_steps(struct plain *plain, uint32_t at)
{
    for (;; at += 16) {
        uint32_t step[4];

        memcpy(step, plain->ram + at, sizeof(step));
        plain->ecx = step[2];
        plain->edx = step[3];
        switch (step[0]) {
        case STEP_SPACE:
            plain->space = (step[1] - DIRECTORY) / PAGE;
            break;
        case STEP_CALL:
            plain_call(plain, step[1]);
            break;
        case STEP_BYTE:
            *plain_byte(plain, step[1]) = (uint8_t)step[2];
            break;
        case STEP_WORD:
        case STEP_MAP:
            for (unsigned i = 0; i < 4; i++)
                *plain_byte(plain, step[1] + i) = (uint8_t)(step[2] >> 8 * i);
            break;
        default:
            return;
        }
        memcpy(plain->ram + at + 12, &plain->ebp, 4);
    }
}

struct outcome {
    uint32_t ebp[2];
    uint64_t clock[2], events[2][CPU_NR_EVENTS], memory;
};

static void play(struct outcome *outcome, enum cpu_timing timing, unsigned processors,
                 uint64_t seed, bool no_sharing, struct plain *plain,
                 struct cpu_host_figures *figures)
{
    static struct code code;
    struct random random = {seed};
    struct machine_costs costs;
    struct lab lab;
    char why[256];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    (no_sharing ? lab_open_no_sharing : lab_open)(&lab, processors, timing, &costs);
    make_code(&code, seed % 3 ? 3000 : 0, &random);
    make_spaces(&lab, &code);
    lab_load(&lab, LAB_CODE, GUEST_CODE(steps));
    for (unsigned i = 0; i < processors; i++) {
        make_steps(&lab, SCRIPT + i * 0x100000, &code, &random);
        cpu_start_protected(lab.cpu[i], LAB_CODE, 0x70000 + i * 0x4000, SCRIPT + i * 0x100000);
    }

    if (plain) {
        memset(plain, 0, sizeof(*plain));
        memcpy(plain->ram, lab.ram, LAB_RAM);
        plain_steps(plain, SCRIPT);
    }

    bool running = true;

    for (uint64_t now = 700; running; now += 700) {
        running = false;
        for (unsigned i = 0; i < processors; i++) {
            enum cpu_stop stop = lab_run(lab.cpu[i], now);

            cr_assert(stop != CPU_STOP_REFUSED && stop != CPU_STOP_RESET, "%s",
                      cpu_refusal(lab.cpu[i]));
            running |= stop != CPU_STOP_HALT;
        }
        if (!plain && below(&random, 4) == 0) { /* a device writes */
            uint32_t at =
                frame_of(below(&random, SPACES), 0) + code.constant[below(&random, code.constants)];

            lab.ram[at] = (uint8_t)below(&random, 2);
            cpu_memory_written(lab.engine, at, 1);
        }
    }
    for (uint32_t i = 0; plain && i < STEPS; i++)
        cr_assert_eq(
            lab_read32(&lab, SCRIPT + 16 * i + 12), plain_word(plain, SCRIPT + 16 * i + 12),
            "step %u of %lu%s: EBP %08x, not %08x", i, seed, no_sharing ? ", no sharing" : "",
            lab_read32(&lab, SCRIPT + 16 * i + 12), plain_word(plain, SCRIPT + 16 * i + 12));
    memset(outcome, 0, sizeof(*outcome));
    for (unsigned i = 0; i < processors; i++) {
        struct cpu_registers registers;

        cpu_registers(lab.cpu[i], &registers);
        outcome->ebp[i] = registers.gpr[5];
        outcome->clock[i] = cpu_clock(lab.cpu[i]);
        for (unsigned k = 0; k < CPU_NR_EVENTS; k++)
            outcome->events[i][k] = lab_event(&lab, i, k);
        lab_check_cycles(&lab, i);
    }
    for (uint32_t at = 0; at < LAB_RAM; at += 4)
        outcome->memory = outcome->memory * 31 + lab_read32(&lab, at);
    cpu_host_figures(lab.engine, figures);
    lab_close(&lab);
}

static void compare(enum cpu_timing timing, unsigned processors, bool against_plain)
{
    static struct plain memory, *plain;

    plain = against_plain ? &memory : NULL;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct cpu_host_figures figures;
        struct outcome shared, separate;

        play(&shared, timing, processors, seed, false, plain, &figures);
        cr_assert_gt(figures.texts, 0);
        play(&separate, timing, processors, seed, true, plain, &figures);
        cr_assert_eq(figures.texts, 0);
        for (unsigned i = 0; i < processors; i++) {
            cr_assert_eq(shared.ebp[i], separate.ebp[i], "seed %lu, processor %u", seed, i);
            cr_assert_eq(shared.clock[i], separate.clock[i], "seed %lu, processor %u: %lu, %lu",
                         seed, i, shared.clock[i], separate.clock[i]);
        }
        cr_assert(memcmp(&shared, &separate, sizeof(separate)) == 0, "seed %lu", seed);
    }
}

Test(cpu_twins, random_programs_do_as_they_read)
{
    compare(CPU_TIMING_UNIT, 1, true);
}

Test(cpu_twins, random_programs_unit)
{
    compare(CPU_TIMING_UNIT, 1, false);
}

Test(cpu_twins, random_programs_fast)
{
    compare(CPU_TIMING_FAST, 1, false);
}

Test(cpu_twins, random_programs_full)
{
    compare(CPU_TIMING_FULL, 1, false);
}

Test(cpu_twins, random_programs_on_two_processors)
{
    compare(CPU_TIMING_UNIT, 2, false);
    compare(CPU_TIMING_FULL, 2, false);
}

/* ---- what it is for -------------------------------------------------------------------------- */

/* Calls the same function in each space in turn. */
Test(cpu_twins, spaces_of_equal_code_are_translated_once)
{
    static const uint8_t function[] = {0x81, 0xc5, 1, 0, 0, 0, 0xc3}; /* add $1, %ebp; ret */
    static struct code code;
    uint64_t translated[2];

    for (unsigned spaces = 1; spaces <= SPACES; spaces += SPACES - 1) {
        struct cpu_host_figures figures;
        struct lab lab;
        uint32_t at = SCRIPT;

        lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
        for (unsigned i = 0; i < 16; i++)
            memcpy(code.bytes + 64 * i, function, sizeof(function));
        make_spaces(&lab, &code);
        for (unsigned i = 0; i < 4 * 16; i++) {
            const uint32_t step[8] = {STEP_SPACE, DIRECTORY + (i / 16 % spaces) * PAGE,
                                      0,          0,
                                      STEP_CALL,  WINDOW + 64 * (i % 16),
                                      0,          0};

            memcpy(lab.ram + at, step, sizeof(step));
            at += sizeof(step);
        }
        lab_write32(&lab, at, STEP_END);
        lab_load(&lab, LAB_CODE, GUEST_CODE(steps));
        cpu_start_protected(lab.cpu[0], LAB_CODE, 0x70000, SCRIPT);
        cr_assert_eq(lab_run(lab.cpu[0], 1000000), CPU_STOP_HALT);
        cr_assert_eq(lab_reg(&lab, 5), 4 * 16);
        cpu_host_figures(lab.engine, &figures);
        translated[spaces > 1] = figures.blocks_translated;
        lab_close(&lab);
    }
    cr_assert_eq(translated[0], translated[1]);
}

/* A page with a hot counter among its code must not be translated at every turn. */
GUEST(counting, "mov $0x70000, %esp\n mov $10000, %ecx\n 1: incl 2f\n call 3f\n call 4f\n dec "
                "%ecx\n jnz 1b\n hlt\n"
                "3: inc %eax\n ret\n 4: inc %ebx\n ret\n 2: .long 0\n");

Test(cpu_twins, a_page_of_code_and_data_settles)
{
    struct cpu_host_figures figures;
    struct lab lab;
    uint32_t linked = 0;

    lab_open(&lab, 1, CPU_TIMING_UNIT, NULL);
    lab_load(&lab, LAB_CODE, GUEST_CODE(counting));
    /* incl's address is where the test program was linked. */
    memcpy(&linked, lab.ram + LAB_CODE + 12, 4);
    lab_write32(&lab, LAB_CODE + 12, LAB_CODE + (linked - (uint32_t)(uintptr_t)guest_counting));
    cr_assert_eq(lab_go(&lab), CPU_STOP_HALT);
    cr_assert_eq(lab_reg(&lab, 0), 10000);
    cr_assert_eq(lab_read32(&lab, LAB_CODE + (linked - (uint32_t)(uintptr_t)guest_counting)),
                 10000);
    cpu_host_figures(lab.engine, &figures);
    cr_assert_lt(figures.blocks_translated, 100);
    lab_close(&lab);
}
