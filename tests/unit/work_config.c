/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KEY=VALUE, as users write it.
 */
#include <string.h>

#include <criterion/criterion.h>

#include "workloads/dom0/xl/config.h"

Test(work_config, words_set_their_keys)
{
    struct domain_config c;

    config_init(&c);
    cr_expect_eq(c.memory, 8u);
    cr_expect(config_set(&c, "name=web"));
    cr_expect(config_set(&c, "memory = 16\n"));
    cr_expect(config_set(&c, "kernel = \"/boot/kernel xen\""));
    cr_expect(config_set(&c, "extra='init=/bin/cint -- --rounds 3'"));
    cr_expect_str_eq(c.name, "web");
    cr_expect_eq(c.memory, 16u);
    cr_expect_str_eq(c.kernel, "/boot/kernel xen");
    cr_expect_str_eq(c.extra, "init=/bin/cint -- --rounds 3");
    cr_expect(config_set(&c, "extra=mem=4M"));
    cr_expect_str_eq(c.extra, "init=/bin/cint -- --rounds 3 mem=4M");
}

Test(work_config, nonsense_is_refused)
{
    static const char *const words[] = {"memory",     "memory=",    "memory=0",   "memory=-8",
                                        "memory=8MB", "memory=1e9", "vcpus=2",    "=8",
                                        "",           "=",          "memory=4096"};
    char long_value[CONFIG_VALUE_BYTES + 16] = "name=";
    struct domain_config c;

    config_init(&c);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        cr_expect_not(config_set(&c, words[i]), "accepted '%s'", words[i]);
    memset(long_value + 5, 'x', CONFIG_VALUE_BYTES);
    cr_expect_not(config_set(&c, long_value));
    cr_expect_eq(c.memory, 8u);
    cr_expect_str_empty(c.name);
}
