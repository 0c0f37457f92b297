/* SPDX-License-Identifier: GPL-2.0-only */
/* beside.h - where the cycles of several results went, side by side */
#ifndef XENOLITH_SIM_BESIDE_H
#define XENOLITH_SIM_BESIDE_H

#include "sim/cli/options.h"

/*
 * Shows what `explain` was asked for: a row a kind of cycles, a column a file. False after a
 * sentence: a file that is no result or has no cycles, a value of an option that is none.
 */
bool beside_show(const struct options *options);

#endif
