/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unobserved.c - a machine and who looks at it
 *
 *     unobserved nobody|account|stops|steps COSTS HYPERVISOR KERNEL
 *
 * Boots a guest kernel on two processors, observed by nobody, by the accounting, by one who stops
 * the run all the time, or by one who stops it before every 7th instruction. Prints the serial
 * line, then a sum over memory, every processor's clock and its counts. Ends with 0 if the machine
 * was switched off.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/account/account.h"

#define QUANTUM_US 20
#define WHY_BYTES  512
#define STOP_EVERY 3 /* crossings */
#define STEP       7 /* instructions */

static void stop_often(void *owner, unsigned cpu, const struct cpu_crossing *crossing)
{
    static unsigned crossings;

    (void)cpu, (void)crossing;
    if (++crossings % STOP_EVERY == 0)
        machine_stop(owner);
}

/* FNV-1a, 64 bits, by words. */
static uint64_t sum_of_memory(const struct machine *machine)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325), word;

    for (uint32_t at = 0; at < machine->config.ram_bytes; at += sizeof(word)) {
        memcpy(&word, machine->ram + at, sizeof(word));
        sum = (sum ^ word) * UINT64_C(0x100000001b3);
    }
    return sum;
}

static void print_counts(struct cpu_tally *tally)
{
    for (unsigned ring = 0; ring < 4; ring++)
        for (unsigned event = 0; event < CPU_NR_EVENTS; event++)
            if (tally[ring].n[event])
                printf("ring %u event %u: %" PRIu64 "\n", ring, event, tally[ring].n[event]);
}

static int run(struct machine *machine, const char *who)
{
    static struct account account;
    static struct cpu_tally tally[CPU_MAX][4];
    bool counted = !strcmp(who, "account");
    unsigned stops = 0;

    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_charge_to(machine->cpu[i], tally[i]);
    if (counted)
        account_attach(&account, machine, 0);
    if (!strcmp(who, "stops"))
        machine->observer = (struct machine_observer){.owner = machine, .crossed = stop_often};
    do {
        if (!strcmp(who, "steps"))
            machine_stop_after(machine, STEP);
    } while (machine_run(machine, EVENT_NEVER) == MACHINE_STOPPED && ++stops);
    printf("memory %" PRIx64 "\n", sum_of_memory(machine));
    for (unsigned i = 0; i < machine->config.processors; i++) {
        printf("processor %u: clock %" PRIu64 "\n", i, cpu_clock(machine->cpu[i]));
        cpu_settle(machine->cpu[i]);
        if (!counted)
            print_counts(tally[i]);
    }
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
    char why[WHY_BYTES] = "nobody|account|stops|steps COSTS HYPERVISOR KERNEL";
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
