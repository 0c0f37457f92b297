/* SPDX-License-Identifier: GPL-2.0-only */
/* Machine descriptions, machines/NAME.ini, and overrides of single values. */
#include "sim/machine/description.h"
#include "tests/fire/fuzz.h"

#include <stdio.h>
#include <string.h>

struct machine {
    struct machine_costs costs;
    struct device_costs devices;
};

static void key(void *context, const char *name, const char *value, const char *unit)
{
    struct machine *machine = context;
    char assignment[128], why[512];

    (void)unit;
    snprintf(assignment, sizeof(assignment), "%s=%s", name, value);
    fuzz_promise(
        description_override(&machine->costs, &machine->devices, assignment, why, sizeof(why)),
        "a printed value can be read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct machine machine = {0}, same;
    char why[512], word[256] = "";

    if (description_read(&machine.costs, &machine.devices, fuzz_file(data, size), why,
                         sizeof(why))) {
        costs_check(&machine.costs, why, sizeof(why));
        same = machine;
        description_visit(&machine.costs, &machine.devices, key, &same);
        fuzz_promise(!memcmp(&same, &machine, sizeof(same)), "and is the same");
    }
    memcpy(word, data, size < sizeof(word) ? size : sizeof(word) - 1);
    description_override(&machine.costs, &machine.devices, word, why, sizeof(why));
    return 0;
}
