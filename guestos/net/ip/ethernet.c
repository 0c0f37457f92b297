/* SPDX-License-Identifier: GPL-2.0-only */
/* ethernet.c - frames' headers; see ethernet.h */
#include "guestos/net/ip/ethernet.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/arp.h"
#include "guestos/net/net.h"
#include "guestos/net/packet_socket.h"

const uint8_t ethernet_everybody[MAC_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

int ethernet_send(struct interface *interface, const uint8_t *to, uint32_t type,
                  struct packet *packet)
{
    uint8_t *header = packet_push(packet, ETHERNET_HEADER);

    memcpy(header, to, MAC_BYTES);
    memcpy(header + MAC_BYTES, interface->mac, MAC_BYTES);
    put16(header + 2 * MAC_BYTES, type);
    return interface_send(interface, packet);
}

/* A card may give more than what is for this machine: all multicasts, or all there is. */
static bool is_for_us(const struct interface *interface, const uint8_t *frame)
{
    return frame[0] & 1 || !memcmp(frame, interface->mac, MAC_BYTES);
}

void ethernet_input(struct interface *interface, const uint8_t *frame, uint32_t bytes,
                    enum sum_state sum)
{
    if (bytes < ETHERNET_HEADER) {
        interface->in.errors++;
        return;
    }
    uint32_t type = get16(frame + 2 * MAC_BYTES);
    packet_sockets_take(interface, frame, bytes, sum);
    if (!is_for_us(interface, frame))
        return;
    if (type == TYPE_IP)
        ip_input(interface, frame + ETHERNET_HEADER, bytes - ETHERNET_HEADER, sum);
    else if (type == TYPE_ARP)
        arp_input(interface, frame + ETHERNET_HEADER, bytes - ETHERNET_HEADER);
}
