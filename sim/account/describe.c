/* SPDX-License-Identifier: GPL-2.0-only */
/* describe.c - docs/counters.md, made from the tables that the program itself uses */
#include "sim/account/result.h"

static const struct {
    const char *path, *unit, *description;
} counters[] = {
#define COUNTER(path, unit, description) {path, unit, description},
#include "sim/account/counters.def"
#undef COUNTER
};

static const struct {
    const char *name, *unit, *model, *description;
} events[] = {
#define EVENT(name, unit, model, description) {#name, unit, #model, description},
#include "cpu/events.def"
#undef EVENT
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

void result_describe(FILE *out)
{
    fputs("<!-- SPDX-License-Identifier: GPL-2.0-only -->\n"
          "<!-- Made by `xenolith help counters` from sim/account/counters.def and "
          "cpu/events.def. -->\n"
          "# What a result holds\n\n"
          "`xenolith run --json FILE` and `xenolith boot --json FILE` write one JSON object. Keys "
          "stand in a fixed\norder, numbers are whole or decimals cut off at a fixed place, and "
          "nothing of the host is in it: two runs\nwith the same arguments give the same bytes. "
          "`null` means absent (not modelled in this timing, not\nannounced, does not apply); "
          "0 means counted, and none.\n\n"
          "`--csv FILE` writes the same values in the same order, one a line, as "
          "`name,value,unit` (quoted as in\nRFC 4180). The name is the key below with its "
          "index in place of `[]`, as in `contexts[2].processors[0].events.instructions[3]`;\n"
          "an absent value is an empty field, an empty text is `\"\"`. `explain` and `coverage` "
          "read JSON.\n\n"
          "Below, `.` goes into an object, `[]` is each element of an array and `*` any key.\n\n"
          "| key | unit | meaning |\n|---|---|---|\n",
          out);
    for (size_t i = 0; i < COUNT(counters); i++)
        fprintf(out, "| `%s` | %s | %s |\n", counters[i].path, counters[i].unit,
                counters[i].description);
    fputs("\n## Events\n\n"
          "Every processor counts these, by context and ring. The last column names the least "
          "timing mode that models\nthe event; below it the result says `null`. The `cycles_*` "
          "rows divide the clock: their sum over all\ncontexts and rings equals it, which every "
          "run asserts.\n\n"
          "| event | unit | meaning | from |\n|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < COUNT(events); i++) {
        fprintf(out, "| `%s` | %s | %s | ", events[i].name, events[i].unit, events[i].description);
        for (const char *c = events[i].model; *c; c++)
            fputc(*c | 0x20, out); /* the names of the modes are letters */
        fputs(" |\n", out);
    }
    fputs("\n## Cross-checks\n\n"
          "Counts of the same thing taken at two levels, since reset; a run whose checks do not "
          "hold fails.\n\n"
          "| check | nearer to the hardware | by software |\n|---|---|---|\n"
          "| `cycles` | the processors' clocks | cycles charged to contexts, rings and causes |\n"
          "| `ring0_reasons` | the processors' clocks | cycles outside ring 0, and in it by reason "
          "|\n"
          "| `hypercalls` | deliveries of `int 0x82` from outer rings | the hypervisor's counter "
          "|\n"
          "| `page_faults` | deliveries of #PF | the hypervisor's or bare kernel's counter |\n"
          "| `page_faults_forwarded` | the hypervisor's counter | the sum of its guests' |\n\n"
          "Software counts a little after the event. What may be under way when the run stops is "
          "known: one for each\nprocessor that is in ring 0 for that very reason, and one for "
          "each virtual processor with a forwarded\nfault. The difference must lie between 0 and "
          "that number.\n",
          out);
}
