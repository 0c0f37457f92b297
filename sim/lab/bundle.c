/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bundle.c - a result with all that it came from, in one archive: `bundle` and `replay`
 *
 * An archive is a tar, compressed by gzip, with equal owners and times, so that the same result
 * gives the same archive. It holds
 *   result.json   the result, whose command line is what runs again
 *   tree/         files that the command line names, at the same relative paths
 *   home/         images and the machine that it takes without naming them (XENOLITH_HOME)
 * `bundle` runs it before it packs it: an archive that does not give the same bytes is not made.
 * An archive's maker may be hostile: tar keeps to the folder, and a command line that names
 * something outside of it is not run.
 */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/lab/compare.h"
#include "sim/lab/tasks.h"
#include "sim/lab/words.h"
#include "sim/load/places.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHY_BYTES    12288
#define EXIT_DIFFERS 1
#define FOLDER_BYTES 64

struct bundle {
    const char *archive, *result;
    char folder[FOLDER_BYTES], kept[FOLDER_BYTES + 16], again[FOLDER_BYTES + 16];
    char tree[FOLDER_BYTES + 16], home[FOLDER_BYTES + 16], log[FOLDER_BYTES + 16];
    char program[4096];
    struct words words; /* of the result's command line */
    char why[WHY_BYTES];
};

/* ---- processes ------------------------------------------------------------------------------- */

/* True if it ended with 0; else one sentence, with the first line that it wrote. */
static bool run(struct bundle *bundle, struct words *words, const char *folder)
{
    struct task task = {.words = words->word, .folder = folder, .log = bundle->log};
    struct tasks tasks = {.task = &task, .count = 1, .jobs = 1};
    bool good = tasks_run(&tasks, bundle->why, WHY_BYTES) && task.state == TASK_GOOD;
    char line[512] = "", end[64];
    FILE *log = good ? NULL : fopen(bundle->log, "r");

    if (log && fgets(line, sizeof(line), log))
        line[strcspn(line, "\n")] = 0;
    if (log)
        fclose(log);
    if (!good && !tasks.signal) {
        task_end(&task, end, sizeof(end));
        snprintf(bundle->why, WHY_BYTES, "%s ended with %s%s%s", words->word[0], end,
                 *line ? ": " : "", line);
    }
    words_free(words);
    return good;
}

static bool make_folder(struct bundle *bundle)
{
    snprintf(bundle->folder, sizeof(bundle->folder), "/tmp/xenolith-bundle-XXXXXX");
    if (!mkdtemp(bundle->folder)) {
        snprintf(bundle->why, WHY_BYTES, "cannot make a folder in /tmp");
        *bundle->folder = 0;
        return false;
    }
    snprintf(bundle->kept, sizeof(bundle->kept), "%s/result.json", bundle->folder);
    snprintf(bundle->again, sizeof(bundle->again), "%s/again.json", bundle->folder);
    snprintf(bundle->tree, sizeof(bundle->tree), "%s/tree", bundle->folder);
    snprintf(bundle->home, sizeof(bundle->home), "%s/home", bundle->folder);
    snprintf(bundle->log, sizeof(bundle->log), "%s/log", bundle->folder);
    return true;
}

static void remove_folder(struct bundle *bundle)
{
    struct words words = {0};
    char why[512];

    if (!*bundle->folder)
        return;
    words_add(&words, "rm");
    words_add(&words, "-rf");
    words_add(&words, "--");
    words_add(&words, "%s", bundle->folder);
    snprintf(why, sizeof(why), "%.500s", bundle->why);
    if (!run(bundle, &words, NULL))
        say("cannot remove %s", bundle->folder);
    snprintf(bundle->why, WHY_BYTES, "%s", why);
}

/* ---- the command line ------------------------------------------------------------------------ */

/* Whether a path stays below the folder that it starts from. */
static bool stays_below(const char *path)
{
    const char *part = path;

    if (*path == '/')
        return false;
    while (part) {
        if (!strncmp(part, "..", 2) && (part[2] == '/' || !part[2]))
            return false;
        part = strchr(part, '/');
        part = part ? part + 1 : NULL;
    }
    return true;
}

static bool read_words(struct bundle *bundle, const char *path)
{
    char named[4096];
    static const char *const commands[] = {"run", "boot", "shell", "guest"};
    bool known = false, result;
    json_error_t error;
    const json_t *list;
    const char *schema;
    json_t *root;

    if (!file_is_text(path, bundle->why, WHY_BYTES))
        return false;
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    schema = json_string_value(json_object_get(root, "schema"));
    list = json_object_get(json_object_get(root, "configuration"), "command_line");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));

        words_add(&bundle->words, "%s", word ? word : "");
    }
    result = schema && !strncmp(schema, "xenolith-result/", 16);
    json_decref(root);
    for (size_t i = 0; bundle->words.count && i < sizeof(commands) / sizeof(*commands); i++)
        known |= !strcmp(bundle->words.word[0], commands[i]);
    if (!result || !known) {
        snprintf(bundle->why, WHY_BYTES,
                 "%s is not a result of run, boot, shell or guest with its command line", path);
        return false;
    }
    for (size_t i = 0; i < bundle->words.count; i++)
        if (!stays_below(words_path(bundle->words.word[i], named, sizeof(named)))) {
            snprintf(bundle->why, WHY_BYTES,
                     "%s: its command line names %.200s, which is outside of where it ran", path,
                     words_path(bundle->words.word[i], named, sizeof(named)));
            return false;
        }
    return true;
}

/* Runs the command line again, within what the folder holds. */
static bool run_again(struct bundle *bundle)
{
    struct words words = {0};

    words_add(&words, "%s", bundle->program);
    for (size_t i = 0; i < bundle->words.count; i++) {
        words_add(&words, "%s", bundle->words.word[i]);
        if (i == 0)
            words_add(&words, "--json=%s", bundle->again);
    }
    setenv("XENOLITH_HOME", bundle->home, 1);
    return run(bundle, &words, bundle->tree);
}

static bool same_bytes(const char *one, const char *other)
{
    struct file a = {0}, b = {0};
    char why[512];
    bool same = file_open(&a, one, why, sizeof(why)) && file_open(&b, other, why, sizeof(why)) &&
                a.size == b.size && a.size && !memcmp(a.bytes, b.bytes, a.size);

    file_close(&a);
    file_close(&b);
    return same;
}

/* ---- packing --------------------------------------------------------------------------------- */

static bool copy(struct bundle *bundle, const char *from, const char *to, bool parents)
{
    struct words words = {0};

    words_add(&words, "cp");
    words_add(&words, "-rL");
    if (parents)
        words_add(&words, "--parents");
    words_add(&words, "--");
    words_add(&words, "%s", from);
    words_add(&words, "%s", to);
    return run(bundle, &words, NULL);
}

/* Images and machines, at the places where the program would find them. */
static bool copy_home(struct bundle *bundle)
{
    char from[4096], to[FOLDER_BYTES + 256];

    for (size_t i = 0; words_beside[i]; i++) {
        const char *slash = strrchr(words_beside[i], '/');

        if (!place_find(from, sizeof(from), words_beside[i]))
            continue;
        snprintf(to, sizeof(to), "%s/%.*s", bundle->home,
                 slash ? (int)(slash - words_beside[i]) : 0, words_beside[i]);
        if (!folder_make(to, bundle->why, WHY_BYTES) || !copy(bundle, from, to, false))
            return false;
    }
    return true;
}

static bool copy_tree(struct bundle *bundle)
{
    struct stat status;
    char named[4096];

    if (!folder_make(bundle->tree, bundle->why, WHY_BYTES))
        return false;
    for (size_t i = 1; i < bundle->words.count; i++) {
        const char *path = words_path(bundle->words.word[i], named, sizeof(named));

        if (*path && stat(path, &status) == 0 && !copy(bundle, path, bundle->tree, true))
            return false;
    }
    return true;
}

static bool pack(struct bundle *bundle)
{
    struct words words = {0};

    unlink(bundle->again);
    unlink(bundle->log);
    words_add(&words, "tar");
    words_add(&words, "--sort=name");
    words_add(&words, "--mtime=@0");
    words_add(&words, "--owner=0");
    words_add(&words, "--group=0");
    words_add(&words, "--numeric-owner");
    words_add(&words, "--mode=u=rwX,go=rX");
    words_add(&words, "--use-compress-program=gzip -n");
    words_add(&words, "-cf");
    words_add(&words, "%s", bundle->archive);
    words_add(&words, "-C");
    words_add(&words, "%s", bundle->folder);
    words_add(&words, "result.json");
    words_add(&words, "tree");
    words_add(&words, "home");
    return run(bundle, &words, NULL);
}

static bool make_bundle(struct bundle *bundle)
{
    if (access(bundle->archive, F_OK) == 0) {
        snprintf(bundle->why, WHY_BYTES, "%s is there already", bundle->archive);
        return false;
    }
    if (!read_words(bundle, bundle->result) || !make_folder(bundle) ||
        !copy(bundle, bundle->result, bundle->kept, false) || !copy_tree(bundle) ||
        !copy_home(bundle) || !run_again(bundle))
        return false;
    if (!same_bytes(bundle->kept, bundle->again)) {
        snprintf(bundle->why, WHY_BYTES,
                 "%s: what its command line gives now differs from it; compare says in what",
                 bundle->result);
        return false;
    }
    return pack(bundle);
}

/* The words of a command line that are no options; false, after a sentence, unless there are n. */
static bool take_words(const struct options *options, const char *words[], unsigned n,
                       const char *needs)
{
    unsigned count = 0;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD && count++ < n)
            words[count - 1] = options->given[i].value;
    if (count != n)
        say("%s", needs);
    return count == n;
}

int command_bundle(const struct options *options)
{
    static struct bundle bundle;
    const char *words[2];
    bool good;

    if (!take_words(options, words, 2, "bundle needs a result and the archive to make"))
        return EXIT_BAD_INPUT;
    bundle.result = words[0];
    bundle.archive = words[1];
    place_program(bundle.program, sizeof(bundle.program));
    good = make_bundle(&bundle);
    remove_folder(&bundle);
    if (!good)
        say("%s", bundle.why);
    words_free(&bundle.words);
    return good ? 0 : EXIT_BAD_INPUT;
}

/* Whether a file is compressed by gzip; what else it is, tar finds out. */
static bool file_is_archive(const char *path, char *why, size_t why_bytes)
{
    struct file file;
    bool good;

    if (!file_open(&file, path, why, why_bytes))
        return false;
    good = file.size > 2 && file.bytes[0] == 0x1f && file.bytes[1] == 0x8b;
    if (!good)
        snprintf(why, why_bytes, "%s is not an archive that bundle made", path);
    file_close(&file);
    return good;
}

/* ---- replaying ------------------------------------------------------------------------------- */

static bool unpack(struct bundle *bundle)
{
    struct words words = {0};

    if (!file_is_archive(bundle->archive, bundle->why, WHY_BYTES) || !make_folder(bundle))
        return false;
    words_add(&words, "tar");
    words_add(&words, "--no-same-owner");
    words_add(&words, "--no-same-permissions");
    words_add(&words, "-xzf");
    words_add(&words, "%s", bundle->archive);
    words_add(&words, "-C");
    words_add(&words, "%s", bundle->folder);
    return run(bundle, &words, NULL);
}

static int replay(struct bundle *bundle)
{
    struct compared pair = {.name = (char *)"the result in the archive -> now"};
    static const struct compare_rules exact;

    if (!unpack(bundle) || !read_words(bundle, bundle->kept) || !run_again(bundle)) {
        say("%s", bundle->why);
        return EXIT_BAD_INPUT;
    }
    if (same_bytes(bundle->kept, bundle->again)) {
        printf("%s: the same bytes\n", bundle->archive);
        return 0;
    }
    pair.before = bundle->kept;
    pair.after = bundle->again;
    compare_files(&pair.comparison, pair.before, pair.after, &exact, pair.why, sizeof(pair.why));
    compare_print(&pair, 1, FORM_TEXT, 20, stdout);
    comparison_free(&pair.comparison);
    return EXIT_DIFFERS;
}

int command_replay(const struct options *options)
{
    static struct bundle bundle;
    const char *words[1];
    int status;

    if (!take_words(options, words, 1, "replay needs an archive that bundle made"))
        return EXIT_BAD_INPUT;
    bundle.archive = words[0];
    place_program(bundle.program, sizeof(bundle.program));
    status = replay(&bundle);
    remove_folder(&bundle);
    words_free(&bundle.words);
    return status;
}
