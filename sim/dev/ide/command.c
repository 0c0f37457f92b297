/* SPDX-License-Identifier: GPL-2.0-only */
/* command.c - what a disk does with a command, from its first cycle to its interrupt */
#include "sim/dev/ide/channel.h"

#include <stdio.h>
#include <string.h>

#define SERVED (ATA_DRDY | ATA_DSC)

enum addressing { NO_ADDRESS, SHORT_ADDRESS, LONG_ADDRESS };

/* ---- endings --------------------------------------------------------------------------------- */

static unsigned busy_disk(const struct ide_channel *channel)
{
    unsigned number = (unsigned)(channel - channel->ide->channel);

    return number * IDE_DISKS + (unsigned)(channel->busy - channel->disk);
}

static void tell_begin(const struct ide_channel *channel, uint8_t code, bool addressed)
{
    const struct ide *ide = channel->ide;

    if (ide->began)
        ide->began(ide->world.machine, busy_disk(channel), code, addressed ? channel->sector : 0,
                   addressed ? channel->left : 0);
}

/* The command's last event, which is now or was before, tells the time. */
static void land(struct ide_channel *channel)
{
    struct cut *cut = &channel->busy->image->cut;
    uint64_t end, each;

    if (!cut->unknown)
        return;
    mechanics_landing(&channel->busy->mechanics, channel->first, cut->unknown, &end, &each);
    cut_landing(cut, channel->done.when, end, each);
}

void channel_end(struct ide_channel *channel, uint8_t status, uint8_t error, bool interrupt)
{
    land(channel);
    channel->busy->counts.errors += (status & ATA_ERR) != 0;
    channel->busy->counts.interrupts += interrupt;
    if (channel->ide->ended)
        channel->ide->ended(channel->ide->world.machine, busy_disk(channel),
                            (status & ATA_ERR) != 0);
    channel->status = SERVED | status;
    channel->error = error;
    channel->transfer = IDE_NOTHING;
    channel->busy = NULL;
    if (interrupt)
        channel_interrupt(channel, true);
}

void channel_look_for_trouble(struct ide_channel *channel)
{
    const char *trouble = channel->busy->image->trouble;

    if (*trouble && channel->ide->failed)
        channel->ide->failed(channel->ide->world.machine, trouble);
}

static void await(struct ide_channel *channel, enum ide_transfer transfer, uint64_t when)
{
    channel->transfer = transfer;
    channel->status = ATA_BSY;
    event_schedule(channel->ide->world.events, &channel->done, when);
}

/* The guest may take or give a sector. */
static void offer_buffer(struct ide_channel *channel, bool interrupt)
{
    channel->used = 0;
    channel->status = SERVED | ATA_DRQ;
    channel->busy->counts.interrupts += interrupt;
    if (interrupt)
        channel_interrupt(channel, true);
}

/* ---- IDENTIFY -------------------------------------------------------------------------------- */

static void set_word(uint8_t *data, unsigned word, uint64_t value)
{
    data[2 * word] = (uint8_t)value;
    data[2 * word + 1] = (uint8_t)(value >> 8);
}

/* Text is padded with spaces, and the bytes of each word stand in reverse (ATA-6, 8.15.8). */
static void set_text(uint8_t *data, unsigned word, unsigned bytes, const char *text)
{
    for (unsigned i = 0; i < bytes; i++)
        data[2 * word + (i ^ 1)] = (uint8_t)(i < strlen(text) ? text[i] : ' ');
}

static void identify(struct ide_channel *channel)
{
    uint64_t sectors = channel->busy->image->sectors, cylinders = sectors / ATA_HEADS / ATA_TRACK;
    uint64_t reachable = sectors < 0x0fffffff ? sectors : 0x0fffffff;
    uint8_t *data = channel->buffer;
    static const struct {
        uint8_t word;
        uint16_t value;
    } fixed[] = {
        {0, 0x0040},  {3, ATA_HEADS}, {6, ATA_TRACK}, {49, 0x0f00}, /* LBA, DMA, IORDY */
        {53, 0x0003}, {63, 0x0007},                                 /* multiword DMA 0-2 */
        {64, 0x0003}, {65, 120},      {66, 120},      {67, 120},
        {68, 120},    {80, 0x007e}, /* to ATA-6 */
        {82, 0x0020},               /* write cache */
        {83, 0x7400},               /* FLUSH CACHE, its 48-bit form, 48-bit addresses */
        {84, 0x4000}, {85, 0x0020},   {86, 0x3400},   {87, 0x4000},
    };

    memset(data, 0, SECTOR_BYTES);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
        set_word(data, fixed[i].word, fixed[i].value);
    set_word(data, 1, cylinders < 16383 ? cylinders : 16383);
    set_text(data, 10, 20, channel->busy == &channel->disk[0] ? "XL0001" : "XL0002");
    set_text(data, 23, 8, "1");
    set_text(data, 27, 40, "Xenolith disk");
    set_word(data, 60, reachable);
    set_word(data, 61, reachable >> 16);
    for (unsigned i = 0; i < 4; i++)
        set_word(data, 100 + i, sectors >> 16 * i);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void long_address(struct ide_channel *channel)
{
    channel->sector = 0;
    for (unsigned i = 0; i < 3; i++)
        channel->sector |= (uint64_t)channel->address[i][0] << 8 * i |
                           (uint64_t)channel->address[i][1] << (24 + 8 * i);
    channel->left = channel->count[0] | (uint64_t)channel->count[1] << 8;
    if (!channel->left)
        channel->left = 65536;
}

/* An address by cylinder whose sector is 0, and there is none, lies beyond every disk. */
static void short_address(struct ide_channel *channel)
{
    uint32_t low = channel->address[0][0], head = channel->select & 0x0f;
    uint32_t upper = channel->address[1][0] | (uint32_t)channel->address[2][0] << 8;

    channel->left = channel->count[0] ? channel->count[0] : 256;
    if (channel->select & ATA_LBA)
        channel->sector = low | upper << 8 | head << 24;
    else if (low)
        channel->sector = ((uint64_t)upper * ATA_HEADS + head) * ATA_TRACK + low - 1;
    else
        channel->sector = UINT64_MAX;
}

static bool within_disk(const struct ide_channel *channel)
{
    uint64_t sectors = channel->busy->image->sectors;

    return channel->sector < sectors && channel->left <= sectors - channel->sector;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void begin_read(struct ide_channel *channel, uint64_t now)
{
    struct mechanics *mechanics = &channel->busy->mechanics;
    uint64_t end = mechanics_read(mechanics, now, channel->sector, channel->left);
    uint64_t first = mechanics_arrived(mechanics, channel->sector + 1);
    uint64_t least = now + mechanics_overhead(mechanics);

    first = first > least ? first : least;
    await(channel, IDE_PORT_READ, first < end ? first : end);
}

static const struct row {
    uint8_t code;
    enum addressing addressing;
    enum ide_transfer transfer;
} rows[] = {
    {0x20, SHORT_ADDRESS, IDE_PORT_READ},  {0x21, SHORT_ADDRESS, IDE_PORT_READ},
    {0x24, LONG_ADDRESS, IDE_PORT_READ},   {0x30, SHORT_ADDRESS, IDE_PORT_WRITE},
    {0x31, SHORT_ADDRESS, IDE_PORT_WRITE}, {0x34, LONG_ADDRESS, IDE_PORT_WRITE},
    {0xc8, SHORT_ADDRESS, IDE_DMA_READ},   {0xc9, SHORT_ADDRESS, IDE_DMA_READ},
    {0x25, LONG_ADDRESS, IDE_DMA_READ},    {0xca, SHORT_ADDRESS, IDE_DMA_WRITE},
    {0xcb, SHORT_ADDRESS, IDE_DMA_WRITE},  {0x35, LONG_ADDRESS, IDE_DMA_WRITE},
    {0x40, SHORT_ADDRESS, IDE_WAIT},       {0x41, SHORT_ADDRESS, IDE_WAIT}, /* READ VERIFY */
    {0x42, LONG_ADDRESS, IDE_WAIT},        {0xec, NO_ADDRESS, IDE_IDENTIFY},
    {0xe7, NO_ADDRESS, IDE_WAIT},          {0xea, NO_ADDRESS, IDE_WAIT}, /* FLUSH CACHE */
    {0x10, NO_ADDRESS, IDE_NOTHING},                                     /* RECALIBRATE */
    {0x91, NO_ADDRESS, IDE_NOTHING}, /* INITIALIZE DEVICE PARAMETERS */
    {0xe0, NO_ADDRESS, IDE_NOTHING},       {0xe1, NO_ADDRESS, IDE_NOTHING}, /* STANDBY, IDLE */
    {0xe2, NO_ADDRESS, IDE_NOTHING},       {0xe3, NO_ADDRESS, IDE_NOTHING},
    {0xe5, NO_ADDRESS, IDE_NOTHING},       {0xef, NO_ADDRESS, IDE_NOTHING}, /* SET FEATURES */
};

static const struct row *row_of(uint8_t code)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].code == code)
            return &rows[i];
    return NULL;
}

static void begin(struct ide_channel *channel, const struct row *row, uint64_t now)
{
    struct mechanics *mechanics = &channel->busy->mechanics;
    uint64_t soon = now + mechanics_overhead(mechanics);

    switch (row->transfer) {
    case IDE_PORT_READ:
        begin_read(channel, now);
        break;
    case IDE_PORT_WRITE:
        channel->transfer = IDE_PORT_WRITE;
        offer_buffer(channel, false); /* the first without an interrupt (ATA-6, 9.6) */
        break;
    case IDE_DMA_READ:
    case IDE_DMA_WRITE:
        channel->transfer = row->transfer;
        channel->status = ATA_BSY;
        channel_start_dma(channel, now);
        break;
    case IDE_WAIT:
        await(channel, IDE_WAIT,
              row->addressing == NO_ADDRESS
                  ? mechanics_flush(mechanics, now)
                  : mechanics_read(mechanics, now, channel->sector, channel->left));
        break;
    default:
        if (row->code == 0xe5)
            channel->count[0] = 0xff; /* CHECK POWER MODE: active */
        await(channel, row->transfer == IDE_IDENTIFY ? IDE_IDENTIFY : IDE_WAIT, soon);
    }
}

void channel_command(struct ide_channel *channel, uint8_t code, uint64_t now)
{
    const struct row *row = row_of(code);

    channel->busy->counts.commands++;
    channel->error = 0;
    if (!row) {
        tell_begin(channel, code, false);
        channel_end(channel, ATA_ERR, ATA_ABRT, true);
        return;
    }
    if (row->addressing == SHORT_ADDRESS)
        short_address(channel);
    else if (row->addressing == LONG_ADDRESS)
        long_address(channel);
    channel->first = channel->sector;
    tell_begin(channel, code, row->addressing != NO_ADDRESS);
    if (row->addressing != NO_ADDRESS && !within_disk(channel))
        channel_end(channel, ATA_ERR, ATA_IDNF, true);
    else
        begin(channel, row, now);
}

/* ---- data through the port ------------------------------------------------------------------- */

static void next_read(struct ide_channel *channel, uint64_t now)
{
    uint64_t arrived;

    channel->busy->counts.sectors_read++;
    channel->sector++;
    if (!--channel->left) {
        channel_end(channel, 0, 0, false);
        return;
    }
    arrived = mechanics_arrived(&channel->busy->mechanics, channel->sector + 1);
    await(channel, IDE_PORT_READ, arrived > now ? arrived : now);
}

/* The buffer takes sector by sector; the arm moves when it has the last. */
static void next_write(struct ide_channel *channel, uint64_t now)
{
    struct mechanics *mechanics = &channel->busy->mechanics;
    uint64_t when;

    if (!image_write(channel->busy->image, channel->sector, channel->buffer)) {
        channel_look_for_trouble(channel);
        channel_end(channel, ATA_ERR | ATA_DF, ATA_ABRT, true);
        return;
    }
    channel->busy->counts.sectors_written++;
    channel->sector++;
    if (--channel->left)
        when = now + mechanics_cable(mechanics, SECTOR_BYTES);
    else
        when = mechanics_write(mechanics, now, channel->first, channel->sector - channel->first);
    await(channel, IDE_PORT_WRITE, when);
}

void channel_buffer_done(struct ide_channel *channel, uint64_t now)
{
    channel->used = 0;
    if (channel->transfer == IDE_PORT_READ)
        next_read(channel, now);
    else if (channel->transfer == IDE_PORT_WRITE)
        next_write(channel, now);
    else
        channel_end(channel, 0, 0, false);
}

/* ---- what the disk has done ------------------------------------------------------------------ */

static void fire(void *owner, uint64_t when)
{
    struct ide_channel *channel = owner;

    (void)when;
    switch (channel->transfer) {
    case IDE_PORT_READ:
        image_read(channel->busy->image, channel->sector, channel->buffer);
        channel_look_for_trouble(channel);
        offer_buffer(channel, true);
        break;
    case IDE_PORT_WRITE:
        if (channel->left)
            offer_buffer(channel, true);
        else
            channel_end(channel, 0, 0, true);
        break;
    case IDE_IDENTIFY:
        identify(channel);
        offer_buffer(channel, true);
        break;
    case IDE_DMA_READ:
    case IDE_DMA_WRITE:
        channel_move_dma(channel);
        break;
    default:
        channel_end(channel, 0, 0, true);
    }
}

void channel_open(struct ide_channel *channel)
{
    channel->done = (struct event){.fire = fire, .owner = channel};
}
