/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/state/state.h"

#include "sim/state/pages.h"
#include "sim/state/parts.h"

#include <stdlib.h>
#include <string.h>

#define IDENTITY_MOST (1u << 20)

/* The length of the line at `text`, without its end. */
static int line(const char *text)
{
    return (int)strcspn(text, "\n");
}

/* The first line that differs, as a sentence. */
static void compare(const char *saved_with, const char *now, struct saved *saved)
{
    while (*saved_with && *now && line(saved_with) == line(now) &&
           !memcmp(saved_with, now, (size_t)line(now))) {
        saved_with += line(saved_with) + (saved_with[line(saved_with)] == '\n');
        now += line(now) + (now[line(now)] == '\n');
    }
    if (*saved_with || *now)
        saved_refuse(saved, "the saved state is of another machine: it has %.*s, and this one %.*s",
                     *saved_with ? line(saved_with) : 7, *saved_with ? saved_with : "no more",
                     *now ? line(now) : 7, *now ? now : "no more");
}

static void identity_saved(const char *identity, struct saved *saved)
{
    uint64_t bytes = strlen(identity);
    char *text;

    saved_number(saved, "identity", &bytes, IDENTITY_MOST);
    if (!saved->loading) {
        saved_move(saved, (void *)(uintptr_t)identity, bytes);
        return;
    }
    text = calloc(1, bytes + 1);
    if (!text) {
        saved_refuse(saved, "no memory for a saved state");
        return;
    }
    saved_move(saved, text, bytes);
    if (saved_good(saved))
        compare(text, identity, saved);
    free(text);
}

void state_machine_saved(struct saved *saved, const char *identity, struct machine *machine)
{
    identity_saved(identity, saved);
    pages_saved(saved, machine->ram, machine->config.ram_bytes);
    if (saved->loading && saved_good(saved))
        cpu_memory_written(machine->engine, 0, machine->config.ram_bytes);
    if (saved_good(saved))
        machine_saved(machine, saved);
}

bool state_save(const char *path, const char *identity, struct machine *machine,
                struct account *account, char *why)
{
    struct archive archive;

    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_settle(machine->cpu[i]);
    if (!archive_create(&archive, path, why))
        return false;
    state_machine_saved(&archive.saved, identity, machine);
    if (saved_good(&archive.saved))
        account_saved(account, &archive.saved);
    return archive_finish(&archive, true, why);
}

bool state_load_machine(struct archive *archive, const char *path, const char *identity,
                        struct machine *machine, char *why)
{
    if (!archive_open(archive, path, why))
        return false;
    state_machine_saved(&archive->saved, identity, machine);
    if (saved_good(&archive->saved))
        return true;
    archive_finish(archive, false, why);
    return false;
}

bool state_load_account(struct archive *archive, struct account *account, char *why)
{
    account_saved(account, &archive->saved);
    return archive_finish(archive, true, why);
}
