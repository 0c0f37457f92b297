/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_bisect.c - `xenolith bisect --build COMMAND GOOD BAD FILE:BENCHMARK`
 *
 * A copy of the repository is made, so that the user's own tree is left alone. In it the benchmark
 * is measured at GOOD, which makes the baseline, and at BAD, which must differ from it; then `git
 * bisect run` builds and measures between them. The description is read where it is now; what it
 * names is found in the copy. A commit that cannot be built or measured is passed over.
 */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/gate/gate.h"
#include "sim/load/places.h"
#include "sim/lab/tasks.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct bisection {
    const char *repo, *build, *simulator;
    const char *good, *bad; /* as given */
    char *file;             /* the description, absolute */
    const char *benchmark;
    const char *compiler;
    char program[4096];
    char out[4096]; /* absolute */
    char tree[4200], log[4200], build_log[4200], verdict[4200];
    char why[GATE_WHY];
};

/*
 * Builds and measures; its exit status is the benchmark's verdict. 125 is git's word for a commit
 * that says nothing. $1 is the build, $2 its log, and the rest the measurement.
 */
static const char *const step = "build=$1 log=$2\n"
                                "shift 2\n"
                                "sh -c \"$build\" >>\"$log\" 2>&1 </dev/null || exit 125\n"
                                "\"$@\"\n"
                                "status=$?\n"
                                "[ $status -le 1 ] || exit 125\n"
                                "exit $status\n";

/* ---- processes ------------------------------------------------------------------------------- */

/* Its exit status; -1, with one sentence in `why`, if it has none. */
static int run(struct bisection *bisection, struct words *words, const char *folder,
               const char *out)
{
    struct task task = {.words = words->word, .folder = folder, .out = out, .log = bisection->log};
    struct tasks tasks = {.task = &task, .count = 1, .jobs = 1};
    bool ran = tasks_run(&tasks, bisection->why, GATE_WHY);

    words_free(words);
    if (ran && !WIFEXITED(task.status)) {
        task_end(&task, bisection->why, GATE_WHY);
        ran = false;
    }
    return ran ? WEXITSTATUS(task.status) : -1;
}

/* Runs git in the copy, or where `folder` says; true if it was content. */
static bool git(struct bisection *bisection, const char *folder, const char *out,
                const char *const words[])
{
    struct words line = {0};
    int status;

    words_add(&line, "git");
    for (; *words; words++)
        words_add(&line, "%s", *words);
    status = run(bisection, &line, folder, out);
    if (status > 0)
        snprintf(bisection->why, GATE_WHY, "git was not content: see %s", bisection->log);
    return status == 0;
}

static void add_gate(struct bisection *bisection, struct words *line)
{
    words_add(line, "%s", bisection->program);
    words_add(line, "gate");
    words_add(line, "%s", bisection->file);
    words_add(line, "%s", bisection->benchmark);
    words_add(line, "--out=%s/gate", bisection->out);
    words_add(line, "--baselines=%s/baselines", bisection->out);
    words_add(line, "--compiler=%s", bisection->compiler);
    if (bisection->simulator)
        words_add(line, "--simulator=%s", bisection->simulator);
}

static void add_step(struct bisection *bisection, struct words *line)
{
    words_add(line, "sh");
    words_add(line, "-c");
    words_add(line, "%s", step);
    words_add(line, "step");
    words_add(line, "%s", bisection->build);
    words_add(line, "%s", bisection->build_log);
    add_gate(bisection, line);
}

/* ---- what was asked -------------------------------------------------------------------------- */

static bool refuse(struct bisection *bisection, const char *sentence)
{
    snprintf(bisection->why, GATE_WHY, "%s", sentence);
    return false;
}

static bool read_words(struct bisection *bisection, const struct options *options)
{
    const char *word[3] = {NULL}, *colon;
    unsigned count = 0;
    char *file;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD && count++ < 3)
            word[count - 1] = options->given[i].value;
    colon = count == 3 ? strrchr(word[2], ':') : NULL;
    if (count != 3 || !colon || !colon[1])
        return refuse(bisection, "bisect needs a good commit, a bad one, and FILE:BENCHMARK");
    if (!option_given(options, OPT_BUILD))
        return refuse(bisection, "bisect needs --build: what makes the benchmark's images");
    bisection->good = word[0];
    bisection->bad = word[1];
    bisection->benchmark = colon + 1;
    file = strndup(word[2], (size_t)(colon - word[2]));
    bisection->file = file ? realpath(file, NULL) : NULL;
    if (!bisection->file)
        snprintf(bisection->why, GATE_WHY, "cannot read %s: %s", file ? file : "the description",
                 strerror(errno));
    free(file);
    return bisection->file;
}

/* The description must have the benchmark: found out before anything is built. */
static bool has_benchmark(struct bisection *bisection)
{
    struct gate gate = {.simulator = bisection->program};
    bool read = gate_read(&gate, bisection->file, bisection->why), found = false;

    for (size_t i = 0; read && i < gate.count; i++)
        found |= !strcmp(gate.benchmark[i].name, bisection->benchmark);
    if (read && !found)
        snprintf(bisection->why, GATE_WHY, "%s describes no benchmark %s", bisection->file,
                 bisection->benchmark);
    gate_free(&gate);
    return found;
}

static bool make_places(struct bisection *bisection, const struct options *options)
{
    char *absolute;

    if (option_given(options, OPT_OUT))
        snprintf(bisection->out, sizeof(bisection->out), "%s", option_value(options, OPT_OUT));
    else
        place_results(bisection->out, sizeof(bisection->out), "bisect");
    if (!folder_make(bisection->out, bisection->why, GATE_WHY))
        return false;
    absolute = realpath(bisection->out, NULL);
    snprintf(bisection->out, sizeof(bisection->out), "%s", absolute ? absolute : "");
    free(absolute);
    snprintf(bisection->tree, sizeof(bisection->tree), "%s/tree-XXXXXX", bisection->out);
    snprintf(bisection->log, sizeof(bisection->log), "%s/git.log", bisection->out);
    snprintf(bisection->build_log, sizeof(bisection->build_log), "%s/build.log", bisection->out);
    snprintf(bisection->verdict, sizeof(bisection->verdict), "%s/verdict.txt", bisection->out);
    unlink(bisection->build_log);
    if (mkdtemp(bisection->tree))
        return true;
    snprintf(bisection->why, GATE_WHY, "cannot make a folder in %s: %s", bisection->out,
             strerror(errno));
    return false;
}

static bool read_request(struct bisection *bisection, const struct options *options)
{
    bisection->repo = option_value(options, OPT_REPO);
    bisection->build = option_value(options, OPT_BUILD);
    bisection->compiler =
        option_given(options, OPT_COMPILER) ? option_value(options, OPT_COMPILER) : "good";
    bisection->simulator =
        option_given(options, OPT_SIMULATOR) ? option_value(options, OPT_SIMULATOR) : NULL;
    place_program(bisection->program, sizeof(bisection->program));
    return read_words(bisection, options) && has_benchmark(bisection) &&
           make_places(bisection, options);
}

/* ---- the search ------------------------------------------------------------------------------ */

static bool is_commit(struct bisection *bisection, const char *word)
{
    char name[512];

    snprintf(name, sizeof(name), "%s^{commit}", word);
    if (*word != '-' && git(bisection, bisection->repo, NULL,
                            (const char *const[]){"rev-parse", "--quiet", "--verify", name, NULL}))
        return true;
    snprintf(bisection->why, GATE_WHY, "%s is no commit of %s", word, bisection->repo);
    return false;
}

static bool copy_repository(struct bisection *bisection)
{
    if (!git(bisection, NULL, NULL,
             (const char *const[]){"-C", bisection->repo, "rev-parse", "--git-dir", NULL})) {
        snprintf(bisection->why, GATE_WHY, "%s is no git repository", bisection->repo);
        return false;
    }
    if (!is_commit(bisection, bisection->good) || !is_commit(bisection, bisection->bad))
        return false;
    if (!git(bisection, bisection->repo, NULL,
             (const char *const[]){"merge-base", "--is-ancestor", bisection->good, bisection->bad,
                                   NULL})) {
        snprintf(bisection->why, GATE_WHY, "%s does not precede %s", bisection->good,
                 bisection->bad);
        return false;
    }
    return git(bisection, NULL, NULL,
               (const char *const[]){"clone", "--quiet", "--shared", "--no-checkout", "--",
                                     bisection->repo, bisection->tree, NULL});
}

/* The commit's name, which the copy may not have as a branch, is resolved where it was given. */
static bool resolve(struct bisection *bisection, const char *folder, const char *word,
                    char name[64])
{
    char path[4300], commit[512];
    FILE *in;
    bool good;

    snprintf(path, sizeof(path), "%s/name", bisection->out);
    snprintf(commit, sizeof(commit), "%s^{commit}", word);
    good = git(bisection, folder, path, (const char *const[]){"rev-parse", commit, NULL});
    in = good ? fopen(path, "r") : NULL;
    good = in && fgets(name, 64, in);
    if (in)
        fclose(in);
    unlink(path);
    if (good)
        name[strcspn(name, "\n")] = 0;
    return good;
}

/* Checks a commit out, builds and measures it: the verdict, or -1 with one sentence. */
static int measure(struct bisection *bisection, const char *commit, bool baseline)
{
    struct words line = {0};
    int status;

    if (!git(bisection, bisection->tree, NULL,
             (const char *const[]){"checkout", "--quiet", "--detach", commit, NULL}))
        return -1;
    add_step(bisection, &line);
    if (baseline)
        words_add(&line, "--update=good");
    status = run(bisection, &line, bisection->tree, bisection->verdict);
    if (status > 1) {
        snprintf(bisection->why, GATE_WHY, "%.20s cannot be built or measured: see %s and %s",
                 commit, bisection->build_log, bisection->log);
        status = -1;
    }
    return status;
}

static void show(const char *path)
{
    char line[1024];
    FILE *in = fopen(path, "r");

    while (in && fgets(line, sizeof(line), in))
        fputs(line, stdout);
    if (in)
        fclose(in);
}

static bool search(struct bisection *bisection, const char *good, const char *bad)
{
    struct words line = {0};
    char found[64];
    int status;

    if (!git(bisection, bisection->tree, NULL,
             (const char *const[]){"bisect", "start", bad, good, NULL}))
        return false;
    words_add(&line, "git");
    words_add(&line, "bisect");
    words_add(&line, "run");
    add_step(bisection, &line);
    status = run(bisection, &line, bisection->tree, bisection->build_log);
    if (status < 0)
        return false;
    if (status > 0) {
        snprintf(bisection->why, GATE_WHY,
                 "which commit it was cannot be said: too many could not be built or measured; "
                 "see %s",
                 bisection->build_log);
        return false;
    }
    if (!resolve(bisection, bisection->tree, "refs/bisect/bad", found) ||
        !git(
            bisection, bisection->tree, bisection->verdict,
            (const char *const[]){"log", "-1", "--format=%H%n%an, %as: %s", "--stat", found, NULL}))
        return false;
    printf("\nfirst differs at ");
    fflush(stdout);
    show(bisection->verdict);
    return true;
}

static bool bisect(struct bisection *bisection)
{
    char good[64], bad[64];
    int status;

    if (!copy_repository(bisection) ||
        !resolve(bisection, bisection->repo, bisection->good, good) ||
        !resolve(bisection, bisection->repo, bisection->bad, bad))
        return false;
    if (measure(bisection, good, true) < 0)
        return false;
    status = measure(bisection, bad, false);
    if (status == 0)
        snprintf(bisection->why, GATE_WHY, "%s: %s is as %s: there is nothing to look for",
                 bisection->benchmark, bisection->bad, bisection->good);
    if (status <= 0)
        return false;
    show(bisection->verdict);
    return search(bisection, good, bad);
}

int command_bisect(const struct options *options)
{
    static struct bisection bisection;
    bool made = read_request(&bisection, options);
    bool found = made && bisect(&bisection);

    if (!found)
        say("%s", bisection.why);
    if (made) {
        struct words line = {0};

        words_add(&line, "rm");
        words_add(&line, "-rf");
        words_add(&line, "--");
        words_add(&line, "%s", bisection.tree);
        if (run(&bisection, &line, NULL, NULL) != 0)
            say("cannot remove %s", bisection.tree);
    }
    free(bisection.file);
    return found ? 0 : EXIT_BAD_INPUT;
}
