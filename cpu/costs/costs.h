/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * costs.h - a machine description: the parameters of the cost model as data
 *
 * costs.def lists them; machines/ holds descriptions, each value with its source beside it;
 * docs/cost-model.md explains what the model does with them. Every value is a whole number in
 * the unit of its kind (eighths of a cycle for EIGHTH).
 */
#ifndef XENOLITH_CPU_COSTS_H
#define XENOLITH_CPU_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Every cache has lines of this size: the unit in which processors and memory exchange data. */
#define COSTS_LINE_BITS  6
#define COSTS_LINE_BYTES (1u << COSTS_LINE_BITS)

struct machine_costs {
    char name[64]; /* `name` in [machine] */
#define PARAMETER(section, name, field, kind, min, max, description) uint64_t field;
#include "cpu/costs/costs.def"
#undef PARAMETER
};

/*
 * Reads a description. Every parameter must be given, once, within its range. Returns false with
 * one sentence in `why` otherwise: no such file, a line that is not `name = value`, an unknown
 * or missing parameter, a bad value. *costs is unspecified then.
 */
bool costs_read(struct machine_costs *costs, const char *path, char *why, size_t why_bytes);

/*
 * Applies one override, `section.name=value` as in "cache.l2.enabled=no" or "cost.cr3_load=0".
 * False with one sentence in `why`, and *costs unchanged: no such parameter, bad value.
 */
bool costs_override(struct machine_costs *costs, const char *assignment, char *why,
                    size_t why_bytes);

/*
 * Whether the values fit together (a cache holds a power of two of sets, and so on); false with
 * one sentence. Call it after the last override: one may be what makes the next one fit.
 */
bool costs_check(const struct machine_costs *costs, char *why, size_t why_bytes);

/*
 * Calls visit() for each parameter in the order of costs.def: its key as "cost.cr3_load", its
 * value as a description would spell it ("yes", "512", "0.375"), and its unit.
 */
typedef void costs_visitor(void *context, const char *key, const char *value, const char *unit);
void costs_visit(const struct machine_costs *costs, costs_visitor *visit, void *context);

/* Prints a table of all parameters: key, unit, range, meaning. */
void costs_help(FILE *out);

#endif
