/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_fake_machine.c - see sim_fake_machine.h */
#include "tests/unit/sim_fake_machine.h"

#include <criterion/criterion.h>

struct machine_costs fake_costs = {.clock_hz = 1000000000, .name = "test"};

struct machine *machine_new(unsigned processors)
{
    struct machine_config config = {.processors = processors,
                                    .ram_bytes = 16u << 20,
                                    .costs = &fake_costs,
                                    .quantum = QUANTUM,
                                    .console_in = -1};
    char why[256];
    struct machine *machine = machine_open(&config, why, sizeof(why));

    cr_assert(machine, "%s", why);
    fake_journal_clear();
    return machine;
}
