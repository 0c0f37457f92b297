/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/pic.h"

#define CASCADE 2 /* the master's line to the slave */

/* The number of the most important set bit, 8 if there is none. */
static unsigned first_bit(uint8_t bits)
{
    return bits ? (unsigned)__builtin_ctz(bits) : 8;
}

/* The line to serve next, 8 if nothing beats what is in service. */
static unsigned candidate(const struct pic *chip)
{
    unsigned line = first_bit(chip->irr & ~chip->mask);

    return line < first_bit(chip->isr) ? line : 8;
}

static void changed(struct pic_pair *pair)
{
    struct pic *master = &pair->chip[0];

    if (candidate(&pair->chip[1]) < 8)
        master->irr |= 1u << CASCADE;
    else
        master->irr &= ~(1u << CASCADE);
    pair->changed(pair->machine);
}

bool pic_listens(const struct pic_pair *pair, unsigned line)
{
    return !(pair->chip[0].mask >> line & 1);
}

bool pic_wants(const struct pic_pair *pair)
{
    return candidate(&pair->chip[0]) < 8;
}

static unsigned take(struct pic *chip)
{
    unsigned line = candidate(chip);

    if (line == 8)
        return 7; /* spurious: nothing goes into service */
    chip->irr &= ~(1u << line);
    if (!chip->auto_eoi)
        chip->isr |= 1u << line;
    return line;
}

int pic_acknowledge(struct pic_pair *pair)
{
    unsigned line = take(&pair->chip[0]);
    int vector = pair->chip[0].base + (int)line;

    if (line == CASCADE)
        vector = pair->chip[1].base + (int)take(&pair->chip[1]);
    changed(pair);
    return vector;
}

void pic_line(struct pic_pair *pair, unsigned line, bool level)
{
    struct pic *chip = &pair->chip[line / 8];
    uint8_t bit = (uint8_t)(1u << line % 8);

    if (level && !(chip->lines & bit))
        chip->irr |= bit;
    if (!level)
        chip->irr &= ~bit; /* the request must stay until it is acknowledged */
    chip->lines = level ? chip->lines | bit : chip->lines & ~bit;
    changed(pair);
}

/* ---- registers ------------------------------------------------------------------------------- */

static struct pic *chip_at(struct pic_pair *pair, uint32_t port)
{
    return &pair->chip[port >= 0xa0];
}

uint32_t pic_read(void *device, const struct access *access)
{
    const struct pic *chip = chip_at(device, access->address);

    if (access->address & 1)
        return chip->mask;
    return chip->read_isr ? chip->isr : chip->irr;
}

static void start_initialisation(struct pic_pair *pair, struct pic *chip, uint32_t icw1)
{
    if (icw1 & 0x0a)
        device_refuse(&pair->world,
                      "the 8259 was initialised with 0x%x: level-triggered or single mode is not "
                      "implemented",
                      icw1);
    *chip = (struct pic){.lines = chip->lines, .init_step = 2, .wants_icw4 = icw1 & 1};
}

static void initialisation_word(struct pic_pair *pair, struct pic *chip, uint32_t value)
{
    switch (chip->init_step) {
    case 2:
        chip->base = value & 0xf8;
        chip->init_step = 3;
        break;
    case 3: /* how the two are wired, which is fixed on a PC */
        chip->init_step = chip->wants_icw4 ? 4 : 0;
        break;
    default:
        if (value & 0x10)
            device_refuse(&pair->world, "the 8259's special fully nested mode is not implemented");
        chip->auto_eoi = value & 2;
        chip->init_step = 0;
    }
}

/* Operation control word 2: bits 7-5 say what, 2-0 which line. */
static void end_of_interrupt(struct pic_pair *pair, struct pic *chip, uint32_t value)
{
    switch (value >> 5) {
    case 1:
        chip->isr &= chip->isr - 1; /* the most important one is the lowest bit */
        break;
    case 2:
        break; /* no operation */
    case 3:
        chip->isr &= ~(1u << (value & 7));
        break;
    default:
        device_refuse(&pair->world,
                      "the 8259 was given command 0x%x: rotating priorities are not "
                      "implemented",
                      value);
    }
}

static void control_word_3(struct pic_pair *pair, struct pic *chip, uint32_t value)
{
    if (value & 4 || (value & 0x60) == 0x60)
        device_refuse(&pair->world,
                      "the 8259 was given command 0x%x: poll and special mask modes are not "
                      "implemented",
                      value);
    if (value & 2)
        chip->read_isr = value & 1;
}

void pic_write(void *device, const struct access *access, uint32_t value)
{
    struct pic_pair *pair = device;
    struct pic *chip = chip_at(pair, access->address);

    if (access->address & 1) {
        if (chip->init_step)
            initialisation_word(pair, chip, value);
        else
            chip->mask = (uint8_t)value;
    } else if (value & 0x10) {
        start_initialisation(pair, chip, value);
    } else if (value & 0x08) {
        control_word_3(pair, chip, value);
    } else {
        end_of_interrupt(pair, chip, value);
    }
    changed(pair);
}

void pic_open(struct pic_pair *pair)
{
    /* As a PC's firmware leaves them, all lines but the cascade masked. */
    pair->chip[0] = (struct pic){.base = 0x08, .mask = 0xfb};
    pair->chip[1] = (struct pic){.base = 0x70, .mask = 0xff};
}
