/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/run/kinds.h"

#include "include/xenolith/limits.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define DOMAINS_MAX (XENOLITH_DOMAINS - 1) /* Domain 0 is one */
#define WEIGHT_MAX  1000

/* ---- values of keys -------------------------------------------------------------------------- */

struct value {
    const struct kind *kind;
    const char *key, *text;
    char *why;
};

static bool bad(const struct value *value, const char *must)
{
    snprintf(value->why, SETUP_WHY_BYTES, "domain.%s.%s %.200s: must be %s", value->kind->name,
             value->key, value->text, must);
    return false;
}

static bool set_count(struct kind *kind, const struct value *value)
{
    return parse_number(value->text, 1, DOMAINS_MAX, &kind->count) ||
           bad(value, "a number of copies");
}

static bool set_weight(struct kind *kind, const struct value *value)
{
    return parse_number(value->text, 1, WEIGHT_MAX, &kind->weight) ||
           bad(value, "a number from 1 to 1000; 10 is everybody's");
}

static bool set_memory(struct kind *kind, const struct value *value)
{
    return kinds_memory_size(value->text, &kind->memory) ||
           bad(value, "whole megabytes, at least 4M, as in 8M");
}

static bool set_text(char *to, size_t bytes, const struct value *value)
{
    if (strlen(value->text) >= bytes)
        return bad(value, "shorter");
    strcpy(to, value->text);
    return true;
}

static bool set_path(struct kind *kind, const struct value *value)
{
    return set_text(kind->path, sizeof(kind->path), value);
}

static bool set_args(struct kind *kind, const struct value *value)
{
    return set_text(kind->args, sizeof(kind->args), value);
}

/* What stands between quotation marks in xl's description. */
static bool set_device(char *to, size_t bytes, const struct value *value)
{
    for (const char *c = value->text; *c; c++)
        if (strchr("'\"[]", *c) || !isprint((unsigned char)*c))
            return bad(value, "one device, as xl's descriptions have it, without quotation marks");
    return set_text(to, bytes, value);
}

static bool set_disk(struct kind *kind, const struct value *value)
{
    return set_device(kind->disk, sizeof(kind->disk), value);
}

static bool set_vif(struct kind *kind, const struct value *value)
{
    return set_device(kind->vif, sizeof(kind->vif), value);
}

static const struct {
    const char *name;
    bool (*set)(struct kind *kind, const struct value *value);
    bool domains; /* processes have none */
} keys[] = {
    {"count", set_count, false},  {"program", set_path, false}, {"args", set_args, false},
    {"memory", set_memory, true}, {"weight", set_weight, true}, {"disk", set_disk, true},
    {"vif", set_vif, true},
};

bool kinds_memory_size(const char *word, uint64_t *bytes)
{
    return parse_size(word, bytes) && *bytes >= UINT64_C(4) << 20 &&
           *bytes % (UINT64_C(1) << 20) == 0 && *bytes <= MACHINE_RAM_MAX;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* NAME or NAME-3 names a domain of xl's, in at most 15 letters. */
static bool name_is_good(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '-')
            return false;
    return islower((unsigned char)*name) && strlen(name) < KIND_NAME_BYTES &&
           strcmp(name, "all") != 0;
}

static struct kind *find_kind(struct kinds *kinds, const char *name, char *why)
{
    struct kind *kind;

    for (unsigned i = 0; i < kinds->count; i++)
        if (!strcmp(kinds->kind[i].name, name))
            return &kinds->kind[i];
    if (!name_is_good(name)) {
        snprintf(
            why, SETUP_WHY_BYTES,
            "--domain %.200s: its name must have 1 to %d small letters, digits or -, and begin "
            "with a letter",
            name, KIND_NAME_BYTES - 1);
        return NULL;
    }
    if (kinds->count == KINDS_MAX) {
        snprintf(why, SETUP_WHY_BYTES, "--domain %.40s: there are %d kinds of domains already",
                 name, KINDS_MAX);
        return NULL;
    }
    kind = &kinds->kind[kinds->count++];
    snprintf(kind->name, sizeof(kind->name), "%.*s", KIND_NAME_BYTES - 1, name);
    kind->count = 1;
    return kind;
}

static bool set_key(struct kind *kind, char *word, bool xen, char *why)
{
    char *equals = strchr(word, '=');
    struct value value = {kind, word, equals ? equals + 1 : "", why};

    if (!equals) {
        snprintf(why, SETUP_WHY_BYTES, "--domain %s: %.200s is not KEY=VALUE", kind->name, word);
        return false;
    }
    *equals = 0;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (strcmp(word, keys[i].name) != 0)
            continue;
        if (keys[i].domains && !xen)
            return bad(&value, "left out: processes of the bare kernel have none");
        return (*value.text || !strcmp(word, "args") || bad(&value, "something")) &&
               keys[i].set(kind, &value);
    }
    snprintf(why, SETUP_WHY_BYTES,
             "domain.%s.%.200s: a kind of domains has count, program, args, memory, weight, disk "
             "and vif",
             kind->name, word);
    return false;
}

static bool read_word(struct kinds *kinds, const char *text, bool xen, char *why)
{
    static char words[2 * PROGRAM_WORDS_BYTES];
    struct kind *kind;
    size_t used = 0;

    if (!program_split(text, words, sizeof(words), &used) || !used) {
        snprintf(why, SETUP_WHY_BYTES,
                 "--domain %.200s: there is no name, or a quotation has no end, or it is too long",
                 text);
        return false;
    }
    kind = find_kind(kinds, words, why);
    for (char *word = words + strlen(words) + 1, *next; kind && word < words + used; word = next) {
        next = word + strlen(word) + 1; /* set_key() cuts the word */
        if (!set_key(kind, word, xen, why))
            return false;
    }
    return kind != NULL;
}

/* ---- all kinds ------------------------------------------------------------------------------- */

static bool settle(struct kinds *kinds, const struct options *options, char *why)
{
    for (unsigned i = 0; i < kinds->count; i++) {
        struct kind *kind = &kinds->kind[i];
        const char *path = *kind->path ? kind->path : option_value(options, OPT_PROGRAM);
        const char *args = *kind->args ? kind->args : option_value(options, OPT_ARGS);

        kind->first = kinds->copies;
        kinds->copies += kind->count;
        if (!*path) {
            snprintf(why, SETUP_WHY_BYTES, "domain.%s.program: there is none, and no --program",
                     kind->name);
            return false;
        }
        if (!program_read(&kind->program, kind->name, path, args, why))
            return false;
    }
    if (kinds->copies <= DOMAINS_MAX)
        return true;
    snprintf(why, SETUP_WHY_BYTES, "%llu copies of all kinds: there can be %d",
             (unsigned long long)kinds->copies, DOMAINS_MAX);
    return false;
}

bool kinds_read(struct kinds *kinds, const struct options *options, bool xen, char *why)
{
    uint64_t copies;

    *kinds = (struct kinds){.named = option_given(options, OPT_DOMAIN)};
    if (kinds->named && option_given(options, OPT_DOMAINS)) {
        snprintf(why, SETUP_WHY_BYTES, "--domains: with --domain each kind has its own count");
        return false;
    }
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_DOMAIN &&
            !read_word(kinds, options->given[i].value, xen, why))
            return false;
    if (!kinds->named) {
        if (!parse_number(option_value(options, OPT_DOMAINS), 1, DOMAINS_MAX, &copies)) {
            snprintf(why, SETUP_WHY_BYTES, "--domains %s: must be a number from 1 to %d",
                     option_value(options, OPT_DOMAINS), DOMAINS_MAX);
            return false;
        }
        kinds->kind[kinds->count++].count = copies;
    }
    if (kinds->named || option_given(options, OPT_PROGRAM))
        return settle(kinds, options, why);
    kinds->copies = copies;
    return true;
}

uint64_t kinds_memory(const struct kinds *kinds, uint64_t most, uint64_t each)
{
    uint64_t bytes = 0;

    for (unsigned i = 0; i < kinds->count; i++)
        bytes +=
            kinds->kind[i].count * ((kinds->kind[i].memory ? kinds->kind[i].memory : most) + each);
    return bytes;
}
