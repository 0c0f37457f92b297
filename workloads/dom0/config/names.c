/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "workloads/dom0/config/names.h"

const char *names_check(const char *name)
{
    bool number = true;

    if (!*name)
        return "is empty";
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            return "has something else than letters, digits and . _ + -";
        number &= isdigit((unsigned char)*c) != 0;
    }
    if (number)
        return "is a number, which would mean another domain";
    if (*name == '-' || *name == '.')
        return "begins with - or .";
    if (strlen(name) >= NAMES_BYTES)
        return "has more than 15 letters";
    if (strcmp(name, "Domain-0") == 0 || strcmp(name, "all") == 0)
        return "means something else already";
    return NULL;
}

/* FNV-1a, 64 bits, over the name behind the domain's number and a word. */
static uint64_t hash(unsigned domain, unsigned word, const char *name)
{
    uint64_t h = 0xcbf29ce484222325u;
    const uint8_t first[] = {(uint8_t)word, (uint8_t)domain, (uint8_t)(domain >> 8)};

    for (size_t i = 0; i < sizeof(first); i++)
        h = (h ^ first[i]) * 0x100000001b3u;
    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 0x100000001b3u;
    return h;
}

void names_make_uuid(unsigned domain, const char *name, char uuid[NAMES_UUID_BYTES])
{
    uint64_t half[] = {hash(domain, 0, name), hash(domain, 1, name)};
    uint8_t byte[16];
    size_t used = 0;

    memcpy(byte, half, sizeof(byte));
    byte[6] = 0x80 | (byte[6] & 0x0f); /* version 8 */
    byte[8] = 0x80 | (byte[8] & 0x3f); /* variant 10 */
    for (unsigned i = 0; i < sizeof(byte); i++)
        used += (size_t)snprintf(uuid + used, NAMES_UUID_BYTES - used, "%s%02x",
                                 i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", byte[i]);
}
