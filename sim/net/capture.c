/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/capture.h"

#define MAGIC_NANOSECONDS 0xa1b23c4du
#define VERSION           (2u | 4u << 16)
#define LINK_ETHERNET     1u
#define LONGEST           65535u

/* Numbers in the lowest-first order, whatever the host's is. */
static void write_words(struct capture *capture, const uint32_t *word, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned shift = 0; shift < 32; shift += 8)
            if (fputc((int)(word[i] >> shift & 0xff), capture->file) == EOF)
                capture->failed = true;
}

void capture_open(struct capture *capture)
{
    const uint32_t header[] = {MAGIC_NANOSECONDS, VERSION, 0, 0, LONGEST, LINK_ETHERNET};

    write_words(capture, header, sizeof(header) / sizeof(header[0]));
}

void capture_frame(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    struct capture *capture = owner;
    uint64_t ns = (uint64_t)((unsigned __int128)(now % capture->hz) * 1000000000 / capture->hz);
    uint32_t seconds = (uint32_t)((uint64_t)capture->start + now / capture->hz);
    const uint32_t header[] = {seconds, (uint32_t)ns, bytes, bytes};

    if (capture->frames++ < capture->shown || capture->failed)
        return;
    write_words(capture, header, sizeof(header) / sizeof(header[0]));
    if (fwrite(frame, 1, bytes, capture->file) != bytes)
        capture->failed = true;
}
