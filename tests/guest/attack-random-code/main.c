/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random bytes as instructions in ring 3, one at a time under the trap flag: whatever they are,
 * they end in an exception for this kernel, handled in ring 1, and the processor goes on. The
 * arguments are the number of instructions, 20000 without one; `seed=N`; and `ring1`, to run them
 * where they may well be the end of this domain, and of nobody else.
 *
 * Where this is not our own hypervisor, the machine is QEMU, and QEMU 7.2 gives up on a locked bit
 * operation on a register (#UD on a processor): such an instruction is not run there.
 */
#include "tests/guest/kit/kit.h"

#define LONGEST 15 /* bytes of one instruction */
#define DEFAULT 20000

static uint32_t state32 = 0x12345678;

static uint32_t random32(void)
{
    state32 ^= state32 << 13;
    state32 ^= state32 >> 17;
    state32 ^= state32 << 5;
    return state32;
}

/* One-byte and two-byte opcodes equally often, each with and without a prefix, and ud2 behind. */
static void instruction(uint8_t *code, unsigned room)
{
    static const uint8_t prefixes[] = {0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x64, 0x65};
    unsigned at = 0;

    for (unsigned i = 0; i < room; i++)
        code[i] = i & 1 ? 0x0b : 0x0f;
    while (at < 4 && random32() % 4 == 0)
        code[at++] = prefixes[random32() % sizeof(prefixes)];
    if (random32() % 2)
        code[at++] = 0x0f;
    while (at < LONGEST)
        code[at++] = (uint8_t)random32();
}

/* lock; bts, btr or btc of a register. */
static bool locked_bit_of_register(const uint8_t *code)
{
    bool locked = false;
    unsigned at = 0;

    for (; at < 4 && code[at] != 0x0f; at++)
        locked |= code[at] == 0xf0;
    if (!locked || code[at] != 0x0f)
        return false;
    switch (code[at + 1]) {
    case 0xab:
    case 0xb3:
    case 0xbb:
    case 0xba:
        return code[at + 2] >= 0xc0;
    default:
        return false;
    }
}

static uint32_t number(const char *text)
{
    uint32_t n = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (uint32_t)(*text - '0');
    return n;
}

/* What follows a word of the command line; NULL: it is not there. */
static const char *behind(const char *word)
{
    for (const char *at = (const char *)start->cmd_line; *at; at++)
        if (starts_with(at, word)) {
            while (*word++)
                at++;
            return at;
        }
    return NULL;
}

void test(void)
{
    uint32_t count = number((const char *)start->cmd_line);
    const char *seed = behind("seed=");
    bool ring1 = behind("ring1"), ours;
    char version[XEN_EXTRAVERSION_LEN];
    uint8_t code[64];

    HYPERCALL(xen_version, XENVER_extraversion, version);
    ours = starts_with(version, "-xenolith");
    if (seed)
        state32 = number(seed) * 2654435761u | 1;
    for (uint32_t left = count ? count : DEFAULT; left > 0; left--) {
        struct user_state state = user_state();

        instruction(code, sizeof(code));
        state.eflags |= 0x100;
        if (ring1)
            state.cs = FLAT_RING1_CS;
        state.eax = random32();
        state.ebx = USER_BASE + random32() % 0x2000;
        state.ecx = random32() % 64;
        state.edx = random32();
        state.esi = USER_BASE + random32() % 0x2000;
        state.edi = USER_BASE + 0x1000 + random32() % 0x1000;
        state.ebp = USER_BASE + 0x1000 + random32() % 0x1000;
        if (!ours && locked_bit_of_register(code))
            continue;
        user_run(code, code + sizeof(code), &state);
        if (!check((trap_ring & 3) == 1, "%x %x %x: handled in ring %u", code[0], code[1], code[2],
                   trap_ring & 3))
            return;
    }
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
}
