/* SPDX-License-Identifier: GPL-2.0-only */
/* random.c - see random.h */
#include "guestos/arch.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"
#include "guestos/kernel/random.h"

uint32_t random_u32(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15ull;

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * 0x2545f4914f6cdd1dull) >> 32);
}

int random_to_user(void *to, uint32_t bytes)
{
    uint32_t value[64];

    for (uint32_t done = 0; done < bytes;) {
        uint32_t n = MIN(bytes - done, (uint32_t)sizeof(value));

        for (uint32_t i = 0; i * 4 < n; i++)
            value[i] = random_u32();
        if (copy_to_user((char *)to + done, value, n))
            return done ? (int)done : -EFAULT;
        done += n;
        if (!(done % PAGE_SIZE) && breathe())
            return (int)done;
    }
    return (int)bytes;
}
