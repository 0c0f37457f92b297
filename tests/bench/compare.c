// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare.c - the same images on Xenolith and on its peers, side by side, in one run
 *
 * For each image and each emulator: run it at scale N and at scale 2N, subtract (so that start-up,
 * firmware and the emulator's own loading do not count), the medians of five runs each. N is what
 * takes each emulator most of a second, and the emulators take turns, so that what else the host does
 * meets all of them. The time is the child's processor time, user and system, which a busy machine
 * disturbs less than the clock on the wall. Absolute speeds depend on the host; what is kept and
 * compared are ratios within one run.
 *
 * Instructions are those that QEMU's -icount counts at 2N less those at N: every emulator does the
 * same work, so one count serves as the numerator of all. Whether Xenolith (--timing unit) and Bochs
 * count the same is printed as a verdict of its own. Bochs advances its clock once more for each
 * fault taken; that is allowed for in the fault image and in no other.
 *
 *   compare IMAGES-DIRECTORY XENOLITH JSON [--quick]
 */
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
#include <unistd.h>

enum { RUNS = 5, MAX_ARGS = 24, TEXT = 4096 };

enum emulator { FAST, FULL, UNIT, QEMU, ICOUNT, BOCHS, NR_EMULATORS };

static const char *const emulators[NR_EMULATORS] = {
    [FAST] = "xenolith-fast", [FULL] = "xenolith-full", [UNIT] = "xenolith-unit",
    [QEMU] = "qemu-tcg",      [ICOUNT] = "qemu-icount", [BOCHS] = "bochs",
};

/* Bochs needs seconds of firmware to start, so it is given its scale; others are tried. */
#define WANTED_SECONDS 0.8
#define MOST_SPEED     256 /* times the work of the trial */

static const struct image {
    const char *name;
    unsigned scale;     /* about a second of Bochs */
    const char *unit;   /* what `work` counts */
    bool counts_faults; /* Bochs's clock counts them too */
} images[] = {
    {"integer", 150, "rounds", false},        {"stores", 700, "rounds", false},
    {"memory", 1500, "4096 accesses", false}, {"code", 500, "1024 calls", false},
    {"crossing", 2500, "crossings", false},   {"fault", 300, "faults", true},
    {"switch", 800, "switches", false},
};
enum { NR_IMAGES = sizeof images / sizeof *images };

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

static void fail(const char *what, const char *detail)
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

/* Runs a program to its end; what it prints goes to `line`. Returns its processor time in seconds. */
static double spawn(char *const argv[], char line[TEXT])
{
    size_t used = 0;
    int out[2], status;
    struct rusage usage;

    if (pipe(out))
        fail("pipe", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        fail("fork", strerror(errno));
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(out[1], 1);
        dup2(null, 2);
        close(out[0]);
        execvp(argv[0], argv);
        _exit(127);
    }
    close(out[1]);
    for (ssize_t got; used < TEXT - 1; used += got) {
        got = read(out[0], line + used, TEXT - 1 - used);
        if (got <= 0)
            break;
    }
    line[used] = 0;
    close(out[0]);
    if (wait4(child, &status, 0, &usage) != child)
        fail("wait4", strerror(errno));
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static struct reading run_once(enum emulator which, const char *image, unsigned scale)
{
    char *argv[MAX_ARGS], text[TEXT], line[TEXT];
    struct reading reading = {0};

    command(argv, text, which, image, scale);
    reading.seconds = spawn(argv, line);

    char expect[64];
    unsigned seen;
    snprintf(expect, sizeof expect, "%s scale=", image);
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

static double median(double *values, int count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

/* The scale that takes an emulator about as long as wanted, by a trial with some of the work. */
static unsigned scale_for(enum emulator which, const struct image *image)
{
    if (which == BOCHS)
        return image->scale;
    unsigned little = image->scale / 4;
    double one = run_once(which, image->name, little).seconds;
    double two = run_once(which, image->name, 2 * little).seconds;
    double times = two > one ? WANTED_SECONDS / (two - one) : MOST_SPEED;
    return little * (times < 1 ? 1 : times > MOST_SPEED ? MOST_SPEED : (unsigned)times);
}

/* What the runs of one emulator gave. */
struct series {
    unsigned scale;
    double once[RUNS], twice[RUNS]; /* seconds */
    uint64_t work, tsc;             /* of the second scale of the work */
};

/* Makes one more run at either scale; counts do not vary and are checked not to. */
static void measure(struct series *series, enum emulator which, const char *image, int run)
{
    struct reading once = run_once(which, image, series->scale);
    struct reading twice = run_once(which, image, 2 * series->scale);
    bool counted = which == ICOUNT || which == BOCHS;

    if (run && counted && twice.tsc - once.tsc != series->tsc)
        fail(emulators[which], "two runs counted differently");
    series->once[run] = once.seconds;
    series->twice[run] = twice.seconds;
    series->work = twice.work - once.work;
    series->tsc = twice.tsc - once.tsc;
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

static double mips[NR_IMAGES][NR_EMULATORS], ns[NR_IMAGES][NR_EMULATORS];

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
        double seconds = median(one->twice, runs) - median(one->once, runs);
        double instructions = (double)count->tsc / count->work * one->work;
        mips[index][which] = instructions / seconds * 1e-6;
        ns[index][which] = seconds * 1e9 / one->work;
        double spread = one->twice[runs - 1] / one->twice[0]; /* sorted by now */
        printf("  %-14s %8.0f MIPS  %8.1f ns, of %s; slowest run %.2f times the fastest\n",
               emulators[which], mips[index][which], ns[index][which], image->unit, spread);
        json_t *cell = json_pack("{s:f,s:f,s:f}", "mips", mips[index][which], "ns_per_unit",
                                 ns[index][which], "spread", spread);
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
    abort();
}

/* One line of the verdict, on the terminal and in the result. */
static void verdict(json_t *list, const char *what, double value, double bound, bool met)
{
    printf("%-52s %8.2f, target %s %.2f: %s\n", what, value,
           (value < bound) == met ? "at most" : "at least", bound, met ? "met" : "MISSED");
    json_array_append_new(list, json_pack("{s:s,s:f,s:f,s:b}", "what", what, "value", value,
                                          "target", bound, "met", met));
}

static json_t *print_targets(void)
{
    json_t *list = json_array();
    char what[128];

    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        const struct target *t = &targets[i];
        const double *row = mips[index_of(t->image)];
        double ratio = row[t->ours] / row[t->peer];
        snprintf(what, sizeof what, "%s: %s over %s", t->image, emulators[t->ours],
                 emulators[t->peer]);
        verdict(list, what, ratio, t->least, ratio >= t->least);
    }
    for (unsigned i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct limit *l = &limits[i];
        double each = ns[index_of(l->image)][l->ours];
        snprintf(what, sizeof what, "%s: %s, ns each", l->image, emulators[l->ours]);
        verdict(list, what, each, l->most, each <= l->most);
    }
    return list;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: compare IMAGES-DIRECTORY XENOLITH JSON [--quick]\n");
        return 2;
    }
    directory = argv[1];
    xenolith = argv[2];
    int runs = argc > 4 && !strcmp(argv[4], "--quick") ? 1 : RUNS;
    json_t *root = json_object(), *rows = json_object();

    for (unsigned i = 0; i < NR_IMAGES; i++)
        json_object_set_new(rows, images[i].name, measure_image(i, runs));
    json_object_set_new(root, "images", rows);
    json_t *list = print_targets();
    json_object_set_new(root, "targets", list);
    if (json_dump_file(root, argv[3], JSON_INDENT(2) | JSON_SORT_KEYS))
        fail(argv[3], "cannot write");
    json_decref(root);
    return 0;
}
