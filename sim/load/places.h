/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * places.h - where the files that come with the program are
 *
 * A file has a name, as in hv/hv.elf or machines/xeon-2400.ini. It is looked for, in this order,
 *   1. below $XENOLITH_HOME, if that is set: the user's own images;
 *   2. beside the program: images of a build;
 *   3. in the folder above: machines and experiments of the tree that it was built from;
 *   4. below ../lib/xenolith and ../share/xenolith from the program, where `make install` puts
 *      images and texts. A prefix may so be moved as a whole.
 */
#ifndef XENOLITH_SIM_PLACES_H
#define XENOLITH_SIM_PLACES_H

#include <stdbool.h>
#include <stddef.h>

/* Puts the path of the running program into `path`, links followed; "xenolith" if it has none. */
void place_program(char *path, size_t bytes);

/* Puts the folder of the running program, and '/' and `name`, into `path`. */
void place_beside(char *path, size_t bytes, const char *name);

/* Puts the first path above at which `name` can be read into `path`, and returns true. False if
 * there is none: then `path` is the one beside the program, for the sentence that says so. */
bool place_find(char *path, size_t bytes, const char *name);

/* Whether the program runs where it was built: its images lie beside it. */
bool place_is_build(void);

/* Puts where results of that name go into `path`: beside a built program, else the folder itself,
 * in the current one. */
void place_results(char *path, size_t bytes, const char *name);

#endif
