/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.h - the machine's console, power and devices
 *
 * Lock: the kernel's, but for a panic, which writes without.
 */
#ifndef GUESTOS_ARCH_CONSOLE_H
#define GUESTOS_ARCH_CONSOLE_H

#include "guestos/kernel/types.h"

/* Text for the console: each newline gets a carriage return before it. */
void arch_console_write(const char *text, size_t length);
/* The same without carriage returns (xen: the hypervisor's console always has them). */
void arch_console_write_raw(const char *text, size_t length);
/*
 * From now on what is typed goes to tty_input(). False: nobody can type here (xen: a domain whose
 * console ring nobody serves). native: the UART's interrupt; xen: the ring's event, or, in Domain
 * 0, the hypervisor's (VIRQ_CONSOLE).
 */
bool arch_console_listen(void);

/* The machine's own device files (xen: /dev/xen/privcmd and evtchn), made at boot. */
void arch_add_devices(void);

/* Disks that the machine has become block devices; before there is a root file system. */
void arch_find_disks(void);

/* Network interfaces that the machine has are added (interface_add()); none is up yet. */
void arch_find_interfaces(void);

enum power { POWER_OFF, POWER_REBOOT, POWER_CRASH };
void arch_power_off(enum power how) __attribute__((noreturn));

#endif
