/* SPDX-License-Identifier: GPL-2.0-only */
/* Who pays: the accounting over processors that only count. */
#include "sim/account/json.h"
#include "sim/account/result.h"
#include "tests/unit/sim_fake_machine.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct account account;

static void cross(unsigned cpu, enum cpu_gate_kind kind, uint8_t from, uint8_t to, uint8_t vector,
                  uint32_t eax)
{
    const struct cpu_bus *bus = &fake_engine->config.bus;

    fake_engine->cpu[cpu].registers.ring = to;
    bus->crossed(
        bus->machine, cpu,
        &(struct cpu_crossing){.kind = kind, .from = from, .to = to, .vector = vector, .eax = eax});
}

static void set_context(unsigned cpu, uint32_t id)
{
    const struct cpu_bus *bus = &fake_engine->config.bus;

    cr_assert(bus->msr_write(bus->machine, cpu, ANNOUNCE_MSR_CONTEXT, id));
}

static void say_cpuid(unsigned cpu, uint32_t leaf, uint32_t argument, uint32_t regs[4])
{
    const struct cpu_bus *bus = &fake_engine->config.bus;

    regs[0] = leaf;
    regs[1] = 0;
    regs[2] = argument;
    regs[3] = 0;
    bus->announce(bus->machine, cpu, regs);
}

static const struct check *check_named(const struct checks *checks, const char *name)
{
    for (unsigned i = 0; i < checks->count; i++)
        if (!strcmp(checks->check[i].name, name))
            return &checks->check[i];
    return NULL;
}

Test(sim_account, charges_contexts_rings_and_reasons)
{
    struct machine *machine = machine_new(1);
    struct cpu *cpu = &fake_engine->cpu[0];
    struct checks checks;

    account_attach(&account, machine, 0);
    fake_spend(cpu, 0, 50); /* boot */
    set_context(0, 7);
    fake_spend(cpu, 0, 5);
    cross(0, CPU_GATE_IRET, 0, 1, 0, 0);
    fake_spend(cpu, 1, 100);
    cross(0, CPU_GATE_SOFTWARE, 1, 0, HYPERCALL_VECTOR, 13);
    fake_spend(cpu, 0, 30);
    cross(0, CPU_GATE_INTERRUPT, 0, 0, 0xf0, 0); /* within the hypercall */
    fake_spend(cpu, 0, 4);
    cross(0, CPU_GATE_IRET, 0, 0, 0, 0);
    fake_spend(cpu, 0, 10);
    set_context(0, 9);
    fake_spend(cpu, 0, 2);
    cross(0, CPU_GATE_IRET, 0, 3, 0, 0);
    fake_spend(cpu, 3, 1000);
    cross(0, CPU_GATE_EXCEPTION, 3, 0, 14, 0);
    fake_spend(cpu, 0, 60);
    account_settle(&account);

    cr_assert_eq(total_reason(&account, REASON_BOOT, SPAN_ALL).cycles, 55);
    cr_assert_eq(account.by_id[7]->now.reason[REASON_HYPERCALL + 13].cycles, 40);
    cr_assert_eq(account.by_id[7]->now.reason[REASON_HYPERCALL + 13].entries, 1);
    cr_assert_eq(account.by_id[7]->now.reason[REASON_VECTOR + 0xf0].cycles, 4);
    cr_assert_eq(account.by_id[9]->now.reason[REASON_HYPERCALL + 13].cycles, 2);
    cr_assert_eq(account.by_id[9]->now.reason[REASON_VECTOR + 14].cycles, 60);
    cr_assert_eq(account.by_id[9]->now.tally[0][3].n[CPU_cycles_issue], 1000);
    cr_assert_eq(account.by_id[7]->now.tally[0][1].n[CPU_cycles_issue], 100);
    checks_make(&checks, &account, true);
    cr_assert_null(checks_failed(&checks));
    cpu->clock += 1; /* a cycle that nobody was charged for */
    checks_make(&checks, &account, true);
    cr_assert_str_eq(checks_failed(&checks)->name, "cycles");
    account_free(&account);
}

Test(sim_account, window_counts_from_its_start)
{
    struct machine *machine = machine_new(1);
    struct cpu *cpu = &fake_engine->cpu[0];
    struct work_figures work;
    uint32_t regs[4];

    account_attach(&account, machine, 2);
    set_context(0, 1);
    fake_spend(cpu, 3, 10);
    say_cpuid(0, ANNOUNCE_LEAF_WORK, 1, regs);
    say_cpuid(0, ANNOUNCE_LEAF_WORK, 1, regs);
    cr_assert_eq(machine->end, MACHINE_RUNNING, "one of two");
    set_context(0, 2);
    say_cpuid(0, ANNOUNCE_LEAF_WORK, 1, regs);
    cr_assert_eq(machine->end, MACHINE_STOPPED);
    account_start_window(&account);
    fake_spend(cpu, 3, 300);
    say_cpuid(0, ANNOUNCE_LEAF_WORK, 5, regs);
    set_context(0, 1);
    fake_spend(cpu, 3, 100);
    account_settle(&account);
    work_figures(&work, &account, SPAN_WINDOW);
    cr_assert_eq(work.units, 5);
    cr_assert_eq(work.contexts, 2);
    cr_assert_eq(work.cycles, 400);
    cr_assert_eq(work.smallest, 100);
    cr_assert_eq(work.window_cycles, 400);
    account_free(&account);
}

/* ---- counter tables -------------------------------------------------------------------------- */

static void put_table(struct machine *machine, uint32_t at, uint32_t magic, uint32_t count,
                      const char *name)
{
    memcpy(machine->ram + at, &magic, 4);
    memcpy(machine->ram + at + 4, &count, 4);
    memset(machine->ram + at + 8, 0, 48);
    memcpy(machine->ram + at + 8, name, strlen(name));
}

Test(sim_account, tables_are_checked)
{
    char longest[ANNOUNCE_NAME_BYTES + 1];
    const struct {
        const char *what;
        uint32_t at, magic, count;
        const char *name;
        unsigned ring;
        bool good;
    } cases[] = {
        {"good", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 1, "page_faults", 1, true},
        {"wrong magic", 0x1000, 1, 1, "x", 1, false},
        {"no counters", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 0, "x", 1, false},
        {"too many", 0x1000, ANNOUNCE_COUNTERS_MAGIC, ANNOUNCE_COUNTERS_MAX + 1, "x", 0, false},
        {"count overflows", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 0xffffffff, "x", 0, false},
        {"leaves its page", 0x1fd0, ANNOUNCE_COUNTERS_MAGIC, 1, "x", 1, false},
        {"crosses into an absent page", 0x2fd0, ANNOUNCE_COUNTERS_MAGIC, 1, "x", 0, false},
        {"not contiguous", 0x5fd0, ANNOUNCE_COUNTERS_MAGIC, 1, "x", 0, false},
        {"beyond memory", 0xfffff0, ANNOUNCE_COUNTERS_MAGIC, 1, "x", 0, false},
        {"not aligned", 0x1001, ANNOUNCE_COUNTERS_MAGIC, 1, "x", 0, false},
        {"empty name", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 1, "", 1, false},
        {"unprintable name", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 1, "a\033[2J", 1, false},
        {"endless name", 0x1000, ANNOUNCE_COUNTERS_MAGIC, 1, longest, 1, false},
    };

    memset(longest, 'a', ANNOUNCE_NAME_BYTES);
    longest[ANNOUNCE_NAME_BYTES] = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct machine *machine = machine_new(1);
        uint32_t physical, regs[4];

        account_attach(&account, machine, 0);
        set_context(0, 3);
        fake_engine->cpu[0].registers.ring = (uint8_t)cases[i].ring;
        cpu_translate(&fake_engine->cpu[0], cases[i].at, &physical);
        if (physical + 56 <= machine->config.ram_bytes)
            put_table(machine, physical, cases[i].magic, cases[i].count, cases[i].name);
        say_cpuid(0, ANNOUNCE_LEAF_COUNTERS, cases[i].at, regs);
        cr_expect_eq(account.tables_refused, !cases[i].good, "%s", cases[i].what);
        cr_expect_eq(account.by_id[3]->table.present, cases[i].good, "%s", cases[i].what);
        account_free(&account);
        machine_close(machine);
    }
}

Test(sim_account, checks_hypercalls_and_faults_against_the_software)
{
    struct machine *machine = machine_new(1);
    struct cpu *cpu = &fake_engine->cpu[0];
    uint32_t regs[4], count = 2;
    uint64_t hypercalls = 9, faults = 0;
    struct checks checks;

    account_attach(&account, machine, 0);
    put_table(machine, 0x8000, ANNOUNCE_COUNTERS_MAGIC, 1, "hypercalls");
    memcpy(machine->ram + 0x8004, &count, 4);
    memcpy(machine->ram + 0x8008 + 48, "page_faults\0", 12);
    memcpy(machine->ram + 0x8008 + 40, &hypercalls, 8);
    memcpy(machine->ram + 0x8038 + 40, &faults, 8);
    say_cpuid(0, ANNOUNCE_LEAF_COUNTERS, 0x8000, regs);
    cross(0, CPU_GATE_IRET, 0, 1, 0, 0);
    cross(0, CPU_GATE_SOFTWARE, 1, 0, HYPERCALL_VECTOR, 1);
    cpu->delivered[1][HYPERCALL_VECTOR] = 10; /* the last one is still on its way in */
    account_settle(&account);
    checks_make(&checks, &account, true);
    cr_assert(check_named(&checks, "hypercalls")->made);
    cr_assert_null(checks_failed(&checks));
    cpu->delivered[1][HYPERCALL_VECTOR] = 11;
    checks_make(&checks, &account, true);
    cr_assert_str_eq(checks_failed(&checks)->name, "hypercalls");
    cpu->delivered[1][HYPERCALL_VECTOR] = 8; /* counted what never happened */
    checks_make(&checks, &account, true);
    cr_assert_str_eq(checks_failed(&checks)->name, "hypercalls");
    cpu->delivered[1][HYPERCALL_VECTOR] = 10;
    cross(0, CPU_GATE_IRET, 0, 1, 0, 0); /* out again without having counted */
    checks_make(&checks, &account, true);
    cr_assert_str_eq(checks_failed(&checks)->name, "hypercalls");
    account_free(&account);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

Test(sim_json, writes_in_order)
{
    char *text = NULL;
    size_t size;
    struct json json = {.out = open_memstream(&text, &size), .first = true};
    const uint64_t rings[4] = {1, 2, 3, UINT64_MAX};

    json_put_open_object(&json, NULL);
    json_put_string(&json, "b", "a \"quote\"\n\x1b");
    json_put_numbers(&json, "a", rings, 4);
    json_put_ratio(&json, "r", 2, 3, 3);
    json_put_ratio(&json, "whole", UINT64_MAX, 1, 1);
    json_put_ratio(&json, "none", 1, 0, 3);
    json_put_open_array(&json, "empty");
    json_put_close_array(&json);
    json_put_null(&json, "n");
    json_put_bool(&json, "t", true);
    json_put_signed(&json, "s", -5);
    json_put_close_object(&json);
    fclose(json.out);
    cr_assert_str_eq(text, "{\n \"b\": \"a \\\"quote\\\"\\u000a\\u001b\",\n"
                           " \"a\": [1, 2, 3, 18446744073709551615],\n \"r\": 0.666,\n"
                           " \"whole\": 18446744073709551615.0,\n \"none\": null,\n"
                           " \"empty\": [],\n \"n\": null,\n \"t\": true,\n \"s\": -5\n}\n");
    free(text);
}
