/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - `run --program`: from a user's executable to a root image that runs copies of it
 *
 * The root image gets /program/NAME, the executable; /etc/copy, its words; and the files of
 * --files. init runs it from there (workloads/dom0/init/copy.h).
 */
#ifndef XENOLITH_SIM_PROGRAM_H
#define XENOLITH_SIM_PROGRAM_H

#include "sim/cli/setup.h"
#include "sim/load/cpio.h"

#define PROGRAM_NAME_MAX    64
#define PROGRAM_WORDS_BYTES 4096
#define PROGRAM_MEMBERS_MAX 4096

struct program {
    struct file file;
    char name[PROGRAM_NAME_MAX]; /* without its folder */
    char path[PROGRAM_NAME_MAX + 16];
    char words[PROGRAM_WORDS_BYTES]; /* path and arguments, a NUL after each */
    size_t words_bytes;
    struct cpio_member *member; /* of the root image */
    unsigned members;
};

/*
 * Reads what --program, --args and --files say. False with one sentence in `why` (SETUP_WHY_BYTES):
 * no executable that a domain can run, a quotation without an end, a file that cannot be read.
 */
bool program_read(struct program *program, const struct options *options, char *why);

/* Adds it to the root image `base`; false with one sentence in `why`. */
bool program_add(struct program *program, const struct file *base, struct file *root, char *why);

/*
 * Splits at white space, but for what is quoted by ' or ". False: a quotation has no end, or the
 * words do not fit; *used is how many of the bytes have been filled.
 */
bool program_split(const char *line, char *words, size_t bytes, size_t *used);

#endif
