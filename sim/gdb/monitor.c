/* SPDX-License-Identifier: GPL-2.0-only */
/* monitor.c - the views of docs/stepping.md, and a few words for gdb alone */
#include "sim/gdb/stub.h"

#include <stdlib.h>
#include <string.h>

/* Only what leaves the machine where gdb believes it to be. */
static const char *const views[] = {"where", "registers", "crossing", "disassemble",
                                    "walk",  "domains",   "counters", "stack"};

static void help(FILE *out)
{
    fputs("domain N: breakpoints stop in domain N (a bare kernel's process N) alone\n"
          "domain all: in all of them\n",
          out);
    for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
        fprintf(out, "%s%s", i ? ", " : "", views[i]);
    fputs(": as in docs/stepping.md\n", out);
}

static void set_domain(struct stub *stub, const char *word, FILE *out)
{
    char *end;
    unsigned long number = strtoul(word, &end, 10);

    if (!strcmp(word, "all")) {
        stub->only = STUB_ANY;
        fputs("breakpoints stop in every domain\n", out);
    } else if (!*word || *end || number > ANNOUNCE_CONTEXT_MAX) {
        fprintf(out, "no such domain: %s\n", word);
    } else {
        stub->only = (uint32_t)number;
        fprintf(out, "breakpoints stop in domain %lu alone\n", number);
    }
}

static void view(struct stub *stub, const char *line, FILE *out)
{
    char text[256], why[INSPECT_SENTENCE];

    snprintf(text, sizeof(text), "%s", line);
    stub->inspect->cpu = stub->thread;
    if (!inspect_obey(stub->inspect, text, out, why, sizeof(why)))
        fprintf(out, "%s\n", why);
}

void stub_monitor(struct stub *stub, const char *line, FILE *out)
{
    size_t length = strcspn(line, " ");

    if (!strncmp(line, "domain ", strlen("domain "))) {
        set_domain(stub, line + strlen("domain "), out);
        return;
    }
    for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
        if (length == strlen(views[i]) && !strncmp(line, views[i], length)) {
            view(stub, line, out);
            return;
        }
    help(out);
}
