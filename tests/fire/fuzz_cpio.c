/* SPDX-License-Identifier: GPL-2.0-only */
/* Root images: the simulator's reader and writer, and the guest kernel's reader. */
#include "guestos/fs/cpio.h"
#include "sim/load/cpio.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void simulator(const uint8_t *data, size_t size)
{
    const struct file archive = {"input", data, size};
    const struct cpio_member added = {
        .name = "etc/added", .mode = 0100644, .content = {"added", (const uint8_t *)"hello", 5}};
    struct file member, extended;
    char why[512];

    cpio_find(&archive, "sbin/init", &member);
    if (cpio_extend(&archive, &added, 1, &extended, why, sizeof(why))) {
        fuzz_promise(cpio_find(&extended, "etc/added", &member) && member.size == 5 &&
                         !memcmp(member.bytes, "hello", 5),
                     "what was added is found");
        free((void *)extended.bytes);
    }
}

static unsigned kernel(const uint8_t *data, size_t size)
{
    struct cpio cpio;
    struct cpio_entry entry;
    unsigned sum = 0;

    cpio_open(&cpio, data, (uint32_t)size);
    while (cpio_next(&cpio, &entry) == CPIO_ENTRY) {
        sum += (unsigned)strlen(entry.name);
        for (uint32_t i = 0; i < entry.bytes; i++)
            sum += entry.data[i];
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    simulator(data, size);
    kernel(data, size);
    return 0;
}
