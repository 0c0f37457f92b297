/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config.h - what a user says about a domain
 */
#ifndef XENOLITH_XL_CONFIG_H
#define XENOLITH_XL_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/xl/devices/disks.h"
#include "workloads/dom0/xl/devices/vifs.h"

#define CONFIG_VALUE_BYTES 1024

struct domain_config {
    char name[CONFIG_VALUE_BYTES];
    char kernel[CONFIG_VALUE_BYTES];  /* path */
    char ramdisk[CONFIG_VALUE_BYTES]; /* path, empty: none */
    char extra[CONFIG_VALUE_BYTES]; /* kernel command line; %n in it is the copy's number, from 0 */
    uint32_t memory;                /* MB */
    uint32_t weight;                /* of the processor, 256 being everybody's; 0: not said */
    struct disk_config disk[DISKS_MOST];
    unsigned disks;
    struct vif_config vif[VIFS_MOST];
    unsigned vifs;
};

/* The defaults: 8 MB, no name, no kernel. */
void config_init(struct domain_config *config);

/*
 * Takes one word KEY=VALUE; the value may stand in single or double quotes; another extra= is added
 * to the first with a space, another disk= or vif= follows the first. Returns NULL, or what is
 * wrong with it as the rest of a sentence. A key of Xen's that means nothing here is named on
 * standard error.
 */
const char *config_set(struct domain_config *config, const char *word);

/*
 * Reads a file of statements (statement.h). Returns false after saying on standard error what is
 * wrong, with the file, the line and its text; nothing after that is read.
 */
bool config_read(struct domain_config *config, const char *path);

#endif
