/* SPDX-License-Identifier: GPL-2.0-only */
/* random.c - see random.h */
#include "guestos/arch.h"
#include "guestos/kernel/errno.h"
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
    for (u32 done = 0; done < bytes; done += 4) {
        u32 value = random_u32();
        if (copy_to_user((char *)to + done, &value, MIN(bytes - done, 4u)))
            return done ? (int)done : -EFAULT;
    }
    return (int)bytes;
}
