/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console_ring.h - the two rings of a domain's console (<xen/io/console.h>), as Domain 0 serves
 * them
 *
 * The page is the domain's: its indices are read once and checked. Rings that are nonsense are left
 * alone.
 */
#ifndef XENOLITH_CONSOLE_RING_H
#define XENOLITH_CONSOLE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/console.h>

/* Takes at most `bytes` of what the domain has written. Returns how many. */
size_t console_ring_take(volatile struct xencons_interface *page, char *to, size_t bytes);

/* Gives the domain input. Returns how many bytes there was room for. */
size_t console_ring_give(volatile struct xencons_interface *page, const char *from, size_t bytes);

/* How much input there is room for; how much output waits. 0 where the indices are nonsense. */
size_t console_ring_room(const volatile struct xencons_interface *page);
size_t console_ring_waiting(const volatile struct xencons_interface *page);

#endif
