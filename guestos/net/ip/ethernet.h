/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ethernet.h - frames: destination 6, source 6, type 2, then what the type says (RFC 894)
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_ETHERNET_H
#define GUESTOS_ETHERNET_H

#include "guestos/net/ip/interface.h"

#define TYPE_IP  0x0800u /* IEEE 802 numbers */
#define TYPE_ARP 0x0806u
#define TYPE_ALL 0x0003u /* linux/if_ether.h, ETH_P_ALL: for sockets that want every frame */

extern const uint8_t ethernet_everybody[MAC_BYTES];

/* Puts the header before a packet and sends it; the packet is no more the caller's. */
int ethernet_send(struct interface *interface, const uint8_t *to, uint32_t type,
                  struct packet *packet);
void ethernet_input(struct interface *interface, const uint8_t *frame, uint32_t bytes,
                    enum sum_state sum);

#endif
