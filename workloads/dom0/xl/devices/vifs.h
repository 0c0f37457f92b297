/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vifs.h - what a user says about a domain's network interfaces, after xl-network-configuration(5)
 */
#ifndef XENOLITH_XL_VIFS_H
#define XENOLITH_XL_VIFS_H

#include <stdbool.h>
#include <stdint.h>

#define VIFS_MOST      8
#define VIF_IP_BYTES   64
#define VIF_NAME_BYTES 16

struct vif_config {
    bool has_mac; /* else it gets one of its own, by its domain's number and its own */
    uint8_t mac[6];
    char ip[VIF_IP_BYTES];        /* addresses from which it may send, with spaces; empty: any */
    char other[VIF_IP_BYTES];     /* a word that means nothing here, as "bridge"; empty: none */
    uint32_t rate_bytes, rate_us; /* so many in each; 0: no limit */
};

/*
 * Reads one interface: words KEY=VALUE with commas between them, none is needed. mac=, ip=
 * (addresses with spaces) and rate= (as 10Mb/s, 2MB/s@20ms) have a meaning; bridge=, script=,
 * vifname=, type=, model=, backend= and gatewaydev= are known and are nothing here. NULL, or what
 * is wrong.
 */
const char *vif_parse(const char *text, struct vif_config *vif);

/* Reads a list as of disks (disks.h). Appends to vifs[*count], of VIFS_MOST. */
const char *vifs_parse(const char *text, struct vif_config *vifs, unsigned *count);

#endif
