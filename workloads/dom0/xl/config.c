/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config.c - KEY=VALUE, from the command line or from a file, as xl's users write it
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/config.h"

#define MEMORY_MOST 3072 /* MB: what a 32-bit domain could map at all */

static const struct {
    const char *key;
    size_t offset;
    bool join;
} text_keys[] = {
    {"name", offsetof(struct domain_config, name), false},
    {"kernel", offsetof(struct domain_config, kernel), false},
    {"ramdisk", offsetof(struct domain_config, ramdisk), false},
    {"extra", offsetof(struct domain_config, extra), true},
};

void config_init(struct domain_config *config)
{
    memset(config, 0, sizeof(*config));
    config->memory = 8;
}

/* Cuts spaces and one pair of quotes off both ends; returns the new start. */
static const char *trim(const char *text, size_t *length)
{
    while (*length && isspace((unsigned char)*text)) {
        text++;
        (*length)--;
    }
    while (*length && isspace((unsigned char)text[*length - 1]))
        (*length)--;
    if (*length >= 2 && (*text == '"' || *text == '\'') && text[*length - 1] == *text) {
        text++;
        *length -= 2;
    }
    return text;
}

static bool set_memory(struct domain_config *config, const char *digits)
{
    char *end;
    unsigned long value = strtoul(digits, &end, 10);

    if (!isdigit((unsigned char)*digits) || *end || value == 0 || value > MEMORY_MOST)
        return false;
    config->memory = (uint32_t)value;
    return true;
}

static bool set_disks(struct domain_config *config, const char *value)
{
    const char *wrong = disks_parse(value, config->disk, &config->disks);

    if (wrong)
        fprintf(stderr, "xl: disk %s: %s\n", value, wrong);
    return !wrong;
}

static bool set_vifs(struct domain_config *config, const char *value)
{
    const char *wrong = vifs_parse(value, config->vif, &config->vifs);

    if (wrong)
        fprintf(stderr, "xl: vif %s: %s\n", value, wrong);
    return !wrong;
}

/* "extra" may be given again: its values are joined with spaces. */
static bool set_text(char *to, bool join, const char *value, size_t length)
{
    size_t used = join ? strlen(to) : 0;

    if (used + (used > 0) + length >= CONFIG_VALUE_BYTES)
        return false;
    if (used)
        to[used++] = ' ';
    memcpy(to + used, value, length + 1);
    return true;
}

bool config_set(struct domain_config *config, const char *word)
{
    const char *equals = strchr(word, '=');
    char value[CONFIG_VALUE_BYTES];

    if (!equals)
        return false;
    size_t key_length = (size_t)(equals - word), length = strlen(equals + 1);
    const char *key = trim(word, &key_length), *text = trim(equals + 1, &length);

    if (length >= sizeof(value))
        return false;
    memcpy(value, text, length);
    value[length] = '\0';
    if (key_length == strlen("memory") && strncmp(key, "memory", key_length) == 0)
        return set_memory(config, value);
    if (key_length == strlen("disk") && strncmp(key, "disk", key_length) == 0)
        return set_disks(config, value);
    if (key_length == strlen("vif") && strncmp(key, "vif", key_length) == 0)
        return set_vifs(config, value);
    for (size_t i = 0; i < sizeof(text_keys) / sizeof(text_keys[0]); i++)
        if (key_length == strlen(text_keys[i].key) &&
            strncmp(key, text_keys[i].key, key_length) == 0)
            return set_text((char *)config + text_keys[i].offset, text_keys[i].join, value, length);
    return false;
}

bool config_read(struct domain_config *config, const char *path)
{
    char line[2 * CONFIG_VALUE_BYTES];
    FILE *file = fopen(path, "r");
    unsigned number = 0;
    bool good = true;

    if (!file) {
        fprintf(stderr, "xl: %s: %s\n", path, strerror(errno));
        return false;
    }
    while (good && fgets(line, sizeof(line), file)) {
        const char *start = line + strspn(line, " \t\r\n");

        number++;
        if (*start && *start != '#' && !config_set(config, start)) {
            fprintf(stderr, "xl: %s: line %u is not KEY=VALUE of a domain\n", path, number);
            good = false;
        }
    }
    fclose(file);
    return good;
}
