/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_device_world.h - what a device is connected to when it is tested alone */
#ifndef XENOLITH_TESTS_SIM_DEVICE_WORLD_H
#define XENOLITH_TESTS_SIM_DEVICE_WORLD_H

#include "sim/dev/bus.h"

#define HZ UINT64_C(1000000000) /* a cycle is a nanosecond */

extern struct event_queue events;
extern char refused[256]; /* the sentence of the last refusal */

/* A new one: no events, nothing refused. */
struct device_world world(void);

/* 1 MB of memory that devices reach by DMA: the world's, for those that have one. */
#define DEVICE_RAM (1u << 20)
extern uint8_t device_ram[DEVICE_RAM];
bool device_ram_read(void *machine, uint32_t physical, void *to, uint32_t bytes);
bool device_ram_write(void *machine, uint32_t physical, const void *from, uint32_t bytes);

/* An access of a byte. */
struct access at(uint64_t now, uint32_t offset);

#endif
