/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENOLITH_CINT_TEXT_H
#define XENOLITH_CINT_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills out[0..bytes) with English text: phrases of the licence that this project is under, cut at
 * spaces and put one after the other in an order that seed (not 0) determines.
 */
void text_fill(uint8_t *out, size_t bytes, uint32_t seed);

#endif
