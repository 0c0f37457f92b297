/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image.h - kernels made for one question each: does a domain builder take them?
 *
 * A case is a good kernel and what is changed about it, in words with blanks between:
 *
 *     NAME=text      a note with a string             -NAME       not this note
 *     NAME:hex       a note with a number of 4 bytes  NAME/n:hex  one of n bytes (at most 8)
 *     @FIELD:hex     phys, flags, type, machine, shoff, symbols, memory: of the file itself
 *     TEXT text      the rest is the section __xen_guest; there are no notes then
 *
 * The kernel prints a line by console_io and shuts down.
 */
#ifndef TESTS_IMAGES_IMAGE_H
#define TESTS_IMAGES_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_LINE "image ran"
#define IMAGE_MOST 0x3000u /* bytes of a file */

struct image_case {
    char name[48];
    char change[200];
    bool domain0, other; /* whether Xen 4.17 takes it as Domain 0's kernel; another domain's */
};

extern const struct image_case image_cases[];
extern const unsigned image_case_count;

/* Makes the file of a case; returns its bytes. */
size_t image_make(const char *change, uint8_t file[IMAGE_MOST]);

#endif
