/* SPDX-License-Identifier: GPL-2.0-only */
/* random.c - see random.h */
#include "guestos/arch.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"
#include "guestos/kernel/random.h"

u32 random_u32(void)
{
    static u64 state = 0x9e3779b97f4a7c15ull;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (u32)((state * 0x2545f4914f6cdd1dull) >> 32);
}

int random_to_user(void *to, u32 bytes)
{
    u32 value[64];
    for (u32 done = 0; done < bytes;) {
        u32 n = MIN(bytes - done, (u32)sizeof value);
        for (u32 i = 0; i * 4 < n; i++)
            value[i] = random_u32();
        if (copy_to_user((char *)to + done, value, n))
            return done ? (int)done : -EFAULT;
        done += n;
        if (!(done % PAGE_SIZE) && breathe())
            return (int)done;
    }
    return (int)bytes;
}
