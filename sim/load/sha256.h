/* SPDX-License-Identifier: GPL-2.0-only */
/* sha256.h - the SHA-256 digest of a file (FIPS 180-4) */
#ifndef XENOLITH_SIM_SHA256_H
#define XENOLITH_SIM_SHA256_H

#include "sim/load/file.h"

#define SHA256_TEXT 65 /* bytes of a digest in hexadecimal, with its NUL */

void sha256_text(const struct file *file, char text[SHA256_TEXT]);

#endif
