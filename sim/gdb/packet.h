/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h - gdb's remote protocol, byte by byte: packets in, packets out
 *
 * "$", the body, "#" and two hexadecimal digits, the sum of the body's bytes (gdb's manual, E.1).
 * "}" stands before a byte that is xored with 0x20. Whatever else comes is passed over.
 */
#ifndef XENOLITH_SIM_GDB_PACKET_H
#define XENOLITH_SIM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PACKET_BYTES 0x4000

enum gdb_event {
    GDB_NOTHING,   /* yet */
    GDB_PACKET,    /* packet->body is whole */
    GDB_BAD,       /* its sum is wrong, or it is too long: it is to be sent again */
    GDB_INTERRUPT, /* the user wants a stop */
    GDB_GARBAGE    /* a byte that belongs to nothing */
};

struct gdb_packet {
    char body[GDB_PACKET_BYTES + 1]; /* with a NUL at its end */
    size_t length;
    enum { GDB_OUTSIDE, GDB_INSIDE, GDB_ESCAPED, GDB_FIRST_DIGIT, GDB_LAST_DIGIT } state;
    bool too_long;
    uint8_t sum, digits;
};

/* The next byte that came. */
enum gdb_event gdb_packet_byte(struct gdb_packet *packet, uint8_t byte);

/* Hexadecimal digits to a number, up to the first character that is none, which *text then points
 * at. False: there are no digits, or more than the number has. */
bool gdb_number(const char **text, uint64_t *number);

/* `count` bytes of two digits each. False: there are not so many. */
bool gdb_bytes(const char *text, uint8_t *bytes, size_t count);

/* A packet around a body: bytes of `out`, which has room for 2 * length + 4. Returns their number.
 */
size_t gdb_packet_make(char *out, const char *body, size_t length);

#endif
