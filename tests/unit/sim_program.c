/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies of a user's program: its words, and what is believed of what copies say. */
#include "sim/account/account.h"
#include "sim/run/program.h"
#include "tests/unit/sim_fake_cpu.h"

#include <criterion/criterion.h>
#include <string.h>

Test(sim_program, splits_words)
{
    static const char wanted[] = "a\0b c\0d'e\0\0f";
    char words[64];
    size_t used = 0;

    cr_assert(program_split("  a 'b c'\t\"d'\"e '' f ", words, sizeof(words), &used));
    cr_assert_eq(used, sizeof(wanted), "%zu bytes", used);
    cr_assert_arr_eq(words, wanted, sizeof(wanted));
    used = 0;
    cr_assert(program_split(" ", words, sizeof(words), &used));
    cr_assert_eq(used, 0);
    cr_assert_not(program_split("a 'b", words, sizeof(words), &used));
    used = 0;
    cr_assert_not(program_split("abcdef", words, 6, &used), "no room for the NUL");
    used = 0;
    cr_assert(program_split("abcdef", words, 7, &used));
}

/* ---- copies ---------------------------------------------------------------------------------- */

static struct machine_costs costs = {.name = "test", .clock_hz = 1000000000};
static struct machine *machine;
static struct account account;

static void open_machine(unsigned copies, bool repeat)
{
    struct machine_config config = {.processors = 2,
                                    .ram_bytes = 16u << 20,
                                    .costs = &costs,
                                    .quantum = 1000,
                                    .console_in = -1};
    char why[256];

    machine = machine_open(&config, why, sizeof(why));
    cr_assert(machine, "%s", why);
    account_attach(&account, machine, repeat ? copies : 0);
    cr_assert(copies_expect(&account, copies, repeat));
}

static void close_machine(void)
{
    account_free(&account);
    machine_close(machine);
}

/* A context on processor 0 says something of a copy. */
static void says(uint32_t context, uint32_t leaf, uint32_t argument)
{
    const struct cpu_bus *bus = &fake_engine->config.bus;

    bus->msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT, context);
    bus->announce(machine, 0, (uint32_t[4]){leaf, 0, argument, 0});
}

Test(sim_program, a_copy_is_one_context)
{
    open_machine(1, false);
    says(5, ANNOUNCE_LEAF_COPY_READY, 0);
    says(6, ANNOUNCE_LEAF_COPY_BEGIN, 0);
    cr_assert_eq(machine->end, MACHINE_STOPPED);
    fake_spend(&fake_engine->cpu[0], 0, 700);
    says(5, ANNOUNCE_LEAF_COPY_END, 0);
    account_settle(&account);
    cr_assert_null(account.by_id[6]);
    cr_assert_eq(context_cycles(account.by_id[5], 0, SPAN_ALL), 700);
    cr_assert(account.copies.copy[0].ended);
    cr_assert_eq(account.copies.copy[0].runs, 1);
    close_machine();
}

Test(sim_program, repeated_runs_are_units)
{
    open_machine(1, true);
    says(5, ANNOUNCE_LEAF_COPY_READY, 0);
    for (unsigned run = 0; run < 3; run++) {
        says(6 + run, ANNOUNCE_LEAF_COPY_BEGIN, 0);
        says(5, ANNOUNCE_LEAF_COPY_END, 0);
    }
    cr_assert_eq(account.by_id[5]->now.units, 3);
    cr_assert_not(account.copies.copy[0].ended);
    says(9, ANNOUNCE_LEAF_COPY_BEGIN, 0);
    says(5, ANNOUNCE_LEAF_COPY_END, 7u << 24);
    cr_assert(account.copies.copy[0].ended);
    cr_assert_eq(account.copies.copy[0].status, 7 << 8);
    close_machine();
}

Test(sim_program, nobody_speaks_for_another_copy)
{
    open_machine(3, false);
    says(1, ANNOUNCE_LEAF_COPY_END, 0); /* before anything */
    says(1, ANNOUNCE_LEAF_COPY_BEGIN, 0);
    cr_assert_eq(account.copies.begun, 0);
    says(1, ANNOUNCE_LEAF_COPY_READY, 0);
    says(1, ANNOUNCE_LEAF_COPY_READY, 1); /* a second one */
    cr_assert_null(account.copies.copy[1].starter);
    says(2, ANNOUNCE_LEAF_COPY_READY, 1);
    says(1, ANNOUNCE_LEAF_COPY_BEGIN, 1); /* which is not its own */
    cr_assert_null(account.copies.copy[1].program);
    says(2, ANNOUNCE_LEAF_COPY_BEGIN, 1);
    says(1, ANNOUNCE_LEAF_COPY_END, 1);
    cr_assert_not(account.copies.copy[1].ended);
    says(2, ANNOUNCE_LEAF_COPY_READY, 3); /* beyond the last */
    says(ANNOUNCE_CONTEXT_IDLE, ANNOUNCE_LEAF_COPY_READY, 2);
    cr_assert_null(account.copies.copy[2].starter);
    close_machine();
}

Test(sim_program, a_starter_that_is_gone_loses_its_copy)
{
    const struct cpu_bus *bus;

    open_machine(1, false);
    bus = &fake_engine->config.bus;
    says(5, ANNOUNCE_LEAF_COPY_READY, 0);
    says(5, ANNOUNCE_LEAF_COPY_BEGIN, 0);
    bus->msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT_END, 5);
    cr_assert(account.copies.copy[0].lost);
    cr_assert(account.copies.copy[0].ended);
    close_machine();
}
