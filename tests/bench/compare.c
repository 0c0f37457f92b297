/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare.c - the same images on Xenolith and on its peers, side by side, in one run
 *
 * For each image and each emulator: the processor time, user and system, between the line by which
 * the image says that it begins and its last one, so that firmware and loading do not count; the
 * median of five runs. Each emulator is given as much work as takes it about a second, and they
 * take turns, so that what else the host does meets all of them. Absolute speeds depend on the
 * host; what is kept and compared are ratios within one run. How far runs lay apart is printed:
 * where the slowest took half as long again as the fastest, look at the best runs, printed too.
 *
 * Instructions are those that QEMU's -icount counts: every emulator does the same work, so one
 * count serves as the numerator of all. Whether Xenolith (--timing unit) and Bochs count the same
 * is printed as a verdict of its own. Bochs advances its clock once more for each fault taken; that
 * is allowed for in the fault image and in no other.
 *
 *   compare IMAGES-DIRECTORY XENOLITH JSON [--quick] [IMAGE...]
 *
 * measures all images, or those named; --quick runs each once.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, MAX_ARGS = 24, TEXT = 4096 };

enum emulator { FAST, FULL, UNIT, QEMU, ICOUNT, BOCHS, NR_EMULATORS };

static const char *const emulators[NR_EMULATORS] = {
    [FAST] = "xenolith-fast", [FULL] = "xenolith-full", [UNIT] = "xenolith-unit",
    [QEMU] = "qemu-tcg",      [ICOUNT] = "qemu-icount", [BOCHS] = "bochs",
};

#define WANTED_SECONDS 1.2
#define MOST_SPEED     256 /* times the work of the trial */

static const struct image {
    const char *name;
    unsigned scale;     /* of the trial: a part of a second on any of them */
    const char *unit;   /* what `work` counts */
    bool counts_faults; /* Bochs's clock counts them too */
} images[] = {
    {"integer", 40, "rounds", false},        {"stores", 200, "rounds", false},
    {"memory", 200, "4096 accesses", false}, {"code", 80, "1024 calls", false},
    {"crossing", 500, "crossings", false},   {"fault", 100, "faults", true},
    {"switch", 60, "switches", false},
};
enum { NR_IMAGES = sizeof(images) / sizeof(*images) };

/* What the project sets itself; docs/performance.md explains what is missed. */
static const struct target {
    const char *image;
    enum emulator ours, peer;
    double least; /* times the peer's speed */
} targets[] = {
    {"integer", FAST, ICOUNT, 1.5}, {"integer", FULL, BOCHS, 8}, {"stores", FULL, BOCHS, 8},
    {"memory", FULL, BOCHS, 2},     {"code", FULL, BOCHS, 2},
};

static const struct limit {
    const char *image;
    enum emulator ours;
    double most; /* ns of host time for one unit */
} limits[] = {
    {"crossing", FAST, 250},
    {"crossing", FULL, 250},
    {"switch", FAST, 1000},
    {"switch", FULL, 1000},
};

struct reading {
    double seconds;
    uint64_t work, tsc, check;
};

static const char *directory, *xenolith;

static _Noreturn void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench: %s: %s\n", what, detail);
    exit(1);
}

/* Fills argv for one run; Bochs reads its scale from an image made for it beforehand. */
static void command(char *argv[MAX_ARGS], char text[TEXT], enum emulator which, const char *image,
                    unsigned scale)
{
    switch (which) {
    case FAST:
    case FULL:
    case UNIT:
        snprintf(text, TEXT, "%s boot %s/%s.elf %u --mem 64M --timing %s", xenolith, directory,
                 image, scale, emulators[which] + strlen("xenolith-"));
        break;
    case QEMU:
    case ICOUNT:
        snprintf(text, TEXT,
                 "qemu-system-i386 -accel tcg -m 64 -display none -no-reboot -monitor none -serial "
                 "stdio -device isa-debug-exit,iobase=0xf4,iosize=1 -kernel %s/%s.elf -append %u%s",
                 directory, image, scale, which == ICOUNT ? " -icount shift=0" : "");
        break;
    case BOCHS:
        snprintf(text, TEXT, "tests/bench/run-bochs %s/%s.elf %u", directory, image, scale);
        break;
    case NR_EMULATORS:
        abort();
    }
    int count = 0;
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[count++] = word;
    argv[count] = NULL;
}

static double clock_seconds(clockid_t clock)
{
    struct timespec time;

    return clock_gettime(clock, &time) ? 0 : time.tv_sec + time.tv_nsec * 1e-9;
}

/* What a process has used, if it belongs to `group`, and what its children that have ended did. */
static double used_by_process(const char *name, pid_t group)
{
    char path[300], line[TEXT];
    long children[2];
    clockid_t clock;
    int of;

    snprintf(path, sizeof(path), "/proc/%s/stat", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    char *got = fgets(line, sizeof(line), file);
    fclose(file);
    char *rest = got ? strrchr(line, ')') : NULL;
    /* proc(5): state ppid pgrp ... and cutime, cstime 13 fields further on. */
    if (!rest ||
        sscanf(rest + 1, " %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld", &of,
               &children[0], &children[1]) != 3 ||
        of != group || clock_getcpuclockid(atoi(name), &clock))
        return 0;
    return clock_seconds(clock) +
           (double)(children[0] + children[1]) / (double)sysconf(_SC_CLK_TCK);
}

static double used_by_group(pid_t group)
{
    DIR *all = opendir("/proc");
    double sum = 0;

    if (!all)
        fail("/proc", strerror(errno));
    for (struct dirent *entry = readdir(all); entry; entry = readdir(all))
        if (isdigit((unsigned char)entry->d_name[0]))
            sum += used_by_process(entry->d_name, group);
    closedir(all);
    return sum;
}

static void become(char *const argv[], int out)
{
    int null = open("/dev/null", O_RDWR);

    setpgid(0, 0);
    dup2(null, 0);
    dup2(out, 1);
    dup2(null, 2);
    execvp(argv[0], argv);
    _exit(127);
}

/*
 * Runs a program to its end; what it prints goes to `line`. Returns the processor time in seconds
 * that it and its children used after they had printed `marker`.
 */
static double spawn(char *const argv[], const char *marker, char line[TEXT])
{
    size_t used = 0;
    int out[2], status;
    double before = -1;
    struct rusage usage;

    if (pipe2(out, O_CLOEXEC))
        fail("pipe", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        fail("fork", strerror(errno));
    if (child == 0)
        become(argv, out[1]);
    setpgid(child, child);
    close(out[1]);
    for (ssize_t got; used < TEXT - 1; used += got) {
        got = read(out[0], line + used, TEXT - 1 - used);
        if (got <= 0)
            break;
        line[used + got] = 0;
        if (before < 0 && strstr(line, marker))
            before = used_by_group(child);
    }
    line[used] = 0;
    close(out[0]);
    if (wait4(child, &status, 0, &usage) != child)
        fail("wait4", strerror(errno));
    double all = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
                 (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
    return before < 0 ? 0 : all - before;
}

static struct reading run_once(enum emulator which, const char *image, unsigned scale)
{
    char *argv[MAX_ARGS], text[TEXT], line[TEXT];
    struct reading reading = {0};

    char expect[64];
    unsigned seen;

    command(argv, text, which, image, scale);
    snprintf(expect, sizeof(expect), "%s begins", image);
    reading.seconds = spawn(argv, expect, line);
    snprintf(expect, sizeof(expect), "%s scale=", image);
    const char *at = strstr(line, expect);
    if (!at ||
        sscanf(at + strlen(expect), "%u work=%" SCNu64 " tsc=%" SCNu64 " check=%" SCNu64, &seen,
               &reading.work, &reading.tsc, &reading.check) != 4 ||
        seen != scale) {
        fprintf(stderr, "bench: %s at scale %u on %s printed: %s\n", image, scale, emulators[which],
                line);
        exit(1);
    }
    return reading;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The scale that takes an emulator about as long as wanted, by a trial. */
static unsigned scale_for(enum emulator which, const struct image *image)
{
    double trial = run_once(which, image->name, image->scale).seconds;
    double times = WANTED_SECONDS / trial;

    return image->scale * (times < 1 ? 1 : times > MOST_SPEED ? MOST_SPEED : (unsigned)times);
}

/* What the runs of one emulator gave. */
struct series {
    unsigned scale;
    double seconds[RUNS];
    uint64_t work, tsc;
};

/* Makes one more run; counts do not vary and are checked not to. */
static void measure(struct series *series, enum emulator which, const char *image, int run)
{
    struct reading now = run_once(which, image, series->scale);
    bool counted = which == ICOUNT || which == BOCHS;

    if (run && counted && now.tsc != series->tsc)
        fail(emulators[which], "two runs counted differently");
    series->seconds[run] = now.seconds;
    series->work = now.work;
    series->tsc = now.tsc;
}

/* Instructions in one unit of work are the same everywhere, so counts are compared at one scale. */
static void check_counts(const struct image *image, json_t *into)
{
    struct reading qemu = run_once(ICOUNT, image->name, image->scale);
    struct reading ours = run_once(UNIT, image->name, image->scale);
    struct reading bochs = run_once(BOCHS, image->name, image->scale);
    uint64_t allowance = image->counts_faults ? bochs.work : 0;
    bool equal = ours.tsc == qemu.tsc && bochs.tsc - allowance == qemu.tsc &&
                 ours.check == qemu.check && bochs.check == qemu.check;

    printf("%-9s instructions: xenolith %" PRIu64 ", qemu %" PRIu64 ", bochs %" PRIu64 "%s: %s\n",
           image->name, ours.tsc, qemu.tsc, bochs.tsc, allowance ? " (one more a fault)" : "",
           equal ? "equal" : "DIFFERENT");
    json_object_set_new(into, "instructions_equal", json_boolean(equal));
    json_object_set_new(into, "instructions", json_integer(qemu.tsc));
}

static bool wanted[NR_IMAGES];
static double mips[NR_IMAGES][NR_EMULATORS], best_mips[NR_IMAGES][NR_EMULATORS],
    ns[NR_IMAGES][NR_EMULATORS];

static json_t *measure_image(unsigned index, int runs)
{
    const struct image *image = &images[index];
    json_t *row = json_object();
    struct series series[NR_EMULATORS];

    check_counts(image, row);
    for (enum emulator which = 0; which < NR_EMULATORS; which++)
        if (which != UNIT)
            series[which].scale = scale_for(which, image);
    for (int run = 0; run < runs; run++) {
        fprintf(stderr, "\r  run %d of %d", run + 1, runs);
        for (enum emulator which = 0; which < NR_EMULATORS; which++)
            if (which != UNIT)
                measure(&series[which], which, image->name, run);
    }
    fprintf(stderr, "\r");
    const struct series *count = &series[ICOUNT];
    for (enum emulator which = 0; which < NR_EMULATORS; which++) {
        if (which == UNIT)
            continue;
        struct series *one = &series[which];
        qsort(one->seconds, runs, sizeof(*one->seconds), by_value);
        double seconds = one->seconds[runs / 2], best = one->seconds[0];
        double instructions = (double)count->tsc / count->work * one->work;
        mips[index][which] = instructions / seconds * 1e-6;
        best_mips[index][which] = instructions / best * 1e-6;
        ns[index][which] = seconds * 1e9 / one->work;
        printf("  %-14s %6.0f MIPS, best %6.0f %10.1f ns, of %s; runs lay apart by %.2f\n",
               emulators[which], mips[index][which], best_mips[index][which], ns[index][which],
               image->unit, one->seconds[runs - 1] / best);
        json_t *cell = json_pack("{s:f,s:f,s:f,s:f}", "mips", mips[index][which], "best_mips",
                                 best_mips[index][which], "ns_per_unit", ns[index][which],
                                 "best_ns_per_unit", best * 1e9 / one->work);
        json_object_set_new(row, emulators[which], cell);
    }
    fflush(stdout);
    return row;
}

static unsigned index_of(const char *image)
{
    for (unsigned i = 0; i < NR_IMAGES; i++)
        if (!strcmp(images[i].name, image))
            return i;
    fail(image, "no such image");
}

/* One line of the verdict, on the terminal and in the result. */
static void verdict(json_t *list, const char *what, double value, double best, double bound,
                    bool met)
{
    printf("%-42s %8.2f (best runs %8.2f), target %s %.2f: %s\n", what, value, best,
           (value < bound) == met ? "at most" : "at least", bound, met ? "met" : "MISSED");
    json_array_append_new(list, json_pack("{s:s,s:f,s:f,s:f,s:b}", "what", what, "value", value,
                                          "best", best, "target", bound, "met", met));
}

static json_t *print_targets(void)
{
    json_t *list = json_array();
    char what[128];

    for (unsigned i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        const struct target *t = &targets[i];
        const double *row = mips[index_of(t->image)];

        if (!wanted[index_of(t->image)])
            continue;
        double ratio = row[t->ours] / row[t->peer];
        snprintf(what, sizeof(what), "%s: %s over %s", t->image, emulators[t->ours],
                 emulators[t->peer]);
        row = best_mips[index_of(t->image)];
        verdict(list, what, ratio, row[t->ours] / row[t->peer], t->least, ratio >= t->least);
    }
    for (unsigned i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        const struct limit *l = &limits[i];
        double each = ns[index_of(l->image)][l->ours];

        if (!wanted[index_of(l->image)])
            continue;
        snprintf(what, sizeof(what), "%s: %s, ns each", l->image, emulators[l->ours]);
        unsigned image = index_of(l->image);
        double best = each * mips[image][l->ours] / best_mips[image][l->ours];
        verdict(list, what, each, best, l->most, each <= l->most);
    }
    return list;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: compare IMAGES-DIRECTORY XENOLITH JSON [--quick] [IMAGE...]\n");
        return 2;
    }
    directory = argv[1];
    xenolith = argv[2];
    int next = 4, runs = argc > 4 && !strcmp(argv[4], "--quick") ? 1 : RUNS;
    next += runs == 1;
    for (unsigned i = 0; i < NR_IMAGES; i++)
        wanted[i] = next == argc;
    for (; next < argc; next++)
        wanted[index_of(argv[next])] = true;

    json_t *root = json_object(), *rows = json_object();
    for (unsigned i = 0; i < NR_IMAGES; i++)
        if (wanted[i])
            json_object_set_new(rows, images[i].name, measure_image(i, runs));
    json_object_set_new(root, "images", rows);
    json_t *list = print_targets();
    json_object_set_new(root, "targets", list);
    if (json_dump_file(root, argv[3], JSON_INDENT(2) | JSON_SORT_KEYS))
        fail(argv[3], "cannot write");
    json_decref(root);
    return 0;
}
