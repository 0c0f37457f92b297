/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.h - what the store says about a domain's interfaces, and the commands on them
 */
#ifndef XENOLITH_XL_NETWORK_H
#define XENOLITH_XL_NETWORK_H

#include <stdint.h>

#include "workloads/dom0/xl/devices/vifs.h"

/* Writes the folders of both ends of interface `number`, in a transaction (0: none): 0 or more, or
 * -Exxx. */
int network_introduce(uint32_t transaction, const struct vif_config *vif, unsigned domain,
                      uint32_t number);

int command_network_list(int count, char **words);
int command_network_attach(int count, char **words);
int command_network_detach(int count, char **words);

#endif
