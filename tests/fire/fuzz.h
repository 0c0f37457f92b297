/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.h - harnesses for whatever reads files that somebody else made
 *
 * Each file fuzz_NAME.c here feeds one reader with bytes; what the reader may call and what its
 * answer promises is exercised too, so that a reader that accepts too much is found out by its
 * callers' code. A harness is compiled twice: by clang with libFuzzer (`make fuzz-files`), and by
 * gcc, where replay.c feeds it the files of corpus/NAME (`make test`). Both with AddressSanitizer
 * and UBSan.
 */
#ifndef TESTS_FIRE_FUZZ_H
#define TESTS_FIRE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's entry: returns 0. The name is its. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The path of a file that holds these bytes, until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* Zeroed memory of exactly this size, to be given to free(). */
void *fuzz_allocate(size_t bytes);

/* Ends the process, as a finding, unless what a reader promised is so. */
void fuzz_promise(int holds, const char *what);

#endif
