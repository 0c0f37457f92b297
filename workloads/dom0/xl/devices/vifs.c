/* SPDX-License-Identifier: GPL-2.0-only */
/* vifs.c - see vifs.h */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/devices/list.h"
#include "workloads/dom0/xl/devices/vifs.h"

#define WORDS_MOST      16
#define RATE_US_DEFAULT 50000 /* of xl-network-configuration(5) */
#define RATE_US_MOST    60000000u
#define RATE_MOST       4000000000ull /* bytes a second */

static const char *set_mac(struct vif_config *vif, const char *text)
{
    int end = 0;

    if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &vif->mac[0], &vif->mac[1],
               &vif->mac[2], &vif->mac[3], &vif->mac[4], &vif->mac[5], &end) != 6 ||
        text[end] || end != 17)
        return "the mac is not of the form 00:16:3e:12:34:56";
    if (vif->mac[0] & 1)
        return "the mac is one of many stations (its first byte is odd)";
    vif->has_mac = true;
    return NULL;
}

/* One address of four numbers; where it ends, or NULL. */
static const char *skip_address(const char *text)
{
    for (unsigned i = 0; i < 4; i++) {
        char *end;
        unsigned long number = strtoul(text, &end, 10);

        if (!isdigit((unsigned char)*text) || number > 255 || (i < 3 && *end != '.'))
            return NULL;
        text = i < 3 ? end + 1 : end;
    }
    return text;
}

static const char *set_ip(struct vif_config *vif, const char *text)
{
    const char *at = text;
    unsigned count = 0;

    while (*at) {
        at = skip_address(at);
        if (!at || (*at && *at != ' ') || ++count > 4)
            return "ip is not a list of up to four addresses as 10.0.2.15";
        at += strspn(at, " ");
    }
    if (strlen(text) >= sizeof(vif->ip))
        return "ip is too long";
    strcpy(vif->ip, text);
    return NULL;
}

static bool read_interval(const char *text, uint32_t *us)
{
    static const struct {
        const char *unit;
        uint32_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}};
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    for (size_t i = 0; isdigit((unsigned char)*text) && i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(end, units[i].unit) == 0 && number > 0 && number <= RATE_US_MOST / units[i].us) {
            *us = (uint32_t)number * units[i].us;
            return true;
        }
    return false;
}

/* As "10Mb/s", "250KB/s@20ms": bits or bytes. */
static const char *set_rate(struct vif_config *vif, const char *text)
{
    static const char *const wrong = "the rate is not of the form 10Mb/s or 250KB/s@20ms";
    unsigned long long bytes, factor = 1;
    char *end;

    bytes = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text))
        return wrong;
    for (const char *prefix = "GMK", *found = *end ? strchr(prefix, *end) : NULL; found;
         found = NULL) {
        for (; *found; found++)
            factor *= 1000;
        end++;
    }
    if (bytes > RATE_MOST * 8 / factor || (*end != 'b' && *end != 'B') ||
        strncmp(end + 1, "/s", 2) != 0)
        return wrong;
    bytes = bytes * factor / (*end == 'b' ? 8 : 1);
    end += 3;
    vif->rate_us = RATE_US_DEFAULT;
    if (bytes > RATE_MOST || (*end && (*end != '@' || !read_interval(end + 1, &vif->rate_us))))
        return wrong;
    bytes = bytes * vif->rate_us / 1000000;
    if (bytes == 0 || bytes > UINT32_MAX)
        return "the rate is less than a byte, or more than 4 GB, in its interval";
    vif->rate_bytes = (uint32_t)bytes;
    return NULL;
}

static const char *set_other(struct vif_config *vif, const char *key, size_t length)
{
    static const char *const known[] = {"bridge", "script",  "vifname",   "type",
                                        "model",  "backend", "gatewaydev"};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i]) == length && strncmp(known[i], key, length) == 0) {
            strcpy(vif->other, known[i]);
            return NULL;
        }
    return "it is made of mac=, ip=, rate=, and perhaps bridge=";
}

static const char *set_word(struct vif_config *vif, const char *word)
{
    static const struct {
        const char *key;
        const char *(*set)(struct vif_config *vif, const char *text);
    } keys[] = {{"mac=", set_mac}, {"ip=", set_ip}, {"rate=", set_rate}};
    const char *equals = strchr(word, '=');

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strncmp(word, keys[i].key, strlen(keys[i].key)) == 0)
            return keys[i].set(vif, word + strlen(keys[i].key));
    return set_other(vif, word, equals ? (size_t)(equals - word) : 0);
}

const char *vif_parse(const char *text, struct vif_config *vif)
{
    char copy[LIST_TEXT_BYTES], *rest = copy;
    const char *wrong = NULL;

    *vif = (struct vif_config){0};
    if (strlen(text) >= sizeof(copy))
        return "it is too long";
    strcpy(copy, text);
    for (unsigned i = 0; rest && !wrong; i++) {
        char *word = strsep(&rest, ",");

        word += strspn(word, " \t");
        for (char *last = word + strlen(word); last > word && isspace((unsigned char)last[-1]);)
            *--last = '\0';
        if (i == WORDS_MOST)
            return "it has too many words";
        if (*word)
            wrong = set_word(vif, word);
    }
    return wrong;
}

struct vif_list {
    struct vif_config *vifs;
    unsigned *count;
};

static const char *append(void *owner, const char *text)
{
    struct vif_list *list = owner;
    struct vif_config *vif = &list->vifs[*list->count];

    if (*list->count == VIFS_MOST)
        return "there are more than 8";
    const char *wrong = vif_parse(text, vif);
    for (unsigned i = 0; !wrong && vif->has_mac && i < *list->count; i++)
        if (list->vifs[i].has_mac && memcmp(list->vifs[i].mac, vif->mac, 6) == 0)
            wrong = "two have the same mac";
    *list->count += !wrong;
    return wrong;
}

const char *vifs_parse(const char *text, struct vif_config *vifs, unsigned *count)
{
    struct vif_list list = {vifs, count};

    return list_parse(text, append, &list);
}
