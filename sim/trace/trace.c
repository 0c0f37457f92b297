/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.c - what the observer sees, as records
 *
 * A crossing that enters a kernel makes two records: the crossing, whose cost is the time until
 * that processor's next crossing or switch, and the call, fault or interrupt that it was for, whose
 * cost is the time until that has returned. So the costs of starts, crossings and switches add up
 * to the clocks, and calls are counted as the accounting counts them.
 */
#include "sim/trace/trace.h"

#include <stdio.h>
#include <string.h>

#include "sim/trace/calls.h"
#include "sim/watch/guest.h"

enum { EAX_, ECX_, EDX_, EBX_, ESP_, EBP_, ESI_, EDI_ }; /* of cpu_registers.gpr */

const char *trace_kind_name(enum trace_kind kind)
{
    static const char *const names[] = {
#define X(id, name) #name,
        TRACE_KINDS(X)
#undef X
    };

    return names[kind];
}

uint64_t trace_now(const struct trace *trace)
{
    const struct machine *machine = trace->machine;

    return machine->schedule.running >= 0 ? cpu_clock(machine->cpu[machine->schedule.running])
                                          : machine_clock_min(machine);
}

const char *trace_place(const struct trace *trace, unsigned ring, uint32_t eip, char *text,
                        size_t bytes)
{
    const struct name *name = ring < 3 ? names_find(&trace->names[ring > 0], eip) : NULL;

    if (!name)
        snprintf(text, bytes, "%08x", eip);
    else if (eip == name->address)
        snprintf(text, bytes, "%.60s", name->text);
    else
        snprintf(text, bytes, "%.60s+0x%x", name->text, eip - name->address);
    return text;
}

const char *trace_exception_name(uint32_t vector, char *text)
{
    static const char prefix[] = "exception.";

    reason_name(REASON_VECTOR + vector, text, TRACE_NAME);
    if (vector >= 32 || strncmp(text, prefix, strlen(prefix)) != 0)
        *text = '\0';
    else
        memmove(text, text + strlen(prefix), strlen(text + strlen(prefix)) + 1);
    return text;
}

/* ---- filters --------------------------------------------------------------------------------- */

static bool wants(const struct trace *trace, enum trace_kind kind, uint32_t context,
                  const char *name)
{
    const struct trace_filter *filter = &trace->filter;
    bool found = !filter->contexts;

    if (!(filter->kinds >> kind & 1))
        return false;
    for (unsigned i = 0; i < filter->contexts; i++)
        found = found || filter->context[i] == context;
    if (!found)
        return false;
    for (unsigned i = 0; i < filter->names; i++)
        if (name && !strcmp(filter->name[i], name))
            return true;
    return !filter->names;
}

/* ---- records --------------------------------------------------------------------------------- */

static struct trace_record *begin(struct trace *trace, enum trace_kind kind, unsigned cpu,
                                  const struct cpu_crossing *c)
{
    struct trace_record *record = queue_add(trace);

    record->kind = kind;
    record->cpu = (uint8_t)cpu;
    record->context = trace->context[cpu];
    record->begin = cpu_clock(trace->machine->cpu[cpu]);
    if (!c)
        return record;
    record->from = c->from;
    record->to = c->to;
    record->gate = (uint8_t)c->kind;
    record->vector = c->vector;
    record->eip = c->eip;
    record->number = c->eax;
    record->error = c->error_code;
    record->address = c->address;
    return record;
}

/* The time until now was the last crossing's or switch's. */
static void end_stay(struct trace *trace, unsigned cpu)
{
    struct trace_record *record = trace->stay[cpu];

    if (!record)
        return;
    trace->stay[cpu] = NULL;
    record->end = cpu_clock(trace->machine->cpu[cpu]);
    record->ended = true;
    if (record->resumed)
        trace->form->write(trace, record);
    queue_give(trace, false);
}

static void take_arguments(const struct trace *trace, unsigned cpu, struct trace_record *record,
                           struct cpu_registers *r)
{
    static const uint8_t order[TRACE_ARGUMENTS] = {EBX_, ECX_, EDX_, ESI_, EDI_, EBP_};

    cpu_registers(trace->machine->cpu[cpu], r);
    for (unsigned i = 0; i < TRACE_ARGUMENTS; i++)
        record->argument[i] = r->gpr[order[i]];
}

static bool is_hypercall(const struct cpu_crossing *c)
{
    return c->kind == CPU_GATE_SOFTWARE && c->vector == HYPERCALL_VECTOR && c->from && !c->to;
}

static bool is_syscall(const struct cpu_crossing *c)
{
    return c->kind == CPU_GATE_SOFTWARE && c->vector == SYSCALL_VECTOR && c->from == 3;
}

/* ---- crossings ------------------------------------------------------------------------------- */

static void begin_syscall(struct trace *trace, unsigned cpu, const struct cpu_crossing *c)
{
    struct trace_record *record;
    struct cpu_registers r;

    if (!wants(trace, TRACE_SYSCALL, trace->context[cpu], trace_syscall_name(c->eax)))
        return;
    record = begin(trace, TRACE_SYSCALL, cpu, c);
    take_arguments(trace, cpu, record, &r);
    record->returns = true;
    trace_syscall_text(trace, record);
    calls_begin(trace, record, guest_kernel_stack(trace->machine, cpu, &r));
}

static void begin_hypercall(struct trace *trace, unsigned cpu, const struct cpu_crossing *c)
{
    struct trace_record *record;
    struct cpu_registers r;

    if (!wants(trace, TRACE_HYPERCALL, trace->context[cpu], trace_hypercall_name(c->eax)))
        return;
    record = begin(trace, TRACE_HYPERCALL, cpu, c);
    take_arguments(trace, cpu, record, &r);
    record->returns = true;
    trace_hypercall_text(trace, record);
    calls_begin(trace, record, c->from == 3 ? guest_kernel_stack(trace->machine, cpu, &r) : 0);
}

static void begin_fault(struct trace *trace, unsigned cpu, const struct cpu_crossing *c)
{
    bool interrupt = c->kind == CPU_GATE_INTERRUPT;
    enum trace_kind kind = interrupt ? TRACE_INTERRUPT : TRACE_FAULT;
    char text[TRACE_NAME];
    const char *name = interrupt ? NULL : trace_exception_name(c->vector, text);
    struct trace_record *record;
    struct cpu_registers r;

    if (!wants(trace, kind, trace->context[cpu], name))
        return;
    record = begin(trace, kind, cpu, c);
    if (interrupt)
        snprintf(record->text, TRACE_TEXT, "vector 0x%x", c->vector);
    else if (c->vector == 14)
        snprintf(record->text, TRACE_TEXT, "page_fault at 0x%08x, %s %s", c->address,
                 c->error_code & 2    ? "write"
                 : c->error_code & 16 ? "fetch"
                                      : "read",
                 c->error_code & 1 ? "denied" : "absent");
    else
        snprintf(record->text, TRACE_TEXT, "%s, error 0x%x", *name ? name : "reserved",
                 c->error_code);
    cpu_registers(trace->machine->cpu[cpu], &r);
    calls_begin(trace, record, c->from == 3 ? guest_kernel_stack(trace->machine, cpu, &r) : 0);
}

static void crossed(void *owner, unsigned cpu, const struct cpu_crossing *c)
{
    struct trace *trace = owner;

    end_stay(trace, cpu);
    if (c->to > c->from || (c->kind == CPU_GATE_IRET && c->to == c->from))
        calls_return(trace, cpu, c);
    if (wants(trace, TRACE_CROSSING, trace->context[cpu], NULL))
        trace->stay[cpu] = begin(trace, TRACE_CROSSING, cpu, c);
    if (is_syscall(c))
        begin_syscall(trace, cpu, c);
    else if (is_hypercall(c))
        begin_hypercall(trace, cpu, c);
    else if (c->kind == CPU_GATE_EXCEPTION || c->kind == CPU_GATE_INTERRUPT)
        begin_fault(trace, cpu, c);
    trace->inner.crossed(trace->inner.owner, cpu, c);
}

/* ---- switches -------------------------------------------------------------------------------- */

static void context(void *owner, unsigned cpu, uint32_t id)
{
    struct trace *trace = owner;
    uint32_t before = trace->context[cpu];
    struct trace_record *record;

    if (id != before) {
        end_stay(trace, cpu);
        calls_switch(trace, cpu);
        trace->context[cpu] = id;
        if (wants(trace, TRACE_SWITCH, id, NULL)) {
            record = begin(trace, TRACE_SWITCH, cpu, NULL);
            record->before = before;
            trace->stay[cpu] = record;
        }
    }
    trace->inner.context(trace->inner.owner, cpu, id);
}

static void context_ended(void *owner, unsigned cpu, uint32_t id)
{
    struct trace *trace = owner;

    calls_context_ended(trace, id);
    trace->inner.context_ended(trace->inner.owner, cpu, id);
}

static void announce(void *owner, unsigned cpu, uint32_t leaf, uint32_t argument)
{
    struct trace *trace = owner;

    trace->inner.announce(trace->inner.owner, cpu, leaf, argument);
}

static void masked(void *owner, unsigned cpu)
{
    struct trace *trace = owner;

    trace->inner.masked(trace->inner.owner, cpu);
}

/* ---- devices --------------------------------------------------------------------------------- */

/* The context that runs has asked: the hypervisor's driver, for a domain. */
static struct trace_record *begin_request(struct trace *trace, enum trace_kind kind)
{
    int running = trace->machine->schedule.running;
    unsigned cpu = running < 0 ? 0 : (unsigned)running;
    struct trace_record *record;

    if (!wants(trace, kind, trace->context[cpu], NULL))
        return NULL;
    record = begin(trace, kind, cpu, NULL);
    record->begin = trace_now(trace);
    return record;
}

static void request(void *owner, const struct machine_request *request)
{
    struct trace *trace = owner;
    struct trace_record *record;

    if (request->kind == REQUEST_DISK_END) {
        calls_disk(trace, request->unit, request->failed);
        return;
    }
    if (request->kind == REQUEST_DISK) /* one that a reset has cut off */
        calls_disk(trace, request->unit, true);
    record = begin_request(trace, request->kind == REQUEST_DISK ? TRACE_DISK : TRACE_FRAME);
    if (!record)
        return;
    record->number = request->command;
    if (request->kind == REQUEST_DISK) {
        snprintf(record->text, TRACE_TEXT, "disk %u: command 0x%02x, sector %llu, %llu sectors",
                 request->unit, request->command, (unsigned long long)request->sector,
                 (unsigned long long)request->count);
        calls_begin(trace, record, request->unit);
        return;
    }
    snprintf(record->text, TRACE_TEXT, "frame of %llu bytes", (unsigned long long)request->count);
    record->end = record->begin;
    record->ended = true;
    queue_give(trace, false);
}

/* ---- the watcher ----------------------------------------------------------------------------- */

bool trace_begin(void *owner, struct account *account, const struct boot_images *images, char *why,
                 size_t why_bytes)
{
    struct trace *trace = owner;
    struct machine *machine = account->machine;
    static const struct file none;
    const struct file *module = images->modules ? &images->module[0].file : &none;
    const struct names *hypervisor = &trace->names[0];

    trace->machine = machine;
    trace->account = account;
    if (!queue_open(trace) || !names_open(&trace->names[0], &images->kernel.file) ||
        !names_open(&trace->names[1], module) || !trace->form->open(trace)) {
        snprintf(why, why_bytes, "no memory for a trace");
        return false;
    }
    for (unsigned i = 0; i < hypervisor->count; i++)
        trace->hypervisor = trace->hypervisor || !strcmp(hypervisor->name[i].text, "do_mmu_update");
    trace->inner = machine->observer;
    machine->observer = (struct machine_observer){.owner = trace,
                                                  .announce = announce,
                                                  .context = context,
                                                  .context_ended = context_ended,
                                                  .crossed = crossed,
                                                  .masked = masked,
                                                  .request = request};
    for (unsigned i = 0; i < machine->config.processors; i++) {
        trace->context[i] = account->cpu[i].context->id;
        if (wants(trace, TRACE_START, trace->context[i], NULL))
            trace->stay[i] = begin(trace, TRACE_START, i, NULL);
    }
    return true;
}

bool trace_end(void *owner, char *why, size_t why_bytes)
{
    struct trace *trace = owner;
    bool good = !trace->lost;

    for (unsigned i = 0; i < trace->machine->config.processors; i++)
        end_stay(trace, i);
    trace->machine->observer = trace->inner;
    queue_give(trace, true);
    calls_close(trace);
    trace->form->close(trace);
    queue_close(trace);
    names_close(&trace->names[0]);
    names_close(&trace->names[1]);
    if (!good)
        snprintf(why, why_bytes, "memory was short: the trace is not whole");
    if (trace->file.out)
        good = result_file_keep(&trace->file, why, why_bytes) && good;
    return good;
}
