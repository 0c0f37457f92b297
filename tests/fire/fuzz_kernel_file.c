/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compressed kernels and bzImages: what expands stays below the limit, and the file is replaced or
 * left alone.
 */
#include "sim/load/kernel_file.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>

#define MOST ((size_t)16 << 20)

static bool any(const struct file *start)
{
    return start->size > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file = {"fuzz", data, size};
    char why[256] = "";

    if (!kernel_expand(&file, MOST, any, why, sizeof(why))) {
        fuzz_promise(*why && file.bytes == data, "a refusal has a sentence and changes nothing");
    } else if (file.bytes != data) {
        fuzz_promise(file.size <= MOST, "not more than the limit");
        free((void *)(uintptr_t)file.bytes);
    }
    return 0;
}
