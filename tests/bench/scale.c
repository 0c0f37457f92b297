/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * scale.c - what more domains cost the host
 *
 * For each number of domains, on one processor of Xenolith, which is never idle then: the host's
 * time for a simulated second, and the memory it takes. A second is measured as the difference of
 * two runs whose windows differ by whole rounds of the scheduler, so that booting, creating the
 * domains and waiting for the first unit of each drop out; what the host spent until then is a
 * column of its own. Time is the child's processor time, user and system, the median of three
 * (with --quick: one). The simulated work is the same bytes in every run.
 *
 *   scale XENOLITH JSON [--quick]
 */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 3, TEXT = 4096 };

static const unsigned domains[] = {1, 2, 8, 32, 128};
enum { POINTS = sizeof(domains) / sizeof(*domains), LAST = POINTS - 1 };

static const char *const timings[] = {"fast", "full"};
enum { TIMINGS = sizeof(timings) / sizeof(*timings) };

/* One round of 128 slices of 5 ms, and four. */
static const unsigned window_ms[2] = {640, 2560};

/* What the project sets itself; docs/performance.md explains what is missed. */
static const double most_time = 1.3;       /* at 128 domains over that at 1 */
static const double most_megabytes = 16.0; /* resident a domain of 8 MB */

struct run {
    double host, simulated, instructions, megabytes; /* seconds, seconds, millions, MB */
};

struct point {
    double second, start, mips, megabytes;
};

static void fail(const char *what, const char *detail)
{
    fprintf(stderr, "bench: %s: %s\n", what, detail);
    exit(1);
}

static double seconds_of(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* Runs xenolith to its end; returns what it and the system say of that. */
static struct run run(const char *xenolith, const char *timing, unsigned count, unsigned window)
{
    char number[16], length[16], text[TEXT];
    struct run run = {0};
    struct rusage usage;
    size_t used = 0;
    int out[2], status;

    snprintf(number, sizeof(number), "%u", count);
    snprintf(length, sizeof(length), "%ums", window);
    if (pipe(out))
        fail("pipe", strerror(errno));
    pid_t child = fork();
    if (child < 0)
        fail("fork", strerror(errno));
    if (child == 0) {
        dup2(out[1], 1);
        dup2(out[1], 2);
        close(out[0]);
        execl(xenolith, xenolith, "run", "--system", "xen", "--domains", number, "--cpus", "1",
              "--slice", "5ms", "--workload", "cint/four", "--memory", "8M", "--timing", timing,
              "--for", length, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    for (ssize_t got; used < TEXT - 1 && (got = read(out[0], text + used, TEXT - 1 - used)) > 0;)
        used += (size_t)got;
    text[used] = 0;
    close(out[0]);
    if (wait4(child, &status, 0, &usage) != child)
        fail("wait4", strerror(errno));

    const char *line = strstr(text, "xenolith: ");

    if (status || !strstr(text, "all hold") || !line ||
        sscanf(line, "xenolith: %lf s simulated, %lf million", &run.simulated, &run.instructions) !=
            2)
        fail(xenolith, text);
    run.host = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    run.megabytes = (double)usage.ru_maxrss / 1024;
    return run;
}

static int by_second(const void *a, const void *b)
{
    double x = ((const struct point *)a)->second, y = ((const struct point *)b)->second;

    return (x > y) - (x < y);
}

static struct point measure(const char *xenolith, const char *timing, unsigned count, int runs)
{
    struct point points[RUNS];

    for (int i = 0; i < runs; i++) {
        struct run once = run(xenolith, timing, count, window_ms[0]);
        struct run more = run(xenolith, timing, count, window_ms[1]);
        double host = more.host - once.host, simulated = more.simulated - once.simulated;

        points[i] = (struct point){
            .second = host / simulated,
            .start = once.host - host / simulated * (window_ms[0] * 1e-3),
            .mips = (more.instructions - once.instructions) / host,
            .megabytes = more.megabytes,
        };
    }
    qsort(points, (size_t)runs, sizeof(*points), by_second);
    return points[runs / 2];
}

static json_t *measure_timing(const char *xenolith, const char *timing, int runs,
                              struct point points[POINTS])
{
    json_t *rows = json_array();

    printf("%s: domains  host s a simulated s  over that of 1  MIPS  host s before"
           "   MB  MB a domain\n",
           timing);
    for (unsigned i = 0; i < POINTS; i++) {
        struct point *p = &points[i];

        *p = measure(xenolith, timing, domains[i], runs);
        /* Of a domain more, beyond what the simulator takes with one. */
        double each = i ? (p->megabytes - points[0].megabytes) / (domains[i] - domains[0]) : 0;

        printf("%13u  %20.2f  %14.2f  %4.0f  %13.2f  %4.0f", domains[i], p->second,
               p->second / points[0].second, p->mips, p->start, p->megabytes);
        if (i)
            printf("  %11.1f", each);
        printf("\n");
        fflush(stdout);
        json_array_append_new(
            rows, json_pack("{s:i,s:f,s:f,s:f,s:f,s:f}", "domains", (int)domains[i],
                            "host_seconds_a_simulated_second", p->second, "over_one_domain",
                            p->second / points[0].second, "mips", p->mips, "host_seconds_before",
                            p->start, "megabytes", p->megabytes));
    }
    return rows;
}

static void verdict(json_t *list, const char *timing, const char *what, double value, double most)
{
    bool met = value <= most;

    printf("%s: %s: %.2f, target at most %.2f: %s\n", timing, what, value, most,
           met ? "met" : "MISSED");
    json_array_append_new(list, json_pack("{s:s,s:s,s:f,s:f,s:b}", "timing", timing, "what", what,
                                          "value", value, "target", most, "met", met));
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: scale XENOLITH JSON [--quick]\n");
        return 2;
    }
    int runs = argc > 3 && !strcmp(argv[3], "--quick") ? 1 : RUNS;
    struct point points[TIMINGS][POINTS];
    json_t *root = json_object(), *list = json_array();

    for (unsigned i = 0; i < TIMINGS; i++)
        json_object_set_new(root, timings[i], measure_timing(argv[1], timings[i], runs, points[i]));
    for (unsigned i = 0; i < TIMINGS; i++) {
        verdict(list, timings[i], "host time of a second, 128 domains over 1",
                points[i][LAST].second / points[i][0].second, most_time);
        verdict(list, timings[i], "MB resident a domain, of 128",
                points[i][LAST].megabytes / domains[LAST], most_megabytes);
    }
    json_object_set_new(root, "targets", list);
    if (json_dump_file(root, argv[2], JSON_INDENT(2) | JSON_SORT_KEYS))
        fail(argv[2], "cannot write");
    json_decref(root);
    return 0;
}
