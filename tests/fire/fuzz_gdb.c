/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes to the port on which gdb is waited for. What is a packet comes back as one. */
#include "sim/gdb/packet.h"
#include "tests/fire/fuzz.h"

#include <string.h>

static void check_packet(const struct gdb_packet *packet)
{
    static struct gdb_packet again;
    static char made[2 * GDB_PACKET_BYTES + 4];
    static uint8_t bytes[GDB_PACKET_BYTES / 2];
    const char *text = packet->body;
    enum gdb_event last = GDB_NOTHING;
    uint64_t number;
    size_t count;

    fuzz_promise(packet->length <= GDB_PACKET_BYTES && !packet->body[packet->length],
                 "a body fits and ends");
    count = gdb_packet_make(made, packet->body, packet->length);
    memset(&again, 0, sizeof(again));
    for (size_t i = 0; i < count; i++)
        last = gdb_packet_byte(&again, (uint8_t)made[i]);
    fuzz_promise(last == GDB_PACKET && again.length == packet->length &&
                     !memcmp(again.body, packet->body, packet->length),
                 "a packet that is made is read");
    gdb_number(&text, &number);
    fuzz_promise(text >= packet->body && text <= packet->body + packet->length,
                 "a number ends within its text");
    gdb_bytes(packet->body, bytes, strlen(packet->body) / 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct gdb_packet packet;

    memset(&packet, 0, sizeof(packet));
    for (size_t i = 0; i < size; i++)
        if (gdb_packet_byte(&packet, data[i]) == GDB_PACKET)
            check_packet(&packet);
    return 0;
}
