/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * web99.h - a load of the kind of SPEC WEB99: which files there are, and what is asked for
 *
 * From the benchmark's published rules. A file set is a number of directories of 36 files: four
 * classes of nine, file n of class c having n * 10^c tenths of a kilobyte, 5 MB together. Of
 * requests 35, 50, 14 and 1 % are for the classes; within a class, and among directories, by Zipf's
 * law with exponent 1. 70 % are for files as they are. Of the others, which a program of the
 * server's answers, 16 % are POSTs, 0.5 % are run by CGI, and the rest is, in about equal parts,
 * plain and with an advertisement that rotates by a cookie.
 *
 * Ours, for want of the benchmark's own sources: what files contain, and the form of URLs and
 * answers. An answer of the program is a line of WEB99_LINE bytes that says what was asked, and the
 * file behind it; both ends know what it must be.
 *
 * Shared by the client outside of the machine, the server's program and the tool that makes files.
 */
#ifndef WEB99_H
#define WEB99_H

#include <stdbool.h>
#include <stdint.h>

#define WEB99_CLASSES     4u
#define WEB99_FILES       9u   /* of a class */
#define WEB99_DIRECTORIES 256u /* at most */
#define WEB99_PATH        64u  /* bytes of a path, with its end */
#define WEB99_LINE        64u
#define WEB99_ADS         360u /* that rotate */

enum web99_kind {
    WEB99_STATIC,
    WEB99_PLAIN,    /* by the program, without an advertisement */
    WEB99_ROTATION, /* with the one after the last that this user saw */
    WEB99_POST,     /* and the program writes a line into its log */
    WEB99_CGI,      /* the program is started for it */
    WEB99_KINDS
};

struct web99_file {
    unsigned directory, class, number; /* from 0 */
};

struct web99_request {
    enum web99_kind kind;
    struct web99_file file;
    unsigned user, last_ad; /* of the cookie */
};

/* Draws requests; the same seed gives the same ones. */
struct web99_mix {
    uint64_t seed;
    unsigned directories;                                     /* 1 to WEB99_DIRECTORIES */
    uint32_t directory[WEB99_DIRECTORIES], file[WEB99_FILES]; /* sums of weights */
};

void web99_open(struct web99_mix *mix, unsigned directories, uint64_t seed);
/* Sets all but `user` and `last_ad`. */
void web99_next(struct web99_mix *mix, struct web99_request *request);
/* A number below `below`, of the same generator. */
uint32_t web99_chance(struct web99_mix *mix, uint32_t below);

uint32_t web99_bytes(const struct web99_file *file);
/* The name below the server's root, as "/file_set/dir00001/class2_3". */
void web99_path(const struct web99_file *file, char path[WEB99_PATH]);
/* Fills `to` with what the file has from `offset` on. */
void web99_fill(const struct web99_file *file, uint32_t offset, void *to, uint32_t bytes);
/* Whether it has these bytes there, and is long enough. */
bool web99_same(const struct web99_file *file, uint32_t offset, const void *bytes, uint32_t count);

/* The line before the file, in an answer of the program. */
void web99_line(const struct web99_request *request, char line[WEB99_LINE]);
/* What stands behind the URL's question mark, or in a POST's body; and back. False: it is none. */
void web99_query(const struct web99_request *request, char query[WEB99_PATH]);
bool web99_asked(struct web99_request *request, const char *query);

#endif
