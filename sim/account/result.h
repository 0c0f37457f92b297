/* SPDX-License-Identifier: GPL-2.0-only */
/* result.h - what a run leaves behind: checks, a result in several forms, a summary to read */
#ifndef XENOLITH_SIM_RESULT_H
#define XENOLITH_SIM_RESULT_H

#include "sim/account/account.h"
#include "sim/account/visit.h"
#include "sim/cli/setup.h"

#define EVERYBODYS_WEIGHT 10 /* of BVT */

/* Copies that are alike, where those of a run are not: what was asked for. */
struct result_group {
    const char *name, *program;
    uint64_t first, copies; /* numbers of copies */
    uint64_t memory;        /* bytes of each domain; 0: they are processes */
    uint64_t weight;        /* 0: everybody's */
};

/* What was asked for, as the result repeats it. */
struct result_request {
    const char *command; /* "boot" or "run" */
    const char *system;  /* "xen", "native"; NULL for boot */
    const char *workload;
    uint64_t domains;
    uint64_t slice_ns; /* 0: does not apply */
    uint64_t domain_memory;
    const struct result_group *group;
    unsigned groups;    /* 0: all copies are alike */
    uint64_t window_ns; /* 0: there is no window of a given length */
    bool partial;       /* the user has ended the run before its time */
    const struct boot_images *images;
    const struct setup *setup;
    const struct options *options;
};

/* ---- cross-checks (checks.c) ----------------------------------------------------------------- */

/* Two counts of the same thing, taken at different levels. */
struct check {
    const char *name;
    const char *left_name, *right_name;
    bool made;            /* false: one side is not there */
    uint64_t left, right; /* 0 <= left - right <= in_flight */
    uint64_t in_flight;   /* what the left side may have counted and the right side not yet */
};

#define CHECKS_MAX 16

struct checks {
    struct check check[CHECKS_MAX];
    unsigned count;
};

/* Makes every check that this run allows; call after account_settle(). */
void checks_make(struct checks *checks, const struct account *account, bool hypervisor);
bool check_holds(const struct check *check);
/* The first that does not hold, or NULL. */
const struct check *checks_failed(const struct checks *checks);

/* ---- output ---------------------------------------------------------------------------------- */

/* A result file: written beside, renamed when complete. */
struct result_file {
    char path[4096], temporary[4128]; /* the second "": standard output */
    FILE *out;
};

/*
 * Opens it for writing, before the run: a new name, or a regular file, links followed; "-" is
 * standard output. False with one sentence in `why`.
 */
bool result_file_open(struct result_file *file, const char *path, char *why, size_t why_bytes);
/* Gives it its name, or throws it away; false with one sentence in `why` if that failed. */
bool result_file_keep(struct result_file *file, char *why, size_t why_bytes);
void result_file_drop(struct result_file *file);
/* For signal handlers: removes the files that are not finished; the second one ends the program by
 * the signal, too. Opening a file sets it for INT, TERM and HUP where nobody else handles them. */
void result_files_abandon(void);
void result_file_signal(int number);

/* A run that is over: settled (account_settle()) and checked. */
struct result {
    const struct result_request *request;
    const struct account *account;
    const struct checks *checks;
};

/* Shows every value of a result to a writer, once and in order (visit.h). */
void result_visit(const struct result *result, const struct result_writer *writer);

/* Visits what the network and its clients counted (network.c). */
void result_network(struct visit *visit, const struct machine *machine);

/* The part of it that says what was run (configuration.c). */
void result_configuration(struct visit *visit, const struct result_request *request);

/* The commit that the program was built from, with "-dirty" if files differed; "" if unknown. */
extern const char xenolith_revision[];

/* What "schema" says in every result. */
#define RESULT_SCHEMA "xenolith-result/1"

/* The writers: one JSON object; lines of name,value,unit. Trouble shows in ferror(). */
typedef void result_format(FILE *out, const struct result *result);
result_format result_json, result_csv;

/* For people: throughput, hypercalls, crossings, where the cycles went. */
void result_summary(FILE *out, const struct result_request *request, const struct account *account,
                    const struct checks *checks);

/* docs/counters.md: what every value of a result is. */
void result_describe(FILE *out);
/* docs/result.schema.json: the same as a JSON Schema (schema.c). */
void result_schema(FILE *out);

/* Instructions, host seconds, MIPS: for stderr, never part of a result. */
void result_host_speed(const struct account *account, double host_seconds);

/* Says which check failed, and by what. */
void result_say_check(const struct check *check);

/* Says where each processor is, by the symbols of the images. */
void result_where(const struct machine *machine, const struct boot_images *images);

/* Says how a run ended, when that was not as it should: sentence, where, last console lines. */
void result_explain_end(const struct machine *machine, const struct boot_images *images);

#endif
