/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's Internet checksum, against worked examples and its own rules. */
#include <criterion/criterion.h>

#include "include/tcp/checksum.h"
#include "tests/unit/guestos_support.h"

Test(guestos_net_checksum, examples)
{
    static const struct {
        uint8_t data[20];
        uint32_t bytes;
        uint16_t checksum;
    } cases[] = {
        {{0}, 0, 0xffff},
        {{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}, 8, (uint16_t)~0xddf2}, /* RFC 1071, 3 */
        {{0xff, 0xff}, 2, 0},
        {{0x12}, 1, (uint16_t)~0x1200}, /* odd: padded with zero */
        {{0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0, 0, 192, 168, 0, 1, 192, 168, 0, 199},
         20,
         0xb861},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++)
        cr_expect_eq(checksum_end(checksum_add(0, cases[i].data, cases[i].bytes)),
                     cases[i].checksum, "case %u", i);
}

Test(guestos_net_checksum, parts_add_up_and_the_whole_is_zero)
{
    uint8_t data[1000];

    for (uint32_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 37 + 255);
    uint16_t whole = checksum_end(checksum_add(0, data, sizeof(data)));
    for (uint32_t cut = 0; cut < sizeof(data); cut += 2)
        cr_assert_eq(checksum_end(checksum_add(checksum_add(0, data, cut), data + cut,
                                               (uint32_t)sizeof(data) - cut)),
                     whole);
    put16(data, 0);
    put16(data, checksum_end(checksum_add(0, data, sizeof(data))));
    cr_assert_eq(checksum_end(checksum_add(0, data, sizeof(data))), 0);
}

Test(guestos_net_checksum, many_large_words_do_not_overflow)
{
    static uint8_t data[65534];

    memset(data, 0xff, sizeof(data));
    cr_assert_eq(checksum_end(checksum_add(0xffffffff, data, sizeof(data))), 0);
}
