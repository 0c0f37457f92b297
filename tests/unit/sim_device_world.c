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
