/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * twins.h - frames of equal content, which share the translations of their code
 *
 * The essay is at the head of twins.c. Frames are numbers of pages of physical memory.
 */
#ifndef XENOLITH_CPU_TWINS_H
#define XENOLITH_CPU_TWINS_H

#include <stdbool.h>
#include <stdint.h>

struct twins;

/* What a frame may have instead of a text; these are numbered from 1. */
#define TWINS_NONE  UINT32_C(0) /* no code was fetched from it since it was last written */
#define TWINS_ALONE UINT32_MAX  /* its translations are its own */

/* Watches `ram`, which outlives it. NULL: no memory. */
struct twins *twins_open(const uint8_t *ram, uint32_t ram_bytes);
void twins_close(struct twins *twins);

/* The text that a frame shares, TWINS_ALONE or TWINS_NONE. */
uint32_t twins_text(const struct twins *twins, uint32_t frame);

/* Code is fetched from a frame that has TWINS_NONE: gives it the text of its content, which may be
 * new, or TWINS_ALONE. From now on stores to it must be seen. */
uint32_t twins_join(struct twins *twins, uint32_t frame);

/* A frame that shares a text is about to be written; it has TWINS_NONE again. */
void twins_leave(struct twins *twins, uint32_t frame);

/* No translation is left of a frame that was alone: it has TWINS_NONE and a clean record. */
void twins_settle(struct twins *twins, uint32_t frame);

/* All translations were dropped: there are no texts, and no frame has one. */
void twins_forget(struct twins *twins);

/* Different texts since they were last forgotten. */
uint32_t twins_texts(const struct twins *twins);

#endif
