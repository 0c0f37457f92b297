/* SPDX-License-Identifier: GPL-2.0-only */
/* network.c - a result on the network: the card, the ports of a switch, who asked from outside */
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

/* What a client asks for; the text is written out before it goes. */
static void url(struct visit *visit, uint32_t ip, uint16_t port, const char *path)
{
    char text[CLIENT_PATH_MAX + 64];

    snprintf(text, sizeof(text), "http://%u.%u.%u.%u:%u%s", ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
             ip & 255, port, path);
    visit_value(visit, "url", value_text(text));
}

static void client(struct visit *visit, const struct client *client)
{
    const struct client_order *order = client->order;

    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "kind", value_text("get"));
    visit_value(visit, "host", value_number(order->host));
    url(visit, order->ip, order->port, order->path);
    visit_value(visit, "connections", value_absent());
    visit_value(visit, "conforming", value_absent());
    visit_value(visit, "measured_ns", value_absent());
    visit_value(visit, "requests", value_number(client->begun));
    visit_value(visit, "answered", value_number(client->right));
    visit_value(visit, "by_program", value_absent());
    visit_value(visit, "wrong", value_number(client->wrong));
    visit_value(visit, "failed", value_number(client->failed));
    visit_value(visit, "bytes", value_number(client->bytes));
    visit_value(visit, "waited_ns", value_number(client->waited));
    visit_value(visit, "waited_max_ns", value_number(client->waited_max));
    visit_close(visit);
}

static void load(struct visit *visit, const struct load *load)
{
    const struct load_order *order = load->order;

    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "kind", value_text("load"));
    visit_value(visit, "host", value_number(order->host));
    url(visit, order->ip, order->port, "/");
    visit_value(visit, "connections", value_number(order->connections));
    visit_value(visit, "conforming", value_number(load_conforming(load)));
    visit_value(visit, "measured_ns", value_number(order->measure));
    visit_value(visit, "requests", value_number(load->requests));
    visit_value(visit, "answered", value_number(load->right));
    visit_value(visit, "by_program", value_number(load->right - load->kinds[WEB99_STATIC]));
    visit_value(visit, "wrong", value_number(load->wrong));
    visit_value(visit, "failed", value_number(load->failed));
    visit_value(visit, "bytes", value_number(load->bytes));
    visit_value(visit, "waited_ns", value_number(load->waited));
    visit_value(visit, "waited_max_ns", value_number(load->waited_max));
    visit_close(visit);
}

void result_network(struct visit *visit, const struct machine *machine)
{
    nics(visit, machine);
    ports(visit, machine);
    visit_open(visit, "clients", SECTION_LIST);
    for (unsigned i = 0; i < machine->config.network.clients; i++)
        client(visit, &machine->network.client[i]);
    for (unsigned i = 0; i < machine->config.network.loads; i++)
        load(visit, &machine->network.load[i]);
    visit_close(visit);
}
