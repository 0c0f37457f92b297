/* SPDX-License-Identifier: GPL-2.0-only */
/* operation.c - operations.def as a table by hypercall and command */
#include "hv/include/operation.h"
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/platform.h>
#include <xen/sysctl.h>

static const struct {
    uint16_t hypercall, command, entry;
} operations[] = {
#define OPERATION(hypercall, command, name)                                                        \
    {__HYPERVISOR_##hypercall, command, PERFC_op_##hypercall##_##name | OPERATION_IMPLEMENTED},
#define OPERATION_ABSENT(hypercall, command, name)                                                 \
    {__HYPERVISOR_##hypercall, command, PERFC_op_##hypercall##_##name},
#define OPERATION_UNHEARD(hypercall, command)
#include "include/xenolith/operations.def"
#undef OPERATION
#undef OPERATION_ABSENT
#undef OPERATION_UNHEARD
};

uint16_t operation_table[__HYPERVISOR_domctl + 1][OPERATION_NUMBERS];

void operations_init(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(operations); i++) {
        if (operations[i].command < OPERATION_NUMBERS)
            operation_table[operations[i].hypercall][operations[i].command] = operations[i].entry;
    }
}

uint16_t operation_find(unsigned hypercall, unsigned long command)
{
    for (unsigned i = 0; i < ARRAY_SIZE(operations); i++) {
        if (operations[i].hypercall == hypercall && operations[i].command == command)
            return operations[i].entry;
    }
    return 0;
}
