/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * KEY=VALUE, as users write it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "workloads/dom0/xl/config.h"

Test(work_config, words_set_their_keys)
{
    struct domain_config c;

    config_init(&c);
    cr_expect_eq(c.memory, 8u);
    cr_expect_null(config_set(&c, "name=web"));
    cr_expect_null(config_set(&c, "memory = 16\n"));
    cr_expect_null(config_set(&c, "kernel = \"/boot/kernel xen\""));
    cr_expect_null(config_set(&c, "extra='init=/bin/cint -- --rounds 3'"));
    cr_expect_str_eq(c.name, "web");
    cr_expect_eq(c.memory, 16u);
    cr_expect_str_eq(c.kernel, "/boot/kernel xen");
    cr_expect_str_eq(c.extra, "init=/bin/cint -- --rounds 3");
    cr_expect_null(config_set(&c, "extra=mem=4M"));
    cr_expect_str_eq(c.extra, "init=/bin/cint -- --rounds 3 mem=4M");
}

Test(work_config, nonsense_is_refused)
{
    static const char *const words[] = {"memory",     "memory=",    "memory=0",   "memory=-8",
                                        "memory=8MB", "memory=1e9", "vcpus=0",    "=8",
                                        "",           "=",          "memory=4096"};
    char long_value[CONFIG_VALUE_BYTES + 16] = "name=";
    struct domain_config c;

    config_init(&c);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        cr_expect(config_set(&c, words[i]), "accepted '%s'", words[i]);
    memset(long_value + 5, 'x', CONFIG_VALUE_BYTES);
    cr_expect(config_set(&c, long_value));
    cr_expect_eq(c.memory, 8u);
    cr_expect_str_empty(c.name);
}

/* A file with this text; its path, valid until the next. */
static const char *file_of(const char *text)
{
    static char path[] = "/tmp/work_config.XXXXXX";
    FILE *out;
    int fd;

    strcpy(path + sizeof(path) - 7, "XXXXXX");
    fd = mkstemp(path);
    cr_assert(fd >= 0);
    out = fdopen(fd, "w");
    fputs(text, out);
    fclose(out);
    return path;
}

/* What is said on standard error while a description is read. */
static bool read_said(struct domain_config *c, const char *text, char said[512])
{
    const char *path = file_of(text);
    FILE *log = tmpfile();
    int kept = dup(STDERR_FILENO);
    bool good;
    size_t bytes;

    fflush(stderr);
    dup2(fileno(log), STDERR_FILENO);
    config_init(c);
    good = config_read(c, path);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    rewind(log);
    bytes = fread(said, 1, 511, log);
    said[bytes] = '\0';
    fclose(log);
    unlink(path);
    return good;
}

Test(work_config, files_as_xl_cfg_has_them)
{
    struct domain_config c;
    char said[512];

    cr_assert(read_said(&c,
                        "# a comment\n"
                        "name = \"a#b\" # x\n"
                        "memory = 0x10   # MB\r\n"
                        "kernel = '/boot/k; x' ; ramdisk = /boot/guest.cpio # bare\n"
                        "\t extra = \"one\"\nextra += 'two; # three'\n"
                        "root=\"/dev/xvda\";type='pv'\n"
                        "disk = [ 'phy:hda,xvda,w', # the first\n   \"phy:hdb,xvdb,r\",\n]\n"
                        "vcpus = 1",
                        said),
              "%s", said);
    cr_expect_str_eq(said, "");
    cr_expect_str_eq(c.name, "a#b");
    cr_expect_eq(c.memory, 16u);
    cr_expect_str_eq(c.kernel, "/boot/k; x");
    cr_expect_str_eq(c.ramdisk, "/boot/guest.cpio");
    cr_expect_str_eq(c.extra, "one two; # three root=/dev/xvda");
    cr_expect_eq(c.disks, 2u);
    cr_expect_str_eq(c.disk[1].name, "xvdb");
}

Test(work_config, known_keys_without_a_meaning_get_a_warning)
{
    struct domain_config c;
    char said[512];

    cr_assert(read_said(&c, "\non_crash = 'restart'; vcpus = 4\nmaxmem = 64\n", said), "%s", said);
    cr_expect(strstr(said, ":2: on_crash means nothing here"), "%s", said);
    cr_expect(strstr(said, ":2: vcpus = 4: a domain has one virtual processor here"), "%s", said);
    cr_expect(strstr(said, ":3: maxmem:"), "%s", said);
}

Test(work_config, mistakes_name_the_line_and_its_text)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"name = 'a'\nmemory = lots\n", ":2: memory = lots: is not a number of MB"},
        {"nmae = 'a'\n", ":1: nmae = 'a': has a key that nothing is known by"},
        {"\n\nkernel\n", ":3: kernel: it is not KEY = VALUE"},
        {"name = 'a\n'", ":1: name = 'a: its quotes are not closed in this line"},
        {"name = 'a' b\n", ":1: name = 'a' b: something follows its value"},
        {"disk = [ 'phy:hda,xvda,w',\n\n", ":1: disk = [ 'phy:hda,xvda,w',: its list has no end"},
        {"type = 'hvm'\n", ":1: type = 'hvm': is not pv"},
        {"memory = 8 = 9", ":1: memory = 8 = 9: is not a number of MB"},
        {"name = \033[2J; memory = x", ":1: name = ?[2J; memory = x: is not a number of MB"},
    };
    struct domain_config c;
    char said[512];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_expect_not(read_said(&c, cases[i].text, said), "accepted %s", cases[i].text);
        cr_expect(strstr(said, cases[i].says), "%s instead of %s", said, cases[i].says);
    }
}
