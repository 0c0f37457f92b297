/* SPDX-License-Identifier: GPL-2.0-only */
/* disks.c - see disks.h */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/devices/disks.h"
#include "workloads/dom0/xl/devices/list.h"

#define FIELDS_MOST 4
#define TEXT_BYTES  LIST_TEXT_BYTES

/* "xvda", "hdb2": Linux's numbers; false: a name of another kind. */
static bool number_of(const char *name, uint32_t *number)
{
    static const struct {
        const char *prefix;
        uint32_t major, per_disk, letters;
    } kinds[] = {{"xvd", 202, 16, 16}, {"hd", 3, 64, 2}};

    if (strncmp(name, "/dev/", 5) == 0)
        name += 5;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t length = strlen(kinds[i].prefix);
        uint32_t letter = (uint32_t)(unsigned char)name[length] - 'a';
        char *end;

        if (strncmp(name, kinds[i].prefix, length) != 0 || letter >= kinds[i].letters)
            continue;
        name += length + 1;
        unsigned long part = isdigit((unsigned char)*name) ? strtoul(name, &end, 10) : 0;
        if ((part ? *end : *name) || part >= kinds[i].per_disk)
            return false;
        *number = kinds[i].major << 8 | (letter * kinds[i].per_disk + (uint32_t)part);
        return true;
    }
    return false;
}

static const char *set_target(struct disk_config *disk, const char *text)
{
    if (strncmp(text, "phy:", 4) == 0)
        text += 4;
    if (strncmp(text, "/dev/", 5) == 0)
        text += 5;
    if (!*text || strlen(text) >= sizeof(disk->target) || strchr(text, '/'))
        return "the target is no disk of Domain 0 and no volume, as phy:hda2 or volume:data";
    strcpy(disk->target, text);
    return NULL;
}

static const char *set_name(struct disk_config *disk, const char *text)
{
    if (strlen(text) >= sizeof(disk->name) || !number_of(text, &disk->number))
        return "the name is not one of xvda to xvdp, hda or hdb, or of their partitions";
    strcpy(disk->name, text);
    return NULL;
}

static const char *set_access(struct disk_config *disk, const char *text)
{
    bool reads = !strcmp(text, "r") || !strcmp(text, "ro");

    disk->writable = !strcmp(text, "w") || !strcmp(text, "rw");
    return reads || disk->writable || !*text ? NULL : "the access is neither r nor w";
}

static const char *set_format(struct disk_config *disk, const char *text)
{
    (void)disk;
    return !*text || !strcmp(text, "raw") ? NULL : "the format is not raw";
}

/* A field by its place, or by its name. */
static const char *set_field(struct disk_config *disk, const char *field, unsigned place,
                             unsigned places)
{
    static const struct {
        const char *key;
        const char *(*set)(struct disk_config *disk, const char *text);
    } keys[] = {{"target=", set_target},
                {"vdev=", set_name},
                {"access=", set_access},
                {"format=", set_format}};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strncmp(field, keys[i].key, strlen(keys[i].key)) == 0)
            return keys[i].set(disk, field + strlen(keys[i].key));
    if (place == 0)
        return set_target(disk, field);
    if (places == FIELDS_MOST && place == 1)
        return set_format(disk, field);
    return place == places - 1 && places > 2 ? set_access(disk, field) : set_name(disk, field);
}

const char *disk_parse(const char *text, struct disk_config *disk)
{
    char copy[TEXT_BYTES], *field[FIELDS_MOST], *rest = copy;
    unsigned fields = 0;

    *disk = (struct disk_config){.writable = true};
    if (strlen(text) >= sizeof(copy))
        return "it is too long";
    strcpy(copy, text);
    while (rest && fields < FIELDS_MOST) {
        char *next = strsep(&rest, ",");

        while (isspace((unsigned char)*next))
            next++;
        field[fields++] = next;
    }
    if (rest)
        return "it has more than four parts";
    for (unsigned i = 0; i < fields; i++) {
        const char *wrong = set_field(disk, field[i], i, fields);

        if (wrong)
            return wrong;
    }
    return disk->target[0] && disk->name[0] ? NULL
                                            : "it needs a target and a name, as phy:hda2,xvda,w";
}

struct disk_list {
    struct disk_config *disks;
    unsigned *count;
};

static const char *append(void *owner, const char *text)
{
    struct disk_list *list = owner;
    struct disk_config *disk = &list->disks[*list->count];

    if (*list->count == DISKS_MOST)
        return "there are more than 8";
    const char *wrong = disk_parse(text, disk);
    for (unsigned i = 0; !wrong && i < *list->count; i++)
        if (list->disks[i].number == disk->number)
            wrong = "two have the same name";
    *list->count += !wrong;
    return wrong;
}

const char *disks_parse(const char *text, struct disk_config *disks, unsigned *count)
{
    struct disk_list list = {disks, count};

    return list_parse(text, append, &list);
}
