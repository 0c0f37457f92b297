/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sections.h - the lines of a description: sections, and name = value in them
 *
 * The form is that of machines/NAME.ini. Descriptions are read here and not by inih because what is
 * wrong in one is often found only after all of it was read, and is then said with its line; and
 * because a list of values may be longer than inih's lines.
 *
 *   line    = [ section | name "=" value ] [ comment ]
 *   section = "[" words "]"
 *   comment = ";" or "#" at a line's beginning, or " ;" behind something
 *
 * A name consists of letters, digits and . _ - and stands once in its section, but for those that
 * the caller lists. A section begins once. White space around names and values is nothing.
 */
#ifndef XENOLITH_SIM_SECTIONS_H
#define XENOLITH_SIM_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct section_line {
    unsigned number;     /* in the file, from 1 */
    const char *section; /* that it belongs to, or begins */
    const char *name;    /* NULL: the line that begins the section */
    const char *value;
};

struct sections {
    const char *path; /* as given; outlives the rest */
    char *text;
    struct section_line *line;
    size_t count;
};

/*
 * Reads a description. `repeated` lists names that may stand more than once in a section; NULL ends
 * it. False with one sentence in `why`: not to be read, not text, or a line, which it names, that
 * is none of the above. sections_free() afterwards in either case.
 */
bool sections_read(struct sections *sections, const char *path, const char *const *repeated,
                   char *why, size_t why_bytes);
void sections_free(struct sections *sections);

/* Puts "PATH, line N: " and the sentence into `why`; false, for callers to return. */
__attribute__((format(printf, 5, 6))) bool sections_wrong(const struct sections *sections,
                                                          unsigned number, char *why,
                                                          size_t why_bytes, const char *format,
                                                          ...);

/*
 * Takes the next of a list's members, which commas separate, off `*list` and cuts the white space
 * around it. NULL at the list's end. The list is changed.
 */
char *sections_member(char **list);

#endif
