/* SPDX-License-Identifier: GPL-2.0-only */
/* pages.h - a machine's memory in a saved state */
#ifndef XENOLITH_SIM_PAGES_H
#define XENOLITH_SIM_PAGES_H

#include "cpu/saved/saved.h"

/* Saves or loads memory: mapped, private, of whole pages. */
void pages_saved(struct saved *saved, uint8_t *ram, uint32_t bytes);

#endif
