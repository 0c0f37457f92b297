/* SPDX-License-Identifier: GPL-2.0-only */
#include "include/web99/web99.h"

#include <stdio.h>
#include <string.h>

#define PERIOD 251u     /* of a file's bytes: a prime, so that no page is like the next */
#define PIECE  4096u    /* that are compared at a time */
#define ZIPF   1000000u /* weight of the first */

uint32_t web99_chance(struct web99_mix *mix, uint32_t below)
{
    /* Knuth's 64-bit generator (TAOCP 2, 3.3.4); the high bits are the good ones. */
    mix->seed = mix->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((mix->seed >> 32) * below >> 32);
}

/* The first place whose sum is above a number below the last one. */
static unsigned draw(struct web99_mix *mix, const uint32_t *sum, unsigned count)
{
    uint32_t number = web99_chance(mix, sum[count - 1]);
    unsigned i = 0;

    while (sum[i] <= number)
        i++;
    return i;
}

void web99_open(struct web99_mix *mix, unsigned directories, uint64_t seed)
{
    uint32_t sum = 0;

    *mix = (struct web99_mix){.seed = seed, .directories = directories};
    for (unsigned i = 0; i < directories; i++)
        mix->directory[i] = sum += ZIPF / (i + 1);
    sum = 0;
    for (unsigned i = 0; i < WEB99_FILES; i++)
        mix->file[i] = sum += ZIPF / (i + 1);
}

void web99_next(struct web99_mix *mix, struct web99_request *request)
{
    /* Of 10,000: 30 % dynamic, 16 % of that POST and 0.5 % CGI. */
    static const uint32_t kinds[WEB99_KINDS] = {7000, 8245, 9505, 9985, 10000};
    static const uint32_t classes[WEB99_CLASSES] = {35, 85, 99, 100};
    /* Most are for files of middling size: the place of the file of each rank. */
    static const unsigned char ranked[WEB99_FILES] = {4, 3, 5, 2, 6, 1, 7, 8, 0};

    request->kind = (enum web99_kind)draw(mix, kinds, WEB99_KINDS);
    request->file.directory = draw(mix, mix->directory, mix->directories);
    request->file.class = draw(mix, classes, WEB99_CLASSES);
    request->file.number = ranked[draw(mix, mix->file, WEB99_FILES)];
}

uint32_t web99_bytes(const struct web99_file *file)
{
    uint32_t bytes = 1024 * (file->number + 1);

    for (unsigned i = 0; i < file->class; i++)
        bytes *= 10;
    return bytes / 10;
}

void web99_path(const struct web99_file *file, char path[WEB99_PATH])
{
    snprintf(path, WEB99_PATH, "/file_set/dir%05u/class%u_%u", file->directory, file->class,
             file->number);
}

/* Where in the period a file begins. */
static uint32_t phase(const struct web99_file *file, uint32_t offset)
{
    uint32_t own = (file->directory * WEB99_CLASSES + file->class) * WEB99_FILES + file->number;

    return (own * 17 + offset) % PERIOD;
}

/* Two periods and a piece more: any stretch of a file of at most PIECE bytes is within. */
static const uint8_t *pattern(void)
{
    static uint8_t bytes[PERIOD + PIECE];

    if (!bytes[0])
        for (uint32_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)(' ' + i % PERIOD * 7 % 95);
    return bytes;
}

void web99_fill(const struct web99_file *file, uint32_t offset, void *to, uint32_t bytes)
{
    for (uint32_t done = 0, n; done < bytes; done += n) {
        n = bytes - done < PIECE ? bytes - done : PIECE;
        memcpy((char *)to + done, pattern() + phase(file, offset + done), n);
    }
}

bool web99_same(const struct web99_file *file, uint32_t offset, const void *bytes, uint32_t count)
{
    if (offset > web99_bytes(file) || count > web99_bytes(file) - offset)
        return false;
    for (uint32_t done = 0, n; done < count; done += n) {
        n = count - done < PIECE ? count - done : PIECE;
        if (memcmp((const char *)bytes + done, pattern() + phase(file, offset + done), n) != 0)
            return false;
    }
    return true;
}

void web99_line(const struct web99_request *request, char line[WEB99_LINE])
{
    char text[WEB99_LINE + 1];
    unsigned ad = request->kind == WEB99_ROTATION ? (request->last_ad + request->user) % WEB99_ADS
                                                  : WEB99_ADS;

    snprintf(text, sizeof(text), "<!-- kind %u user %u ad %u -->", (unsigned)request->kind,
             request->user, ad);
    memset(line, ' ', WEB99_LINE);
    memcpy(line, text, strlen(text));
    line[WEB99_LINE - 1] = '\n';
}

void web99_query(const struct web99_request *request, char query[WEB99_PATH])
{
    snprintf(query, WEB99_PATH, "k=%u&d=%u&c=%u&f=%u&u=%u&a=%u", (unsigned)request->kind,
             request->file.directory, request->file.class, request->file.number, request->user,
             request->last_ad);
}

bool web99_asked(struct web99_request *request, const char *query)
{
    unsigned kind;

    if (sscanf(query, "k=%3u&d=%5u&c=%3u&f=%3u&u=%9u&a=%9u", &kind, &request->file.directory,
               &request->file.class, &request->file.number, &request->user, &request->last_ad) != 6)
        return false;
    request->kind = (enum web99_kind)kind;
    return kind < WEB99_KINDS && request->file.directory < WEB99_DIRECTORIES &&
           request->file.class < WEB99_CLASSES && request->file.number < WEB99_FILES;
}
