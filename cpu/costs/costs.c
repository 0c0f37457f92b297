/* SPDX-License-Identifier: GPL-2.0-only */
/* costs.c - the cost model's table of parameters, and whether their values fit together */
#include "cpu/costs/costs.h"

#include <inttypes.h>
#include <stdio.h>

static const struct parameter parameters[] = {
#define PARAMETER(section, name, field, kind, min, max, description)                               \
    {section, name, offsetof(struct machine_costs, field), PARAMETER_##kind, min, max, description},
#include "cpu/costs/costs.def"
#undef PARAMETER
};

struct parameter_set costs_set(struct machine_costs *costs)
{
    return (struct parameter_set){parameters, sizeof(parameters) / sizeof(*parameters), costs};
}

bool costs_read(struct machine_costs *costs, const char *path, char *why, size_t why_bytes)
{
    const struct parameter_set set = costs_set(costs);
    const struct parameter_file file = {&set, 1, true};

    return parameters_read(&file, costs->name, path, why, why_bytes);
}

bool costs_override(struct machine_costs *costs, const char *assignment, char *why,
                    size_t why_bytes)
{
    const struct parameter_set set = costs_set(costs);
    const struct parameter_file file = {&set, 1, true};

    return parameters_override(&file, assignment, why, why_bytes);
}

/* ---- whether they fit ------------------------------------------------------------------------ */

static bool check_cache(const char *name, uint64_t bytes, uint64_t ways, char *why,
                        size_t why_bytes)
{
    uint64_t sets = bytes / COSTS_LINE_BYTES / ways;

    if (sets * ways * COSTS_LINE_BYTES != bytes || (sets & (sets - 1)))
        return parameter_refuse(why, why_bytes,
                                "cache.%s: %" PRIu64 " bytes in %" PRIu64
                                " ways of 64-byte lines is not a power of two of sets",
                                name, bytes, ways);
    return true;
}

bool costs_check(const struct machine_costs *costs, char *why, size_t why_bytes)
{
    if (costs->l2_sector & (costs->l2_sector - 1))
        return parameter_refuse(why, why_bytes, "cache.l2.sector is 64 or 128, not %" PRIu64,
                                costs->l2_sector);
    return check_cache("l1d", costs->l1d_bytes, costs->l1d_ways, why, why_bytes) &&
           check_cache("l1i", costs->l1i_bytes, costs->l1i_ways, why, why_bytes) &&
           check_cache("l2", costs->l2_bytes, costs->l2_ways, why, why_bytes);
}
