/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/network.h"

#include "sim/machine/machine.h"

#include <string.h>

#define CARD_DEVICE   3
#define NS_PER_S      UINT64_C(1000000000)
#define BITS_PER_MBIT UINT64_C(1000000)

/*
 * Locally administered (IEEE 802, 8.2); the guest is 10.0.2.15 by custom, its peer 10.0.2.2, and
 * further hosts count on from there.
 */
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

int network_outside(const struct machine *machine)
{
    return machine->config.network.peer == NETWORK_OUTSIDE ? machine->config.network.outside : -1;
}

unsigned network_hosts(const struct machine *machine)
{
    return machine->config.network.hosts ? machine->config.network.hosts : 1;
}

static bool wire_busy(const struct link *link)
{
    return event_pending(&link->end[0].arrival) || event_pending(&link->end[1].arrival);
}

bool network_busy(const struct machine *machine)
{
    const struct network *network = &machine->network;

    for (unsigned i = 0; i < machine->config.network.clients; i++)
        if (event_pending(&network->client[i].next))
            return true;
    for (unsigned i = 0; i < machine->config.network.loads; i++)
        if (load_busy(&network->load[i]))
            return true;
    for (unsigned i = 0; i < HOSTS_MAX; i++)
        if (event_pending(&network->host[i].answer) || host_tcp_busy(&network->host[i]) ||
            wire_busy(&network->branch[i]))
            return true;
    return wire_busy(&network->link) || nic_busy(&network->nic) ||
           event_pending(&network->outside.look);
}

/* A host's end of a wire of its own behind the switch. */
static struct link_end *open_branch(struct machine *machine, struct link *branch)
{
    const struct network_config *config = &machine->config.network;
    struct network *network = &machine->network;

    *branch = (struct link){.events = network->link.events,
                            .hz = network->link.hz,
                            .rate = config->rate ? config->rate : network->link.rate,
                            .latency = config->latency_given
                                           ? scale(config->latency, network->link.hz, NS_PER_S)
                                           : network->link.latency};
    link_open(branch);
    net_switch_add(&network->net_switch, &branch->end[0]);
    return &branch->end[1];
}

static void open_host(struct machine *machine, unsigned number, struct link_end *wire)
{
    struct net_host *host = &machine->network.host[number];

    host->wire = wire;
    host->thinks = scale(machine->config.devices.nic_answer, wire->link->hz, NS_PER_S);
    memcpy(host->mac, host_mac, sizeof(host_mac));
    memcpy(host->ip, host_ip, sizeof(host_ip));
    host->mac[5] = (uint8_t)(host->mac[5] + number);
    host->ip[3] = (uint8_t)(host->ip[3] + number);
    net_host_open(host);
}

/* One at the wire's end, or several behind a switch; or who is not simulated. */
static void open_hosts(struct machine *machine)
{
    struct network *network = &machine->network;

    if (machine->config.network.peer == NETWORK_OUTSIDE) {
        network->outside.wire = &network->link.end[1];
        network->outside.socket = machine->config.network.outside;
        network->outside.log = machine->config.network.outside_log;
        outside_open(&network->outside);
        return;
    }
    if (!machine->config.network.hosts) {
        open_host(machine, 0, &network->link.end[1]);
        return;
    }
    network->net_switch.queue = machine->config.network.queue;
    net_switch_add(&network->net_switch, &network->link.end[1]);
    for (unsigned i = 0; i < machine->config.network.hosts; i++)
        open_host(machine, i, open_branch(machine, &network->branch[i]));
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
    open_hosts(machine);
    for (unsigned i = 0; i < machine->config.network.clients; i++)
        client_open(&network->client[i], &machine->config.network.client[i],
                    &network->host[machine->config.network.client[i].host]);
    for (unsigned i = 0; i < machine->config.network.loads; i++)
        load_open(&network->load[i], &machine->config.network.load[i],
                  &network->host[machine->config.network.load[i].host]);

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
    for (unsigned i = 0; i < machine->config.network.loads; i++)
        load_close(&machine->network.load[i]);
    for (unsigned i = 0; i < HOSTS_MAX; i++) {
        net_host_close(&machine->network.host[i]);
        link_close(&machine->network.branch[i]);
    }
    link_close(&machine->network.link);
}
