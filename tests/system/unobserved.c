/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unobserved.c - a machine and who looks at it
 *
 *     unobserved nobody|account|stops COSTS HYPERVISOR KERNEL
 *
 * Boots a guest kernel on two processors, observed by nobody, by the accounting, or by one who
 * stops the run all the time. Prints the serial line, then every processor's clock. Ends with 0 if
 * the machine was switched off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/account/account.h"

#define QUANTUM_US 20
#define WHY_BYTES  512
#define STOP_EVERY 3 /* crossings */

static void stop_often(void *owner, unsigned cpu, const struct cpu_crossing *crossing)
{
    static unsigned crossings;

    (void)cpu, (void)crossing;
    if (++crossings % STOP_EVERY == 0)
        machine_stop(owner);
}

static int run(struct machine *machine, const char *who)
{
    static struct account account;
    unsigned stops = 0;

    if (!strcmp(who, "account"))
        account_attach(&account, machine, 0);
    if (!strcmp(who, "stops"))
        machine->observer = (struct machine_observer){.owner = machine, .crossed = stop_often};
    while (machine_run(machine, EVENT_NEVER) == MACHINE_STOPPED)
        stops++;
    for (unsigned i = 0; i < machine->config.processors; i++)
        printf("processor %u: clock %" PRIu64 "\n", i, cpu_clock(machine->cpu[i]));
    fprintf(stderr, "%u stops, %s\n", stops, machine->sentence);
    account_free(&account);
    return machine->end == MACHINE_POWER_OFF && machine->exit_value == 0 ? 0 : 1;
}

int main(int count, char **words)
{
    static struct machine_costs costs;
    static struct boot_images images;
    struct machine_config config = {.processors = 2,
                                    .ram_bytes = 64u << 20,
                                    .timing = CPU_TIMING_FULL,
                                    .costs = &costs,
                                    .console_out = stdout,
                                    .console_in = -1};
    struct machine *machine = NULL;
    char why[WHY_BYTES] = "nobody|account|stops COSTS HYPERVISOR KERNEL";
    int status = 2;

    if (count == 5 && description_read(&costs, &config.devices, words[2], why, sizeof why) &&
        file_open(&images.kernel.file, words[3], why, sizeof why) &&
        file_open(&images.module[0].file, words[4], why, sizeof why)) {
        config.quantum = costs.clock_hz / 1000000 * QUANTUM_US;
        images.kernel.arguments = images.module[0].arguments = "";
        images.modules = 1;
        machine = machine_open(&config, why, sizeof why);
    }
    if (machine && machine_boot(machine, &images, why, sizeof why))
        status = run(machine, words[1]);
    else
        fprintf(stderr, "%s\n", why);
    machine_close(machine);
    return status;
}
