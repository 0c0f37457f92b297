/* SPDX-License-Identifier: GPL-2.0-only */
/* Counter tables of contexts whose numbers are given away again: the sum over all that had one. */
#include "sim/account/account.h"
#include "tests/unit/sim_fake_machine.h"

#include <criterion/criterion.h>
#include <string.h>

static struct account account;
static struct machine *machine;

static void begin(void)
{
    machine = machine_new(1);
    account_attach(&account, machine, 0);
}

static void end(void)
{
    account_free(&account);
    machine_close(machine);
}

TestSuite(sim_counters, .init = begin, .fini = end);

static void keep(uint32_t at, unsigned index, const char *name, uint64_t value)
{
    struct announced_counter counter = {.value = value};

    strncpy(counter.name, name, sizeof(counter.name) - 1);
    memcpy(machine->ram + at + 8 + index * sizeof(counter), &counter, sizeof(counter));
}

/* Context 5's kernel announces a table of `count` counters at `at`. */
static void announces(uint32_t at, uint32_t count)
{
    const struct cpu_bus *bus = &fake_engine->config.bus;
    const uint32_t head[2] = {ANNOUNCE_COUNTERS_MAGIC, count};

    memcpy(machine->ram + at, head, sizeof(head));
    bus->msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT, 5);
    fake_engine->cpu[0].registers.ring = 1;
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COUNTERS, 0, at, 0});
    cr_assert_eq(account.tables_refused, 0);
}

static void ends(void)
{
    fake_engine->config.bus.msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT_END, 5);
}

static uint64_t value(const char *name, uint64_t *in_window)
{
    uint64_t now;

    account_settle(&account);
    cr_assert(counter_value(&account.by_id[5]->table, name, &now, in_window), "%s", name);
    return now;
}

Test(sim_counters, of_a_number_used_again_add_up)
{
    uint64_t in_window;

    keep(0x1000, 0, "faults", 7);
    keep(0x1000, 1, "only_first", 2);
    announces(0x1000, 2);
    ends();
    keep(0x1000, 0, "reused", 1000); /* its memory is somebody else's */
    cr_expect_eq(value("faults", NULL), 7);

    keep(0x8000, 0, "other", 1);
    keep(0x8000, 1, "faults", 3);
    announces(0x8000, 2);
    account_start_window(&account);
    keep(0x8000, 1, "faults", 5);
    cr_expect_eq(value("faults", &in_window), 12);
    cr_expect_eq(in_window, 2);
    cr_expect_eq(value("only_first", NULL), 2);
    ends();

    keep(0xa000, 0, "faults", 100);
    announces(0xa000, 1);
    cr_expect_eq(value("faults", &in_window), 112);
    cr_expect_eq(in_window, 102);
    cr_expect_eq(value("other", NULL), 1);
}

Test(sim_counters, of_a_kernel_that_announces_again_are_replaced)
{
    keep(0x1000, 0, "faults", 7);
    announces(0x1000, 1);
    ends();
    keep(0x8000, 0, "faults", 3);
    announces(0x8000, 1);
    keep(0xa000, 0, "faults", 4);
    announces(0xa000, 1);
    cr_expect_eq(value("faults", NULL), 11);
}

Test(sim_counters, have_a_bound_for_names_over_all_lives)
{
    for (unsigned life = 0; life < 3 * ANNOUNCE_COUNTERS_MAX / 64; life++) {
        for (unsigned i = 0; i < 64; i++) {
            char name[16];

            snprintf(name, sizeof(name), "n%u", life * 64 + i);
            keep(0x1000, i, name, 1);
        }
        announces(0x1000, 64);
        ends();
    }
    cr_expect_eq(account.by_id[5]->table.count, ANNOUNCE_COUNTERS_MAX);
    cr_expect_eq(value("n1535", NULL), 1);
}
