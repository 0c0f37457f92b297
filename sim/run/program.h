/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.h - `run --program`: from users' executables to a root image that runs copies of them
 *
 * The root image gets /program/NAME, the executable (/program/KIND/NAME for a named kind); and
 * /etc/copy, which says by a copy's number what it runs; and the files of --files. init runs it
 * from there (workloads/dom0/init/copy.h).
 */
#ifndef XENOLITH_SIM_PROGRAM_H
#define XENOLITH_SIM_PROGRAM_H

#include "sim/cli/setup.h"
#include "sim/load/cpio.h"

#define PROGRAM_NAME_MAX    64
#define PROGRAM_WORDS_BYTES 4096
#define PROGRAM_LIST_BYTES  8192 /* of /etc/copy, as init reads it */

struct program {
    struct file file;
    char name[PROGRAM_NAME_MAX]; /* without its folder */
    char path[2 * PROGRAM_NAME_MAX + 16];
    char words[PROGRAM_WORDS_BYTES]; /* path and arguments, a NUL after each */
    size_t words_bytes;
};

/*
 * Reads an executable and its arguments; `kind` names the copies that run it, "": all. False with
 * one sentence in `why` (SETUP_WHY_BYTES): no executable that a domain can run, a quotation without
 * an end.
 */
bool program_read(struct program *program, const char *kind, const char *path, const char *args,
                  char *why);

/*
 * Splits at white space, but for what is quoted by ' or ". False: a quotation has no end, or the
 * words do not fit; *used is how many of the bytes have been filled.
 */
bool program_split(const char *line, char *words, size_t bytes, size_t *used);

/* What is added to a root image. */
struct root_files {
    struct cpio_member *member;
    unsigned members;
    char list[PROGRAM_LIST_BYTES]; /* /etc/copy */
    size_t list_bytes;
};

/* Begins with what lies in `folder`, "": nothing. False with one sentence in `why`. */
bool root_files_begin(struct root_files *files, const char *folder, char *why);
/* Adds the program of the copies from number `first` on; later ones must have greater numbers. */
bool root_files_program(struct root_files *files, const struct program *program, uint64_t first,
                        char *why);
/* Makes `root` from the root image `base` and all of it; false with one sentence in `why`. */
bool root_files_end(struct root_files *files, const struct file *base, struct file *root,
                    char *why);

#endif
