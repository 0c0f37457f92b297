/* SPDX-License-Identifier: GPL-2.0-only */
/* cut.c - see cut.h */
#include "sim/dev/ide/image.h"

#include <stdlib.h>
#include <string.h>

struct cut_sector {
    uint64_t sector, until; /* cycle at which the platter has it; UINT64_MAX: not known yet */
    uint8_t before[SECTOR_BYTES];
};

static void drop_landed(struct cut *cut, uint64_t now)
{
    while (cut->first < cut->count && cut->sector[cut->first].until <= now)
        cut->first++;
    if (cut->first < cut->count && cut->first < cut->room / 2)
        return;
    cut->count -= cut->first;
    memmove(cut->sector, cut->sector + cut->first, cut->count * sizeof(*cut->sector));
    cut->first = 0;
}

bool cut_note(struct cut *cut, uint64_t sector, const uint8_t *before)
{
    if (cut->count == cut->room) {
        size_t room = cut->room ? 2 * cut->room : 1024;
        struct cut_sector *more = realloc(cut->sector, room * sizeof(*more));

        if (!more)
            return false;
        cut->sector = more;
        cut->room = room;
    }
    struct cut_sector *noted = &cut->sector[cut->count++];

    noted->sector = sector;
    noted->until = UINT64_MAX;
    memcpy(noted->before, before, SECTOR_BYTES);
    cut->unknown++;
    return true;
}

void cut_landing(struct cut *cut, uint64_t now, uint64_t end, uint64_t each)
{
    for (; cut->unknown; cut->unknown--)
        cut->sector[cut->count - cut->unknown].until = end - (cut->unknown - 1) * each;
    if (cut->count)
        drop_landed(cut, now);
}

void cut_power(struct image *image, uint64_t now)
{
    struct cut *cut = &image->cut;

    cut->kept = false; /* what is put back is no write of the machine's */
    while (cut->count > cut->first) {
        const struct cut_sector *noted = &cut->sector[--cut->count];

        if (noted->until > now)
            image_write(image, noted->sector, noted->before);
    }
}

void cut_free(struct cut *cut)
{
    free(cut->sector);
    *cut = (struct cut){0};
}
