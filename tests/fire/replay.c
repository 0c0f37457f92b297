/* SPDX-License-Identifier: GPL-2.0-only */
/* replay FILE...: feeds each file to the harness it is linked with. A finding ends the process. */
#include "tests/fire/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#define MOST_BYTES (4u << 20)

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes, *exact;
    size_t size;

    if (!file) {
        perror(path);
        return 1;
    }
    bytes = fuzz_allocate(MOST_BYTES);
    size = fread(bytes, 1, MOST_BYTES, file);
    fclose(file);
    /* A buffer of the very size, so that a byte too far is seen. */
    exact = fuzz_allocate(size ? size : 1);
    for (size_t i = 0; i < size; i++)
        exact[i] = bytes[i];
    free(bytes);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++)
        status |= replay(argv[i]);
    return status;
}
