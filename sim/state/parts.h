/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parts.h - the parts of a machine in a saved state, and the tables of its devices
 *
 * Each function is one pass, in either direction (cpu/saved/saved.h). One that loads finds a
 * machine that was opened with the same configuration and has not run; what it reads is checked as
 * far as anything depends on it, and refused with a sentence.
 */
#ifndef XENOLITH_SIM_PARTS_H
#define XENOLITH_SIM_PARTS_H

#include "cpu/saved/saved.h"
#include "sim/account/account.h"
#include "sim/machine/machine.h"

extern const struct saved_table event_table;                   /* devices.c */
extern const struct saved_table pci_table, pci_function_table; /* disk.c */

/* Every table of the simulator, for tests; ends with NULL. */
extern const struct saved_table *const devices_tables[],
    *const disk_tables[], *const network_tables[], *const hosts_tables[],
                                                       *const machine_tables[],
                                                           *const account_tables[];

/* Interrupt controllers, timers, the serial port and the clock chip. */
void devices_saved(struct machine *machine, struct saved *saved);

/* PCI, disks and what was written to them; a card, and frames on their way. Nothing on a machine
 * without. */
void disks_saved(struct machine *machine, struct saved *saved);
void network_saved(struct machine *machine, struct saved *saved);

/* Visits the events of the card, the wires, the hosts and who is on them. */
typedef void event_visit(void *context, struct event *event);
void network_events(struct machine *machine, event_visit *visit, void *context);

/* hosts.c: a switch, hosts with their connections, clients and users; frames on a wire. */
void hosts_saved(struct machine *machine, struct saved *saved);
void hosts_events(struct machine *machine, event_visit *visit, void *context);

/* All of the machine but its memory. */
void machine_saved(struct machine *machine, struct saved *saved);

/* Who did what. One that loads is attached to the machine, which has been loaded. */
void account_saved(struct account *account, struct saved *saved);

#endif
