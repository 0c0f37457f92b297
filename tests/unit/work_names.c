/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of domains. */
#include <criterion/criterion.h>
#include <string.h>

#include "workloads/dom0/config/names.h"

Test(work_names, good_ones)
{
    static const char *const names[] = {"a", "box-1", "Web.Server_2+x", "7up", "fifteen-letters"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect_null(names_check(names[i]), "%s: %s", names[i], names_check(names[i]));
}

Test(work_names, others)
{
    static const char *const names[] = {"",    "7",        "a b",      "../x",
                                        "a/b", "Domain-0", "a\nb",     "-p",
                                        ".",   "all",      "\xc3\xa4", "sixteen-letters-"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        cr_expect(names_check(names[i]), "accepted '%s'", names[i]);
}

Test(work_names, uuids_differ_by_number_and_name)
{
    char a[NAMES_UUID_BYTES], b[NAMES_UUID_BYTES], c[NAMES_UUID_BYTES], again[NAMES_UUID_BYTES];

    names_make_uuid(1, "one", a);
    names_make_uuid(2, "one", b);
    names_make_uuid(1, "two", c);
    names_make_uuid(1, "one", again);
    cr_expect_str_eq(a, again);
    cr_expect_str_neq(a, b);
    cr_expect_str_neq(a, c);
    cr_expect_eq(a[14], '8', "%s", a);
    cr_expect(strchr("89ab", a[19]), "%s", a);
    cr_expect_eq(strlen(a), 36u);
}
