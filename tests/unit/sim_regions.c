/* SPDX-License-Identifier: GPL-2.0-only */
/* Regions that programs announce: who is counted, how they nest, and what is refused. */
#include "sim/account/account.h"
#include "tests/unit/sim_fake_machine.h"

#include <criterion/criterion.h>
#include <string.h>

static struct account account;
static struct machine *machine;

static void begin(void)
{
    machine = machine_new(2);
    account_attach(&account, machine, 0);
}

static void end(void)
{
    account_free(&account);
    machine_close(machine);
}

static void context(unsigned cpu, uint32_t id)
{
    fake_engine->config.bus.msr_write(machine, cpu, ANNOUNCE_MSR_CONTEXT, id);
}

static void says(unsigned cpu, unsigned what, const char *name)
{
    struct announced_region told = {ANNOUNCE_REGION_MAGIC, what, {0}};

    memcpy(told.name, name, strlen(name)); /* which may leave no room for a NUL */
    memcpy(machine->ram + 0x2000, &told, sizeof(told));
    fake_engine->config.bus.announce(machine, cpu,
                                     (uint32_t[4]){ANNOUNCE_LEAF_REGION, 0, 0x2000, 0});
}

static uint64_t counted(unsigned index)
{
    return tally_cycles(&account.regions.region[index]->counted[3]);
}

TestSuite(sim_regions, .init = begin, .fini = end);

Test(sim_regions, counts_its_context_from_the_outermost_begin_to_the_outermost_end)
{
    context(0, 5);
    fake_spend(&fake_engine->cpu[0], 3, 7);
    says(0, ANNOUNCE_REGION_BEGIN, "a");
    fake_spend(&fake_engine->cpu[0], 3, 100);
    says(0, ANNOUNCE_REGION_BEGIN, "a");
    fake_spend(&fake_engine->cpu[0], 3, 10);
    says(0, ANNOUNCE_REGION_END, "a");
    context(0, 6);
    fake_spend(&fake_engine->cpu[0], 3, 50);
    context(0, 5);
    says(0, ANNOUNCE_REGION_END, "a");
    fake_spend(&fake_engine->cpu[0], 3, 1000);
    cr_expect_eq(account.regions.count, 1);
    cr_expect_eq(counted(0), 110);
    cr_expect_eq(account.regions.region[0]->elapsed, 160);
    cr_expect_eq(account.regions.region[0]->times, 1);
}

Test(sim_regions, shared_ones_count_the_domain_or_the_machine)
{
    context(0, 5);
    says(0, ANNOUNCE_REGION_BEGIN | ANNOUNCE_REGION_SHARED, "bare");
    context(0, 6);
    fake_spend(&fake_engine->cpu[0], 3, 100);
    says(0, ANNOUNCE_REGION_END | ANNOUNCE_REGION_SHARED, "bare");
    cr_expect(account.regions.region[0]->machine);
    cr_expect_eq(counted(0), 100);

    account.by_id[6]->now.tally[0][1].n[CPU_instructions] = 1; /* a domain's kernel */
    says(0, ANNOUNCE_REGION_BEGIN | ANNOUNCE_REGION_SHARED, "domain");
    context(0, 5);
    fake_spend(&fake_engine->cpu[0], 3, 100);
    context(0, 6);
    fake_spend(&fake_engine->cpu[0], 3, 30);
    says(0, ANNOUNCE_REGION_END | ANNOUNCE_REGION_SHARED, "domain");
    cr_expect_not(account.regions.region[1]->machine);
    cr_expect_eq(counted(1), 30);
}

Test(sim_regions, what_makes_no_sense_is_refused)
{
    context(0, 5);
    says(0, ANNOUNCE_REGION_END, "never_begun");
    says(0, ANNOUNCE_REGION_BEGIN, "");
    says(0, ANNOUNCE_REGION_BEGIN, "a b");
    says(0, ANNOUNCE_REGION_BEGIN, "a\x1b[2J");
    says(0, ANNOUNCE_REGION_BEGIN, "0123456789012345678901234567890123456789");
    says(0, 3, "what");
    says(0, 0x8000, "what");
    for (uint32_t where = machine->config.ram_bytes - 8; where < machine->config.ram_bytes + 16;
         where += 4)
        fake_engine->config.bus.announce(machine, 0,
                                         (uint32_t[4]){ANNOUNCE_LEAF_REGION, 0, where, 0});
    cr_expect_eq(account.regions.refused, 7 + 6);
    cr_expect_eq(account.regions.count, 0);
    for (int i = 0; i < ANNOUNCE_REGIONS_MAX + 10; i++) {
        char name[16];

        snprintf(name, sizeof(name), "n%d", i);
        says(0, ANNOUNCE_REGION_UNIT, name);
    }
    cr_expect_eq(account.regions.count, ANNOUNCE_REGIONS_MAX);
    cr_expect_eq(account.regions.refused, 7 + 6 + 10);
}

Test(sim_regions, those_of_a_context_that_is_merged_go_with_it)
{
    context(0, 5);
    says(0, ANNOUNCE_REGION_BEGIN, "a");
    fake_spend(&fake_engine->cpu[0], 3, 10);
    says(0, ANNOUNCE_REGION_END, "a");
    context(0, 6);
    says(0, ANNOUNCE_REGION_BEGIN, "a");
    fake_spend(&fake_engine->cpu[0], 3, 20);
    regions_merge(&account, 6, 5);
    cr_expect_eq(account.regions.count, 1);
    cr_expect_eq(counted(0), 30);
    cr_expect_eq(account.regions.region[0]->depth, 0);
}
