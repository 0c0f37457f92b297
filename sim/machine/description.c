/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/description.h"

#include <stdio.h>
#include <string.h>

static const struct parameter parameters[] = {
#define DEVICE_COST(section, name, field, kind, min, max, before, description)                     \
    {section, name, offsetof(struct device_costs, field), PARAMETER_##kind, min, max, description},
#include "sim/dev/costs.def"
#undef DEVICE_COST
};

static const char *const precedes[] = {
#define DEVICE_COST(section, name, field, kind, min, max, before, description) before,
#include "sim/dev/costs.def"
#undef DEVICE_COST
};

#define ROWS (sizeof(parameters) / sizeof(*parameters))

static struct parameter_set devices_set(struct device_costs *devices)
{
    return (struct parameter_set){parameters, ROWS, devices};
}

bool description_read(struct machine_costs *costs, struct device_costs *devices, const char *path,
                      char *why, size_t why_bytes)
{
    const struct parameter_set sets[] = {costs_set(costs), devices_set(devices)};
    const struct parameter_file file = {sets, 2, false};

    return parameters_read(&file, costs->name, path, why, why_bytes);
}

bool description_override(struct machine_costs *costs, struct device_costs *devices,
                          const char *assignment, char *why, size_t why_bytes)
{
    const struct parameter_set sets[] = {costs_set(costs), devices_set(devices)};
    const struct parameter_file file = {sets, 2, false};

    return parameters_override(&file, assignment, why, why_bytes);
}

/* Those of the devices' parameters that precede `key`; NULL: that follow all. */
static void visit_devices(const struct parameter_set *set, const char *key,
                          parameter_visitor *visit, void *context)
{
    for (size_t row = 0; row < ROWS; row++)
        if (key && precedes[row] ? !strcmp(key, precedes[row]) : key == precedes[row])
            parameter_visit(set, row, visit, context);
}

void description_visit(const struct machine_costs *costs, const struct device_costs *devices,
                       parameter_visitor *visit, void *context)
{
    struct machine_costs processors = *costs;
    struct device_costs others = *devices;
    const struct parameter_set first = costs_set(&processors), second = devices_set(&others);

    for (size_t row = 0; row < first.rows; row++) {
        char key[PARAMETER_KEY_BYTES];

        snprintf(key, sizeof(key), "%s.%s", first.row[row].section, first.row[row].name);
        visit_devices(&second, key, visit, context);
        parameter_visit(&first, row, visit, context);
    }
    visit_devices(&second, NULL, visit, context);
}
