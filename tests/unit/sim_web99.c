/* SPDX-License-Identifier: GPL-2.0-only */
/* The web load's rules: sizes, shares of what is drawn, contents, and queries there and back. */
#include "include/web99/web99.h"

#include <criterion/criterion.h>
#include <string.h>

#define DRAWN 1000000u

Test(web99, a_directory_has_five_megabytes)
{
    uint32_t sum = 0;
    struct web99_file file = {0};

    cr_assert_eq(web99_bytes(&(struct web99_file){0, 0, 0}), 102);
    cr_assert_eq(web99_bytes(&(struct web99_file){0, 3, 8}), 921600);
    for (file.class = 0; file.class < WEB99_CLASSES; file.class ++)
        for (file.number = 0; file.number < WEB99_FILES; file.number++)
            sum += web99_bytes(&file);
    cr_assert(sum > 5100000 && sum < 5130000, "%u", sum);
}

static void about(const char *what, unsigned count, double share)
{
    double got = (double)count / DRAWN;

    cr_expect(got > share * 0.97 - 0.0005 && got < share * 1.03 + 0.0005, "%s: %f, not %f", what,
              got, share);
}

Test(web99, shares_are_the_published_ones)
{
    static const double classes[WEB99_CLASSES] = {.35, .50, .14, .01};
    unsigned kind[WEB99_KINDS] = {0}, class[WEB99_CLASSES] = {0}, directory[4] = {0}, fifth = 0;
    struct web99_request request = {0};
    struct web99_mix mix;

    web99_open(&mix, 4, 1);
    for (unsigned i = 0; i < DRAWN; i++) {
        web99_next(&mix, &request);
        kind[request.kind]++;
        class[request.file.class]++;
        directory[request.file.directory]++;
        fifth += request.file.number == 4;
    }
    about("as they are", kind[WEB99_STATIC], .70);
    about("POST", kind[WEB99_POST], .30 * .16);
    about("CGI", kind[WEB99_CGI], .30 * .005);
    for (unsigned i = 0; i < WEB99_CLASSES; i++)
        about("class", class[i], classes[i]);
    for (unsigned i = 0; i < 4; i++)
        about("directory", directory[i], 1 / (i + 1.) / (1 + 1 / 2. + 1 / 3. + 1 / 4.));
    about("the most wanted file of a class", fifth, 0.353);
}

Test(web99, contents_are_known_at_any_place)
{
    struct web99_file file = {3, 2, 7};
    static char bytes[90000];
    uint32_t size = web99_bytes(&file);

    web99_fill(&file, 0, bytes, size);
    cr_assert(web99_same(&file, 0, bytes, size));
    for (uint32_t at = 0; at < size; at += 997)
        cr_assert(web99_same(&file, at, bytes + at, size - at < 5000 ? size - at : 5000));
    bytes[size - 1]++;
    cr_assert_not(web99_same(&file, 0, bytes, size));
    cr_assert_not(web99_same(&file, 1, bytes + 1, size), "longer than the file");
    file.number = 6;
    cr_assert_not(web99_same(&file, 0, bytes, 1000), "another file's");
}

Test(web99, queries_come_back)
{
    struct web99_request request = {WEB99_ROTATION, {17, 2, 3}, 4, 359}, back = {0};
    char query[WEB99_PATH];

    web99_query(&request, query);
    cr_assert(web99_asked(&back, query));
    cr_assert(memcmp(&request, &back, sizeof(back)) == 0);
    cr_assert_not(web99_asked(&back, "k=9&d=0&c=0&f=0&u=0&a=0"));
    cr_assert_not(web99_asked(&back, "k=1&d=0&c=4&f=0&u=0&a=0"));
    cr_assert_not(web99_asked(&back, "k=1&d=99999&c=0&f=0&u=0&a=0"));
    cr_assert_not(web99_asked(&back, "k=1"));
}
