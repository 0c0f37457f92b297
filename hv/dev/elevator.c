/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elevator.c - in which order a disk does what waits for it
 *
 * The elevator of Linux 2.4, of which Xen had a copy in 2003: sorted by sector in one direction,
 * from where the arm is to the end and then from the beginning. A newcomer goes to the last place
 * where it lies between its neighbours, but passes each of the others only so often.
 */
#include "hv/dev/disk.h"

#define PASSED_READ  8192
#define PASSED_WRITE 16384

/* Whether `sector` lies between two neighbours, the second of which may begin a new sweep. */
static bool between(uint64_t before, uint64_t sector, uint64_t after)
{
    if (before <= after)
        return before <= sector && sector < after;
    return before <= sector || sector < after;
}

void elevator_insert(struct disk_transfer **list, struct disk_transfer *transfer, uint64_t position)
{
    struct disk_transfer **place = NULL, **link = list;
    uint64_t before = position;

    transfer->passed = transfer->write ? PASSED_WRITE : PASSED_READ;
    for (; *link; link = &(*link)->next) {
        if (between(before, transfer->sector, (*link)->sector))
            place = link;
        if ((*link)->passed == 0)
            place = NULL; /* only behind it */
        before = (*link)->sector;
    }
    if (!place || between(before, transfer->sector, position))
        place = link;
    transfer->next = *place;
    *place = transfer;
    for (struct disk_transfer *t = transfer->next; t; t = t->next)
        t->passed--;
}

struct disk_transfer *elevator_take(struct disk_transfer **list, uint32_t sectors)
{
    struct disk_transfer *first = *list, *last = first;
    uint32_t taken = first->sectors;

    while (last->next && last->next->write == first->write &&
           last->next->sector == last->sector + last->sectors &&
           taken + last->next->sectors <= sectors) {
        last = last->next;
        taken += last->sectors;
    }
    *list = last->next;
    last->next = NULL;
    return first;
}
