/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of frames of equal content, by itself; what it is for: cpu_twins.c. */
#include <criterion/criterion.h>

#include "cpu/engine/twins.h"
#include "tests/unit/cpu_lab.h"

enum { PAGE = 4096, FRAMES = 64 };

static uint8_t *frames_of_ram(void)
{
    uint8_t *ram = aligned_alloc(PAGE, FRAMES * PAGE);

    cr_assert(ram);
    memset(ram, 0x90, FRAMES * PAGE);
    return ram;
}

Test(cpu_twins, equal_frames_share_a_text_until_one_is_written)
{
    uint8_t *ram = frames_of_ram();
    struct twins *twins = twins_open(ram, FRAMES * PAGE);

    ram[2 * PAGE + 4095] = 0xc3;
    cr_assert_eq(twins_text(twins, 0), TWINS_NONE);

    uint32_t text = twins_join(twins, 0);

    cr_assert(text != TWINS_NONE && text != TWINS_ALONE);
    cr_assert_eq(twins_join(twins, 1), text);
    cr_assert_neq(twins_join(twins, 2), text);
    cr_assert_eq(twins_texts(twins), 2);
    twins_leave(twins, 1);
    cr_assert_eq(twins_text(twins, 1), TWINS_NONE);
    cr_assert_eq(twins_text(twins, 0), text);
    ram[PAGE + 4095] = 0xc3;
    cr_assert_eq(twins_join(twins, 1), twins_text(twins, 2));
    twins_leave(twins, 0);
    twins_leave(twins, 1);
    ram[PAGE + 4095] = 0x90;
    cr_assert_eq(twins_join(twins, 1), text, "a text outlives its frames");
    twins_forget(twins);
    cr_assert_eq(twins_text(twins, 1), TWINS_NONE);
    cr_assert_eq(twins_texts(twins), 0);
    twins_close(twins);
    free(ram);
}

Test(cpu_twins, a_page_that_is_patched_over_and_over_is_left_alone)
{
    uint8_t *ram = frames_of_ram();
    struct twins *twins = twins_open(ram, FRAMES * PAGE);
    unsigned turns = 0;

    for (; turns < 100 && twins_join(twins, 0) != TWINS_ALONE; turns++) {
        twins_leave(twins, 0);
        ram[100]++;
    }
    cr_assert_lt(turns, 10);
    twins_settle(twins, 0);
    cr_assert_neq(twins_join(twins, 0), TWINS_ALONE);

    /* One that is given to another use each time is not. */
    for (turns = 0; turns < 100; turns++) {
        cr_assert_neq(twins_join(twins, 1), TWINS_ALONE);
        twins_leave(twins, 1);
        memset(ram + PAGE, (int)turns, PAGE);
    }
    twins_close(twins);
    free(ram);
}

Test(cpu_twins, the_table_is_bounded)
{
    uint8_t *ram = frames_of_ram();
    struct twins *twins = twins_open(ram, FRAMES * PAGE);
    bool full = false;

    for (uint32_t i = 0; i < 40000 && !full; i++) {
        for (unsigned k = 0; k < PAGE; k += 4)
            memcpy(ram + k, &(uint32_t){i * 1024 + k}, 4);
        full = twins_join(twins, 0) == TWINS_ALONE;
        if (!full)
            twins_leave(twins, 0);
    }
    cr_assert(full);
    twins_close(twins);
    free(ram);
}
