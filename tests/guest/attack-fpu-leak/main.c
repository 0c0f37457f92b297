/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A new domain finds nothing in the floating-point and SSE registers that another has left there.
 * Domain 0 fills them and makes a domain that looks into them; an ordinary domain looks at its own,
 * which is new enough.
 */
#include "tests/guest/kit/kit.h"

#define REGISTERS 32 /* in the image of FXSAVE: eight of x87, then eight of SSE */
#define END       288

CODE(look, "fxsave 0xC0001000\n"
           "mov $29, %eax\n" /* sched_op, shutdown: the word is zero, power off */
           "mov $2, %ebx\n"
           "mov $0xC0001800, %ecx\n"
           "int $0x82\n"
           "ud2\n");

static void fill(void)
{
    static const uint32_t pattern[4]
        __attribute__((aligned(16))) = {0x5ec2e7a1, 0x5ec2e7b2, 0x5ec2e7c3, 0x40005ec2};

    asm volatile("fninit");
    for (unsigned i = 0; i < 8; i++)
        asm volatile("fldt %0" : : "m"(pattern));
    asm volatile("movaps %0, %%xmm0\n\tmovaps %0, %%xmm1\n\tmovaps %0, %%xmm2\n\t"
                 "movaps %0, %%xmm3\n\tmovaps %0, %%xmm4\n\tmovaps %0, %%xmm5\n\t"
                 "movaps %0, %%xmm6\n\tmovaps %0, %%xmm7"
                 :
                 : "m"(pattern));
}

static void check_image(const uint8_t *image)
{
    unsigned left = 0;

    for (unsigned i = REGISTERS; i < END; i++)
        left += image[i] != 0;
    check(left == 0, "%u bytes of the registers are somebody else's", left);
    check_equal("control word", image[0] | image[1] << 8, 0x37f);
    check_equal("status word", image[2] | image[3] << 8, 0);
    check_equal("abridged tags", image[4], 0);
    check_equal("MXCSR", image[24] | image[25] << 8, 0x1f80);
}

void test(void)
{
    static uint8_t image[512] __attribute__((aligned(16)));

    asm volatile("fxsave %0" : "=m"(image));
    if (!privileged) {
        check_image(image);
        fill();
        return;
    }
    struct child child;

    fill();
    child_make(&child, look, look_end);
    expect(child_set_context(&child), 0);
    expect(child_run(&child), SHUTDOWN_poweroff);
    check_image(child_window(&child, CHILD_DATA));
    child_destroy(&child);
}
