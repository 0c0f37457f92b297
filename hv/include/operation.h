/* SPDX-License-Identifier: GPL-2.0-only */
/* operation.h - the operations behind a hypercall, counted by name (operations.def) */
#ifndef HV_OPERATION_H
#define HV_OPERATION_H

#include "hv/include/public_headers.h"
#include "hv/include/perfc.h"

/* Numbers from here on are looked for one by one. */
#define OPERATION_NUMBERS     128
#define OPERATION_IMPLEMENTED 0x8000 /* beside the counter's number */

/* For a hypercall's number and a command below OPERATION_NUMBERS; 0: the headers know of none. */
extern uint16_t operation_table[__HYPERVISOR_domctl + 1][OPERATION_NUMBERS];
void operations_init(void);

/* The same entry for a command of any size, looked for one by one; 0: unknown. */
uint16_t operation_find(unsigned hypercall, unsigned long command);

/*
 * Counts the operation. False if it is not implemented, and then the caller must not do it: what
 * operations.def says is what is.
 */
static inline bool operation_begin(unsigned hypercall, unsigned long command)
{
    uint16_t entry = command < OPERATION_NUMBERS ? operation_table[hypercall][command]
                                                 : operation_find(hypercall, command);

    if (entry)
        perfc_add_to((enum perfc)(entry & ~OPERATION_IMPLEMENTED), 1);
    return entry & OPERATION_IMPLEMENTED;
}

#endif
