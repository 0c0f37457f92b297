/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * configure.h - ip= of the command line, as Linux has it:
 *
 *     ip=CLIENT:SERVER:GATEWAY:NETMASK:HOST:DEVICE:AUTOCONF
 *
 * SERVER and HOST are of no use here. NETMASK is by the address's class if left out, DEVICE the
 * first Ethernet interface. AUTOCONF is off or none; DHCP is udhcpc's, a program's.
 *
 * Lock: the kernel's. Nothing here sleeps.
 */
#ifndef GUESTOS_CONFIGURE_H
#define GUESTOS_CONFIGURE_H

#include "guestos/kernel/types.h"

/* What is wrong with it, the console tells, and nothing is configured. */
void configure_by_command_line(const char *command_line);

/* The mask of an address's class (RFC 791, 3.2). */
uint32_t class_mask(uint32_t address);

#endif
