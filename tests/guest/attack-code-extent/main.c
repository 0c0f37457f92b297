/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that a translator finds hard: a thousand x87 and SSE instructions in a row, in rings 1 and
 * 3; the last instructions of a page whose next one is absent; code segments whose base and EIP
 * make more than 4 GB.
 */
#include "tests/guest/kit/kit.h"

#define ROW(instructions) ".rept 1000\n" instructions "\n.endr\n"

/* Each row once as a function of ring 1, once as a program of ring 3 that ends in ud2. */
#define DENSE(name, instructions)                                                                  \
    CODE(name, "fninit\nfld1\nfldz\n" ROW(instructions) "ud2\n");                                  \
    __attribute__((noinline)) static void name##_in_ring_1(void)                                   \
    {                                                                                              \
        asm volatile("fninit\nfld1\nfldz\n" ROW(instructions)); /* changes what a call may */      \
    }

DENSE(fxch, "fxch %st(1)")
DENSE(fadd, "fadd %st(1), %st")
DENSE(fcmov, "fcmovb %st(1), %st")
DENSE(fcom, "fcom %st(1)")
DENSE(shufps, "shufps $27, %xmm1, %xmm0")
DENSE(aam, "aam")

CODE(page_end, ".rept 4096\ninc %eax\n.endr\n");
CODE(jump, "push %eax\npush %ebx\nlret\n.skip 0x100 - 3, 0x90\nud2\n");

static void dense(const char *name, const void *from, const void *to, void (*in_ring_1)(void))
{
    struct user_state state = user_state();

    print("dense %s\n", name);
    user_run(from, to, &state);
    check(trap.vector == 6, "%s: vector %u at %x", name, trap.vector, trap.eip);
    in_ring_1();
}

/* Far returns to the same place by segments of several bases. */
static void wrapping_segments(void)
{
    static const uint32_t bases[] = {0, 0x1000, 0x00800000, 0xC0000000, 0xF0000000, 0xF67FE000};
    uint64_t *ldt = page_alloc();

    for (unsigned i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
        ldt[i] = descriptor(bases[i], 0xfffff, DESC_CODE(3), 0xc);
    make_readonly(ldt);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, sizeof(bases) / sizeof(bases[0])), 0);
    for (unsigned i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        struct user_state state = user_state();

        state.eax = i << 3 | 7;
        state.ebx = USER_BASE + 0x100 - bases[i];
        print("base %x\n", bases[i]);
        user_run(jump, jump_end, &state);
        check(trap.vector == 6 || trap.vector == 13, "base %x: vector %u at %x", bases[i],
              trap.vector, trap.eip);
        check(trap.vector != 6 || trap.eip == state.ebx, "base %x: eip %x", bases[i], trap.eip);
    }
}

void test(void)
{
    struct user_state state = user_state();

    dense("fxch", fxch, fxch_end, fxch_in_ring_1);
    dense("fadd", fadd, fadd_end, fadd_in_ring_1);
    dense("fcmov", fcmov, fcmov_end, fcmov_in_ring_1);
    dense("fcom", fcom, fcom_end, fcom_in_ring_1);
    dense("shufps", shufps, shufps_end, shufps_in_ring_1);
    dense("aam", aam, aam_end, aam_in_ring_1);

    state.eax = 0;
    wrapping_segments();

    expect(user_map(1, 0), 0);
    user_run(page_end, page_end_end, &state);
    check(trap.vector == 14 && trap.eip == USER_BASE + 0x1000, "page end: vector %u at %x",
          trap.vector, trap.eip);
    check(trap_cr2 == USER_BASE + 0x1000, "cr2 %x", trap_cr2);
    check(trap.eax == 4096, "eax %u", trap.eax);
}
