/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI's tables as include/pc/power.h reads them, and what is written to which port. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "include/pc/power.h"

#define MEMORY 0x200000u
#define RSDT   0x110000u
#define FADT   0x111000u
#define DSDT   0x112000u

static uint8_t memory[MEMORY];
static char ports[512]; /* what was written */
static uint32_t pm1a;

static uint32_t in(uint16_t port, unsigned bytes)
{
    (void)bytes;
    return port == 0x604 ? pm1a : 0;
}

static void out(uint16_t port, uint32_t value, unsigned bytes)
{
    size_t used = strlen(ports);

    if (port == 0xb2 && value == 0xf1)
        pm1a |= 1;
    if (port != 0x80 && port != 0x8900)
        snprintf(ports + used, sizeof(ports) - used, "%x=%x/%u ", port, value, bytes);
}

static bool read_memory(uint32_t at, void *to, size_t bytes)
{
    if (at > MEMORY || bytes > MEMORY - at)
        return false;
    memcpy(to, memory + at, bytes);
    return true;
}

static const struct pc_access pc = {.in = in, .out = out, .read = read_memory, .low = memory};

static void put32(uint32_t at, uint32_t value)
{
    memcpy(memory + at, &value, sizeof(value));
}

static void seal(uint32_t at, uint32_t bytes, uint32_t sum_at)
{
    uint8_t sum = 0;

    memory[at + sum_at] = 0;
    for (uint32_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + memory[at + i]);
    memory[at + sum_at] = (uint8_t)-sum;
}

static void make_table(uint32_t at, const char *signature, uint32_t bytes)
{
    memcpy(memory + at, signature, 4);
    put32(at + 4, bytes);
    seal(at, bytes, 9);
}

/* A PC's tables, the package at the DSDT's place `at`. */
static void make_tables(uint32_t at, const void *package, size_t bytes)
{
    memset(memory, 0, sizeof(memory));
    memcpy(memory + 0xf5000, "RSD PTR ", 8);
    put32(0xf5010, RSDT);
    seal(0xf5000, 20, 8);
    put32(RSDT + 36, 0x1ff000); /* a table that is none */
    put32(RSDT + 40, FADT);
    make_table(RSDT, "RSDT", 44);
    put32(FADT + 40, DSDT);
    put32(FADT + 48, 0xb2);
    memory[FADT + 52] = 0xf1;
    put32(FADT + 64, 0x604);
    put32(FADT + 112, 0x400);
    memory[FADT + 116] = 1;
    put32(FADT + 120, 0xcf9);
    memory[FADT + 128] = 0xf;
    make_table(FADT, "FACP", 129);
    memcpy(memory + DSDT + at, package, bytes);
    make_table(DSDT, "DSDT", 4096);
    ports[0] = '\0';
    pm1a = 0;
}

static const uint8_t bytes_5_and_0[] = "\x08_S5_\x12\x08\x04\x0a\x05\x0a\x00\x00\x00";

Test(pc_power, soft_off_wherever_the_package_lies)
{
    for (uint32_t at = 36; at < 600; at++) {
        struct acpi_power power;

        make_tables(at, bytes_5_and_0, sizeof(bytes_5_and_0));
        cr_assert(acpi_find(&pc, &power), "at %u", at);
        cr_expect(power.s5a == 5 && power.s5b == 0 && power.pm1a == 0x604 && power.pm1b == 0);
        cr_expect(power.smi_command == 0xb2 && power.enable == 0xf1 && power.reset == 0xcf9);
    }
}

static const struct {
    const char *what;
    uint8_t package[16];
    bool good;
    uint8_t s5a, s5b;
} packages[] = {
    {"zero and one", "\x08_S5_\x12\x06\x04\x00\x01\x00\x00", true, 0, 1},
    {"at the root", "\x08\\_S5_\x12\x08\x04\x0a\x07\x0a\x07", true, 7, 7},
    {"a length of two bytes", "\x08_S5_\x12\x4a\x00\x02\x0a\x05\x01", true, 5, 1},
    {"only used, not named", "\x09_S5_\x12\x08\x04\x0a\x05\x0a\x05", false, 0, 0},
    {"no package", "\x08_S5_\x0a\x05\x0a\x05", false, 0, 0},
    {"too few elements", "\x08_S5_\x12\x04\x01\x0a\x05", false, 0, 0},
};

Test(pc_power, packages)
{
    for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
        struct acpi_power power = {.s5a = 0};

        make_tables(100, packages[i].package, sizeof(packages[i].package));
        cr_expect_eq(acpi_find(&pc, &power), packages[i].good, "%s", packages[i].what);
        if (packages[i].good)
            cr_expect(power.s5a == packages[i].s5a && power.s5b == packages[i].s5b, "%s",
                      packages[i].what);
    }
}

Test(pc_power, refuses_tables_that_are_damaged)
{
    static const uint32_t places[] = {0xf5000,   0xf5013,   RSDT, RSDT + 5, FADT + 1,
                                      FADT + 41, FADT + 66, DSDT, DSDT + 6, DSDT + 4000};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct acpi_power power;

        make_tables(100, bytes_5_and_0, sizeof(bytes_5_and_0));
        memory[places[i]] ^= 0x10;
        cr_expect_not(acpi_find(&pc, &power), "byte %x", places[i]);
    }
}

Test(pc_power, off)
{
    make_tables(100, bytes_5_and_0, sizeof(bytes_5_and_0));
    pc_power_off(&pc, 3);
    cr_expect_str_eq(ports, "f4=3/1 b2=f1/1 604=3400/2 ", "%s", ports);
}

Test(pc_power, off_without_tables)
{
    memset(memory, 0, sizeof(memory));
    pc_power_off(&pc, 0);
    cr_expect_str_eq(ports, "f4=0/1 ", "%s", ports);
}

Test(pc_power, restart)
{
    make_tables(100, bytes_5_and_0, sizeof(bytes_5_and_0));
    pc_restart(&pc);
    cr_expect_str_eq(ports, "f4=0/1 cf9=f/1 64=fe/1 cf9=2/1 cf9=6/1 ", "%s", ports);
}
