/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_device_world.c - see sim_device_world.h */
#include "tests/unit/sim_device_world.h"

#include <stdio.h>
#include <string.h>

struct event_queue events;
char refused[256];

static void refuse(void *machine, const char *sentence)
{
    (void)machine;
    snprintf(refused, sizeof(refused), "%s", sentence);
}

struct device_world world(void)
{
    event_queue_close(&events);
    memset(&events, 0, sizeof(events));
    refused[0] = 0;
    return (struct device_world){.events = &events, .hz = HZ, .refuse = refuse};
}

struct access at(uint64_t now, uint32_t offset)
{
    return (struct access){.now = now, .bytes = 1, .address = offset, .offset = offset};
}

uint8_t device_ram[DEVICE_RAM];

bool device_ram_read(void *machine, uint32_t physical, void *to, uint32_t bytes)
{
    (void)machine;
    if (physical > DEVICE_RAM || bytes > DEVICE_RAM - physical)
        return false;
    memcpy(to, device_ram + physical, bytes);
    return true;
}

bool device_ram_write(void *machine, uint32_t physical, const void *from, uint32_t bytes)
{
    (void)machine;
    if (physical > DEVICE_RAM || bytes > DEVICE_RAM - physical)
        return false;
    memcpy(device_ram + physical, from, bytes);
    return true;
}
