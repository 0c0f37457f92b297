/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/gdb/packet.h"

#include <string.h>

enum { INTERRUPT_BYTE = 3, NUMBER_DIGITS = 16 };

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c > ' ' ? strchr(digits, c | 0x20) : NULL; /* capitals too */

    return at ? (int)(at - digits) : -1;
}

static void begin(struct gdb_packet *packet)
{
    packet->state = GDB_INSIDE;
    packet->length = 0;
    packet->sum = 0;
    packet->too_long = false;
}

static void add(struct gdb_packet *packet, uint8_t byte)
{
    if (packet->length == GDB_PACKET_BYTES)
        packet->too_long = true;
    else
        packet->body[packet->length++] = (char)byte;
}

static enum gdb_event inside(struct gdb_packet *packet, uint8_t byte)
{
    if (byte == '$') { /* the end of the one before was lost */
        begin(packet);
        return GDB_NOTHING;
    }
    if (byte == '#') {
        packet->state = GDB_FIRST_DIGIT;
        return GDB_NOTHING;
    }
    packet->sum += byte;
    if (packet->state == GDB_ESCAPED)
        add(packet, byte ^ 0x20);
    else if (byte != '}')
        add(packet, byte);
    packet->state = packet->state == GDB_INSIDE && byte == '}' ? GDB_ESCAPED : GDB_INSIDE;
    return GDB_NOTHING;
}

static enum gdb_event end(struct gdb_packet *packet, uint8_t byte)
{
    int low = digit((char)byte);
    bool first = packet->state == GDB_FIRST_DIGIT;

    if (low < 0) {
        packet->state = GDB_OUTSIDE;
        return GDB_BAD;
    }
    packet->digits = (uint8_t)(packet->digits << 4 | low);
    packet->state = first ? GDB_LAST_DIGIT : GDB_OUTSIDE;
    if (first)
        return GDB_NOTHING;
    packet->body[packet->length] = '\0';
    return packet->digits == packet->sum && !packet->too_long ? GDB_PACKET : GDB_BAD;
}

enum gdb_event gdb_packet_byte(struct gdb_packet *packet, uint8_t byte)
{
    switch (packet->state) {
    case GDB_INSIDE:
    case GDB_ESCAPED:
        return inside(packet, byte);
    case GDB_FIRST_DIGIT:
    case GDB_LAST_DIGIT:
        return end(packet, byte);
    default:
        break;
    }
    if (byte == '$')
        begin(packet);
    else if (byte == INTERRUPT_BYTE)
        return GDB_INTERRUPT;
    else if (byte != '+' && byte != '-')
        return GDB_GARBAGE;
    return GDB_NOTHING;
}

bool gdb_number(const char **text, uint64_t *number)
{
    unsigned digits = 0;

    *number = 0;
    for (int value; (value = digit(**text)) >= 0; (*text)++) {
        if (digits++ == NUMBER_DIGITS)
            return false;
        *number = *number << 4 | (unsigned)value;
    }
    return digits > 0;
}

bool gdb_bytes(const char *text, uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int high = digit(text[2 * i]), low = high < 0 ? -1 : digit(text[2 * i + 1]);

        if (low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

size_t gdb_packet_make(char *out, const char *body, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    uint8_t sum = 0;

    out[used++] = '$';
    for (size_t i = 0; i < length; i++) {
        char c = body[i];

        if (c == '$' || c == '#' || c == '}' || c == '*') {
            out[used++] = '}';
            sum += '}';
            c ^= 0x20;
        }
        out[used++] = c;
        sum += (uint8_t)c;
    }
    out[used++] = '#';
    out[used++] = digits[sum >> 4];
    out[used++] = digits[sum & 15];
    return used;
}
