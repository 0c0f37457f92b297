/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's command line. */
#include <criterion/criterion.h>

#include "guestos/kernel/options.h"
#include "tests/unit/guestos_support.h"

Test(guestos_options, values_belong_to_whole_words_before_the_dashes)
{
    const char *line = "kernel xinit=/no init=/bin/a  mem=8M -- init=/bin/b";
    char path[8];

    option_copy(path, option_value(line, "init"), sizeof(path));
    cr_assert_str_eq(path, "/bin/a");
    option_copy(path, option_value(line, "init"), 4);
    cr_assert_str_eq(path, "/bi");
    cr_assert_null(option_value("x -- mem=1", "mem"));
    cr_assert_null(option_value("", "mem"));
    cr_assert_null(option_value("memory=3", "mem"));
}

Test(guestos_options, sizes)
{
    cr_assert_eq(option_size("8M"), 8 << 20);
    cr_assert_eq(option_seed("0.3"), 0);
    cr_assert_eq(option_seed("none"), 0);
    cr_assert_neq(option_seed("7"), 0);
    cr_assert_neq(option_seed("7"), option_seed("7.1"));
    cr_assert_eq(option_size("64k x"), 64 << 10);
    cr_assert_eq(option_size("3G"), 3ull << 30);
    cr_assert_eq(option_size("4096"), 4096);
    cr_assert_eq(option_size("M"), 0);
}

Test(guestos_options, words_for_init)
{
    char line[] = "init=/a --  one two", none[] = "init=/a --x", empty[] = "a --";

    cr_assert_str_eq(option_init_words(line), "one two");
    cr_assert_null(option_init_words(none));
    cr_assert_null(option_init_words(empty));
}
