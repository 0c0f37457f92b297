/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * power.c - switching a PC off, and starting it again
 *
 * ACPI: RSDP -> RSDT -> FADT -> DSDT. The FADT names the ports; the value to write is in a package
 * named \_S5 in the DSDT, which is byte code. No interpreter is needed for it: the name's four
 * letters are looked for, and a package must follow them. Tables may lie anywhere in memory and say
 * anything: lengths are held against limits, and sums are checked.
 */
#include "include/pc/power.h"
#include "include/freestanding/string.h"

#define EXIT_PORT     0xf4
#define BOCHS_PORT    0x8900
#define RESET_CONTROL 0xcf9 /* of Intel's chip sets */
#define RESET_PREPARE 0x02
#define RESET_NOW     0x06
#define KEYBOARD      0x64
#define KEYBOARD_BUSY 0x02
#define PULSE_RESET   0xfe
#define WAIT          100000 /* pc_delay()s */
#define RSDT_MOST     64     /* tables that are looked at */
#define DSDT_MOST     0x200000u

#define FADT_DSDT        40
#define FADT_SMI         48
#define FADT_ENABLE      52
#define FADT_PM1A        64
#define FADT_PM1B        68
#define FADT_FLAGS       112
#define FADT_RESET       116 /* a generic address: space, width, offset, size, address */
#define FADT_RESET_VALUE 128
#define FADT_READ        129
#define RESET_SUPPORTED  0x400u
#define SPACE_PORTS      1

#define SCI_ENABLED   0x0001u /* PM1 control */
#define SLP_TYP_SHIFT 10
#define SLP_ENABLE    0x2000u

#define NAME    0x08 /* AML (ACPI 6.4, 20.2) */
#define PACKAGE 0x12
#define BYTE    0x0a

struct table_header {
    char signature[4];
    uint32_t length;
    uint8_t revision, sum, oem[26];
};

static uint32_t word32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool sum_is_zero(const uint8_t *at, size_t bytes)
{
    uint8_t sum = 0;

    while (bytes-- > 0)
        sum = (uint8_t)(sum + *at++);
    return sum == 0;
}

/* The same of a table in memory. */
static bool table_is_whole(const struct pc_access *pc, uint32_t at, uint32_t length)
{
    uint8_t part[64], sum = 0;

    for (uint32_t done = 0; done < length;) {
        uint32_t n = length - done < sizeof(part) ? length - done : sizeof(part);

        if (!pc->read(at + done, part, n))
            return false;
        for (uint32_t i = 0; i < n; i++)
            sum = (uint8_t)(sum + part[i]);
        done += n;
    }
    return sum == 0;
}

static bool read_table(const struct pc_access *pc, uint32_t at, const char *signature,
                       struct table_header *header)
{
    return at && pc->read(at, header, sizeof(*header)) &&
           memcmp(header->signature, signature, sizeof(header->signature)) == 0 &&
           header->length >= sizeof(*header) && header->length <= DSDT_MOST &&
           table_is_whole(pc, at, header->length);
}

/* The RSDT's address; 0: there is none. The pointer lies on a boundary of 16 bytes. */
static uint32_t find_rsdt(const struct pc_access *pc)
{
    uint32_t ebda = (uint32_t)pc_low_word(pc, BIOS_EBDA_SEGMENT) << 4;
    const struct {
        uint32_t start, end;
    } places[] = {{ebda, ebda >= 0x400 && ebda < 0xa0000 ? ebda + 0x400 : 0}, {0xe0000, 0x100000}};

    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        for (uint32_t at = places[i].start; at + 20 <= places[i].end; at += 16) {
            if (memcmp(pc->low + at, "RSD PTR ", 8) == 0 && sum_is_zero(pc->low + at, 20))
                return word32(pc->low + at + 16);
        }
    }
    return 0;
}

/* One element of \_S5: a byte with its prefix, or 0 or 1, which have opcodes of their own. */
static uint8_t element(const uint8_t **at)
{
    const uint8_t *code = *at;

    if (*code == BYTE) {
        *at = code + 2;
        return code[1];
    }
    *at = code + 1;
    return *code;
}

/* `at` is behind a name's four letters: a package, its length in 1-4 bytes, how many elements. */
static bool read_s5(const uint8_t *at, struct acpi_power *power)
{
    if (*at++ != PACKAGE)
        return false;
    at += 1 + (*at >> 6);
    if (*at++ < 2)
        return false;
    power->s5a = element(&at) & 7;
    power->s5b = element(&at) & 7;
    return true;
}

static bool find_s5(const struct pc_access *pc, uint32_t dsdt, struct acpi_power *power)
{
    struct table_header header;
    uint8_t part[256];
    const unsigned needed = 18; /* NAME "\\" _S5_ PACKAGE length(4) count BYTE x BYTE x */

    if (!read_table(pc, dsdt, "DSDT", &header))
        return false;
    for (uint32_t at = sizeof(header) - 2; at < header.length; at += sizeof(part) - needed) {
        uint32_t n = header.length - at < sizeof(part) ? header.length - at : sizeof(part);

        memset(part, 0, sizeof(part));
        if (!pc->read(dsdt + at, part, n))
            return false;
        for (unsigned i = 2; i + needed - 2 <= sizeof(part); i++) {
            bool named = part[i - 1] == NAME || (part[i - 1] == '\\' && part[i - 2] == NAME);

            if (named && memcmp(part + i, "_S5_", 4) == 0 && read_s5(part + i + 4, power))
                return true;
        }
    }
    return false;
}

static bool read_fadt(const struct pc_access *pc, uint32_t at, const struct table_header *header,
                      struct acpi_power *power)
{
    uint8_t fadt[FADT_READ] = {0};

    if (!pc->read(at, fadt, header->length < FADT_READ ? header->length : FADT_READ))
        return false;
    *power = (struct acpi_power){.pm1a = (uint16_t)word32(fadt + FADT_PM1A),
                                 .pm1b = (uint16_t)word32(fadt + FADT_PM1B),
                                 .smi_command = (uint16_t)word32(fadt + FADT_SMI),
                                 .enable = fadt[FADT_ENABLE]};
    if (header->length >= FADT_READ && (word32(fadt + FADT_FLAGS) & RESET_SUPPORTED) &&
        fadt[FADT_RESET] == SPACE_PORTS) {
        power->reset = (uint16_t)word32(fadt + FADT_RESET + 4);
        power->reset_value = fadt[FADT_RESET_VALUE];
    }
    return power->pm1a && find_s5(pc, word32(fadt + FADT_DSDT), power);
}

bool acpi_find(const struct pc_access *pc, struct acpi_power *power)
{
    uint32_t rsdt = find_rsdt(pc);
    struct table_header header;

    if (!read_table(pc, rsdt, "RSDT", &header))
        return false;
    uint32_t tables = (header.length - (uint32_t)sizeof(header)) / 4;

    for (uint32_t i = 0; i < tables && i < RSDT_MOST; i++) {
        struct table_header fadt;
        uint8_t entry[4];

        if (!pc->read(rsdt + (uint32_t)sizeof(header) + i * 4, entry, sizeof(entry)))
            return false;
        if (read_table(pc, word32(entry), "FACP", &fadt))
            return read_fadt(pc, word32(entry), &fadt, power);
    }
    return false;
}

/* ---- off ------------------------------------------------------------------------------------- */

static void acpi_off(const struct pc_access *pc, const struct acpi_power *power)
{
    if (power->smi_command && power->enable && !(pc->in(power->pm1a, 2) & SCI_ENABLED)) {
        pc->out(power->smi_command, power->enable, 1);
        for (unsigned i = 0; i < WAIT && !(pc->in(power->pm1a, 2) & SCI_ENABLED); i++)
            pc_delay(pc);
    }
    pc->out(power->pm1a, (uint32_t)power->s5a << SLP_TYP_SHIFT | SLP_ENABLE, 2);
    if (power->pm1b)
        pc->out(power->pm1b, (uint32_t)power->s5b << SLP_TYP_SHIFT | SLP_ENABLE, 2);
    for (unsigned i = 0; i < WAIT; i++)
        pc_delay(pc);
}

void pc_power_off(const struct pc_access *pc, unsigned value)
{
    struct acpi_power power;

    pc->out(EXIT_PORT, value & 0xff, 1);
    for (const char *letter = "Shutdown"; *letter; letter++)
        pc->out(BOCHS_PORT, (uint8_t)*letter, 1);
    if (acpi_find(pc, &power))
        acpi_off(pc, &power);
}

void pc_restart(const struct pc_access *pc)
{
    struct acpi_power power;

    pc->out(EXIT_PORT, 0, 1);
    if (acpi_find(pc, &power) && power.reset) {
        pc->out(power.reset, power.reset_value, 1);
        for (unsigned i = 0; i < WAIT; i++)
            pc_delay(pc);
    }
    for (unsigned i = 0; i < WAIT && (pc->in(KEYBOARD, 1) & KEYBOARD_BUSY); i++)
        pc_delay(pc);
    pc->out(KEYBOARD, PULSE_RESET, 1);
    for (unsigned i = 0; i < WAIT; i++)
        pc_delay(pc);
    pc->out(RESET_CONTROL, RESET_PREPARE, 1);
    pc->out(RESET_CONTROL, RESET_NOW, 1);
    for (unsigned i = 0; i < WAIT; i++)
        pc_delay(pc);
}
