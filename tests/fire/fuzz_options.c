/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line: the words are the lines of the input, the first byte chooses the command. */
#include "sim/cli/options.h"
#include "sim/cli/setup.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 160

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text, *words[WORDS_MAX], *rest, why[SETUP_WHY_BYTES];
    struct options options;
    struct setup setup;
    uint64_t value;
    int64_t date;
    int count = 0;

    if (size < 1)
        return 0;
    text = fuzz_allocate(size);
    memcpy(text, data + 1, size - 1);
    rest = text;
    for (char *word; count < WORDS_MAX && (word = strsep(&rest, "\n"));)
        words[count++] = word;
    for (int i = 0; i < count; i++) {
        parse_time(words[i], &value);
        parse_size(words[i], &value);
        parse_date(words[i], &date);
        if (parse_number(words[i], 1, 99, &value))
            fuzz_promise(value >= 1 && value <= 99, "a number is within its bounds");
    }
    if (options_parse(&options, data[0] % COMMAND_COUNT, COMMAND_COUNT, count, words, why,
                      sizeof(why)) &&
        options.command != COMMAND_EXPLAIN && options.command != COMMAND_LAB) {
        const struct setup_defaults defaults = {.processors = 1};

        if (setup_machine(&setup, &options, &defaults, why))
            fuzz_promise(setup.machine.processors >= 1, "a machine has a processor");
    }
    free(text);
    return 0;
}
