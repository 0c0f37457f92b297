/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.c - a ring of descriptors between the guest and the card
 *
 * The guest moves the tail, the card the head; what lies between, head included, is the card's
 * (SDM 3.2.6, 3.4). Both are numbers that the guest can set to anything: they are taken modulo the
 * ring's size.
 */
#include "sim/dev/nic/card.h"

uint32_t ring_size(const struct nic_ring *ring)
{
    return ring->base_high ? 0 : ring->bytes / DESCRIPTOR_BYTES;
}

uint32_t ring_given(const struct nic_ring *ring)
{
    uint32_t size = ring_size(ring);

    return size ? (ring->tail % size + size - ring->head % size) % size : 0;
}

/* Its whole range is reckoned in 64 bits: it may pass 4 GB. */
static bool place(const struct nic_ring *ring, uint32_t ahead, uint32_t *physical)
{
    uint32_t size = ring_size(ring);
    uint64_t at;

    if (!size)
        return false;
    at = ring->base_low + (uint64_t)((ring->head % size + ahead) % size) * DESCRIPTOR_BYTES;
    *physical = (uint32_t)at;
    return at <= UINT32_MAX - DESCRIPTOR_BYTES;
}

bool ring_read(struct nic *nic, const struct nic_ring *ring, uint32_t ahead, uint8_t *descriptor)
{
    uint32_t at;

    nic->counts.descriptors++;
    return place(ring, ahead, &at) &&
           pci_master_read(&nic->function, at, descriptor, DESCRIPTOR_BYTES);
}

bool ring_write(struct nic *nic, const struct nic_ring *ring, uint32_t ahead, uint32_t offset,
                const void *from, uint32_t bytes)
{
    uint32_t at;

    return place(ring, ahead, &at) && pci_master_write(&nic->function, at + offset, from, bytes);
}

void ring_advance(struct nic_ring *ring, uint32_t count)
{
    uint32_t size = ring_size(ring);

    if (size)
        ring->head = (uint16_t)((ring->head % size + count) % size);
}

bool ring_buffer(const uint8_t *descriptor, uint32_t *physical)
{
    *physical = get32(descriptor);
    return !get32(descriptor + 4);
}
