/* SPDX-License-Identifier: GPL-2.0-only */
/* Machine descriptions, machines/NAME.ini, and overrides of single values. */
#include "cpu/costs/costs.h"
#include "tests/fire/fuzz.h"

#include <string.h>

static void key(void *context, const char *name, const char *value, const char *unit)
{
    struct machine_costs *costs = context;
    char assignment[128], why[512];

    (void)unit;
    snprintf(assignment, sizeof assignment, "%s=%s", name, value);
    fuzz_promise(costs_override(costs, assignment, why, sizeof why), "a printed value can be read");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct machine_costs costs = {0}, same;
    char why[512], word[256] = "";

    if (costs_read(&costs, fuzz_file(data, size), why, sizeof why)) {
        costs_check(&costs, why, sizeof why);
        same = costs;
        costs_visit(&costs, key, &same);
        fuzz_promise(!memcmp(&same, &costs, sizeof same), "and is the same");
    }
    memcpy(word, data, size < sizeof word ? size : sizeof word - 1);
    costs_override(&costs, word, why, sizeof why);
    return 0;
}
