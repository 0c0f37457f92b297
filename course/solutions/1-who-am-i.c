/* SPDX-License-Identifier: GPL-2.0-only */
/* Exercise 1: capabilities, and a command that does not exist. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static xen_capabilities_info_t capabilities;
    bool found = false;

    expect(HYPERCALL(xen_version, XENVER_capabilities, capabilities), 0);
    print("capabilities: %s\n", capabilities);
    for (const char *at = capabilities; *at; at++)
        found |= starts_with(at, "xen-3.0-x86_32p");
    check(found, "capabilities are %s", capabilities);
    expect(HYPERCALL(xen_version, 999, NULL), -ENOSYS);
}
