/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kinds.h - copies of one run that differ: `run --domain "NAME KEY=VALUE..."`
 *
 * A word a kind, or several, of which later ones replace what earlier ones say. Keys:
 *
 *   count      copies of it, 1 without
 *   program    a static executable, and
 *   args       its arguments; both those of --program and --args without
 *   memory     of each copy's domain, as --memory
 *   weight     share of the processor; 10 is everybody's, 20 twice as much
 *   disk, vif  as in xl's descriptions
 *
 * In sentences a key is called domain.NAME.KEY, as in descriptions of experiments. Copies are
 * numbered through all kinds, in their order. Without --domain there is one kind, without a name.
 */
#ifndef XENOLITH_SIM_KINDS_H
#define XENOLITH_SIM_KINDS_H

#include "sim/run/program.h"

#define KINDS_MAX       16
#define KIND_NAME_BYTES 12 /* xl's names have 15 letters, and a copy's has its number at the end */

struct kind {
    char name[KIND_NAME_BYTES];
    uint64_t count, first; /* copies; the number of the first */
    uint64_t memory;       /* bytes of each domain; 0: as much as it needs */
    uint64_t weight;       /* 0: not said */
    char path[1024], args[PROGRAM_WORDS_BYTES];
    char disk[256], vif[256];
    struct program program;
};

struct kinds {
    struct kind kind[KINDS_MAX];
    unsigned count;
    uint64_t copies; /* of all kinds */
    bool named;      /* --domain was given */
};

/*
 * Reads what --domain, --program, --args and --domains say. `xen`: domains; else processes, which
 * have no weights and no devices. False with one sentence in `why` (SETUP_WHY_BYTES).
 */
bool kinds_read(struct kinds *kinds, const struct options *options, bool xen, char *why);

/* A size of a domain's memory in bytes: whole megabytes, as in 8M. False: it is none. */
bool kinds_memory_size(const char *word, uint64_t *bytes);
/* Bytes of all domains, of which each has `most` unless it says otherwise, and `each` more. */
uint64_t kinds_memory(const struct kinds *kinds, uint64_t most, uint64_t each);

#endif
