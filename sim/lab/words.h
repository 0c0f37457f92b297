/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * words.h - command lines of this program: made from descriptions, and what they read
 *
 * A line of a description is an option of a command without its dashes ("slice = 5ms"), a switch
 * ("exact = yes"), or, as its name has a dot, a parameter of the machine ("cost.cr3_load = 0",
 * which is --set). What a command line reads is this program, every file or folder that a word
 * names, and the images that lie beside the program: with the words themselves they decide what
 * the run gives. Their digest tells whether a result would be the same again.
 */
#ifndef XENOLITH_SIM_WORDS_H
#define XENOLITH_SIM_WORDS_H

#include "sim/cli/options.h"
#include "sim/lab/sections.h"
#include "sim/load/sha256.h"

#include <sys/types.h>

struct words {
    char **word; /* NULL ends them */
    size_t count;
};

/* Adds a word; without memory the program ends, with one sentence. */
__attribute__((format(printf, 2, 3))) void words_add(struct words *words, const char *format, ...);
void words_free(struct words *words);

/*
 * Adds what a name and its value of a description say. False with one sentence in `why`: no such
 * option, an empty value, a switch that is neither yes nor no, an option that says where results
 * go or how they are shown, which is not a description's business.
 */
bool words_option(struct words *words, enum command command, const char *name, const char *value,
                  char *why, size_t why_bytes);

/* What of a word may be a path: the word, an option's value, a --domain's program, which `path` is
 * for; "" if there is none. */
const char *words_path(const char *word, char *path, size_t bytes);

/* Images and machines that commands take if no word names others (places.h); NULL ends them. */
extern const char *const words_beside[];

/* The digest of what a command line reads; its first word is the program. False without memory. */
bool words_digest(const struct words *words, char digest[SHA256_TEXT]);

/* Creates a folder and those above it. False with one sentence in `why`. */
bool folder_make(const char *path, char *why, size_t why_bytes);

#endif
