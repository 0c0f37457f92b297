/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * operations.c - hypercalls as text
 *
 * Arguments are in EBX, ECX, EDX, ESI, EDI (public interface, x86_32). Of what an argument points
 * to the first entries are shown; commands have the names of the public headers (operations.def).
 */
#define __XEN_TOOLS__ 1 /* else xen/domctl.h and xen/sysctl.h refuse */

#include "sim/trace/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#include "sim/watch/guest.h"

enum { SHOWN = 3, TEXT_SHOWN = 48 };

static const struct {
    const char *name;
    unsigned arguments;
} hypercalls[HYPERCALL_MAX] = {
#define HYPERCALL(number, name, arguments, function) [number] = {#name, arguments},
#define ABSENT(number, name)                         [number] = {#name, 5},
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
};

static const struct {
    const char *hypercall;
    uint32_t command;
    const char *name;
} operations[] = {
#define OPERATION(hypercall, command, name)        {#hypercall, command, #name},
#define OPERATION_ABSENT(hypercall, command, name) {#hypercall, command, #name},
#define OPERATION_UNHEARD(hypercall, command)
#include "include/xenolith/operations.def"
#undef OPERATION
#undef OPERATION_ABSENT
#undef OPERATION_UNHEARD
};

const char *trace_hypercall_name(uint32_t number)
{
    return number < HYPERCALL_MAX ? hypercalls[number].name : NULL;
}

struct writing {
    const struct trace *trace;
    struct trace_record *record;
    const char *name; /* of the hypercall */
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct writing *w, const char *format, ...)
{
    va_list list;
    int count;

    va_start(list, format);
    count = vsnprintf(w->record->text + w->used, TRACE_TEXT - w->used, format, list);
    va_end(list);
    if (count > 0)
        w->used += (size_t)count;
    if (w->used >= TRACE_TEXT)
        w->used = TRACE_TEXT - 1;
}

static void put_command(struct writing *w, const char *hypercall, uint32_t command)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        if (operations[i].command == command && !strcmp(operations[i].hypercall, hypercall)) {
            put(w, "%s", operations[i].name);
            return;
        }
    put(w, "%u", command);
}

static bool read(const struct writing *w, uint32_t address, void *to, size_t bytes)
{
    return guest_read(w->trace->machine, w->record->cpu, address, to, bytes);
}

static void put_numbers(struct writing *w, unsigned first, unsigned count)
{
    for (unsigned i = first; i < count && i < TRACE_ARGUMENTS; i++)
        put(w, "%s0x%x", i ? ", " : "", w->record->argument[i]);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* `count` entries of `bytes` at the first argument, each shown by `show`. */
static void put_list(struct writing *w, uint32_t count, unsigned bytes,
                     void (*show)(struct writing *w, const uint32_t *entry))
{
    uint32_t address = w->record->argument[0], entry[8];
    uint32_t shown = 0;

    put(w, "[");
    for (; shown < count && shown < SHOWN; shown++) {
        if (!read(w, address + shown * bytes, entry, bytes))
            break;
        put(w, "%s", shown ? ", " : "");
        show(w, entry);
    }
    put(w, "%s], %u", shown < count ? ", ..." : "", count);
}

/* xen.h: struct mmu_update, two words of 64 bits; the command is in the low bits of the first. */
static void show_update(struct writing *w, const uint32_t *entry)
{
    put(w, "{");
    if (entry[0] & 3)
        put_command(w, "mmu_update", entry[0] & 3);
    put(w, "%s0x%llx = 0x%llx}", entry[0] & 3 ? " " : "",
        (unsigned long long)entry[1] << 32 | (entry[0] & ~3u),
        (unsigned long long)entry[3] << 32 | entry[2]);
}

/* xen.h: struct mmuext_op of 32-bit guests: command, two words. */
static void show_extended(struct writing *w, const uint32_t *entry)
{
    put(w, "{");
    put_command(w, "mmuext_op", entry[0]);
    put(w, " 0x%x}", entry[1]);
}

/* xen.h: struct multicall_entry of 32-bit guests: number, result, six arguments. */
static void show_call(struct writing *w, const uint32_t *entry)
{
    const char *name = trace_hypercall_name(entry[0]);

    if (name)
        put(w, "%s", name);
    else
        put(w, "%u", entry[0]);
}

/* ---- calls ----------------------------------------------------------------------------------- */

static void put_console(struct writing *w, const uint32_t *argument)
{
    char bytes[TEXT_SHOWN], quoted[4 * TEXT_SHOWN + 8];
    size_t shown = argument[1] < TEXT_SHOWN ? argument[1] : TEXT_SHOWN;

    put_command(w, "console_io", argument[0]);
    put(w, ", %u, ", argument[1]);
    if (argument[0] == CONSOLEIO_write && read(w, argument[2], bytes, shown)) {
        trace_quote(quoted, sizeof(quoted), bytes, shown, shown < argument[1]);
        put(w, "%s", quoted);
    } else {
        put(w, "0x%x", argument[2]);
    }
}

/* Those whose command is the first word of a structure. */
static void put_control(struct writing *w, const uint32_t *argument)
{
    uint32_t words[3]; /* command, interface version, domain */

    if (!read(w, argument[0], words, sizeof(words))) {
        put(w, "0x%x", argument[0]);
        return;
    }
    put(w, "{");
    put_command(w, w->name, words[0]);
    if (!strcmp(w->name, "domctl"))
        put(w, ", domain %u", words[2] & 0xffff);
    put(w, "}");
}

static void put_arguments(struct writing *w, unsigned count)
{
    const uint32_t *argument = w->record->argument;

    if (!strcmp(w->name, "mmu_update")) {
        put_list(w, argument[1], 16, show_update);
        put(w, ", 0x%x", argument[2]);
    } else if (!strcmp(w->name, "mmuext_op")) {
        put_list(w, argument[1], 12, show_extended);
    } else if (!strcmp(w->name, "multicall")) {
        put_list(w, argument[1], 32, show_call);
    } else if (!strcmp(w->name, "update_va_mapping")) {
        put(w, "0x%x, 0x%llx, 0x%x", argument[0],
            (unsigned long long)argument[2] << 32 | argument[1], argument[3]);
    } else if (!strcmp(w->name, "console_io")) {
        put_console(w, argument);
    } else if (!strcmp(w->name, "domctl") || !strcmp(w->name, "sysctl") ||
               !strcmp(w->name, "platform_op")) {
        put_control(w, argument);
    } else if (!strcmp(w->name, "vm_assist")) {
        put(w, "%u, ", argument[0]);
        put_command(w, w->name, argument[1]);
    } else {
        unsigned first = 0;

        for (size_t i = 0; !first && i < sizeof(operations) / sizeof(*operations); i++)
            if (!strcmp(operations[i].hypercall, w->name)) {
                put_command(w, w->name, argument[0]);
                first = 1;
            }
        put_numbers(w, first, count);
    }
}

void trace_hypercall_text(const struct trace *trace, struct trace_record *record)
{
    struct writing w = {trace, record, trace_hypercall_name(record->number), 0};

    if (!w.name) {
        put(&w, "hypercall_%u(", record->number);
        put_numbers(&w, 0, 5);
    } else {
        put(&w, "%s(", w.name);
        put_arguments(&w, hypercalls[record->number].arguments);
    }
    put(&w, ")");
}
