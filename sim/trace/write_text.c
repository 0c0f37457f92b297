/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_text.c - a line a record
 *
 *     seconds      processor domain rings kind      what                          cycles
 *     0.712339120  cpu0 d3   3>1 syscall   write(1, "...", 512) = 512 <612>
 *
 * The number at the end is the cost. Without it, the record is given away unfinished; it comes
 * again with "..." before it and its cost behind.
 */
#include "sim/trace/trace.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const gates[] = {
    [CPU_GATE_EXCEPTION] = "exception", [CPU_GATE_SOFTWARE] = "int",
    [CPU_GATE_INTERRUPT] = "interrupt", [CPU_GATE_IRET] = "iret",
    [CPU_GATE_FAR_CALL] = "far call",   [CPU_GATE_FAR_RETURN] = "far return",
    [CPU_GATE_SYSENTER] = "sysenter",   [CPU_GATE_SYSEXIT] = "sysexit"};

static void put_time(FILE *out, uint64_t cycles, uint64_t hz)
{
    uint64_t rest = cycles % hz;

    fprintf(out, "%3" PRIu64 ".%09" PRIu64, cycles / hz,
            (uint64_t)((unsigned __int128)rest * 1000000000 / hz));
}

/* "d3", "p7", "idle", "boot". */
static void context_word(const struct trace *trace, uint32_t id, char *text, size_t bytes)
{
    if (id == ANNOUNCE_CONTEXT_IDLE)
        snprintf(text, bytes, "idle");
    else if (id == ANNOUNCE_CONTEXT_BOOT)
        snprintf(text, bytes, "boot");
    else
        snprintf(text, bytes, "%c%u", trace->hypervisor ? 'd' : 'p', id);
}

static void put_crossing(const struct trace *trace, const struct trace_record *record)
{
    char place[96];

    fprintf(trace->out, "%s", gates[record->gate]);
    if (record->gate == CPU_GATE_SOFTWARE || record->gate == CPU_GATE_INTERRUPT)
        fprintf(trace->out, " 0x%x", record->vector);
    else if (record->gate == CPU_GATE_EXCEPTION)
        fprintf(trace->out, " %u", record->vector);
    fprintf(trace->out, " from %s",
            trace_place(trace, record->from, record->eip, place, sizeof(place)));
}

static void put_what(struct trace *trace, const struct trace_record *record)
{
    char text[64];

    switch (record->kind) {
    case TRACE_START:
        fprintf(trace->out, "processor %u", record->cpu);
        break;
    case TRACE_CROSSING:
        put_crossing(trace, record);
        break;
    case TRACE_SWITCH:
        context_word(trace, record->before, text, sizeof(text));
        fprintf(trace->out, "from %s", text);
        break;
    case TRACE_HYPERCALL:
    case TRACE_SYSCALL:
        trace_result_text(record, text, sizeof(text));
        fprintf(trace->out, "%s = %s", record->text, text);
        break;
    case TRACE_DISK:
        fprintf(trace->out, "%s%s", record->text,
                !record->returned ? ""
                : record->result  ? ": failed"
                                  : ": done");
        break;
    default:
        fprintf(trace->out, "%s", record->text);
        break;
    }
}

static void write_text(struct trace *trace, const struct trace_record *record)
{
    struct trace_record filled;
    char who[16];

    if (record->resumed && !record->ended)
        return;
    if (record->hole != TRACE_NO_HOLE) { /* it has not returned */
        filled = *record;
        trace_fill_hole(trace, record->cpu, &filled);
        record = &filled;
    }
    context_word(trace, record->context, who, sizeof(who));
    put_time(trace->out, record->begin, trace->machine->config.costs->clock_hz);
    fprintf(trace->out, " cpu%u %-5s ", record->cpu, who);
    if (record->from != record->to || record->kind == TRACE_CROSSING)
        fprintf(trace->out, "%u>%u", record->from, record->to);
    else
        fprintf(trace->out, " - ");
    fprintf(trace->out, " %-9s %s", trace_kind_name(record->kind), record->resumed ? "... " : "");
    put_what(trace, record);
    if (record->ended && record->kind != TRACE_FRAME)
        fprintf(trace->out, " <%" PRIu64 ">", record->end - record->begin);
    fputc('\n', trace->out);
}

static bool open_text(struct trace *trace)
{
    (void)trace;
    return true;
}

static void close_text(struct trace *trace)
{
    fflush(trace->out);
}

const struct trace_form trace_text = {"text", true, open_text, write_text, close_text};
