/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.c - interfaces of domains: their nodes in the store, and the commands that list, give and
 * take them
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/devices/device.h"
#include "workloads/dom0/xl/devices/network.h"

#define HEADINGS  "%-4s %-18s %-16s %5s %8s %8s %6s\n"
#define XEN_MAC   0x00, 0x16, 0x3e /* of the Xen project's, for addresses of domains */
#define MTU       "1500"
#define MAC_BYTES 18

static const struct device_words vif_words = {"vif", "network interface"};

/* The one that was said; else one that no other interface has. */
static void mac_of(const struct vif_config *vif, unsigned domain, uint32_t number,
                   char text[MAC_BYTES])
{
    uint8_t own[6] = {XEN_MAC, (uint8_t)number, (uint8_t)(domain >> 8), (uint8_t)domain};
    const uint8_t *mac = vif->has_mac ? vif->mac : own;

    snprintf(text, MAC_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
}

int network_introduce(uint32_t transaction, const struct vif_config *vif, unsigned domain,
                      uint32_t number)
{
    char mac[MAC_BYTES], handle[16], rate[32];
    struct device_node of_back[8] = {{"handle", handle}, {"mac", mac}, {"type", "vif"}};
    const struct device_node of_front[] = {
        {"handle", handle}, {"mac", mac}, {"mtu", MTU}, {NULL, NULL}};
    unsigned nodes = 3;

    mac_of(vif, domain, number, mac);
    snprintf(handle, sizeof(handle), "%u", number);
    snprintf(rate, sizeof(rate), "%u,%u", vif->rate_bytes, vif->rate_us);
    if (vif->ip[0])
        of_back[nodes++] = (struct device_node){"ip", vif->ip};
    if (vif->rate_bytes)
        of_back[nodes++] = (struct device_node){"rate", rate};
    if (vif->other[0])
        fprintf(stderr, "xl: interface %u: %s= means nothing here\n", number, vif->other);
    return device_introduce(transaction, &vif_words, domain, number, of_back, of_front);
}

/* ---- the commands ---------------------------------------------------------------------------- */

static void list_one(unsigned domain, uint32_t number)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], value[7][DEVICE_VALUE_BYTES];

    device_folders(&vif_words, domain, number, back, front);
    printf(HEADINGS, device_value(back, "handle", value[0]), device_value(back, "mac", value[1]),
           device_value(back, "ip", value[2]), device_value(back, "state", value[3]),
           device_value(front, "tx-ring-ref", value[4]),
           device_value(front, "rx-ring-ref", value[5]),
           device_value(front, "event-channel", value[6]));
}

int command_network_list(int count, char **words)
{
    int domain = count == 1 ? device_domain(&vif_words, words[0]) : -1;

    if (count != 1)
        return 2;
    if (domain < 0)
        return 1;
    printf(HEADINGS, "Idx", "MAC", "IP", "State", "TX-ring", "RX-ring", "Port");
    device_each(&vif_words, (unsigned)domain, list_one);
    return 0;
}

int command_network_attach(int count, char **words)
{
    char text[256] = "";
    struct vif_config vif;
    const char *wrong;
    uint32_t number = 0;
    int domain, error;

    if (count < 1)
        return 2;
    for (int i = 1; i < count; i++) {
        if (strlen(text) + strlen(words[i]) + 2 > sizeof(text))
            return 2;
        strcat(strcat(text, words[i]), ",");
    }
    wrong = vif_parse(text, &vif);
    if (wrong) {
        fprintf(stderr, "xl: interface: %s\n", wrong);
        return 1;
    }
    domain = device_domain(&vif_words, words[0]);
    if (domain < 0)
        return 1;
    while (device_exists(&vif_words, (unsigned)domain, number))
        number++;
    error = network_introduce(0, &vif, (unsigned)domain, number);
    if (error < 0)
        fprintf(stderr, "xl: the store refuses the interface: %s\n", strerror(-error));
    return error < 0;
}

/* What a user calls an interface: its number, or its mac. */
static bool find_vif(unsigned domain, const char *name, uint32_t *number)
{
    char front[DEVICE_PATH_BYTES], back[DEVICE_PATH_BYTES], value[DEVICE_VALUE_BYTES];
    char *end;

    *number = (uint32_t)strtoul(name, &end, 10);
    if (isdigit((unsigned char)*name) && !*end)
        return true;
    for (*number = 0; *number < VIFS_MOST; ++*number) {
        device_folders(&vif_words, domain, *number, back, front);
        if (strcmp(device_value(back, "mac", value), name) == 0)
            return true;
    }
    return false;
}

int command_network_detach(int count, char **words)
{
    uint32_t number;
    int domain;

    if (count != 2)
        return 2;
    domain = device_domain(&vif_words, words[0]);
    if (domain < 0)
        return 1;
    if (!find_vif((unsigned)domain, words[1], &number)) {
        fprintf(stderr, "xl: domain %d has no network interface %s\n", domain, words[1]);
        return 1;
    }
    return device_take(&vif_words, (unsigned)domain, number, words[1]);
}
