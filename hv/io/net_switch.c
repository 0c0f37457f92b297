/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net_switch.c - which interface a packet is for
 *
 * Every MAC is known from its VIF's connection, so nothing is learnt and nobody can pretend. What
 * has another address is on the other side of the card; a broadcast or multicast is for everybody.
 * Who sent a packet does not get it back.
 */
#include "hv/include/lib.h"
#include "hv/io/vif.h"

#define HASHES 64

static struct vif *by_mac[HASHES];

/* The tools count addresses up at their end. */
static struct vif **hash_of(const uint8_t *mac)
{
    return &by_mac[(mac[5] ^ mac[4] ^ mac[3]) % HASHES];
}

static bool is_for_all(const struct net_packet *packet)
{
    return packet->head[0] & 1;
}

struct vif *net_find(const uint8_t *mac)
{
    struct vif *vif = *hash_of(mac);

    while (vif && memcmp(vif->mac, mac, 6) != 0)
        vif = vif->same_hash;
    return vif;
}

void net_switch_add(struct vif *vif)
{
    struct vif **first = hash_of(vif->mac);

    vif->same_hash = *first;
    *first = vif;
}

void net_switch_remove(struct vif *vif)
{
    struct vif **link = hash_of(vif->mac);

    while (*link != vif)
        link = &(*link)->same_hash;
    *link = vif->same_hash;
}

bool net_is_for_wire(const struct net_packet *packet)
{
    return packet->from && nic_address() && (is_for_all(packet) || !net_find(packet->head));
}

unsigned net_dispatch(const struct net_packet *packet, bool *kept)
{
    struct net_packet shared = *packet;
    struct vif *vif;
    unsigned tried = 0;

    *kept = false;
    if (!is_for_all(packet)) {
        vif = net_find(packet->head);
        if (!vif || vif == packet->from)
            return 0;
        *kept = net_deliver(vif, packet);
        return 1;
    }
    shared.frame = 0; /* nobody may keep what others are to read */
    for (unsigned i = 0; i < VIFS; i++) {
        if (!vifs[i] || vifs[i] == packet->from)
            continue;
        net_deliver(vifs[i], &shared);
        tried++;
    }
    return tried;
}
