/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * builder.h - makes one domain out of a kernel image
 */
#ifndef XENOLITH_XL_BUILDER_H
#define XENOLITH_XL_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/image/kernel_image.h"
#include "workloads/dom0/xl/devices/disks.h"
#include "workloads/dom0/xl/devices/vifs.h"

#define DOMAIN_NAME_BYTES 16 /* with the NUL; names live in the domain's handle */

struct domain_plan {
    char name[DOMAIN_NAME_BYTES];
    uint32_t pages;
    const struct kernel_image *kernel;
    const uint8_t *kernel_file; /* that the image was read from */
    const uint8_t *ramdisk;     /* NULL: none */
    uint32_t ramdisk_bytes;
    const char *command_line;
    const struct disk_config *disk;
    unsigned disks;
    const struct vif_config *vif;
    unsigned vifs;
};

/* A page shared with a service of Domain 0, and the domain's event channel to it. */
struct shared_ring {
    uint32_t frame; /* machine frame */
    uint32_t port;  /* the domain's port, unbound, for Domain 0 to bind */
};

struct built_domain {
    int domain; /* its number */
    struct shared_ring store, console;
};

/*
 * Creates the domain, paused: memory, kernel, ramdisk, start_info, store and console rings, page
 * tables, registers. Returns its number, or -1 after saying on standard error what was wrong; the
 * domain is then destroyed.
 */
int builder_make_domain(const struct domain_plan *plan, struct built_domain *built);

#endif
