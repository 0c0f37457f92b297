/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages that a domain shares with Domain 0's services: the store's rings and the console's. The
 * input is what the domain writes into them, anywhere: an offset (two bytes), a length, bytes;
 * after each the services look.
 */
#include "tests/fire/fuzz.h"
#include "workloads/dom0/xend/console_ring.h"
#include "workloads/dom0/xend/store/ring.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES   4096u
#define HEADER_BYTES 3
#define TURNS        8

static int refuse(void *owner, uint16_t domain)
{
    (void)owner;
    (void)domain;
    return -EINVAL;
}

static int introduce(void *owner, uint16_t domain, uint32_t frame, uint32_t port)
{
    (void)frame;
    (void)port;
    return refuse(owner, domain);
}

static bool never(void *owner, uint16_t domain)
{
    return refuse(owner, domain) == 0;
}

static void serve_console(volatile struct xencons_interface *page)
{
    char text[64];
    size_t waiting = console_ring_waiting(page), room = console_ring_room(page);

    fuzz_promise(waiting <= sizeof(page->out) && room <= sizeof(page->in), "rings have their size");
    fuzz_promise(console_ring_take(page, text, sizeof(text)) <= sizeof(text),
                 "no more than asked for");
    fuzz_promise(console_ring_give(page, "hello", 5) <= 5, "no more than given");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_hooks hooks = {NULL, introduce, refuse, never};
    struct store store;
    struct store_ring *ring;
    uint8_t *shared, *console;
    size_t at = 0;

    if (!store_init(&store, &hooks))
        return 0;
    ring = fuzz_allocate(sizeof(*ring));
    shared = fuzz_allocate(PAGE_BYTES);
    console = fuzz_allocate(PAGE_BYTES);
    store_ring_open(ring, (void *)shared, &store, store_connect(&store, 1));
    while (size - at >= HEADER_BYTES) {
        uint32_t offset = (data[at] | data[at + 1] << 8) % (2 * PAGE_BYTES), bytes = data[at + 2];
        uint8_t *page = offset < PAGE_BYTES ? shared : console;

        offset %= PAGE_BYTES;
        at += HEADER_BYTES;
        if (bytes > size - at)
            bytes = (uint32_t)(size - at);
        if (bytes > PAGE_BYTES - offset)
            bytes = PAGE_BYTES - offset;
        memcpy(page + offset, data + at, bytes);
        at += bytes;
        for (int turn = 0; turn < TURNS && (store_ring_work(ring) & RING_MORE); turn++)
            ;
        store_ring_flush(ring);
        serve_console((void *)console);
    }
    store_end(&store);
    free(ring);
    free(shared);
    free(console);
    return 0;
}
