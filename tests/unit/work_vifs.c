/* SPDX-License-Identifier: GPL-2.0-only */
/* Interfaces as users write them (workloads/dom0/xl/devices/vifs.c). */
#include <criterion/criterion.h>
#include <string.h>

#include "workloads/dom0/xl/devices/vifs.h"

static const struct good {
    const char *text;
    bool has_mac;
    const char *ip;
    uint32_t bytes, us;
    const char *other;
} good[] = {
    {"", false, "", 0, 0, ""},
    {"mac=00:16:3e:12:34:56", true, "", 0, 0, ""},
    {" mac=00:16:3E:0a:0B:0c , ip=10.0.2.15", true, "10.0.2.15", 0, 0, ""},
    {"ip=10.0.2.15 10.0.2.16,bridge=xenbr0", false, "10.0.2.15 10.0.2.16", 0, 0, "bridge"},
    {"rate=8Mb/s", false, "", 50000, 50000, ""},
    {"rate=1MB/s@20ms", false, "", 20000, 20000, ""},
    {"rate=250KB/s@1s", false, "", 250000, 1000000, ""},
    {"rate=1GB/s@100us,script=vif-bridge", false, "", 100000, 100, "script"},
};

Test(work_vifs, good)
{
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct vif_config vif;
        const char *wrong = vif_parse(good[i].text, &vif);

        cr_assert_null(wrong, "%s: %s", good[i].text, wrong);
        cr_expect_eq(vif.has_mac, good[i].has_mac, "%s", good[i].text);
        cr_expect_str_eq(vif.ip, good[i].ip);
        cr_expect_eq(vif.rate_bytes, good[i].bytes, "%s: %u", good[i].text, vif.rate_bytes);
        cr_expect_eq(vif.rate_us, good[i].us, "%s: %u", good[i].text, vif.rate_us);
        cr_expect_str_eq(vif.other, good[i].other);
    }
}

Test(work_vifs, wrong)
{
    static const char *const wrong[] = {
        "mac",
        "mac=",
        "mac=00:16:3e:12:34",
        "mac=00:16:3e:12:34:567",
        "mac=00:16:3e:12:34:5",
        "mac=01:16:3e:12:34:56",
        "mac=zz:16:3e:12:34:56",
        "ip=10.0.2",
        "ip=10.0.2.256",
        "ip=10.0.2.1.1",
        "ip=10.0.2.15,ip=1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4 5.5.5.5",
        "rate=",
        "rate=10",
        "rate=10Mb",
        "rate=Mb/s",
        "rate=10Tb/s",
        "rate=10Mb/s@",
        "rate=10Mb/s@0ms",
        "rate=10Mb/s@61s",
        "rate=1b/s@1us",
        "rate=99999999999999999999GB/s",
        "colour=red",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct vif_config vif;

        cr_expect_not_null(vif_parse(wrong[i], &vif), "%s", wrong[i]);
    }
}

Test(work_vifs, lists)
{
    struct vif_config vifs[VIFS_MOST];
    unsigned count = 0;

    cr_assert_null(vifs_parse("['mac=00:16:3e:00:00:01', '']", vifs, &count));
    cr_expect_eq(count, 2);
    cr_expect_eq(vifs[0].mac[5], 1);
    cr_expect_not(vifs[1].has_mac);
    cr_expect_not_null(vifs_parse("mac=00:16:3e:00:00:01", vifs, &count), "the same mac");
    cr_expect_eq(count, 2);
    cr_assert_null(vifs_parse("['','','','','','']", vifs, &count));
    cr_expect_not_null(vifs_parse("", vifs, &count), "a ninth");
    cr_expect_eq(count, VIFS_MOST);
}
