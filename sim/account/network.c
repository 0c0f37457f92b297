/* SPDX-License-Identifier: GPL-2.0-only */
/* network.c - a result's part on the network: card, the switch's ports, who asked from outside */
#include "sim/account/result.h"

#include <stdio.h>

static void nics(struct visit *visit, const struct machine *machine)
{
    const struct nic_counts *counts = &machine->network.nic.counts;

    visit_open(visit, "nics", SECTION_LIST);
    if (network_present(machine)) {
        visit_open(visit, NULL, SECTION_MEMBERS);
        visit_value(visit, "frames_sent", value_number(counts->sent_packets));
        visit_value(visit, "bytes_sent", value_number(counts->sent_bytes));
        visit_value(visit, "frames_received", value_number(counts->received_packets));
        visit_value(visit, "bytes_received", value_number(counts->received_bytes));
        visit_value(visit, "lost", value_number(counts->lost));
        visit_value(visit, "dropped_off", value_number(counts->dropped[NIC_DROP_OFF]));
        visit_value(visit, "dropped_filter", value_number(counts->dropped[NIC_DROP_FILTER]));
        visit_value(visit, "dropped_length", value_number(counts->dropped[NIC_DROP_LENGTH]));
        visit_value(visit, "dropped_fifo", value_number(counts->dropped[NIC_DROP_FIFO]));
        visit_value(visit, "dropped_dma", value_number(counts->dropped[NIC_DROP_DMA]));
        visit_value(visit, "descriptors", value_number(counts->descriptors));
        visit_value(visit, "doorbells", value_number(counts->doorbells));
        visit_value(visit, "interrupts", value_number(counts->interrupts));
        visit_value(visit, "throttled", value_number(counts->throttled));
        visit_close(visit);
    }
    visit_close(visit);
}

/* Those of the switch: the first is the machine's, each other one a host's. */
static void ports(struct visit *visit, const struct machine *machine)
{
    const struct net_switch *sw = &machine->network.net_switch;

    visit_open(visit, "ports", SECTION_LIST);
    for (unsigned i = 0; i < sw->ports; i++) {
        visit_open(visit, NULL, SECTION_MEMBERS);
        visit_value(visit, "forwarded", value_number(sw->port[i].forwarded));
        visit_value(visit, "flooded", value_number(sw->port[i].flooded));
        visit_value(visit, "lost", value_number(sw->port[i].lost));
        visit_close(visit);
    }
    visit_close(visit);
}

static void client(struct visit *visit, const struct client *client)
{
    const struct client_order *order = client->order;
    char url[CLIENT_PATH_MAX + 64];

    snprintf(url, sizeof(url), "http://%u.%u.%u.%u:%u%s", order->ip >> 24, order->ip >> 16 & 255,
             order->ip >> 8 & 255, order->ip & 255, order->port, order->path);
    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "host", value_number(order->host));
    visit_value(visit, "url", value_text(url));
    visit_value(visit, "requests", value_number(client->begun));
    visit_value(visit, "answered", value_number(client->right));
    visit_value(visit, "wrong", value_number(client->wrong));
    visit_value(visit, "failed", value_number(client->failed));
    visit_value(visit, "bytes", value_number(client->bytes));
    visit_value(visit, "waited_ns", value_number(client->waited));
    visit_value(visit, "waited_max_ns", value_number(client->waited_max));
    visit_close(visit);
}

void result_network(struct visit *visit, const struct machine *machine)
{
    nics(visit, machine);
    ports(visit, machine);
    visit_open(visit, "clients", SECTION_LIST);
    for (unsigned i = 0; i < machine->config.network.clients; i++)
        client(visit, &machine->network.client[i]);
    visit_close(visit);
}
