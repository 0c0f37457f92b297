/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * config.c - keys and values, from the command line or from a file, as xl's users write them
 *
 * Keys that xl.cfg(5) has and that change nothing here are known: they get a warning, so that a
 * file from elsewhere works and nobody takes them for heard. Another key is a mistake.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/dom0/xl/config.h"
#include "workloads/dom0/config/statement.h"

#define MEMORY_MOST 3072 /* MB: what a 32-bit domain could map at all */
#define WEIGHT_MOST 65535
#define FILE_MOST   (64 << 10) /* bytes of a description */

/* Where a statement stands, for warnings. */
struct place {
    const char *path; /* NULL: the command line */
    unsigned line;
};

void config_init(struct domain_config *config)
{
    memset(config, 0, sizeof(*config));
    config->memory = 8;
}

__attribute__((format(printf, 2, 3))) static void warn(const struct place *place,
                                                       const char *format, ...)
{
    va_list arguments;

    fputs("xl: warning: ", stderr);
    if (place->path)
        fprintf(stderr, "%s:%u: ", place->path, place->line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Decimal, 0x hexadecimal or 0 octal, as in C. */
static bool number(const char *text, unsigned long *value)
{
    char *end;

    errno = 0;
    *value = strtoul(text, &end, 0);
    return isdigit((unsigned char)*text) && !*end && !errno;
}

static const char *set_memory(struct domain_config *config, const char *text,
                              const struct place *place)
{
    unsigned long value;

    (void)place;
    if (!number(text, &value) || value == 0 || value > MEMORY_MOST)
        return "is not a number of MB from 1 to 3072";
    config->memory = (uint32_t)value;
    return NULL;
}

static const char *set_most_memory(struct domain_config *config, const char *text,
                                   const struct place *place)
{
    unsigned long value;

    (void)config;
    if (!number(text, &value))
        return "is not a number of MB";
    warn(place, "maxmem: a domain's memory does not grow here; memory says how much it has");
    return NULL;
}

static const char *set_processors(struct domain_config *config, const char *text,
                                  const struct place *place)
{
    unsigned long value;

    (void)config;
    if (!number(text, &value) || value == 0)
        return "is not a number of virtual processors";
    if (value != 1)
        warn(place, "vcpus = %lu: a domain has one virtual processor here", value);
    return NULL;
}

/* As in xl.cfg(5): 256 is everybody's, and who has 512 gets twice as much. */
static const char *set_weight(struct domain_config *config, const char *text,
                              const struct place *place)
{
    unsigned long value;

    (void)place;
    if (!number(text, &value) || value == 0 || value > WEIGHT_MOST)
        return "is not a weight from 1 to 65535";
    config->weight = (uint32_t)value;
    return NULL;
}

static const char *set_type(struct domain_config *config, const char *text,
                            const struct place *place)
{
    static const char *const types[] = {"pv", "generic", "linux"};

    (void)config;
    (void)place;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(text, types[i]) == 0)
            return NULL;
    return "is not pv: there are paravirtual domains alone";
}

static const char *set_disks(struct domain_config *config, const char *text,
                             const struct place *place)
{
    (void)place;
    return disks_parse(text, config->disk, &config->disks);
}

static const char *set_vifs(struct domain_config *config, const char *text,
                            const struct place *place)
{
    (void)place;
    return vifs_parse(text, config->vif, &config->vifs);
}

/* Words are joined with spaces. */
static const char *set_text(char to[CONFIG_VALUE_BYTES], bool join, const char *value)
{
    size_t used = join ? strlen(to) : 0, length = strlen(value);

    if (used + (used > 0) + length >= CONFIG_VALUE_BYTES)
        return "is too long";
    if (used)
        to[used++] = ' ';
    memcpy(to + used, value, length + 1);
    return NULL;
}

static const char *set_root(struct domain_config *config, const char *text,
                            const struct place *place)
{
    char word[CONFIG_VALUE_BYTES + sizeof("root=")];

    (void)place;
    if (strlen(text) >= CONFIG_VALUE_BYTES)
        return "is too long";
    snprintf(word, sizeof(word), "root=%s", text);
    return set_text(config->extra, true, word);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const struct {
    const char *key;
    size_t offset;
    bool join;
} text_keys[] = {
    {"name", offsetof(struct domain_config, name), false},
    {"kernel", offsetof(struct domain_config, kernel), false},
    {"ramdisk", offsetof(struct domain_config, ramdisk), false},
    {"extra", offsetof(struct domain_config, extra), true},
    {"cmdline", offsetof(struct domain_config, extra), true},
};

static const struct {
    const char *key;
    const char *(*set)(struct domain_config *, const char *, const struct place *);
} other_keys[] = {
    {"memory", set_memory},       {"maxmem", set_most_memory}, {"vcpus", set_processors},
    {"maxvcpus", set_processors}, {"type", set_type},          {"builder", set_type},
    {"disk", set_disks},          {"root", set_root},          {"vif", set_vifs},
    {"cpu_weight", set_weight},
};

/* Known to xl.cfg(5), without a meaning here; a space before and after each. */
static const char idle_keys[] =
    " uuid pool cpus cpus_soft cap on_poweroff on_reboot on_watchdog "
    "on_crash on_soft_reset bootloader bootloader_args vfb vtpm vkb p9 pvcalls "
    "usbctrl usbdev pci pci_permissive pci_msitranslate pci_seize gfx_passthru "
    "ioports iomem irqs channel localtime rtc_timeoffset tsc_mode nomigrate seclabel "
    "init_seclabel driver_domain device_tree passthrough max_grant_frames "
    "max_maptrack_frames max_grant_version max_event_channels e820_host "
    "device_model_version device_model_args claim_mode cpuid acpi apic pae boot sdl "
    "vnc serial keymap hap nestedhvm altp2m xen_platform_pci vuart timer_mode "
    "suppress_spurious_page_faults ";

static bool is_idle(const char *key)
{
    char word[STATEMENT_KEY_BYTES + 3];

    snprintf(word, sizeof(word), " %s ", key);
    return *key && !strchr(key, ' ') && strstr(idle_keys, word);
}

static const char *set(struct domain_config *config, const char *key, const char *value,
                       const struct place *place)
{
    for (size_t i = 0; i < sizeof(text_keys) / sizeof(text_keys[0]); i++)
        if (strcmp(key, text_keys[i].key) == 0)
            return set_text((char *)config + text_keys[i].offset, text_keys[i].join, value);
    for (size_t i = 0; i < sizeof(other_keys) / sizeof(other_keys[0]); i++)
        if (strcmp(key, other_keys[i].key) == 0)
            return other_keys[i].set(config, value, place);
    if (is_idle(key)) {
        warn(place, "%s means nothing here", key);
        return NULL;
    }
    return "has a key that nothing is known by";
}

/* ---- a word, a file -------------------------------------------------------------------------- */

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

const char *config_set(struct domain_config *config, const char *word)
{
    const char *equals = strchr(word, '=');
    char key[STATEMENT_KEY_BYTES], value[STATEMENT_VALUE_BYTES];

    if (!equals)
        return "is not KEY=VALUE";
    size_t key_length = (size_t)(equals - word), length = strlen(equals + 1);
    const char *from = trim(word, &key_length), *text = trim(equals + 1, &length);

    if (key_length >= sizeof(key) || length >= sizeof(value))
        return "is too long";
    memcpy(key, from, key_length);
    key[key_length] = '\0';
    memcpy(value, text, length);
    value[length] = '\0';
    return set(config, key, value, &(struct place){0});
}

/* The whole file with a NUL behind it. NULL: after saying why not. */
static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = malloc(FILE_MOST + 1);
    size_t bytes = file && text ? fread(text, 1, FILE_MOST + 1, file) : 0;
    const char *wrong = NULL;

    if (!file || ferror(file))
        wrong = strerror(errno);
    else if (bytes > FILE_MOST)
        wrong = "a description has at most 64 KB";
    else if (text && memchr(text, 0, bytes))
        wrong = "it is not a text";
    if (file)
        fclose(file);
    if (text && !wrong) {
        text[bytes] = '\0';
        return text;
    }
    fprintf(stderr, "xl: %s: %s\n", path, wrong ? wrong : strerror(ENOMEM));
    free(text);
    return NULL;
}

/* The text of a line, for the sentence that refuses it. */
static void quote_line(const char *text, unsigned line, char quote[80])
{
    for (; line > 1; line--)
        text += strcspn(text, "\n") + 1;
    text += strspn(text, " \t");
    snprintf(quote, 80, "%.*s", (int)strcspn(text, "\r\n"), text);
    for (char *c = quote; *c; c++)
        if (*c < ' ' || *c == 0x7f)
            *c = '?';
}

bool config_read(struct domain_config *config, const char *path)
{
    static struct statement st;
    char *text = read_text(path), quote[80];
    struct statement_source source = {text, 1};
    const char *wrong = NULL;
    enum statement_result result;

    if (!text)
        return false;
    while ((result = statement_next(&source, &st, &wrong)) == STATEMENT_READ) {
        wrong = set(config, st.key, st.value, &(struct place){path, st.line});
        if (wrong)
            break;
    }
    if (wrong) {
        quote_line(text, st.line, quote);
        fprintf(stderr, "xl: %s:%u: %s: %s\n", path, st.line, quote, wrong);
    }
    free(text);
    return !wrong;
}
