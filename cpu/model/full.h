/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * full.h - the full timing model attached to the processors of an engine
 */
#ifndef XENOLITH_CPU_FULL_H
#define XENOLITH_CPU_FULL_H

#include "cpu/state.h"

struct filter;

/* Opens a model for each processor and attaches them. False: no memory. The engine's processors
 * exist already, but nothing has run. */
bool full_open(struct cpu_engine *engine);
void full_close(struct cpu_engine *engine);

/* unicorn_filter.c: notifies the model of an access that has just been made
 * through the software TLB, in one line or two. */
void lib_filter_notify(struct cpu *cpu, unsigned mode, uint32_t linear, unsigned bytes, bool write);
/* unicorn_filter.c: names a processor's filter tables in its state. */
void lib_filter_attach(struct cpu *cpu, struct filter *filter);

#endif
