/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * description.h - a machine file as a whole: processors and devices
 *
 * Its keys are those of cpu/costs/costs.def, which cpu/ reads, and of sim/dev/costs.def, which are
 * nothing to the processor: it asks its bus, and the machine says how long that took (cpu_spend()).
 */
#ifndef XENOLITH_SIM_DESCRIPTION_H
#define XENOLITH_SIM_DESCRIPTION_H

#include "cpu/costs/costs.h"

struct device_costs {
#define DEVICE_COST(section, name, field, kind, min, max, before, description) uint64_t field;
#include "sim/dev/costs.def"
#undef DEVICE_COST
};

/* Reads a machine file; a key of neither table is refused. As parameters_read(). */
bool description_read(struct machine_costs *costs, struct device_costs *devices, const char *path,
                      char *why, size_t why_bytes);

/* Applies one override of either. As parameters_override(). */
bool description_override(struct machine_costs *costs, struct device_costs *devices,
                          const char *assignment, char *why, size_t why_bytes);

/* Calls visit() for every parameter, in the order of a result. */
void description_visit(const struct machine_costs *costs, const struct device_costs *devices,
                       parameter_visitor *visit, void *context);

#endif
