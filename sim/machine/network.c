/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/network.h"

#include "sim/machine/machine.h"

#include <string.h>

#define CARD_DEVICE   3
#define NS_PER_S      UINT64_C(1000000000)
#define BITS_PER_MBIT UINT64_C(1000000)

/* Locally administered (IEEE 802, 8.2); the guest is 10.0.2.15 by custom, its peer 10.0.2.2. */
static const uint8_t card_mac[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
static const uint8_t host_mac[6] = {0x52, 0x55, 10, 0, 2, 2};
static const uint8_t host_ip[4] = {10, 0, 2, 2};

static void passed(void *owner, uint32_t bytes)
{
    struct machine *machine = owner;

    if (machine->observer.request)
        machine->observer.request(machine->observer.owner,
                                  &(struct machine_request){.kind = REQUEST_FRAME, .count = bytes});
}

bool network_present(const struct machine *machine)
{
    return machine->config.network.peer != NETWORK_NONE;
}

bool network_busy(const struct machine *machine)
{
    const struct network *network = &machine->network;

    for (unsigned i = 0; i < machine->config.network.clients; i++)
        if (event_pending(&network->client[i].next))
            return true;
    return event_pending(&network->host.answer) || event_pending(&network->host.tick) ||
           event_pending(&network->link.end[0].arrival) ||
           event_pending(&network->link.end[1].arrival) || nic_busy(&network->nic);
}

void network_open(struct machine *machine, const struct device_world *world)
{
    struct network *network = &machine->network;
    const struct device_costs *costs = &machine->config.devices;

    if (!network_present(machine))
        return;
    network->link = (struct link){.events = world->events,
                                  .hz = world->hz,
                                  .rate = costs->nic_rate * BITS_PER_MBIT,
                                  .latency = scale(costs->nic_latency, world->hz, NS_PER_S),
                                  .faults = machine->config.network.faults,
                                  .passed = passed,
                                  .passed_owner = machine};
    link_open(&network->link);
    if (machine->config.network.capture) {
        network->capture = (struct capture){.file = machine->config.network.capture,
                                            .hz = world->hz,
                                            .start = machine->config.date};
        capture_open(&network->capture);
        network->link.tap = capture_frame;
        network->link.tap_owner = &network->capture;
    }
    network->host.wire = &network->link.end[1];
    network->host.thinks = scale(costs->nic_answer, world->hz, NS_PER_S);
    memcpy(network->host.mac, host_mac, sizeof(host_mac));
    memcpy(network->host.ip, host_ip, sizeof(host_ip));
    net_host_open(&network->host);
    for (unsigned i = 0; i < machine->config.network.clients; i++)
        client_open(&network->client[i], &machine->config.network.client[i], &network->host);

    network->nic.world = *world;
    network->nic.costs = costs;
    network->nic.wire = &network->link.end[0];
    memcpy(network->nic.mac, card_mac, sizeof(card_mac));
    nic_open(&network->nic, &machine->slots.pci, CARD_DEVICE);
}

void network_close(struct machine *machine)
{
    if (!network_present(machine))
        return;
    net_host_close(&machine->network.host);
    link_close(&machine->network.link);
}
