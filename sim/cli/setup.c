/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/setup.h"

#include "sim/load/file.h"
#include "sim/load/places.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Names and files are somebody else's: what a terminal would obey becomes "?" (ECMA-48's C0, DEL,
 * and C1 as UTF-8 has them). */
static void disarm(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++) {
        if ((*c < ' ' && *c != '\t') || *c == 0x7f)
            *c = '?';
        else if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
            *c = c[1] = '?';
    }
}

void say(const char *format, ...)
{
    va_list arguments;
    char *text;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    fflush(stdout);
    if (length < 0) {
        fputs("xenolith: no memory for a sentence\n", stderr);
        return;
    }
    disarm(text);
    fprintf(stderr, "xenolith: %s\n", text);
    free(text);
}

double host_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint64_t setup_cycles(const struct setup *setup, uint64_t nanoseconds)
{
    return scale(nanoseconds, setup->costs.clock_hz, 1000000000);
}

uint64_t whole_rounds(uint64_t least, uint64_t slice, uint64_t copies, uint64_t processors)
{
    uint64_t round = slice * ((copies + processors - 1) / processors);

    return round ? (least + round - 1) / round * round : least;
}

const char *timing_name(enum cpu_timing timing)
{
    static const char *const names[] = {
        [CPU_TIMING_UNIT] = "unit", [CPU_TIMING_FAST] = "fast", [CPU_TIMING_FULL] = "full"};

    return names[timing];
}

static bool timing_of(const char *word, enum cpu_timing *timing)
{
    for (int i = CPU_TIMING_UNIT; i <= CPU_TIMING_FULL; i++)
        if (!strcmp(word, timing_name((enum cpu_timing)i))) {
            *timing = (enum cpu_timing)i;
            return true;
        }
    return false;
}

/* A word with a slash or a dot is a file; another names one in machines/. */
static void find_machine(struct setup *setup, const char *word)
{
    char name[256];

    if (strpbrk(word, "/.")) {
        snprintf(setup->machine_file, sizeof(setup->machine_file), "%s", word);
        return;
    }
    snprintf(name, sizeof(name), "machines/%s.ini", word);
    place_find(setup->machine_file, sizeof(setup->machine_file), name);
}

/* The text of the machine description, for results. */
static bool keep_text(struct setup *setup, char *why)
{
    struct file file;

    if (!file_open(&file, setup->machine_file, why, SETUP_WHY_BYTES))
        return false;
    setup->machine_text = strndup((const char *)file.bytes, file.size);
    file_close(&file);
    if (!setup->machine_text)
        snprintf(why, SETUP_WHY_BYTES, "no memory for the machine description");
    return setup->machine_text != NULL;
}

static bool read_costs(struct setup *setup, const struct options *options, char *why)
{
    find_machine(setup, option_value(options, OPT_MACHINE));
    if (!file_is_text(setup->machine_file, why, SETUP_WHY_BYTES) ||
        !description_read(&setup->costs, &setup->machine.devices, setup->machine_file, why,
                          SETUP_WHY_BYTES) ||
        !keep_text(setup, why))
        return false;
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_SET &&
            !description_override(&setup->costs, &setup->machine.devices, options->given[i].value,
                                  why, SETUP_WHY_BYTES))
            return false;
    return costs_check(&setup->costs, why, SETUP_WHY_BYTES);
}

static bool bad(char *why, const char *option, const char *value, const char *must)
{
    snprintf(why, SETUP_WHY_BYTES, "--%s %s: must be %s", option, value, must);
    return false;
}

bool setup_machine(struct setup *setup, const struct options *options,
                   const struct setup_defaults *defaults, char *why)
{
    struct machine_config *machine = &setup->machine;
    const char *word;
    uint64_t number;

    _Static_assert(CPU_MAX == 8, "the sentence on --cpus, here and in options.def");
    *setup = (struct setup){0};
    *machine = (struct machine_config){.processors = defaults->processors,
                                       .timing = defaults->timing,
                                       .costs = &setup->costs,
                                       .console_in = -1};
    if (!read_costs(setup, options, why))
        return false;
    word = option_value(options, OPT_CPUS);
    if (*word) {
        if (!parse_number(word, 1, CPU_MAX, &number))
            return bad(why, "cpus", word, "1 to 8");
        machine->processors = (unsigned)number;
    }
    word = option_value(options, OPT_MEM);
    if (!parse_size(word, &number) || number < MACHINE_RAM_MIN || number > MACHINE_RAM_MAX ||
        number % 4096)
        return bad(why, "mem", word,
                   "whole pages from 4M to 3G, as in 512M or 2G; the fourth GB is the devices'");
    machine->ram_bytes = (uint32_t)number;
    word = option_value(options, OPT_TIMING);
    if (*word && !timing_of(word, &machine->timing))
        return bad(why, "timing", word, "unit, fast or full");
    word = option_value(options, OPT_QUANTUM);
    if (!parse_time(word, &number) || setup_cycles(setup, number) == 0 || number > 1000000000)
        return bad(why, "quantum", word, "a time of at least a cycle and at most 1s, as in 20us");
    machine->quantum = setup_cycles(setup, number);
    machine->no_filter = option_given(options, OPT_NO_FILTER);
    word = option_value(options, OPT_DATE);
    if (!parse_date(word, &machine->date))
        return bad(why, "date", word, "a day from 1970-01-01 to 2099-12-31, as in 2003-10-19");
    word = option_value(options, OPT_FOR);
    if (*word && (!parse_time(word, &setup->for_ns) || setup->for_ns == 0 ||
                  setup->for_ns > UINT64_C(1000000) * 1000000000))
        return bad(why, "for", word, "a time above zero, as in 400ms");
    return true;
}
