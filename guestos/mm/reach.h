/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach.h - the memory of another program (ptrace, process_vm_readv)
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_REACH_H
#define GUESTOS_REACH_H

#include "guestos/mm/space.h"

enum reach {
    REACH_READ,
    REACH_WRITE,
    REACH_FORCE_WRITE, /* also where the program may not: its own copy is changed (breakpoints) */
};

/* Copies between a space and the kernel's memory: how many bytes, up to what is missing. */
uint32_t space_reach(struct space *space, uint32_t address, void *buffer, uint32_t bytes,
                     enum reach how);

#endif
