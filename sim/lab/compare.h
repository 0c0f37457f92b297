/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compare.h - what differs between two results
 *
 * A result is taken apart into leaves, each with a path. Members of lists go by their names where
 * they have one (contexts, images, checks), so that a domain more or less moves nobody else's
 * values. Both lists are sorted by path and merged. Each pair of leaves is put into one class:
 *
 *   run      what was run: program, configuration, images. Shown first, and no difference by
 *            itself: another image that gives the same counts is what a gate wants to hear.
 *   cycles   cycles of a context in a ring by cause, and what ring 0 was entered for
 *   count    every other number
 *
 * Totals over contexts are left out where their parts are compared, so that a move counts once.
 */
#ifndef XENOLITH_SIM_COMPARE_H
#define XENOLITH_SIM_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum leaf_kind { LEAF_ABSENT, LEAF_NUMBER, LEAF_TEXT };
enum leaf_class { CLASS_RUN, CLASS_CYCLES, CLASS_COUNT, LEAF_CLASSES };

struct leaf {
    char *path;
    enum leaf_kind kind;
    double number; /* counts below 2^53, which is 43 days at 2.4 GHz, are exact */
    char *text;    /* of a number too: as the file has it */
};

struct leaf_list {
    struct leaf *leaf;
    size_t count, room;
};

/* A pair that differs by more than it may. */
struct difference {
    const char *path;
    enum leaf_class class;
    const struct leaf *before, *after; /* NULL: the other result alone has it */
    double moved;                      /* after - before; 0 unless both are numbers */
};

struct compare_rules {
    double tolerance;    /* share of the old value by which the new one may differ */
    double slack;        /* or so much */
    const char **only;   /* patterns (fnmatch(3)) of paths, NULL: all */
    const char **ignore; /* likewise; both end with NULL */
    bool sums;           /* compares sums as well as their parts */
};

struct comparison {
    struct leaf_list before, after;
    struct difference *differences; /* by class, then the largest move first */
    size_t count, counts[LEAF_CLASSES];
    size_t equal, tolerated;
};

/*
 * Reads a result file. False with one sentence in `why`: not to be read, not JSON, not a result of
 * a schema that this program knows, no memory.
 */
bool compare_read(const char *path, struct leaf_list *leaves, char *why, size_t why_bytes);

/* Adds a number's leaf or a text's; false without memory. Lists are compared sorted. */
bool leaves_add(struct leaf_list *leaves, const char *path, enum leaf_kind kind, double number,
                const char *text);
void leaves_sort(struct leaf_list *leaves);
void leaves_free(struct leaf_list *leaves);

/* Compares the lists that are in `comparison` already; false without memory. */
bool compare_leaves(struct comparison *comparison, const struct compare_rules *rules);

/* Compares what two files hold; false with one sentence in `why`. comparison_free() afterwards. */
bool compare_files(struct comparison *comparison, const char *before, const char *after,
                   const struct compare_rules *rules, char *why, size_t why_bytes);
void comparison_free(struct comparison *comparison);

/* Whether a count or cycles differ: what gates ask. */
bool comparison_differs(const struct comparison *comparison);

/* ---- forms (compare_forms.c) ----------------------------------------------------------------- */

enum compare_form { FORM_TEXT, FORM_MARKDOWN, FORM_JSON, FORM_JUNIT };

/* The form of that name; false: there is none. */
bool compare_form(const char *name, enum compare_form *form);

/* One pair of files, or what stands for it. */
struct compared {
    char *name;                   /* as both sides call it */
    const char *before, *after;   /* the files; NULL: that side has none */
    struct comparison comparison; /* if both are there and `why` is empty */
    char why[512];
};

/* Prints all pairs; at most `top` differences of each class, 0: all. */
void compare_print(const struct compared *pairs, size_t count, enum compare_form form, size_t top,
                   FILE *out);

#endif
