/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * networks.c - which interfaces a domain has: Domain 0 the card's, others what the store says
 *
 * Domain 0 gives itself an interface with the network card's address, by its own hypercall
 * (include/xenolith/io.h). Others find below device/vif what Domain 0's tools have written, put the
 * rings' grants and the port there, and wait until the other end is connected.
 *
 * Pages are exchanged where the other end can (feature-rx-flip), as the paper has it, unless the
 * command line says rx=copy.
 */
#include "guestos/arch/xen/netfront.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/options.h"

#include <xen/io/xenbus.h>

static bool wants_copy;

/* ---- Domain 0 ------------------------------------------------------------------------------ */

static void open_own(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_NIC};

    if (io_op(&op))
        return;
    struct netfront *front = netfront_make(0, !wants_copy, op.vif.mac);
    if (!front)
        return;
    op.command = XENOLITH_IO_VIF_CONNECT;
    op.vif.tx_ring = front->tx_ref;
    op.vif.rx_ring = front->rx_ref;
    op.vif.port = front->port;
    op.vif.flags = front->flip ? XENOLITH_IO_VIF_FLIP : 0;
    int error = io_op(&op);
    if (error) {
        kprintf("the network cannot be connected: error %d\n", -error);
        netfront_drop(front);
        return;
    }
    netfront_open(front);
}

/* ---- other domains ------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_mac(const char *text, uint8_t mac[MAC_BYTES])
{
    for (uint32_t i = 0; i < MAC_BYTES; i++, text += 3) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

        if (low < 0 || text[2] != (i + 1 < MAC_BYTES ? ':' : '\0'))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    return !(mac[0] & 1);
}

static bool offer(const char *own, const struct netfront *front)
{
    return !xenbus_put_number(own, "tx-ring-ref", front->tx_ref) &&
           !xenbus_put_number(own, "rx-ring-ref", front->rx_ref) &&
           !xenbus_put_number(own, "event-channel", front->port) &&
           !xenbus_put_number(own, "request-rx-copy", !front->flip) &&
           !xenbus_put_number(own, "state", XenbusStateConnected);
}

static void open_stored(struct stored_device *device)
{
    const char *own = device->own, *back = device->back;
    char text[32];
    uint8_t mac[MAC_BYTES];

    if (xenbus_read(own, "backend", device->back, sizeof(device->back)) <= 0 ||
        xenbus_read(own, "mac", text, sizeof(text)) <= 0 || !read_mac(text, mac)) {
        kprintf("virtual interface %s is of no kind that is known here\n", device->name);
        return;
    }
    bool flip = !wants_copy && xenbus_number(back, "feature-rx-flip");
    struct netfront *front = netfront_make((uint16_t)xenbus_number(own, "backend-id"), flip, mac);
    if (!front || !offer(own, front) || !xenbus_wait_for_back(back)) {
        /* Its rings are not taken back: it may yet use them. */
        kprintf("virtual interface %s: the other end is not connected\n", device->name);
        return;
    }
    netfront_open(front);
    device->front = front;
}

static void close_stored(struct stored_device *device)
{
    netfront_close(device->front);
}

struct device_kind network_kind = {"device/vif", open_stored, close_stored, {{.name = ""}}};

void networks_find(void)
{
    const char *rx = option_value((const char *)start_info->cmd_line, "rx");

    wants_copy = rx && !strncmp(rx, "copy", 4);
    if (start_info->flags & SIF_INITDOMAIN)
        open_own();
    else
        devices_look(&network_kind);
}
