/* SPDX-License-Identifier: GPL-2.0-only */
/* Result files, as `xenolith explain` reads them; the first byte chooses the table. */
#include "cpu/cpu.h"
#include "sim/cli/commands.h"
#include "tests/fire/fuzz.h"

/* What the names of counters drag in; no machine runs here. */
uint64_t cpu_clock(const struct cpu *cpu)
{
    (void)cpu;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options = {.command = COMMAND_EXPLAIN, .count = 2};

    if (size < 1)
        return 0;
    options.given[0] = (struct given){OPT_WORD, fuzz_file(data + 1, size - 1)};
    options.given[1] = (struct given){OPT_BY, data[0] & 1 ? "hypercall" : "cause"};
    command_explain(&options);
    return 0;
}
