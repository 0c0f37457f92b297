/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_release.c - the rules of hv/mm/release.c: tables whose entries are returned later */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/unit/hv_support.h"
#include "hv/include/mm.h"

#define P  PTE_PRESENT
#define RW (PTE_PRESENT | PTE_RW)

enum { DIRECTORY = 1, TABLES = 2, TABLE_COUNT = 12, DATA = 14 };

static struct domain owner;

/* A directory with a dozen tables, each of which maps one frame writable. */
static void begin(void)
{
    lab_reset();
    owner = (struct domain){.id = LAB_DOMAIN};
    domains[LAB_DOMAIN] = &owner;
    for (unsigned i = 0; i < TABLE_COUNT; i++) {
        lab_table(DIRECTORY)[i] = MAKE_PTE(TABLES + i, RW);
        lab_table(TABLES + i)[0] = MAKE_PTE(DATA, RW);
    }
    cr_assert_eq(frame_get_with_type(DIRECTORY, LAB_DOMAIN, FRAME_L2), 0);
}

TestSuite(hv_release, .init = begin);

Test(hv_release, a_tree_goes_in_pieces)
{
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT);
    frame_put_with_type(DIRECTORY);
    cr_assert(tables_pending(&owner));
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT, "nothing is returned yet");
    cr_assert_not(tables_release(&owner), "the directory and seven tables");
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT - (TABLES_A_PIECE - 1));
    cr_assert(tables_release(&owner));
    cr_assert_not(tables_pending(&owner));
    for (mfn n = DIRECTORY; n <= DATA; n++) {
        cr_assert_eq(frame_table[n].count, 1, "frame %u", n);
        cr_assert_eq(frame_table[n].type_count, 0, "frame %u", n);
        cr_assert_eq(frame_table[n].flags & FRAME_QUEUED, 0, "frame %u", n);
    }
}

Test(hv_release, the_same_type_takes_it_back)
{
    frame_put_with_type(DIRECTORY);
    cr_assert_eq(frame_get_with_type(DIRECTORY, LAB_DOMAIN, FRAME_L2), 0);
    cr_assert_not(tables_pending(&owner));
    cr_assert_eq(frame_table[DIRECTORY].count, 2);
    cr_assert_eq(frame_table[DIRECTORY].type_count, 1);
    cr_assert(frame_table[DIRECTORY].flags & FRAME_VALIDATED);
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT);
}

Test(hv_release, another_type_has_it_released_at_once)
{
    frame_put_with_type(DIRECTORY);
    cr_assert_eq(frame_get_with_type(DIRECTORY, LAB_DOMAIN, FRAME_WRITABLE), 0);
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT, "the tables wait for theirs");
    for (unsigned i = 0; i < TABLE_COUNT; i += 2)
        cr_assert_eq(frame_get_with_type(TABLES + i, LAB_DOMAIN, FRAME_WRITABLE), 0);
    cr_assert_eq(frame_table[DATA].type_count, TABLE_COUNT / 2, "taken from the list's middle");
    cr_assert(tables_release(&owner));
    cr_assert_eq(frame_table[DATA].type_count, 0);
    cr_assert_eq(frame_table[TABLES].count, 2);
    cr_assert_eq(frame_table[TABLES + 1].count, 1);
}

Test(hv_release, its_frame_is_not_freed_before)
{
    frame_put_with_type(DIRECTORY);
    frame_put(DIRECTORY); /* its owner gives it up */
    cr_assert_eq(lab_freed, 0);
    table_settle(DIRECTORY);
    cr_assert_eq(lab_freed, 1);
    table_settle(DATA); /* is no table */
    cr_assert_eq(lab_freed, 1);
}
