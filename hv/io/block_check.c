/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block_check.c - what a front end may ask for
 *
 * The request is a copy that nobody changes. Every number in it is the guest's: each is held
 * against its limit before it is used, sums without overflow.
 */
#include "hv/io/vbd.h"

static bool writes_disk(const struct blkif_request *request)
{
    return request->operation != BLKIF_OP_READ;
}

/* Sectors of all segments; false: a segment is no part of a page. */
static bool count_sectors(const struct blkif_request *request, uint32_t *sectors)
{
    *sectors = 0;
    for (unsigned i = 0; i < request->nr_segments; i++) {
        const struct blkif_request_segment *s = &request->seg[i];

        if (s->first_sect > s->last_sect || s->last_sect >= SEGMENT_SECTORS)
            return false;
        *sectors += s->last_sect - s->first_sect + 1u;
    }
    return true;
}

int16_t block_check(const struct vbd *vbd, const struct blkif_request *request)
{
    bool may_be_empty = request->operation == BLKIF_OP_FLUSH_DISKCACHE ||
                        request->operation == BLKIF_OP_WRITE_BARRIER;
    uint32_t sectors;

    if (request->operation > BLKIF_OP_FLUSH_DISKCACHE)
        return BLKIF_RSP_EOPNOTSUPP;
    if (request->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST ||
        (request->nr_segments == 0 && !may_be_empty) || !count_sectors(request, &sectors))
        return BLKIF_RSP_ERROR;
    if (vbd->read_only && writes_disk(request))
        return BLKIF_RSP_ERROR;
    if (sectors > 0 &&
        (request->sector_number >= vbd->sectors || sectors > vbd->sectors - request->sector_number))
        return BLKIF_RSP_ERROR;
    return BLKIF_RSP_OKAY;
}

/* The extent that a sector of the VBD lies in, and where. */
static const struct xenolith_io_extent *find_extent(const struct vbd *vbd, uint64_t sector,
                                                    uint64_t *within)
{
    const struct xenolith_io_extent *e = vbd->extent;

    for (; sector >= e->sectors; e++)
        sector -= e->sectors;
    *within = sector;
    return e;
}

unsigned block_lay_out(const struct vbd *vbd, const struct blkif_request *request,
                       struct vbd_request *result)
{
    uint64_t sector = request->sector_number, within;
    const struct xenolith_io_extent *last = NULL;
    unsigned parts = 0;

    for (unsigned i = 0; i < request->nr_segments; i++) {
        const struct blkif_request_segment *s = &request->seg[i];

        for (uint32_t first = s->first_sect; first <= s->last_sect;) {
            const struct xenolith_io_extent *e = find_extent(vbd, sector, &within);
            uint32_t n = (uint32_t)MIN((uint64_t)s->last_sect - first + 1, e->sectors - within);
            struct disk_transfer *t = &result->part[parts ? parts - 1 : 0];

            if (e != last) {
                t = &result->part[parts++];
                *t = (struct disk_transfer){.disk = (uint8_t)e->disk,
                                            .sector = e->first + within,
                                            .write = writes_disk(request)};
            }
            last = e;
            t->region[t->regions++] =
                (struct disk_region){result->segment[i].frame, (uint16_t)(first * SECTOR_BYTES),
                                     (uint16_t)(n * SECTOR_BYTES)};
            t->sectors += n;
            first += n;
            sector += n;
        }
    }
    return parts;
}
