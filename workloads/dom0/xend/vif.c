/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vif.c - virtual interfaces (public/io/netif.h): what they can do, and which addresses they have
 *
 * A front end that asks for copies ("request-rx-copy", all of today's) gets them; one that does not
 * has its pages exchanged, as it was in the beginning. One that cannot finish others' checksums
 * says so ("feature-no-csum-offload").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xend/backend.h"
#include "workloads/dom0/xl/hypercall.h"

static void publish(const struct device *vif)
{
    node_set(vif->back, "feature-rx-copy", "1");
    node_set(vif->back, "feature-rx-flip", "1");
    node_set(vif->back, "feature-sg", "0");
    node_set(vif->back, "feature-split-event-channels", "0");
}

static bool read_mac(const char *text, unsigned char mac[6])
{
    int end = 0;

    return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx%n", &mac[0], &mac[1], &mac[2], &mac[3],
                  &mac[4], &mac[5], &end) == 6 &&
           !text[end];
}

/* Addresses with spaces between them. */
static bool read_addresses(const char *text, struct xenolith_io_vif *vif)
{
    while (*text) {
        unsigned char *to = vif->address[vif->addresses];
        int end = 0;

        if (vif->addresses == XENOLITH_IO_VIF_ADDRESSES ||
            sscanf(text, "%hhu.%hhu.%hhu.%hhu%n", &to[0], &to[1], &to[2], &to[3], &end) != 4)
            return false;
        vif->addresses++;
        text += end;
        text += strspn(text, " ");
    }
    return true;
}

/* "BYTES,MICROSECONDS": so many in each. */
static bool read_rate(const char *text, struct xenolith_io_vif *vif)
{
    return sscanf(text, "%u,%u", &vif->credit_bytes, &vif->credit_us) == 2;
}

static const char *connect(const struct device *device)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_VIF_CONNECT, .domain = device->domain, .handle = device->number};
    char mac[DEVICE_VALUE_BYTES], ip[DEVICE_VALUE_BYTES] = "", rate[DEVICE_VALUE_BYTES];

    if (!node_get(device->back, "mac", mac) || !read_mac(mac, op.vif.mac))
        return "it has no mac";
    node_get(device->back, "ip", ip);
    if (!read_addresses(ip, &op.vif))
        return "ip is no list of addresses";
    if (node_get(device->back, "rate", rate) && !read_rate(rate, &op.vif))
        return "rate is no number of bytes and of microseconds";
    op.vif.tx_ring = node_number(device->front, "tx-ring-ref");
    op.vif.rx_ring = node_number(device->front, "rx-ring-ref");
    op.vif.port = node_number(device->front, "event-channel");
    if (!node_number(device->front, "request-rx-copy"))
        op.vif.flags |= XENOLITH_IO_VIF_FLIP;
    if (node_number(device->front, "feature-no-csum-offload"))
        op.vif.flags |= XENOLITH_IO_VIF_NO_SUMS;
    switch (hypercall_io(&op)) {
    case 0:
        return NULL;
    case -EEXIST:
        return "another one has its mac";
    default:
        return "the rings or the port cannot be used";
    }
}

const struct device_kind vif_kind = {"vif", publish, connect, XENOLITH_IO_VIF_DISCONNECT};
