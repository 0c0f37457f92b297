/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stub.c - packets and their answers (gdb's manual, E.2 and following)
 *
 * An empty answer says that a packet is not known. Runs are cut at clocks, so that the server can
 * look for an interrupt in between: such stops change nothing (cpu/walk.c).
 */
#include "sim/gdb/stub.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SLICES_A_SECOND = 200, READ_MOST = GDB_PACKET_BYTES / 2 - 8, STEPS_MOST = 1000000 };

void stub_open(struct stub *stub, struct inspect *inspect)
{
    *stub = (struct stub){.inspect = inspect, .only = STUB_ANY};
}

static unsigned processors(const struct stub *stub)
{
    return stub->inspect->machine->config.processors;
}

static bool starts(const char **at, const char *with)
{
    if (strncmp(*at, with, strlen(with)) != 0)
        return false;
    *at += strlen(with);
    return true;
}

/* A thread's number; "-1" and "0" are any. */
static bool thread_of(const struct stub *stub, const char **at, unsigned *cpu)
{
    uint64_t number;

    *cpu = stub->thread;
    if (starts(at, "-1"))
        return true;
    if (!gdb_number(at, &number) || number > processors(stub))
        return false;
    if (number)
        *cpu = (unsigned)number - 1;
    return true;
}

/* ---- stops ----------------------------------------------------------------------------------- */

static void put_stop(const struct stub *stub, unsigned signal, const char *why, FILE *answer)
{
    fprintf(answer, "T%02x%sthread:%x;", signal, why, stub->thread + 1);
}

/* The run is over: exit value, or a signal as for one that crashed. */
static void put_end(struct stub *stub, FILE *answer)
{
    const struct machine *machine = stub->inspect->machine;

    stub->ended = true;
    if (machine->end == MACHINE_POWER_OFF)
        fprintf(answer, "W%02x", machine->exit_value & 0xff);
    else
        fputs("X0b", answer);
}

void stub_interrupt(const struct stub *stub, FILE *answer)
{
    put_stop(stub, 2, "", answer);
}

static bool at_breakpoint(const struct stub *stub)
{
    const struct machine *machine = stub->inspect->machine;

    return machine->schedule.turn.open &&
           (machine->schedule.stop == CPU_STOP_BREAK || machine->schedule.stop == CPU_STOP_WATCH);
}

/* Why it stopped, for gdb: a watch is told with the address that was touched. */
static void put_breakpoint(const struct stub *stub, FILE *answer)
{
    const struct machine *machine = stub->inspect->machine;
    char why[32] = "swbreak:;";
    bool written;

    if (machine->schedule.stop == CPU_STOP_WATCH)
        snprintf(why, sizeof(why), "watch:%x;",
                 cpu_watch_hit(machine->cpu[stub->thread], &written));
    put_stop(stub, 5, why, answer);
}

static bool concerns(const struct stub *stub)
{
    return stub->only == STUB_ANY || stub->inspect->context[stub->inspect->cpu] == stub->only;
}

bool stub_run(struct stub *stub, FILE *answer)
{
    struct inspect *inspect = stub->inspect;
    struct machine *machine = inspect->machine;
    uint64_t slice = machine->config.costs->clock_hz / SLICES_A_SECOND;

    if (stub->ended ||
        !inspect_run(inspect, INSPECT_CLOCK, machine_clock_min(machine) + slice + 1)) {
        put_end(stub, answer);
        return true;
    }
    if (!at_breakpoint(stub) || !concerns(stub))
        return false;
    stub->thread = inspect->cpu;
    put_breakpoint(stub, answer);
    return true;
}

/* One instruction of a processor; others may run before it has its turn. */
static void step(struct stub *stub, unsigned cpu, FILE *answer)
{
    bool good = !stub->ended;

    for (unsigned i = 0; good && i < STEPS_MOST; i++) {
        good = inspect_run(stub->inspect, INSPECT_INSTRUCTION, 1);
        if (stub->inspect->cpu == cpu)
            break;
        if (good && at_breakpoint(stub) && concerns(stub))
            break;
    }
    if (!good) {
        put_end(stub, answer);
        return;
    }
    stub->thread = stub->inspect->cpu;
    if (at_breakpoint(stub))
        put_breakpoint(stub, answer);
    else
        put_stop(stub, 5, "", answer);
}

/* vCont;ACTION[:THREAD]...: a step if there is one, else all go on. */
static enum stub_verdict go_on(struct stub *stub, const char *at, FILE *answer)
{
    while (*at == ';') {
        char action = at[1];
        unsigned cpu = stub->thread;

        at += action ? 2 : 1;
        if (action == 'C' || action == 'S')
            at += strnlen(at, 2); /* the signal: none can be given */
        if (*at == ':') {
            at++;
            if (!thread_of(stub, &at, &cpu)) {
                fputs("E01", answer);
                return STUB_ANSWERS;
            }
        }
        if (action == 's' || action == 'S') {
            step(stub, cpu, answer);
            return STUB_ANSWERS;
        }
        if (action == 'c' || action == 'C')
            return STUB_RUNS;
    }
    fputs("E01", answer);
    return STUB_ANSWERS;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* "ADDRESS,COUNT" */
static bool range_of(const char **at, uint64_t *address, uint64_t *count)
{
    return gdb_number(at, address) && *(*at)++ == ',' && gdb_number(at, count) &&
           *address <= UINT32_MAX;
}

static void read_memory(const struct stub *stub, const char *at, FILE *answer)
{
    uint64_t address, count, done = 0;
    uint8_t byte;

    stub->inspect->cpu = stub->thread;
    if (!range_of(&at, &address, &count)) {
        fputs("E01", answer);
        return;
    }
    while (done < count && done < READ_MOST &&
           inspect_read(stub->inspect, (uint32_t)(address + done), &byte, 1)) {
        fprintf(answer, "%02x", byte);
        done++;
    }
    if (!done && count)
        fputs("E0e", answer); /* EFAULT */
}

/* All or nothing. Code that was translated from there is forgotten. */
static bool write_memory(const struct stub *stub, uint32_t address, const uint8_t *bytes,
                         size_t count)
{
    struct machine *machine = stub->inspect->machine;
    uint32_t physical;

    for (size_t i = 0; i < count; i++)
        if (!cpu_translate(machine->cpu[stub->thread], address + (uint32_t)i, &physical) ||
            physical >= machine->config.ram_bytes)
            return false;
    for (size_t i = 0; i < count; i++) {
        cpu_translate(machine->cpu[stub->thread], address + (uint32_t)i, &physical);
        machine->ram[physical] = bytes[i];
        cpu_memory_written(machine->engine, physical, 1);
    }
    return true;
}

/* "M": bytes as digits; "X": as they are. */
static void take_memory(const struct stub *stub, const char *packet, size_t length, FILE *answer)
{
    const char *at = packet + 1;
    static uint8_t bytes[GDB_PACKET_BYTES];
    uint64_t address, count;
    bool good = range_of(&at, &address, &count) && *at++ == ':' && count <= sizeof(bytes);

    if (good && *packet == 'M')
        good = gdb_bytes(at, bytes, count);
    else if (good && (good = (size_t)(packet + length - at) >= count))
        memcpy(bytes, at, count);
    fputs(good && write_memory(stub, (uint32_t)address, bytes, count) ? "OK" : "E0e", answer);
}

/* ---- breakpoints ----------------------------------------------------------------------------- */

/* What watches are, by the digit of gdb's packet: writes; reads, which see writes too. */
static void set_watch(const struct stub *stub, const char *packet, uint32_t address, uint64_t bytes,
                      FILE *answer)
{
    const struct inspect_when anybody = {.context = INSPECT_ANYBODY, .reg = -1};

    if (*packet == 'z')
        inspect_unwatch(stub->inspect, address);
    else if (!bytes || bytes > UINT16_MAX ||
             !inspect_watch(stub->inspect, address, (uint32_t)bytes, packet[1] == '4', &anybody)) {
        fputs("E1c", answer); /* ENOSPC */
        return;
    }
    fputs("OK", answer);
}

/* "Z0,ADDRESS,KIND": software and hardware breakpoints are the same; a watch's kind is a number of
 * bytes. Watches of reads alone (3) are not known. */
static void set_breakpoint(const struct stub *stub, const char *packet, FILE *answer)
{
    const char *at = packet + 2;
    uint64_t address, kind;

    if (packet[1] != '0' && packet[1] != '1' && packet[1] != '2' && packet[1] != '4')
        return;
    if (*at++ != ',' || !range_of(&at, &address, &kind))
        fputs("E01", answer);
    else if (packet[1] > '1')
        set_watch(stub, packet, (uint32_t)address, kind, answer);
    else
        fputs(inspect_break(stub->inspect, (uint32_t)address, *packet == 'Z') ? "OK" : "E1c",
              answer); /* ENOSPC */
}

/* ---- registers ------------------------------------------------------------------------------- */

static void put_register(const struct stub *stub, const char *at, FILE *answer)
{
    uint64_t number;

    if (gdb_number(&at, &number) && number < STUB_REGISTERS)
        stub_put_register(stub->inspect, stub->thread, (unsigned)number, answer);
    else
        fputs("E01", answer);
}

static void take_register(const struct stub *stub, const char *at, FILE *answer)
{
    uint64_t number;
    bool good = gdb_number(&at, &number) && number < STUB_REGISTERS && *at == '=' &&
                stub_set_register(stub->inspect, stub->thread, (unsigned)number, at + 1);

    fputs(good ? "OK" : "E01", answer);
}

/* ---- questions ------------------------------------------------------------------------------- */

static void put_target(const char *at, FILE *answer)
{
    uint64_t offset, count, whole = strlen(stub_target);

    if (!range_of(&at, &offset, &count)) {
        fputs("E01", answer);
        return;
    }
    if (offset > whole)
        offset = whole;
    if (count > READ_MOST)
        count = READ_MOST;
    fprintf(answer, "%c%.*s", count < whole - offset ? 'm' : 'l', (int)count, stub_target + offset);
}

static void put_hexadecimal(const char *text, FILE *answer)
{
    for (size_t i = 0; text[i] && i < READ_MOST; i++)
        fprintf(answer, "%02x", (unsigned char)text[i]);
}

static void put_thread(const struct stub *stub, const char *at, FILE *answer)
{
    struct cpu_registers r;
    char who[64], text[128];
    unsigned cpu;

    if (!thread_of(stub, &at, &cpu)) {
        fputs("E01", answer);
        return;
    }
    cpu_registers(stub->inspect->machine->cpu[cpu], &r);
    inspect_context(stub->inspect, stub->inspect->context[cpu], who, sizeof(who));
    snprintf(text, sizeof(text), "processor %u, ring %u, %s", cpu, r.ring, who);
    put_hexadecimal(text, answer);
}

static void obey_monitor(struct stub *stub, const char *at, FILE *answer)
{
    char line[256] = "", *text = NULL;
    size_t bytes, length = strlen(at) / 2;
    FILE *out;

    if (length >= sizeof(line) || !gdb_bytes(at, (uint8_t *)line, length) ||
        !(out = open_memstream(&text, &bytes))) {
        fputs("E01", answer);
        return;
    }
    stub_monitor(stub, line, out);
    fclose(out);
    put_hexadecimal(text, answer);
    free(text);
}

static enum stub_verdict question(struct stub *stub, const char *at, FILE *answer)
{
    if (starts(&at, "qSupported")) {
        fprintf(answer,
                "PacketSize=%x;qXfer:features:read+;vContSupported+;QStartNoAckMode+;swbreak+;"
                "hwbreak+",
                GDB_PACKET_BYTES);
    } else if (starts(&at, "QStartNoAckMode")) {
        fputs("OK", answer);
        return STUB_QUIET;
    } else if (starts(&at, "qXfer:features:read:target.xml:")) {
        put_target(at, answer);
    } else if (starts(&at, "qfThreadInfo")) {
        for (unsigned i = 0; i < processors(stub); i++)
            fprintf(answer, "%c%x", i ? ',' : 'm', i + 1);
    } else if (starts(&at, "qsThreadInfo")) {
        fputc('l', answer);
    } else if (starts(&at, "qThreadExtraInfo,")) {
        put_thread(stub, at, answer);
    } else if (starts(&at, "qRcmd,")) {
        obey_monitor(stub, at, answer);
    } else if (starts(&at, "qAttached")) {
        fputc('1', answer);
    } else if (!strcmp(at, "qC")) {
        fprintf(answer, "QC%x", stub->thread + 1);
    }
    return STUB_ANSWERS;
}

/* ---- packets --------------------------------------------------------------------------------- */

static void choose_thread(struct stub *stub, const char *at, FILE *answer)
{
    unsigned cpu;
    bool good = (*at == 'g' || *at == 'c') && (at++, thread_of(stub, &at, &cpu));

    if (good)
        stub->thread = cpu;
    fputs(good ? "OK" : "E01", answer);
}

static void is_alive(const struct stub *stub, const char *at, FILE *answer)
{
    unsigned cpu;

    fputs(thread_of(stub, &at, &cpu) ? "OK" : "E01", answer);
}

enum stub_verdict stub_obey(struct stub *stub, const char *packet, size_t length, FILE *answer)
{
    switch (*packet) {
    case '?':
        put_stop(stub, 5, "", answer);
        break;
    case 'g':
        for (unsigned i = 0; i < STUB_REGISTERS; i++)
            stub_put_register(stub->inspect, stub->thread, i, answer);
        break;
    case 'p':
        put_register(stub, packet + 1, answer);
        break;
    case 'P':
        take_register(stub, packet + 1, answer);
        break;
    case 'm':
        read_memory(stub, packet + 1, answer);
        break;
    case 'M':
    case 'X':
        take_memory(stub, packet, length, answer);
        break;
    case 'Z':
    case 'z':
        set_breakpoint(stub, packet, answer);
        break;
    case 'H':
        choose_thread(stub, packet + 1, answer);
        break;
    case 'T':
        is_alive(stub, packet + 1, answer);
        break;
    case 'q':
    case 'Q':
        return question(stub, packet, answer);
    case 'v':
        if (!strncmp(packet, "vCont;", strlen("vCont;")))
            return go_on(stub, packet + strlen("vCont"), answer);
        fputs(!strcmp(packet, "vCont?") ? "vCont;c;C;s;S" : "", answer);
        return strncmp(packet, "vKill", strlen("vKill")) ? STUB_ANSWERS : STUB_ENDS;
    case 'c':
        return STUB_RUNS;
    case 's':
        step(stub, stub->thread, answer);
        break;
    case 'D':
        fputs("OK", answer);
        return STUB_DETACHES;
    case 'k':
        return STUB_ENDS;
    default:
        break;
    }
    return STUB_ANSWERS;
}
