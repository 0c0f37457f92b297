/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/ide/mechanics.h"

#include "sim/dev/device.h"
#include "sim/dev/ide/image.h"

#define SHARE_BITS 32 /* of a share of the tracks, as a fixed-point number */

static uint64_t microseconds(const struct mechanics *disk, uint64_t count)
{
    return scale(count, disk->hz, 1000000);
}

static uint64_t rotation(const struct mechanics *disk)
{
    return scale(60, disk->hz, disk->costs->disk_rpm);
}

uint64_t mechanics_overhead(const struct mechanics *disk)
{
    return microseconds(disk, disk->costs->disk_hit);
}

uint64_t mechanics_cable(const struct mechanics *disk, uint64_t bytes)
{
    return scale(bytes, disk->hz, disk->costs->disk_cable * 1000000);
}

/* ---- where sectors are ----------------------------------------------------------------------- */

struct place {
    uint64_t track, offset, length; /* sectors from its beginning; sectors it has */
};

static uint64_t track_length(const struct device_costs *costs, uint64_t zone)
{
    uint64_t outer = costs->disk_track_outer, inner = costs->disk_track_inner;

    if (costs->disk_zones < 2 || inner >= outer)
        return outer;
    return outer - scale(outer - inner, zone, costs->disk_zones - 1);
}

/* Beyond the disk's own capacity its last zone goes on. */
static struct place place_of(const struct mechanics *disk, uint64_t sector)
{
    const struct device_costs *costs = disk->costs;
    uint64_t zone_sectors = (costs->disk_sectors + costs->disk_zones - 1) / costs->disk_zones;
    struct place place = {0, sector, track_length(costs, 0)};

    for (uint64_t zone = 0; zone + 1 < costs->disk_zones && place.offset >= zone_sectors; zone++) {
        place.track += (zone_sectors + place.length - 1) / place.length;
        place.offset -= zone_sectors;
        place.length = track_length(costs, zone + 1);
    }
    place.track += place.offset / place.length;
    place.offset %= place.length;
    return place;
}

/* ---- arm and platter ------------------------------------------------------------------------- */

static uint64_t square_root(uint64_t value)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= value)
            root |= bit;
    return root;
}

static uint64_t seek_cycles(const struct mechanics *disk, uint64_t to, bool is_write)
{
    const struct device_costs *costs = disk->costs;
    uint64_t tracks = place_of(disk, costs->disk_sectors - 1).track + 1;
    uint64_t crossed = to > disk->track ? to - disk->track : disk->track - to;
    uint64_t longest = costs->disk_full_seek > costs->disk_track_seek
                           ? costs->disk_full_seek - costs->disk_track_seek
                           : 0;
    uint64_t share, curve;

    if (!crossed)
        return 0;
    share = scale(crossed < tracks ? crossed : tracks, (UINT64_C(1) << SHARE_BITS) - 1, tracks);
    curve = costs->disk_seek_root * (square_root(share) << SHARE_BITS / 2) +
            (1000 - costs->disk_seek_root) * share;
    return microseconds(disk, costs->disk_track_seek + (is_write ? costs->disk_write_settle : 0)) +
           scale(microseconds(disk, longest), curve, UINT64_C(1000) << SHARE_BITS);
}

/* How long `count` sectors take below the head, with the steps from track to track. */
static uint64_t media_cycles(const struct mechanics *disk, uint64_t sector, uint64_t count)
{
    uint64_t step = microseconds(disk, disk->costs->disk_track_seek), cycles = 0;

    while (count) {
        struct place place = place_of(disk, sector);
        uint64_t here = place.length - place.offset;

        if (here > count)
            here = count;
        cycles += scale(here, rotation(disk), place.length);
        count -= here;
        sector += here;
        if (count)
            cycles += step;
    }
    return cycles;
}

/* Moves the arm to a sector and waits for it; returns when that is, from `at` on. */
static uint64_t reach(struct mechanics *disk, uint64_t at, uint64_t sector, bool is_write)
{
    struct place place = place_of(disk, sector);
    uint64_t turn = rotation(disk), seek = seek_cycles(disk, place.track, is_write);
    uint64_t skew = microseconds(disk, disk->costs->disk_track_seek) % turn;
    uint64_t angle = (scale(place.offset, turn, place.length) +
                      (uint64_t)((unsigned __int128)place.track * skew % turn)) %
                     turn;
    uint64_t wait = (angle + turn - (at + seek) % turn) % turn;

    disk->counts.seeks += seek != 0;
    disk->counts.cycles_seek += seek;
    disk->counts.cycles_rotation += wait;
    disk->track = place.track;
    return at + seek + wait;
}

static uint64_t later(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* Sectors pass below the head from `begin` on; returns when the last has. */
static uint64_t pass(struct mechanics *disk, uint64_t begin, uint64_t sector, uint64_t count)
{
    uint64_t cycles = media_cycles(disk, sector, count);

    disk->counts.cycles_transfer += cycles;
    disk->track = place_of(disk, sector + count - 1).track;
    return disk->busy_until = begin + cycles;
}

/* ---- reading --------------------------------------------------------------------------------- */

uint64_t mechanics_arrived(const struct mechanics *disk, uint64_t end)
{
    if (end <= disk->ahead.ready)
        return 0;
    if (end <= disk->ahead.from)
        return disk->ahead.begin;
    return disk->ahead.begin + media_cycles(disk, disk->ahead.from, end - disk->ahead.from);
}

static uint64_t ahead_sectors(const struct mechanics *disk)
{
    return disk->costs->disk_read_ahead / SECTOR_BYTES;
}

/* The buffer has the sectors, or will in a moment: the disk reads on. */
static void read_on(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count)
{
    uint64_t last = sector + count + ahead_sectors(disk);
    uint64_t reached = mechanics_arrived(disk, sector);

    disk->counts.buffer_hits++;
    if (last <= disk->ahead.last)
        return;
    if (mechanics_arrived(disk, disk->ahead.last) > now) {
        if (sector > disk->ahead.from) {
            disk->ahead.begin = reached;
            disk->ahead.from = sector;
        }
    } else { /* it had stopped: the arm must find the place again */
        disk->ahead.ready = disk->ahead.from = disk->ahead.last;
        disk->ahead.begin = reach(disk, later(now, disk->busy_until), disk->ahead.last, false);
    }
    disk->ahead.last = last;
}

static bool in_buffer(const struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count)
{
    if (sector < disk->ahead.first || sector >= disk->ahead.last)
        return false;
    return sector + count <= disk->ahead.last || mechanics_arrived(disk, disk->ahead.last) > now;
}

uint64_t mechanics_read(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count)
{
    uint64_t cable = mechanics_cable(disk, count * SECTOR_BYTES);
    uint64_t begin = now + microseconds(disk, disk->costs->disk_command), end;

    if (in_buffer(disk, now, sector, count)) {
        read_on(disk, now, sector, count);
        return later(now + mechanics_overhead(disk) + cable,
                     mechanics_arrived(disk, sector + count));
    }
    begin = reach(disk, later(begin, disk->busy_until), sector, false);
    end = pass(disk, begin, sector, count);
    disk->ahead.first = disk->ahead.ready = disk->ahead.from = sector;
    disk->ahead.begin = begin;
    disk->ahead.last = sector + count + ahead_sectors(disk);
    return later(end, begin + cable);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void drop_written(struct mechanics *disk, uint64_t now)
{
    while (disk->writes && disk->write[disk->write_first].done <= now) {
        disk->write_bytes -= disk->write[disk->write_first].count * SECTOR_BYTES;
        disk->write_first = (disk->write_first + 1) % MECHANICS_WRITES;
        disk->writes--;
    }
}

/* When the write cache has room for so much, from `at` on. */
static uint64_t room_for(struct mechanics *disk, uint64_t at, uint64_t bytes)
{
    drop_written(disk, at);
    while (disk->writes == MECHANICS_WRITES ||
           (disk->writes && disk->write_bytes + bytes > disk->costs->disk_buffer)) {
        at = later(at, disk->write[disk->write_first].done);
        drop_written(disk, at);
    }
    return at;
}

/*
 * How many sectors from `sector` on, at most `count`, take the place of those of the newest waiting
 * write that has the first of them; 0: none has it, or the head is over that one from `at` on, and
 * *apart of them, at least one, are in no write that waits.
 */
static uint64_t replaced(struct mechanics *disk, uint64_t at, uint64_t sector, uint64_t count,
                         uint64_t *apart)
{
    *apart = count;
    for (unsigned i = disk->writes; i--;) {
        unsigned slot = (disk->write_first + i) % MECHANICS_WRITES;
        uint64_t first = disk->write[slot].sector, last = first + disk->write[slot].count;

        if (disk->write[slot].begin <= at)
            break; /* and those before it */
        if (sector >= first && sector < last) {
            disk->landed = later(disk->landed, disk->write[slot].done);
            return last - sector < *apart ? last - sector : *apart;
        }
        if (first > sector && first - sector < *apart)
            *apart = first - sector;
    }
    return 0;
}

/* The arm writes them, when it has nothing else to do; without a wait if they are the next. */
static uint64_t put_down(struct mechanics *disk, uint64_t at, uint64_t sector, uint64_t count,
                         bool cached)
{
    bool next = cached && disk->busy_until > at && disk->writes && sector == disk->write_next;
    uint64_t begin =
        next ? disk->busy_until : reach(disk, later(at, disk->busy_until), sector, true);

    disk->landed = pass(disk, begin, sector, count);
    return begin;
}

static uint64_t write_through(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count)
{
    uint64_t at = now + microseconds(disk, disk->costs->disk_command);

    put_down(disk, at, sector, count, false);
    return later(disk->landed, at + mechanics_cable(disk, count * SECTOR_BYTES));
}

/* Keeps sectors in the cache until they are written; returns when it has room for them. */
static uint64_t keep_cached(struct mechanics *disk, uint64_t at, uint64_t sector, uint64_t count)
{
    uint64_t bytes = count * SECTOR_BYTES, landed = disk->landed;
    unsigned slot;

    at = room_for(disk, at, bytes);
    slot = (disk->write_first + disk->writes) % MECHANICS_WRITES;
    disk->write[slot].begin = put_down(disk, at, sector, count, true);
    disk->write[slot].sector = sector;
    disk->write[slot].count = count;
    disk->write[slot].done = disk->landed;
    disk->writes++;
    disk->write_bytes += bytes;
    disk->write_next = sector + count;
    disk->landed = later(disk->landed, landed);
    return at;
}

uint64_t mechanics_write(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count)
{
    uint64_t bytes = count * SECTOR_BYTES, at;

    disk->ahead.first = disk->ahead.last = 0;
    if (!disk->costs->disk_write_cache || bytes > disk->costs->disk_buffer)
        return write_through(disk, now, sector, count);
    at = now + mechanics_overhead(disk) + mechanics_cable(disk, bytes);
    disk->landed = 0;
    while (count) {
        uint64_t apart, taken = replaced(disk, at, sector, count, &apart);

        if (!taken) {
            at = keep_cached(disk, at, sector, apart);
            taken = apart;
        }
        sector += taken;
        count -= taken;
    }
    return at;
}

uint64_t mechanics_flush(const struct mechanics *disk, uint64_t now)
{
    return later(now + mechanics_overhead(disk), disk->writes ? disk->busy_until : 0);
}

void mechanics_landing(const struct mechanics *disk, uint64_t first, uint64_t count, uint64_t *end,
                       uint64_t *each)
{
    *end = disk->landed;
    *each = media_cycles(disk, first, count) / count;
}
