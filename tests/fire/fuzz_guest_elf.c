/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs and command lines that the guest kernel reads. */
#include "guestos/process/elf.h"
#include "guestos/kernel/options.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define LOW  0x10000u
#define HIGH 0xbf000000u

static void program(const uint8_t *data, uint32_t size)
{
    struct elf_header header;
    struct elf_segment segments[ELF_SEGMENTS];
    struct elf_plan plan;

    if (size < sizeof(header))
        return;
    memcpy(&header, data, sizeof(header));
    if (!elf_header_ok(&header, size))
        return;
    fuzz_promise(header.phnum <= ELF_SEGMENTS && header.phoff <= size &&
                     header.phnum * sizeof(segments[0]) <= size - header.phoff,
                 "the program headers lie in the file");
    memcpy(segments, data + header.phoff, header.phnum * sizeof(segments[0]));
    if (!elf_plan(&header, segments, size, LOW, HIGH, &plan))
        return;
    fuzz_promise(plan.low >= LOW && plan.low < plan.high && plan.high <= HIGH,
                 "the plan lies in user space");
    fuzz_promise(plan.interpreter < (int)header.phnum, "the interpreter is one of the segments");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *line = fuzz_allocate(size + 1), to[16];
    const char *value;

    program(data, (uint32_t)size);
    memcpy(line, data, size);
    value = option_value(line, "init");
    if (value) {
        option_copy(to, value, sizeof(to));
        option_size(value);
    }
    option_init_words(line);
    free(line);
    return 0;
}
