/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/lab/words.h"

#include "sim/cli/setup.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- making them ----------------------------------------------------------------------------- */

static _Noreturn void no_memory(void)
{
    say("no memory for a command line");
    exit(EXIT_FAILURE);
}

void words_add(struct words *words, const char *format, ...)
{
    char **more = realloc(words->word, (words->count + 2) * sizeof(*more));
    va_list values;

    if (!more)
        no_memory();
    words->word = more;
    va_start(values, format);
    if (vasprintf(&more[words->count], format, values) < 0)
        no_memory();
    va_end(values);
    more[++words->count] = NULL;
}

void words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->word[i]);
    free(words->word);
    *words = (struct words){0};
}

/* A value as program_split() reads it again: in quotation marks of the kind that it has not. */
static char *quote(const char *value)
{
    char *text = calloc(3 * strlen(value) + 3, 1), *to = text;

    if (!text)
        no_memory();
    do {
        char mark = *value == '\'' ? '"' : '\'';
        size_t length = strcspn(value, mark == '"' ? "\"" : "'");

        to += sprintf(to, "%c%.*s%c", mark, (int)length, value, mark);
        value += length;
    } while (*value);
    return text;
}

/* domain.NAME.KEY = VALUE is --domain="NAME KEY=VALUE". */
static bool add_domain(struct words *words, const char *name, const char *value, char *why,
                       size_t why_bytes)
{
    const char *kind = strchr(name, '.') + 1, *key = strchr(kind, '.');
    bool plain = !strpbrk(value, " \t'\"") && *value;
    char *text;

    if (!key || !key[1] || key == kind) {
        snprintf(why, why_bytes, "%s is not domain.NAME.KEY", name);
        return false;
    }
    text = plain ? strdup(value) : quote(value);
    if (!text)
        no_memory();
    words_add(words, "--domain=%.*s %s=%s", (int)(key - kind), kind, key + 1, text);
    free(text);
    return true;
}

bool words_option(struct words *words, enum command command, const char *name, const char *value,
                  char *why, size_t why_bytes)
{
    enum option option;

    if (!strncmp(name, "domain.", 7))
        return add_domain(words, name, value, why, why_bytes);
    if (strchr(name, '.')) {
        words_add(words, "--set=%s=%s", name, value);
        return true;
    }
    if (!option_named(command, name, &option)) {
        snprintf(why, why_bytes, "there is no option %s", name);
        return false;
    }
    if (!option_matters(option)) {
        snprintf(why, why_bytes, "%s is not a description's business", name);
        return false;
    }
    if (!option_is_switch(option)) {
        if (!*value)
            snprintf(why, why_bytes, "%s has no value", name);
        else
            words_add(words, "--%s=%s", name, value);
        return *value;
    }
    if (!strcmp(value, "yes"))
        words_add(words, "--%s", name);
    else if (strcmp(value, "no") != 0) {
        snprintf(why, why_bytes, "%s must be yes or no", name);
        return false;
    }
    return true;
}

/* ---- what they read -------------------------------------------------------------------------- */

/* Images that commands take if no word names others. */
const char *const words_beside[] = {"hv/hv.elf",
                                    "guestos/kernel-xen.elf",
                                    "guestos/kernel-native.elf",
                                    "workloads/domain0.cpio",
                                    "workloads/native.cpio",
                                    "root/root.cpio",
                                    "machines",
                                    NULL};

/* Digests of files that were read already: benchmarks share their images. */
struct known {
    struct known *next;
    struct timespec changed;
    off_t size;
    char digest[SHA256_TEXT];
    char path[];
};

static const char *digest_of(const char *path, const struct stat *status)
{
    static struct known *known;
    struct known *entry;
    struct file file;
    char why[256];

    for (entry = known; entry; entry = entry->next)
        if (!strcmp(entry->path, path) && entry->size == status->st_size &&
            entry->changed.tv_sec == status->st_mtim.tv_sec &&
            entry->changed.tv_nsec == status->st_mtim.tv_nsec)
            return entry->digest;
    if (!file_open(&file, path, why, sizeof(why)))
        return "unreadable";
    entry = calloc(1, sizeof(*entry) + strlen(path) + 1);
    if (!entry)
        no_memory();
    strcpy(entry->path, path);
    entry->size = status->st_size;
    entry->changed = status->st_mtim;
    sha256_text(&file, entry->digest);
    file_close(&file);
    entry->next = known;
    known = entry;
    return entry->digest;
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

#define DEPTH_MAX  16
#define PATH_BYTES 4096

static void add_path(FILE *list, const char *path, unsigned depth)
{
    struct dirent **entry = NULL;
    struct stat status;
    int count;

    if (stat(path, &status) < 0 || depth > DEPTH_MAX)
        return;
    if (S_ISREG(status.st_mode))
        fprintf(list, "%s %o %s\n", path, (unsigned)status.st_mode, digest_of(path, &status));
    if (!S_ISDIR(status.st_mode))
        return;
    count = scandir(path, &entry, no_dots, alphasort);
    for (int i = 0; i < count; i++) {
        char *inner;

        if (asprintf(&inner, "%s/%s", path, entry[i]->d_name) < 0)
            no_memory();
        add_path(list, inner, depth + 1);
        free(inner);
        free(entry[i]);
    }
    free(entry);
}

/* What lies below a folder of the program's that images or machines may be in (places.h). */
static void add_place(FILE *list, const char *folder, size_t length, const char *within)
{
    char *path;

    for (size_t i = 0; words_beside[i]; i++) {
        if (asprintf(&path, "%.*s/%s%s", (int)length, folder, within, words_beside[i]) < 0)
            no_memory();
        add_path(list, path, 0);
        free(path);
    }
}

static void add_images(FILE *list, const char *program)
{
    static const char *const around[] = {"", "../", "../lib/xenolith/", "../share/xenolith/"};
    const char *slash = strrchr(program, '/'), *home = getenv("XENOLITH_HOME");

    if (home && *home)
        add_place(list, home, strlen(home), "");
    for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++)
        add_place(list, slash ? program : ".", slash ? (size_t)(slash - program) : 1, around[i]);
}

const char *words_path(const char *word, char *path, size_t bytes)
{
    static const char domain[] = "--domain=", key[] = "program=";
    const char *equals = strncmp(word, "--", 2) ? NULL : strchr(word, '='), *from = equals;
    char end = ' ';

    if (strncmp(word, domain, sizeof(domain) - 1) != 0)
        return equals ? equals + 1 : word;
    while (from && (from = strstr(from + 1, key)) && from[-1] != ' ')
        ;
    if (!from)
        return "";
    from += sizeof(key) - 1;
    if (*from == '\'' || *from == '"')
        end = *from++;
    snprintf(path, bytes, "%.*s", (int)(strchrnul(from, end) - from), from);
    return path;
}

bool words_digest(const struct words *words, char digest[SHA256_TEXT])
{
    char *text = NULL;
    size_t bytes;
    FILE *list = open_memstream(&text, &bytes);
    bool good;

    if (!list)
        return false;
    for (size_t i = 0; i < words->count; i++) {
        char path[PATH_BYTES];

        fprintf(list, "word %s\n", words->word[i]);
        add_path(list, words_path(words->word[i], path, sizeof(path)), 0);
    }
    add_images(list, words->count ? words->word[0] : "");
    good = fclose(list) == 0;
    if (good)
        sha256_text(&(struct file){"", (const uint8_t *)text, bytes}, digest);
    free(text);
    return good;
}

bool folder_make(const char *path, char *why, size_t why_bytes)
{
    char part[4300];
    int length = snprintf(part, sizeof(part), "%s", path);

    if (length < 0 || (size_t)length >= sizeof(part)) {
        snprintf(why, why_bytes, "the name of a folder is too long: %.100s...", path);
        return false;
    }
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = 0;
        if (mkdir(part, 0777) < 0 && errno != EEXIST) {
            snprintf(why, why_bytes, "cannot make the folder %s: %s", part, strerror(errno));
            return false;
        }
        if (!slash)
            return true;
        *slash = '/';
    }
}
