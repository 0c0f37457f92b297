/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * costs.h - the parameters of the cost model as data: processors and memory
 *
 * costs.def lists them; machines/ holds machine files, each value with its source beside it;
 * docs/cost-model.md explains what the model does with them. Every value is a whole number in
 * the unit of its kind (eighths of a cycle for EIGHTH). What devices cost is not here:
 * sim/machine/description.h.
 */
#ifndef XENOLITH_CPU_COSTS_H
#define XENOLITH_CPU_COSTS_H

#include "cpu/costs/parameter.h"

/* Every cache has lines of this size: the unit in which processors and memory exchange data. */
#define COSTS_LINE_BITS  6
#define COSTS_LINE_BYTES (1u << COSTS_LINE_BITS)

struct machine_costs {
    char name[PARAMETER_NAME_BYTES]; /* `name` in [machine] */
#define PARAMETER(section, name, field, kind, min, max, description) uint64_t field;
#include "cpu/costs/costs.def"
#undef PARAMETER
};

/* The table with `costs` as its values, for those who read several tables from one file. */
struct parameter_set costs_set(struct machine_costs *costs);

/* Reads what a machine file says of the processors; other keys are passed over. As
 * parameters_read(). */
bool costs_read(struct machine_costs *costs, const char *path, char *why, size_t why_bytes);

/* Applies one override of these parameters. As parameters_override(). */
bool costs_override(struct machine_costs *costs, const char *assignment, char *why,
                    size_t why_bytes);

/*
 * Whether the values fit together (a cache holds a power of two of sets, and so on); false with
 * one sentence. Call it after the last override: one may be what makes the next one fit.
 */
bool costs_check(const struct machine_costs *costs, char *why, size_t why_bytes);

#endif
