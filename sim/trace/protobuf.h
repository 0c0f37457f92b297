/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protobuf.h - the wire format of Protocol Buffers: fields of numbers, bytes and messages
 *
 * A message is built in memory, for its length comes before it. Encoding: protobuf.dev, "Encoding".
 */
#ifndef XENOLITH_SIM_TRACE_PROTOBUF_H
#define XENOLITH_SIM_TRACE_PROTOBUF_H

#include <stdint.h>
#include <string.h>

struct message {
    uint8_t byte[1024]; /* what does not fit is left out, and `full` says so */
    size_t used;
    int full;
};

enum { WIRE_VARINT = 0, WIRE_LENGTH = 2 };

static inline void message_bytes(struct message *message, const void *bytes, size_t count)
{
    if (count > sizeof(message->byte) - message->used) {
        message->full = 1;
        return;
    }
    memcpy(message->byte + message->used, bytes, count);
    message->used += count;
}

static inline void message_varint(struct message *message, uint64_t value)
{
    uint8_t byte[10];
    size_t count = 0;

    do {
        byte[count] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (byte[count++] & 0x80);
    message_bytes(message, byte, count);
}

static inline void message_number(struct message *message, unsigned field, uint64_t value)
{
    message_varint(message, (uint64_t)field << 3 | WIRE_VARINT);
    message_varint(message, value);
}

static inline void message_text(struct message *message, unsigned field, const char *text)
{
    message_varint(message, (uint64_t)field << 3 | WIRE_LENGTH);
    message_varint(message, strlen(text));
    message_bytes(message, text, strlen(text));
}

static inline void message_within(struct message *message, unsigned field,
                                  const struct message *inner)
{
    message_varint(message, (uint64_t)field << 3 | WIRE_LENGTH);
    message_varint(message, inner->used);
    message_bytes(message, inner->byte, inner->used);
    message->full |= inner->full;
}

#endif
