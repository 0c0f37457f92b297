/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_device_world.h - what a device is connected to when it is tested alone */
#ifndef XENOLITH_TESTS_SIM_DEVICE_WORLD_H
#define XENOLITH_TESTS_SIM_DEVICE_WORLD_H

#include "sim/dev/bus.h"

#define HZ 1000000000u

extern struct event_queue events;
extern char refused[256]; /* the sentence of the last refusal */

/* A new one: no events, nothing refused. */
struct device_world world(void);

/* An access of a byte. */
struct access at(uint64_t now, uint32_t offset);

#endif
