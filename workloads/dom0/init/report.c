/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/init/report.h"

#include "workloads/dom0/init/linux.h"
#include "workloads/dom0/init/start.h"

#define CONSOLE     2
#define DESCRIPTORS 8 /* more than are ever open here */
#define MARK        "\t@\t"
#define HEAD        4   /* bytes of mark and letter */
#define LINE_MOST   112 /* of text on a line: the hypervisor prints lines whole up to some length */

struct line {
    char bytes[LINE_MOST + 8];
    size_t used;
};

static void begin(struct line *line, char kind)
{
    for (int i = 0; i < HEAD - 1; i++)
        line->bytes[i] = MARK[i];
    line->bytes[HEAD - 1] = kind;
    line->used = HEAD;
}

static void end(struct line *line)
{
    line->bytes[line->used++] = '\n';
    linux_call(SYS_WRITE, CONSOLE, (long)line->bytes, (long)line->used, 0);
}

static void add(struct line *line, char c)
{
    static const char hex[] = "0123456789abcdef";
    char *to = line->bytes + line->used;

    if (c == '\\') {
        to[0] = to[1] = '\\';
        line->used += 2;
    } else if (c >= ' ' && c <= '~') {
        to[0] = c;
        line->used += 1;
    } else {
        to[0] = '\\';
        to[1] = 'x';
        to[2] = hex[(unsigned char)c >> 4];
        to[3] = hex[c & 15];
        line->used += 4;
    }
}

/* Only interrupts a read that would wait. */
static void hurry(int signal)
{
    (void)signal;
}

/*
 * The process that carries one stream from its pipe to the console: until all writers are gone, or,
 * when finish() has made it, until the pipe is empty.
 */
static _Noreturn void carry(long from, char partial)
{
    static const struct linux_sigaction action = {.handler = hurry};

    static char buffer[4096];
    struct line line;
    long count;

    linux_call(SYS_SIGACTION, SIGNAL_USR1, (long)&action, 0, 0);
    begin(&line, partial);
    while ((count = linux_call(SYS_READ, from, (long)buffer, sizeof(buffer), 0)) > 0 ||
           count == ERROR_INTERRUPTED) {
        for (long i = 0; i < count; i++) {
            if (buffer[i] == '\n') {
                line.bytes[HEAD - 1] = (char)(partial - 'a' + 'A');
                end(&line);
                begin(&line, partial);
            } else {
                if (line.used + 4 > LINE_MOST) {
                    end(&line);
                    begin(&line, partial);
                }
                add(&line, buffer[i]);
            }
        }
        if (line.used > HEAD) {
            end(&line);
            begin(&line, partial);
        }
    }
    leave(0);
}

static void close_all_but(long keep)
{
    for (long i = 3; i < DESCRIPTORS; i++)
        if (i != keep)
            linux_call(SYS_CLOSE, i, 0, 0, 0);
}

struct stream {
    int from, to; /* the ends of its pipe */
    long carrier; /* a process */
};

/* A pipe with its carrier. Returns 0, or minus an error number. */
static long open_stream(struct stream *stream, char partial)
{
    int ends[2];
    long error = linux_call(SYS_PIPE, (long)ends, 0, 0, 0);

    if (error < 0)
        return error;
    *stream = (struct stream){.from = ends[0], .to = ends[1]};
    stream->carrier = linux_call(SYS_FORK, 0, 0, 0, 0);
    if (stream->carrier == 0) {
        /* It must not hold open what it waits to see closed, on this stream or the other. */
        close_all_but(ends[0]);
        carry(ends[0], partial);
    }
    return stream->carrier < 0 ? stream->carrier : 0;
}

/*
 * The program has ended. What it wrote is carried; a process that it left behind and that holds the
 * pipe open is not waited for. The pipe never makes a reader wait from now on; then the signal
 * wakes the one that waits already.
 */
static void finish(struct stream *stream)
{
    linux_call(SYS_FCNTL, stream->from, FCNTL_SET_FLAGS, OPEN_NONBLOCK, 0);
    linux_call(SYS_KILL, stream->carrier, SIGNAL_USR1, 0, 0);
    wait_for(stream->carrier);
    linux_call(SYS_CLOSE, stream->from, 0, 0, 0);
}

static void say_input(void)
{
    struct line line;

    begin(&line, 'i');
    end(&line);
}

static void say_status(long status)
{
    char digits[12];
    struct line line;
    long code = status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff;

    begin(&line, 's');
    add(&line, ' ');
    for (const char *p = write_number(digits, code); *p; p++)
        add(&line, *p);
    end(&line);
}

/* Waits for `pid`, burying orphans meanwhile. */
static long wait_until(long pid)
{
    int status = 0;
    long ended;

    do
        ended = linux_call(SYS_WAIT4, -1, (long)&status, 0, 0);
    while (ended == ERROR_INTERRUPTED || (ended > 0 && ended != pid));
    return ended < 0 ? ended : status;
}

bool report_run(char **words, bool attend)
{
    struct stream out, err;
    long status, pid, error = open_stream(&out, 'o');

    if (error < 0)
        return fail(words[0], "no way for its output, error ", -error);
    error = open_stream(&err, 'e');
    if (error < 0)
        return fail(words[0], "no way for its messages, error ", -error);
    pid = linux_call(SYS_FORK, 0, 0, 0, 0);
    if (pid == 0) {
        linux_call(SYS_SETSID, 0, 0, 0, 0);
        linux_call(SYS_CLOSE, 0, 0, 0, 0);
        linux_call(SYS_OPEN, (long)(attend ? "/dev/console" : "/dev/null"), OPEN_READ_WRITE, 0, 0);
        linux_call(SYS_DUP2, out.to, 1, 0, 0);
        linux_call(SYS_DUP2, err.to, 2, 0, 0);
        close_all_but(-1);
        execute(words);
    }
    linux_call(SYS_CLOSE, out.to, 0, 0, 0);
    linux_call(SYS_CLOSE, err.to, 0, 0, 0);
    if (pid < 0)
        return fail(words[0], "no process for it, error ", -pid);
    if (attend)
        say_input();
    status = wait_until(pid);
    finish(&out);
    finish(&err);
    say_status(status);
    return true;
}

bool report_terminal(char **words)
{
    long pid = linux_call(SYS_FORK, 0, 0, 0, 0);

    if (pid == 0) {
        linux_call(SYS_SETSID, 0, 0, 0, 0);
        linux_call(SYS_CLOSE, 0, 0, 0, 0);
        linux_call(SYS_OPEN, (long)"/dev/console", OPEN_READ_WRITE, 0, 0);
        linux_call(SYS_IOCTL, 0, TIOCSCTTY, 0, 0);
        linux_call(SYS_DUP2, 0, 1, 0, 0);
        linux_call(SYS_DUP2, 0, 2, 0, 0);
        execute(words);
    }
    if (pid < 0)
        return fail(words[0], "no process for it, error ", -pid);
    say_status(wait_until(pid));
    return true;
}
