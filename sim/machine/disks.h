/* SPDX-License-Identifier: GPL-2.0-only */
/* disks.h - the disks of a machine, and their controller: an 82371SB's IDE function (00:01.1) */
#ifndef XENOLITH_SIM_DISKS_H
#define XENOLITH_SIM_DISKS_H

#include "sim/dev/ide/ide.h"

#define DISKS_MAX IDE_DISKS

struct machine;

struct disks {
    struct ide ide;
};

/* Puts the disks of the machine's configuration, if there are any, on its PCI bus; `set` drives
 * lines of the interrupt controllers, with the machine as owner. */
void disks_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level));

/* Whether a disk will end a command, which may interrupt somebody. */
bool disks_busy(const struct machine *machine);

bool disks_present(const struct machine *machine);

#endif
