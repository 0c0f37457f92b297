/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_perfetto.c - a timeline as Perfetto's TrackEvent packets
 *
 * A process is a domain (or a process of a bare kernel), and its threads are: a track for each
 * ring, with a slice for each stretch in it, named by what led there; and tracks for calls, faults
 * and interrupts, which overlap, with their arguments, result and cost. Counters are those of the
 * domain since the start, at most one a millisecond.
 *
 * Fields and their numbers: perfetto.dev, "Synthetic TrackEvent" and the reference of TracePacket.
 * Text is replaced where it is no UTF-8, which fields of type string must be.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/trace/protobuf.h"
#include "sim/trace/trace.h"

enum { TRACE_PACKET = 1 };
enum { PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_DESCRIPTOR = 60 };
enum {
    TRACK_UUID = 1,
    TRACK_NAME = 2,
    TRACK_PROCESS = 3,
    TRACK_THREAD = 4,
    TRACK_PARENT = 5,
    TRACK_COUNTER = 8
};
enum { PROCESS_PID = 1, PROCESS_NAME = 6, THREAD_PID = 1, THREAD_TID = 2, THREAD_NAME = 5 };
enum {
    EVENT_ANNOTATION = 4,
    EVENT_TYPE = 9,
    EVENT_TRACK = 11,
    EVENT_CATEGORY = 22,
    EVENT_NAME = 23,
    EVENT_COUNTER = 30
};
enum { ANNOTATION_UINT = 3, ANNOTATION_STRING = 6, ANNOTATION_NAME = 10 };
enum { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3, COUNTER = 4 };

enum { LANES = 16, RINGS = 4, COUNTERS = 4 };

static const struct {
    const char *name;
    enum trace_kind kind;
} counters[COUNTERS] = {{"hypercalls", TRACE_HYPERCALL},
                        {"system calls", TRACE_SYSCALL},
                        {"faults", TRACE_FAULT},
                        {"crossings", TRACE_CROSSING}};

/* What is known of a context. */
struct seen {
    bool ring[RINGS];
    uint64_t busy[TRACE_KIND_COUNT][LANES]; /* until when, plus one; 0: the lane is not there yet */
    uint64_t count[COUNTERS], told[COUNTERS], told_at;
    bool counter[COUNTERS];
};

struct perfetto {
    struct seen *seen[ANNOUNCE_CONTEXT_MAX + 1];
};

/* ---- packets --------------------------------------------------------------------------------- */

static void put_packet(const struct trace *trace, const struct message *packet)
{
    struct message head = {.used = 0};

    message_varint(&head, (uint64_t)TRACE_PACKET << 3 | WIRE_LENGTH);
    message_varint(&head, packet->used);
    fwrite(head.byte, 1, head.used, trace->out);
    fwrite(packet->byte, 1, packet->used, trace->out);
}

static uint64_t nanoseconds(const struct trace *trace, uint64_t cycles)
{
    return (uint64_t)((unsigned __int128)cycles * 1000000000 /
                      trace->machine->config.costs->clock_hz);
}

/* Tracks are named by numbers: of a context its process, rings, lanes and counters. */
static uint64_t track(uint32_t context, unsigned group, unsigned lane)
{
    return ((uint64_t)context + 1) << 16 | group << 8 | lane;
}

enum { GROUP_PROCESS, GROUP_RINGS, GROUP_COUNTERS, GROUP_KINDS };

static void put_track(const struct trace *trace, uint64_t uuid, uint32_t context, const char *name,
                      bool counter)
{
    struct message packet = {.used = 0}, descriptor = {.used = 0}, inner = {.used = 0};

    message_number(&descriptor, TRACK_UUID, uuid);
    if (counter) {
        message_text(&descriptor, TRACK_NAME, name);
        message_number(&descriptor, TRACK_PARENT, track(context, GROUP_PROCESS, 0));
        message_within(&descriptor, TRACK_COUNTER, &inner);
    } else if (uuid == track(context, GROUP_PROCESS, 0)) {
        message_number(&inner, PROCESS_PID, context + 1);
        message_text(&inner, PROCESS_NAME, name);
        message_within(&descriptor, TRACK_PROCESS, &inner);
    } else {
        message_number(&inner, THREAD_PID, context + 1);
        message_number(&inner, THREAD_TID, uuid & 0xffff);
        message_text(&inner, THREAD_NAME, name);
        message_within(&descriptor, TRACK_THREAD, &inner);
    }
    message_within(&packet, PACKET_DESCRIPTOR, &descriptor);
    message_number(&packet, PACKET_SEQUENCE, 1);
    put_packet(trace, &packet);
}

static struct seen *seen(const struct trace *trace, uint32_t context)
{
    struct perfetto *state = trace->state;
    char name[64];

    if (state->seen[context])
        return state->seen[context];
    state->seen[context] = calloc(1, sizeof(struct seen));
    if (!state->seen[context])
        return NULL;
    context_name(context, trace->hypervisor ? "domain" : "process", name, sizeof(name));
    put_track(trace, track(context, GROUP_PROCESS, 0), context, name, false);
    return state->seen[context];
}

/* ---- events ---------------------------------------------------------------------------------- */

static void put_event(const struct trace *trace, uint64_t cycles, const struct message *event)
{
    struct message packet = {.used = 0};

    message_number(&packet, PACKET_TIMESTAMP, nanoseconds(trace, cycles));
    message_within(&packet, PACKET_EVENT, event);
    message_number(&packet, PACKET_SEQUENCE, 1);
    put_packet(trace, &packet);
}

/* Bytes of a guest's as text. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            *text = '?';
}

static void annotate_text(struct message *event, const char *name, const char *value)
{
    struct message inner = {.used = 0};

    message_text(&inner, ANNOTATION_NAME, name);
    message_text(&inner, ANNOTATION_STRING, value);
    message_within(event, EVENT_ANNOTATION, &inner);
}

static void annotate(struct message *event, const char *name, uint64_t value)
{
    struct message inner = {.used = 0};

    message_text(&inner, ANNOTATION_NAME, name);
    message_number(&inner, ANNOTATION_UINT, value);
    message_within(event, EVENT_ANNOTATION, &inner);
}

/* The word before "(" or a space. */
static void short_name(const struct trace_record *record, char *name, size_t bytes)
{
    snprintf(name, bytes, "%.*s", (int)strcspn(record->text, "( :"), record->text);
}

/* Why the processor came into the ring. */
static void stay_name(const struct trace_record *record, char *name, size_t bytes)
{
    const char *call = NULL;
    char text[TRACE_NAME];

    if (record->kind != TRACE_CROSSING) {
        snprintf(name, bytes, "%s", trace_kind_name(record->kind));
        return;
    }
    if (record->gate == CPU_GATE_SOFTWARE && record->vector == HYPERCALL_VECTOR && !record->to)
        call = trace_hypercall_name(record->number);
    else if (record->gate == CPU_GATE_SOFTWARE && record->vector == SYSCALL_VECTOR)
        call = trace_syscall_name(record->number);
    else if (record->gate == CPU_GATE_EXCEPTION)
        call = trace_exception_name(record->vector, text);
    if (call)
        snprintf(name, bytes, "%s", call);
    else if (record->gate == CPU_GATE_INTERRUPT || record->gate == CPU_GATE_SOFTWARE)
        snprintf(name, bytes, "interrupt 0x%x", record->vector);
    else
        snprintf(name, bytes, "ring %u", record->to);
}

static void begin_slice(const struct trace *trace, const struct trace_record *record, uint64_t uuid,
                        const char *name)
{
    struct message event = {.used = 0};
    char text[TRACE_TEXT], result[64], place[96];

    message_number(&event, EVENT_TYPE, record->kind == TRACE_FRAME ? INSTANT : SLICE_BEGIN);
    message_number(&event, EVENT_TRACK, uuid);
    message_text(&event, EVENT_CATEGORY, trace_kind_name(record->kind));
    message_text(&event, EVENT_NAME, name);
    annotate(&event, "cpu", record->cpu);
    if (*record->text) {
        snprintf(text, sizeof(text), "%s", record->text);
        clean(text);
        annotate_text(&event, "what", text);
    }
    if (record->returns) {
        trace_result_text(record, result, sizeof(result));
        annotate_text(&event, "result", result);
    }
    if (record->kind == TRACE_CROSSING)
        annotate_text(&event, "from",
                      trace_place(trace, record->from, record->eip, place, sizeof(place)));
    if (record->ended)
        annotate(&event, "cycles", record->end - record->begin);
    put_event(trace, record->begin, &event);
}

static void end_slice(const struct trace *trace, const struct trace_record *record, uint64_t uuid)
{
    struct message event = {.used = 0};

    message_number(&event, EVENT_TYPE, SLICE_END);
    message_number(&event, EVENT_TRACK, uuid);
    put_event(trace, record->end, &event);
}

/* A stretch in a ring. */
static void write_stay(const struct trace *trace, const struct trace_record *record,
                       struct seen *context)
{
    unsigned ring = record->to & 3;
    uint64_t uuid = track(record->context, GROUP_RINGS, ring);
    char name[64];

    if (!context->ring[ring]) {
        snprintf(name, sizeof(name), "ring %u", ring);
        put_track(trace, uuid, record->context, name, false);
        context->ring[ring] = true;
    }
    stay_name(record, name, sizeof(name));
    begin_slice(trace, record, uuid, name);
    if (record->ended)
        end_slice(trace, record, uuid);
}

/* Calls overlap: each takes the first lane that is free. */
static void write_call(const struct trace *trace, const struct trace_record *record,
                       struct seen *context)
{
    uint64_t *busy = context->busy[record->kind], uuid;
    unsigned lane = 0;
    char name[64];

    while (lane < LANES - 1 && busy[lane] > record->begin + 1)
        lane++;
    uuid = track(record->context, GROUP_KINDS + record->kind, lane);
    if (!busy[lane]) {
        snprintf(name, sizeof(name), "%s %u", trace_kind_name(record->kind), lane + 1);
        put_track(trace, uuid, record->context, name, false);
    }
    busy[lane] = record->ended ? record->end + 1 : UINT64_MAX;
    short_name(record, name, sizeof(name));
    clean(name);
    begin_slice(trace, record, uuid, name);
    if (record->ended && record->kind != TRACE_FRAME)
        end_slice(trace, record, uuid);
}

static void put_counter(const struct trace *trace, const struct trace_record *record, unsigned i,
                        struct seen *context)
{
    uint64_t uuid = track(record->context, GROUP_COUNTERS, i);
    struct message event = {.used = 0};

    if (context->count[i] == context->told[i])
        return;
    if (!context->counter[i])
        put_track(trace, uuid, record->context, counters[i].name, true);
    context->counter[i] = true;
    message_number(&event, EVENT_TYPE, COUNTER);
    message_number(&event, EVENT_TRACK, uuid);
    message_number(&event, EVENT_COUNTER, context->count[i]);
    put_event(trace, record->begin, &event);
    context->told[i] = context->count[i];
}

static void count(const struct trace *trace, const struct trace_record *record,
                  struct seen *context)
{
    uint64_t often = trace->machine->config.costs->clock_hz / 1000;

    for (unsigned i = 0; i < COUNTERS; i++)
        context->count[i] += counters[i].kind == record->kind && !record->resumed;
    if (record->begin < context->told_at + often || record->resumed)
        return;
    context->told_at = record->begin;
    for (unsigned i = 0; i < COUNTERS; i++)
        put_counter(trace, record, i, context);
}

static void write_perfetto(struct trace *trace, const struct trace_record *record)
{
    struct seen *context = seen(trace, record->context);

    if (!context) {
        trace->lost = true;
        return;
    }
    count(trace, record, context);
    if (record->moved) /* it comes again, with its end */
        return;
    if (record->kind <= TRACE_SWITCH)
        write_stay(trace, record, context);
    else
        write_call(trace, record, context);
}

static bool open_perfetto(struct trace *trace)
{
    trace->state = calloc(1, sizeof(struct perfetto));
    return trace->state != NULL;
}

static void close_perfetto(struct trace *trace)
{
    struct perfetto *state = trace->state;

    for (unsigned i = 0; i <= ANNOUNCE_CONTEXT_MAX; i++)
        free(state->seen[i]);
    free(state);
}

const struct trace_form trace_perfetto = {"perfetto", false, open_perfetto, write_perfetto,
                                          close_perfetto};
