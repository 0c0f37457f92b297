/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * target.c - a processor's registers as gdb numbers them
 *
 * EIP and ESP are linear addresses, for gdb knows no segments. The x87's registers are there by
 * gdb's rules and have no values. The second feature is ours: control registers, the ring, who runs
 * and the clock.
 */
#include "sim/gdb/stub.h"

#include <inttypes.h>

#define REGISTER(name, bits, type) "<reg name=\"" name "\" bitsize=\"" bits "\" type=\"" type "\"/>"
#define WORD(name)                 REGISTER(name, "32", "int32")
#define FLOAT(name)                REGISTER(name, "80", "i387_ext")
#define CONTROL(name)              "<reg name=\"" name "\" bitsize=\"32\" type=\"int\" group=\"float\"/>"

const char stub_target[] =
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
    "<architecture>i386</architecture><feature name=\"org.gnu.gdb.i386.core\">" WORD("eax")
        WORD("ecx") WORD("edx") WORD("ebx") REGISTER("esp", "32", "data_ptr") REGISTER(
            "ebp", "32", "data_ptr") WORD("esi") WORD("edi") REGISTER("eip", "32", "code_ptr")
            WORD("eflags") WORD("cs") WORD("ss") WORD("ds") WORD("es") WORD("fs") WORD("gs")
                FLOAT("st0") FLOAT("st1") FLOAT("st2") FLOAT("st3") FLOAT("st4") FLOAT("st5")
                    FLOAT("st6") FLOAT("st7") CONTROL("fctrl") CONTROL("fstat") CONTROL("ftag")
                        CONTROL("fiseg") CONTROL("fioff") CONTROL("foseg") CONTROL("fooff") CONTROL(
                            "fop") "</feature><feature name=\"org.xenolith.system\">" WORD("cr0")
                            WORD("cr2") WORD("cr3") WORD("cr4") WORD("ring") WORD("domain")
                                REGISTER("cycle", "64", "uint64") "</feature></target>";

enum {
    NUMBER_ESP = 4,
    NUMBER_EIP = 8,
    NUMBER_EFLAGS,
    NUMBER_CS,
    NUMBER_ST = 16,
    NUMBER_FCTRL = 24,
    NUMBER_CR0 = 32,
    NUMBER_RING = 36,
    NUMBER_DOMAIN,
    NUMBER_CYCLE
};

/* gdb's order of segments in that of struct cpu_registers: cs ss ds es fs gs. */
static const uint8_t segments[6] = {1, 2, 3, 0, 4, 5};
static const uint8_t controls[4] = {0, 2, 3, 4};

/* The lowest byte first. */
static void put_bytes(uint64_t value, unsigned bytes, FILE *out)
{
    for (unsigned i = 0; i < bytes; i++)
        fprintf(out, "%02x", (unsigned)(value >> 8 * i & 0xff));
}

static uint32_t word_of(const struct cpu_registers *r, unsigned number)
{
    const uint32_t control[4] = {r->cr0, r->cr2, r->cr3, r->cr4};

    if (number == NUMBER_ESP)
        return r->base[2] + r->gpr[4];
    if (number < NUMBER_EIP)
        return r->gpr[number];
    if (number == NUMBER_EIP)
        return r->base[1] + r->eip;
    if (number == NUMBER_EFLAGS)
        return r->eflags;
    if (number < NUMBER_ST)
        return r->selector[segments[number - NUMBER_CS]];
    return number < NUMBER_RING ? control[number - NUMBER_CR0] : r->ring;
}

void stub_put_register(const struct inspect *inspect, unsigned cpu, unsigned number, FILE *out)
{
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[cpu], &r);
    if (number >= NUMBER_ST && number < NUMBER_CR0)
        for (unsigned i = 0; i < (number < NUMBER_FCTRL ? 10 : 4); i++)
            fputs("xx", out); /* not available */
    else if (number == NUMBER_CYCLE)
        put_bytes(cpu_clock(inspect->machine->cpu[cpu]), 8, out);
    else
        put_bytes(number == NUMBER_DOMAIN ? inspect->context[cpu] : word_of(&r, number), 4, out);
}

bool stub_set_register(const struct inspect *inspect, unsigned cpu, unsigned number,
                       const char *digits)
{
    struct cpu *processor = inspect->machine->cpu[cpu];
    struct cpu_registers r;
    uint8_t byte[4];
    uint32_t value;

    if (!gdb_bytes(digits, byte, sizeof(byte)))
        return false;
    value = byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
    cpu_registers(processor, &r);
    if (number < NUMBER_EIP) {
        cpu_write_general(processor, number, number == NUMBER_ESP ? value - r.base[2] : value);
        return true;
    }
    if (number == NUMBER_EIP) {
        cpu_write_eip(processor, value - r.base[1]);
        return true;
    }
    if (number == NUMBER_EFLAGS)
        return cpu_write_eflags(processor, value);
    if (number < NUMBER_ST)
        return value <= UINT16_MAX &&
               cpu_write_segment(processor, segments[number - NUMBER_CS], (uint16_t)value);
    return number >= NUMBER_CR0 && number < NUMBER_RING &&
           cpu_write_control(processor, controls[number - NUMBER_CR0], value);
}
