/* SPDX-License-Identifier: GPL-2.0-only */
/* timing_costs.c - machine descriptions, their overrides, and the classes of instructions */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpu/costs/decode.h"
#include "cpu/model/timing.h"
#include "sim/machine/description.h"

static struct device_costs devices;

static struct machine_costs xeon(void)
{
    struct machine_costs costs = {0}; /* compared byte by byte */
    char why[256] = "";

    cr_assert(description_read(&costs, &devices, "machines/xeon-2400.ini", why, sizeof(why)), "%s",
              why);
    cr_assert(costs_check(&costs, why, sizeof(why)), "%s", why);
    return costs;
}

Test(timing_costs, reads_both_machines)
{
    struct machine_costs costs = xeon();
    char why[256] = "";

    cr_assert_eq(costs.clock_hz, 2400000000u);
    cr_assert_eq(costs.l2_bytes, 512 * 1024);
    cr_assert_eq(costs.issue_none, 3, "0.375 cycles are three eighths");
    cr_assert(description_read(&costs, &devices, "machines/current-4000.ini", why, sizeof(why)),
              "%s", why);
    cr_assert(costs_check(&costs, why, sizeof(why)), "%s", why);
}

/* ---- overrides ------------------------------------------------------------------------------- */

struct override {
    char text[48], why[120]; /* why: the sentence, or empty when it is accepted */
};

static struct override overrides[] = {
    {"cache.l2.enabled=no", ""},
    {"cost.cr3_load=0", ""},
    {"cache.l2.size=1M", ""},
    {"cpu.clock=2.4G", ""},
    {"issue.alu=0.625", ""},
    {"issue.alu=0.6", "issue.alu is 0 to 1000 cycles in steps of 0.125, not '0.6'"},
    {"cache.l2.enabled=maybe", "cache.l2.enabled is yes or no, not 'maybe'"},
    {"tlb.d.entries=65", "tlb.d.entries is 1 to 64 count, not '65'"},
    {"tlb.d.entries=-1", "tlb.d.entries is 1 to 64 count, not '-1'"},
    {"tlb.d.entries=4K", "tlb.d.entries is 1 to 64 count, not '4K'"},
    {"tlb.d.entries=99999999999999999999", "tlb.d.entries is 1 to 64 count, not "
                                           "'99999999999999999999'"},
    {"cost.port_io=0", ""},
    {"cost.nothing=1", "the machine has no parameter 'cost.nothing'"},
    {"cost.cr3_load", "'cost.cr3_load' is not NAME=VALUE"},
    {"=1", "the machine has no parameter ''"},
};

ParameterizedTestParameters(timing_costs, overrides_or_says_why)
{
    return cr_make_param_array(struct override, overrides,
                               sizeof(overrides) / sizeof(overrides[0]));
}

ParameterizedTest(struct override *row, timing_costs, overrides_or_says_why)
{
    struct machine_costs costs = xeon(), before = costs;
    char why[256] = "";
    bool accepted = description_override(&costs, &devices, row->text, why, sizeof(why));

    cr_assert_eq(accepted, !row->why[0], "%s: %s", row->text, why);
    cr_assert_str_eq(why, row->why);
    if (!accepted)
        cr_assert(!memcmp(&costs, &before, sizeof(costs)), "a refused override changes nothing");
}

static void note(void *context, const char *key, const char *value, const char *unit)
{
    char *text = context;

    if (!strcmp(key, "issue.alu") || !strcmp(key, "cache.l2.enabled") ||
        !strcmp(key, "cost.cpuid") || !strcmp(key, "cost.port_io") || !strcmp(key, "cost.fxsave"))
        sprintf(text + strlen(text), "%s=%s %s;", key, value, unit);
}

Test(timing_costs, spells_values_as_descriptions_do)
{
    struct machine_costs costs = xeon();
    char why[256], text[200] = "";

    cr_assert(description_override(&costs, &devices, "issue.alu=1.625", why, sizeof(why)));
    description_visit(&costs, &devices, note, text);
    cr_assert_str_eq(text, "cache.l2.enabled=yes flag;issue.alu=1.625 cycles;"
                           "cost.cpuid=200 cycles;cost.port_io=2400 cycles;"
                           "cost.fxsave=150 cycles;");
}

Test(timing_costs, geometry_must_fit)
{
    struct machine_costs costs = xeon();
    char why[256] = "";

    cr_assert(description_override(&costs, &devices, "cache.l1d.ways=3", why, sizeof(why)));
    cr_assert(!costs_check(&costs, why, sizeof(why)));
    cr_assert_str_eq(why, "cache.l1d: 8192 bytes in 3 ways of 64-byte lines is not a power of two "
                          "of sets");
}

/* ---- descriptions that do not hold ----------------------------------------------------------- */

static const char *read_text(const char *text)
{
    static char why[256];
    char path[] = "/tmp/timing-costs-XXXXXX";
    struct machine_costs costs;
    int file = mkstemp(path);

    cr_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
    bool read = description_read(&costs, &devices, path, why, sizeof(why));
    unlink(path);
    cr_assert(!read);
    cr_assert(!strncmp(why, path, strlen(path)), "the sentence begins with the file: %s", why);
    return why + strlen(path);
}

Test(timing_costs, refuses_bad_descriptions)
{
    char why[256];
    struct machine_costs costs;

    cr_assert_str_eq(read_text("[machine]\nname = x\n[cpu]\nclok = 1G\n"),
                     ":4: there is no parameter 'cpu.clok'");
    cr_assert_str_eq(read_text("[machine]\nname = x\n[cpu]\nclock = 1G\nclock = 1G\n"),
                     ":5: cpu.clock is given twice");
    cr_assert_str_eq(read_text("[machine]\nname = x\n[cpu]\nclock = 1G\n"),
                     ": cache.l1d.enabled is missing (model the L1 data cache)");
    cr_assert_str_eq(read_text("[cpu]\nclock\n"), ":2: this is not 'name = value'");
    cr_assert_str_eq(read_text("[machine]\nname = x\n\n[cost]\nport_io = x\n"),
                     ":5: cost.port_io is 0 to 100000 cycles, not 'x'");
    cr_assert_str_eq(read_text(""), ": machine.name is missing");
    cr_assert(!description_read(&costs, &devices, "/nowhere/x.ini", why, sizeof(why)));
    cr_assert_str_eq(why, "/nowhere/x.ini: cannot be opened: No such file or directory");
}

/* ---- instruction classes --------------------------------------------------------------------- */

struct coded {
    char what[24];
    uint8_t bytes, code[12];
    uint16_t change; /* index into `expected`: what it should cost */
};

static struct coded instructions[] = {
    {"mov eax, ebx", 2, {0x89, 0xd8}, 0},
    {"add eax, ebx", 2, {0x01, 0xd8}, 1},
    {"add eax, [ebx]", 2, {0x03, 0x03}, 2},
    {"lock add [ebx], eax", 3, {0xf0, 0x01, 0x03}, 3},
    {"lea eax, [ebx]", 2, {0x8d, 0x03}, 0},
    {"jmp +5", 2, {0xeb, 0x05}, 4},
    {"jmp eax", 2, {0xff, 0xe0}, 5},
    {"movsd", 1, {0xa5}, 6},
    {"movsd xmm0, xmm1", 4, {0xf2, 0x0f, 0x10, 0xc1}, 7},
    {"mov eax, cr3", 3, {0x0f, 0x20, 0xd8}, 8},
    {"mov cr3, eax", 3, {0x0f, 0x22, 0xd8}, 9},
    {"rep bsf, ecx (tzcnt)", 4, {0xf3, 0x0f, 0xbc, 0xc1}, 10},
    {"int 0x80", 2, {0xcd, 0x80}, 11},
};

ParameterizedTestParameters(timing_decode, charges_by_class)
{
    return cr_make_param_array(struct coded, instructions,
                               sizeof(instructions) / sizeof(instructions[0]));
}

ParameterizedTest(struct coded *row, timing_decode, charges_by_class)
{
    struct machine_costs c = xeon();
    uint64_t expected[] = {
        c.issue_move,
        c.issue_alu,
        c.issue_alu + c.issue_memory,
        c.issue_alu + c.issue_memory + c.issue_lock,
        c.issue_jump,
        c.issue_jump + c.branch_mispredict * c.branch_indirect * 8 / 1000,
        c.issue_string,
        c.issue_simd,
        c.cost_cr_read * 8,
        c.issue_system,
        c.issue_shift,
        0,
    };
    uint8_t code[8 * 12];
    struct decoded_instruction table[8];
    char why[256] = "";
    struct decoder *decoder = decoder_open(&c, why, sizeof(why));

    cr_assert(decoder, "%s", why);
    for (unsigned i = 0; i < 8; i++) {
        memcpy(code + i * row->bytes, row->code, row->bytes);
        table[i].end = (i + 1u) * row->bytes & 0x7fff;
    }
    /* Eight of them cost what one costs in eighths; rounding happens once. */
    int cycles = decode_block(decoder, code, 8, true, table);
    uint64_t wanted = expected[row->change] ? expected[row->change] : 1;
    cr_assert_eq((uint64_t)cycles, wanted, "eight of %s cost %d cycles, not %lu: %s", row->what,
                 cycles, wanted, why);
    cr_assert_eq(table[3].end, 4 * row->bytes);
    unsigned part;
    cr_assert_eq(decoded_before(table, 8, 5u * row->bytes, &part), 5);
    cr_assert_eq(part, table[4].cycles);
    cr_assert_eq(decoded_before(table, 8, 0, &part), 0);
    cr_assert_eq(part, 0);
    decoder_close(decoder);
}

static const struct odd_row {
    char what[24];
    uint8_t code[8];
    uint8_t bytes;
    enum { ABSENT, ICEBP, PRICED, UNPRICED } answer;
} odd_rows[] = {
    {"pshufb", {0x66, 0x0f, 0x38, 0x00, 0xc1}, 5, ABSENT},
    {"syscall", {0x0f, 0x05}, 2, ABSENT},
    {"a far call of ebx", {0xff, 0xdb}, 2, ABSENT},
    {"lock cmp", {0xf0, 0x81, 0x38, 1, 0, 0, 0}, 7, ABSENT},
    {"lock add", {0xf0, 0x81, 0x00, 1, 0, 0, 0}, 7, PRICED},
    {"8f /1", {0x8f, 0xc8}, 2, ABSENT},
    {"icebp", {0xf1}, 1, ICEBP},
    {"pop eax", {0x8f, 0xc0}, 2, PRICED},
    {"xabort", {0xc6, 0xf8, 0x00}, 3, ABSENT},
    {"c7 /1", {0xc7, 0x08, 1, 0, 0, 0}, 6, ABSENT},
    {"xstore of VIA", {0x0f, 0xa7, 0xc0}, 3, UNPRICED},
    {"0f 04", {0x0f, 0x04}, 2, UNPRICED},
    {"half of an add", {0x81, 0x00, 1}, 3, UNPRICED},
};

ParameterizedTestParameters(timing_decode, gives_everything_an_answer)
{
    return cr_make_param_array(struct odd_row, (void *)odd_rows,
                               sizeof(odd_rows) / sizeof(odd_rows[0]));
}

/* Behind a nop and before another, which begin and end where they would without it. */
ParameterizedTest(const struct odd_row *row, timing_decode, gives_everything_an_answer)
{
    struct machine_costs costs = xeon();
    struct decoded_instruction table[3] = {
        {.end = 1}, {.end = (1u + row->bytes) & 0x7fff}, {.end = (2u + row->bytes) & 0x7fff}};
    char why[256] = "";
    uint8_t code[10] = {0x90};
    struct decoder *decoder = decoder_open(&costs, why, sizeof(why));

    cr_assert(decoder, "%s", why);
    memcpy(code + 1, row->code, row->bytes);
    code[1 + row->bytes] = 0x90;
    int cycles = decode_block(decoder, code, 3, true, table);
    cr_assert_eq(cycles == DECODE_ABSENT, row->answer == ABSENT, "%s: %d", row->what, cycles);
    cr_assert_eq(cycles == DECODE_ICEBP, row->answer == ICEBP, "%s: %d", row->what, cycles);
    if (row->answer >= PRICED) {
        unsigned unpriced = row->answer == UNPRICED;

        cr_assert_eq(decoded_unpriced(table, 3), unpriced, "%s", row->what);
        cr_assert_eq(decoded_unpriced(table, 2), unpriced, "%s", row->what);
        cr_assert_eq(decoded_unpriced(table, 1), 0, "%s", row->what);
        cr_assert_gt(cycles, 0);
    }
    decoder_close(decoder);
}

/* ---- what a mode models ---------------------------------------------------------------------- */

Test(timing_modes, model_what_events_def_says)
{
    cr_assert(timing_models(CPU_TIMING_UNIT, CPU_instructions));
    cr_assert(!timing_models(CPU_TIMING_UNIT, CPU_cycles_memory));
    cr_assert(!timing_models(CPU_TIMING_FAST, CPU_l2_misses));
    cr_assert(timing_models(CPU_TIMING_FULL, CPU_l2_misses));
}

Test(timing_modes, crossings_cost_by_kind_and_ring)
{
    struct machine_costs c = xeon();

    cr_assert_eq(timing_crossing(&c, CPU_GATE_SOFTWARE, 3, 0), c.cost_software_interrupt);
    cr_assert_eq(timing_crossing(&c, CPU_GATE_INTERRUPT, 0, 0), c.cost_same_ring);
    cr_assert_eq(timing_crossing(&c, CPU_GATE_IRET, 0, 1), c.cost_iret_outer);
    cr_assert_eq(timing_crossing(&timing_no_costs, CPU_GATE_IRET, 0, 1), 0);
}
