/* SPDX-License-Identifier: GPL-2.0-only */
/* dmesg.c - the hypervisor's messages */
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/xl/domains.h"
#include "workloads/dom0/xl/hypercall.h"

int command_dmesg(int count, char **words)
{
    static char text[4096];
    bool clear = count == 1 && strcmp(words[0], "-c") == 0;
    uint32_t got;

    if (count > 0 && !clear)
        return 2;
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_readconsole};

    do {
        memset(text, 0, sizeof(text)); /* present, for the hypervisor to write to */
        op.u.readconsole.clear = clear;
        op.u.readconsole.count = sizeof(text);
        set_xen_guest_handle(op.u.readconsole.buffer, text);
        long result = hypercall_sysctl(&op);

        if (result < 0) {
            fprintf(stderr, "xl: the hypervisor does not show its messages: %s\n",
                    strerror((int)-result));
            return 1;
        }
        got = op.u.readconsole.count <= sizeof(text) ? op.u.readconsole.count : 0;
        fwrite(text, 1, got, stdout);
        op.u.readconsole.incremental = 1;
    } while (got == sizeof(text));
    return 0;
}
