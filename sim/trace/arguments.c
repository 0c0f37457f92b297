/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arguments.c - system calls as text, as strace writes them
 *
 * Arguments are in EBX, ECX, EDX, ESI, EDI, EBP. Memory is read when the call begins, with the page
 * tables of that moment; what the call puts out is read when it has returned. Memory that is not
 * there is shown as an address.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/trace/trace.h"
#include "sim/watch/guest.h"

enum { SHOWN = 32, STRING = 64, LIST = 3, ERRORS = 4095 };

static const char *const names[SYSCALL_MAX] = {
#define SYSCALL(number, name) [number] = #name,
#include "sim/syscalls.def"
#undef SYSCALL
};

const char *trace_syscall_name(uint32_t number)
{
    return number < SYSCALL_MAX ? names[number] : NULL;
}

static const char *kinds_of(const char *name)
{
    static const struct {
        const char *name, *kinds;
    } rows[] = {
#define ARGUMENTS(call, letters) {#call, letters},
#include "sim/trace/arguments.def"
#undef ARGUMENTS
    };

    for (size_t i = 0; name && i < sizeof(rows) / sizeof(*rows); i++)
        if (!strcmp(rows[i].name, name))
            return rows[i].kinds;
    return "xxxxxx";
}

/* ---- text ------------------------------------------------------------------------------------ */

struct text {
    char *at;
    size_t used, bytes;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *text, const char *format, ...)
{
    va_list list;
    int count;

    va_start(list, format);
    count = vsnprintf(text->at + text->used, text->bytes - text->used, format, list);
    va_end(list);
    if (count > 0)
        text->used += (size_t)count;
    if (text->used >= text->bytes)
        text->used = text->bytes - 1;
}

void trace_quote(char *text, size_t bytes, const char *from, size_t count, bool cut)
{
    static const char letters[] = "\"\"\\\\\nn\tt\rr\0330";
    struct text out = {text, 0, bytes};

    put(&out, "\"");
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)from[i];
        const char *letter = c ? strchr(letters, c) : NULL;

        if (letter && (letter - letters) % 2 == 0 && letter[1] != '0')
            put(&out, "\\%c", letter[1]);
        else if (c < ' ' || c >= 0x7f)
            put(&out, "\\x%02x", c);
        else
            put(&out, "%c", c);
    }
    put(&out, "\"%s", cut ? "..." : "");
}

/* ---- kinds of arguments ---------------------------------------------------------------------- */

struct bit {
    uint32_t value;
    const char *name;
};

/* Of i386 (asm-generic/fcntl.h, asm-generic/mman-common.h), which may differ from the host's. */
static const struct bit open_bits[] = {{0100, "O_CREAT"},
                                       {0200, "O_EXCL"},
                                       {0400, "O_NOCTTY"},
                                       {01000, "O_TRUNC"},
                                       {02000, "O_APPEND"},
                                       {04000, "O_NONBLOCK"},
                                       {0100000, "O_LARGEFILE"},
                                       {0200000, "O_DIRECTORY"},
                                       {0400000, "O_NOFOLLOW"},
                                       {02000000, "O_CLOEXEC"},
                                       {0, NULL}};
static const struct bit protection_bits[] = {
    {1, "PROT_READ"}, {2, "PROT_WRITE"}, {4, "PROT_EXEC"}, {0, NULL}};
static const struct bit map_bits[] = {{1, "MAP_SHARED"},        {2, "MAP_PRIVATE"},
                                      {0x10, "MAP_FIXED"},      {0x20, "MAP_ANONYMOUS"},
                                      {0x100, "MAP_GROWSDOWN"}, {0x4000, "MAP_NORESERVE"},
                                      {0x20000, "MAP_STACK"},   {0, NULL}};

static void put_bits(struct text *text, uint32_t value, const struct bit *bits, const char *first)
{
    const char *between = *first ? "|" : "";

    put(text, "%s", first);
    for (; bits->name; bits++)
        if (value & bits->value) {
            put(text, "%s%s", between, bits->name);
            value &= ~bits->value;
            between = "|";
        }
    if (value || !*between)
        put(text, value > 9 ? "%s0x%x" : "%s%u", between, value);
}

static void put_open(struct text *text, uint32_t value)
{
    static const char *const access[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "3"};

    put_bits(text, value & ~3u, open_bits, access[value & 3]);
}

static void put_name(struct text *text, uint32_t value, const char *const *list, unsigned count)
{
    if (value < count && list[value])
        put(text, "%s", list[value]);
    else
        put(text, "%u", value);
}

static void put_whence(struct text *text, uint32_t value)
{
    static const char *const list[] = {"SEEK_SET", "SEEK_CUR", "SEEK_END"};

    put_name(text, value, list, 3);
}

static void put_fcntl(struct text *text, uint32_t value)
{
    static const char *const list[] = {"F_DUPFD",   "F_GETFD",   "F_SETFD",   "F_GETFL",
                                       "F_SETFL",   "F_GETLK",   "F_SETLK",   "F_SETLKW",
                                       "F_SETOWN",  "F_GETOWN",  "F_SETSIG",  "F_GETSIG",
                                       "F_GETLK64", "F_SETLK64", "F_SETLKW64"};

    if (value == 1030)
        put(text, "F_DUPFD_CLOEXEC");
    else
        put_name(text, value, list, sizeof(list) / sizeof(*list));
}

/* linux/net.h */
static void put_socketcall(struct text *text, uint32_t value)
{
    static const char *const list[] = {NULL,
                                       "SYS_SOCKET",
                                       "SYS_BIND",
                                       "SYS_CONNECT",
                                       "SYS_LISTEN",
                                       "SYS_ACCEPT",
                                       "SYS_GETSOCKNAME",
                                       "SYS_GETPEERNAME",
                                       "SYS_SOCKETPAIR",
                                       "SYS_SEND",
                                       "SYS_RECV",
                                       "SYS_SENDTO",
                                       "SYS_RECVFROM",
                                       "SYS_SHUTDOWN",
                                       "SYS_SETSOCKOPT",
                                       "SYS_GETSOCKOPT",
                                       "SYS_SENDMSG",
                                       "SYS_RECVMSG",
                                       "SYS_ACCEPT4"};

    put_name(text, value, list, sizeof(list) / sizeof(*list));
}

static void put_signal(struct text *text, uint32_t value)
{
    const char *name = value < NSIG ? sigabbrev_np((int)value) : NULL;

    if (name)
        put(text, "SIG%s", name);
    else
        put(text, "%d", (int)value);
}

static void put_address(struct text *text, uint32_t value)
{
    if (value)
        put(text, "0x%x", value);
    else
        put(text, "NULL");
}

static void put_bytes(const struct trace *trace, unsigned cpu, struct text *text, uint32_t address,
                      uint32_t count)
{
    char bytes[SHOWN], quoted[4 * SHOWN + 8];
    size_t shown = count < SHOWN ? count : SHOWN;

    if (!guest_read(trace->machine, cpu, address, bytes, shown)) {
        put_address(text, address);
        return;
    }
    trace_quote(quoted, sizeof(quoted), bytes, shown, shown < count);
    put(text, "%s", quoted);
}

/* False: it is not there. */
static bool put_string(const struct trace *trace, unsigned cpu, struct text *text, uint32_t address)
{
    char bytes[STRING], quoted[4 * STRING + 8];
    bool whole;

    if (!address || !guest_string(trace->machine, cpu, address, bytes, sizeof(bytes), &whole))
        return false;
    trace_quote(quoted, sizeof(quoted), bytes, strlen(bytes), !whole);
    put(text, "%s", quoted);
    return true;
}

static void put_list(const struct trace *trace, unsigned cpu, struct text *text, uint32_t address)
{
    uint32_t string = 0;
    unsigned i;

    if (!guest_read(trace->machine, cpu, address, &string, sizeof(string))) {
        put_address(text, address);
        return;
    }
    put(text, "[");
    for (i = 0; string && i < LIST; i++) {
        put(text, "%s", i ? ", " : "");
        if (!put_string(trace, cpu, text, string))
            put_address(text, string);
        if (!guest_read(trace->machine, cpu, address + 4 * (i + 1), &string, sizeof(string)))
            string = 0;
    }
    put(text, "%s]", string ? ", ..." : "");
}

static void put_time(const struct trace *trace, unsigned cpu, struct text *text, uint32_t address)
{
    int32_t time[2]; /* seconds, nanoseconds */

    if (guest_read(trace->machine, cpu, address, time, sizeof(time)))
        put(text, "{%d, %d}", time[0], time[1]);
    else
        put_address(text, address);
}

/* What the call puts out, or what is not in memory before the kernel has fetched it:
 * it is read when the call has returned; the first of them alone. */
static void leave_hole(struct trace_record *record, struct text *text, unsigned i, bool string)
{
    if (record->hole != TRACE_NO_HOLE) {
        put_address(text, record->argument[i]);
        return;
    }
    record->hole = (uint16_t)text->used;
    record->hole_of = (uint8_t)i;
    record->hole_string = string;
}

static void put_argument(const struct trace *trace, struct trace_record *record, struct text *text,
                         char kind, unsigned i)
{
    uint32_t value = record->argument[i];
    uint32_t next = i + 1 < TRACE_ARGUMENTS ? record->argument[i + 1] : 0;

    switch (kind) {
    case 'd':
        put(text, "%d", (int)value);
        break;
    case 'u':
        put(text, "%u", value);
        break;
    case 'x':
        put(text, value > 9 ? "0x%x" : "%u", value);
        break;
    case 'o':
        put(text, value ? "0%o" : "%o", value);
        break;
    case 'f':
        put(text, value == (uint32_t)-100 ? "AT_FDCWD" : "%d", (int)value);
        break;
    case 's':
        if (!put_string(trace, record->cpu, text, value))
            leave_hole(record, text, i, true);
        break;
    case 'b':
        put_bytes(trace, record->cpu, text, value, next);
        break;
    case 'B':
        leave_hole(record, text, i, false);
        break;
    case 'v':
        put_list(trace, record->cpu, text, value);
        break;
    case 'O':
        put_open(text, value);
        break;
    case 'P':
        put_bits(text, value, protection_bits, "");
        break;
    case 'M':
        put_bits(text, value, map_bits, "");
        break;
    case 'S':
        put_signal(text, value);
        break;
    case 'w':
        put_whence(text, value);
        break;
    case 'T':
        put_time(trace, record->cpu, text, value);
        break;
    case 'l':
        put(text, "%lld", (long long)((uint64_t)next << 32 | value));
        break;
    case 'F':
        put_fcntl(text, value);
        break;
    case 'C':
        put_socketcall(text, value);
        break;
    default:
        put_address(text, value);
        break;
    }
}

void trace_syscall_text(const struct trace *trace, struct trace_record *record)
{
    const char *name = trace_syscall_name(record->number), *kinds = kinds_of(name);
    struct text text = {record->text, 0, TRACE_TEXT};
    unsigned i = 0;

    if (name)
        put(&text, "%s(", name);
    else
        put(&text, "syscall_%u(", record->number);
    for (; *kinds && i < TRACE_ARGUMENTS; kinds++) {
        put(&text, "%s", i ? ", " : "");
        put_argument(trace, record, &text, *kinds, i);
        i += *kinds == 'l' ? 2 : 1;
    }
    put(&text, ")");
}

/* ---- when it has returned -------------------------------------------------------------------- */

static bool is_error(uint32_t result)
{
    return result > UINT32_MAX - ERRORS;
}

void trace_fill_hole(const struct trace *trace, unsigned cpu, struct trace_record *record)
{
    char whole[TRACE_TEXT + 4 * SHOWN + 8];
    struct text text = {whole, 0, sizeof(whole)};
    uint32_t address = record->argument[record->hole_of];

    put(&text, "%.*s", record->hole, record->text);
    if (record->hole_string && record->returned) {
        if (!put_string(trace, cpu, &text, address))
            put_address(&text, address);
    } else if (record->returned && !is_error(record->result)) {
        put_bytes(trace, cpu, &text, address, record->result);
    } else {
        put_address(&text, address);
    }
    put(&text, "%s", record->text + record->hole);
    snprintf(record->text, TRACE_TEXT, "%.*s", TRACE_TEXT - 1, whole);
    record->hole = TRACE_NO_HOLE;
}

void trace_result_text(const struct trace_record *record, char *text, size_t bytes)
{
    const char *error = is_error(record->result) ? strerrorname_np(-(int)record->result) : NULL;

    if (!record->returned)
        snprintf(text, bytes, "?");
    else if (error)
        snprintf(text, bytes, "-1 %s", error);
    else if (record->result > INT32_MAX / 16)
        snprintf(text, bytes, "0x%x", record->result);
    else
        snprintf(text, bytes, "%u", record->result);
}
