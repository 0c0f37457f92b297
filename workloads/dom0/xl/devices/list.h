/* SPDX-License-Identifier: GPL-2.0-only */
/* list.h - lists of texts as configuration files have them */
#ifndef XENOLITH_XL_LIST_H
#define XENOLITH_XL_LIST_H

#define LIST_TEXT_BYTES 256

/*
 * Reads ['a', "b"], or one text without brackets; append(owner, text) for each of them, which is
 * shorter than LIST_TEXT_BYTES. NULL, or what is wrong, append's answer too.
 */
const char *list_parse(const char *text, const char *(*append)(void *owner, const char *text),
                       void *owner);

#endif
