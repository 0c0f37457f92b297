/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - what the store says about a domain's disks, and the commands on them
 */
#ifndef XENOLITH_XL_BLOCK_H
#define XENOLITH_XL_BLOCK_H

#include <stdint.h>

#include "workloads/dom0/xl/devices/disks.h"

/* Writes the folders of both ends, in a transaction (0: none): 0 or more, or -Exxx. */
int block_introduce(uint32_t transaction, const struct disk_config *disk, unsigned domain);

/* The first domain with a disk of that target, or -1: none has, or there is no xend. */
int block_user(const char *target);

int command_block_list(int count, char **words);
int command_block_attach(int count, char **words);
int command_block_detach(int count, char **words);

#endif
