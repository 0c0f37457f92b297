/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_frame.c - the rules of hv/mm/frame.c and hv/mm/validate.c, one by one */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>

#include "tests/unit/hv_support.h"

#define P  PTE_PRESENT
#define RW (PTE_PRESENT | PTE_RW)

TestSuite(hv_frame, .init = lab_reset);

/* Rule 2 and 4: with a use of `held`, a use of `wanted` is granted or not. */
Test(hv_frame, types_exclude_each_other)
{
    for (int held = FRAME_L1; held < FRAME_TYPES; held++) {
        for (int wanted = FRAME_L1; wanted < FRAME_TYPES; wanted++) {
            lab_reset();
            /* A root needs its fourth entry; frame 2 serves as the top quarter's table. */
            lab_table(1)[TOP_ROOT_SLOT] = held == FRAME_L3 ? MAKE_PTE(2, P) : 0;
            cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, held), 0, "held %d", held);
            cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, wanted), held == wanted ? 0 : -EINVAL,
                         "held %d, wanted %d", held, wanted);
            cr_assert_eq(frame_table[1].type, held);
            cr_assert_eq(frame_table[1].type_count, held == wanted ? 2u : 1u);
            cr_assert_eq(frame_table[1].count, held == wanted ? 3u : 2u);
        }
    }
}

Test(hv_frame, a_type_may_change_when_its_count_is_zero)
{
    cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_WRITABLE), 0);
    frame_put_with_type(1);
    cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_L1), 0);
    cr_assert_eq(lab_flushes, 1, "a frame that was writable becomes a table: rule 8");
    frame_put_with_type(1);
    cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_WRITABLE), 0);
    cr_assert_eq(lab_flushes, 2, "a table becomes writable");
    frame_put_with_type(1);
    cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_WRITABLE), 0);
    cr_assert_eq(lab_flushes, 2, "the same again");
}

Test(hv_frame, only_the_owner_gets_a_use)
{
    cr_assert_eq(frame_get(LAB_OTHERS, LAB_DOMAIN), -EINVAL);
    cr_assert_eq(frame_get(0, LAB_DOMAIN), -EINVAL, "not RAM");
    cr_assert_eq(frame_get(LAB_FRAMES, LAB_DOMAIN), -EINVAL, "no such frame");
    cr_assert_eq(frame_get(LAB_OTHERS, LAB_DOMAIN + 1), 0);
}

Test(hv_frame, counts_do_not_overflow)
{
    frame_table[1].count = 0x7fffffff;
    cr_assert_eq(frame_get(1, LAB_DOMAIN), -EINVAL);
    frame_table[1].count = 1;
    cr_assert_eq(frame_get_type(1, FRAME_WRITABLE), 0);
    frame_table[1].type_count = 0x7fffffff;
    cr_assert_eq(frame_get_type(1, FRAME_WRITABLE), -EINVAL);
}

Test(hv_frame, the_last_count_frees)
{
    cr_assert_eq(frame_get(1, LAB_DOMAIN), 0);
    frame_put(1);
    cr_assert_eq(lab_freed, 0);
    frame_put(1);
    cr_assert_eq(lab_freed, 1);
    cr_assert_eq(frame_get(1, LAB_DOMAIN), -EINVAL, "a free frame cannot be used");
}

Test(hv_frame, a_pin_does_not_nest)
{
    cr_assert_eq(frame_unpin(1, LAB_DOMAIN), -EINVAL);
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L1), 0);
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L1), -EINVAL);
    cr_assert_eq(frame_table[1].type_count, 1);
    cr_assert_eq(frame_unpin(1, LAB_DOMAIN), 0);
    cr_assert_eq(frame_table[1].type_count, 0);
    cr_assert_eq(frame_table[1].count, 1);
    cr_assert_eq(frame_unpin(1, LAB_DOMAIN), -EINVAL);
}

/* What an L1 table may say about frame 2, and what it costs. */
static const struct l1_case {
    const char *name;
    pte entry;
    int result;
    uint32_t count, type_count; /* of frame 2 after validation */
} l1_cases[] = {
    {"not present", MAKE_PTE(2, 0), 0, 1, 0},
    {"read-only", MAKE_PTE(2, P), 0, 2, 0},
    {"writable", MAKE_PTE(2, RW), 0, 2, 1},
    {"for users, no execute", MAKE_PTE(2, RW | PTE_USER | PTE_NX), 0, 2, 1},
    {"global", MAKE_PTE(2, P | PTE_GLOBAL), -EINVAL, 1, 0},
    {"PAT", MAKE_PTE(2, P | PTE_PSE), -EINVAL, 1, 0},
    {"a high reserved bit", MAKE_PTE(2, P | 1ull << 55), -EINVAL, 1, 0},
    {"an address beyond 32 bits of frames", MAKE_PTE(2, P | 1ull << 46), -EPERM, 1, 0},
    {"another domain's", MAKE_PTE(LAB_OTHERS, P), -EBUSY, 1, 0},
    {"no RAM", MAKE_PTE(0, P), -EPERM, 1, 0},
    {"itself read-only", MAKE_PTE(1, P), 0, 1, 0},
    {"itself writable", MAKE_PTE(1, RW), -EBUSY, 1, 0},
};

Test(hv_frame, l1_entries)
{
    for (unsigned i = 0; i < ARRAY_SIZE(l1_cases); i++) {
        const struct l1_case *c = &l1_cases[i];

        lab_reset();
        lab_table(1)[7] = MAKE_PTE(3, RW);
        lab_table(1)[500] = c->entry;
        cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_L1), c->result, "%s", c->name);
        cr_assert_eq(frame_table[2].count, c->count, "%s", c->name);
        cr_assert_eq(frame_table[2].type_count, c->type_count, "%s", c->name);
        cr_assert_eq(frame_table[3].type_count, c->result ? 0u : 1u, "%s: undone", c->name);
        if (!c->result)
            frame_put_with_type(1);
        for (mfn n = 1; n < LAB_FRAMES; n++)
            cr_assert(frame_table[n].count == 1 && frame_table[n].type_count == 0, "%s: frame %u",
                      c->name, n);
    }
}

/* Frame 1 is an L2 table whose entry says this. Frame 2 is an L1 table, 3 is mapped writable. */
static const struct l2_case {
    const char *name;
    pte entry;
    int result;
} l2_cases[] = {
    {"an L1 table", MAKE_PTE(2, RW | PTE_USER), 0},
    {"a large page", MAKE_PTE(2, RW | PTE_PSE), -EINVAL},
    {"global", MAKE_PTE(2, RW | PTE_GLOBAL), -EINVAL},
    {"itself read-only: the linear map", MAKE_PTE(1, P), 0},
    {"itself writable", MAKE_PTE(1, RW), -EINVAL},
    {"a writable frame", MAKE_PTE(3, P), -EINVAL},
    {"another domain's", MAKE_PTE(LAB_OTHERS, P), -EINVAL},
};

Test(hv_frame, l2_entries)
{
    for (unsigned i = 0; i < ARRAY_SIZE(l2_cases); i++) {
        const struct l2_case *c = &l2_cases[i];

        lab_reset();
        cr_assert_eq(frame_get_with_type(3, LAB_DOMAIN, FRAME_WRITABLE), 0);
        lab_table(1)[3] = c->entry;
        cr_assert_eq(frame_get_with_type(1, LAB_DOMAIN, FRAME_L2), c->result, "%s", c->name);
        if (!c->result)
            frame_put_with_type(1);
        cr_assert(frame_table[1].count == 1 && frame_table[2].count == 1, "%s", c->name);
    }
}

Test(hv_frame, the_top_quarter_gets_and_loses_the_hypervisor)
{
    pte *root = lab_table(1), *top = lab_table(2);

    root[TOP_ROOT_SLOT] = MAKE_PTE(2, P);
    top[HV_L2_SLOT] = 0x1234567; /* what the guest left there does not count */
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L3), 0);
    cr_assert_eq(top[HV_L2_SLOT], hv_top_l2[HV_L2_SLOT]);
    cr_assert_eq(top[TABLE_ENTRIES - 1], hv_top_l2[TABLE_ENTRIES - 1]);
    cr_assert_eq(frame_table[2].type, FRAME_L2_TOP);
    cr_assert_eq(frame_get_with_type(2, LAB_DOMAIN, FRAME_L2), -EINVAL);
    cr_assert_eq(frame_unpin(1, LAB_DOMAIN), 0);
    cr_assert_eq(top[HV_L2_SLOT], 0);
}

Test(hv_frame, a_root_needs_the_top_quarter)
{
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L3), -EINVAL);
    lab_table(1)[0] = MAKE_PTE(2, P | PTE_NX); /* reserved in a PAE root */
    lab_table(1)[TOP_ROOT_SLOT] = MAKE_PTE(3, P);
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L3), -EINVAL);
    lab_table(1)[0] = MAKE_PTE(2, P);
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L3), 0);
}

/* A whole tree: root 1, L2 2 and top 3, L1 4, data 5 writable and 4 read-only. */
Test(hv_frame, a_tree_is_validated_once_and_released_whole)
{
    lab_table(1)[0] = MAKE_PTE(2, P);
    lab_table(1)[TOP_ROOT_SLOT] = MAKE_PTE(3, P);
    lab_table(2)[0] = MAKE_PTE(4, RW);
    lab_table(2)[1] = MAKE_PTE(4, RW);
    lab_table(4)[0] = MAKE_PTE(5, RW);
    lab_table(4)[1] = MAKE_PTE(4, P);
    cr_assert_eq(frame_pin(1, LAB_DOMAIN, FRAME_L3), 0);
    cr_assert_eq(frame_table[4].type_count, 2, "named twice, validated once");
    cr_assert_eq(frame_table[5].type_count, 1);
    cr_assert_eq(frame_get_with_type(4, LAB_DOMAIN, FRAME_WRITABLE), -EINVAL);
    cr_assert_eq(frame_get_with_type(5, LAB_DOMAIN, FRAME_L1), -EINVAL);
    cr_assert_eq(frame_unpin(1, LAB_DOMAIN), 0);
    for (mfn n = 1; n < 6; n++)
        cr_assert(frame_table[n].count == 1 && frame_table[n].type_count == 0, "frame %u", n);
}
