/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * type.c - sits at a terminal: types, and waits for what should appear
 *
 *   type ROWS COLUMNS SCRIPT PROGRAM ARGUMENTS...
 *
 * runs a program on a pseudo-terminal of that size. Lines of the script:
 *
 *   wait TEXT   until TEXT has appeared, after what was waited for before
 *   type TEXT   types it
 *   end STATUS  the program must end by itself with this status
 *
 * In TEXT \r, \n, \\ and \xHH stand for characters. Exit status 0, or 1 with one sentence about the
 * first line that did not come true within LIMIT seconds of the host's time.
 */
#include <poll.h>
#include <pty.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT      60
#define SEEN_BYTES 65536

static int master;
static pid_t pid;
static char seen[SEEN_BYTES];
static size_t used;

static _Noreturn void give_up(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "; the last that was seen: ");
    for (size_t i = used > 300 ? used - 300 : 0; i < used; i++)
        if (seen[i] >= ' ' && seen[i] <= '~')
            fputc(seen[i], stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned char)seen[i]);
    fputc('\n', stderr);
    kill(pid, SIGKILL);
    exit(1);
}

static unsigned hex(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* In place. Returns the length, as the text may have NULs. */
static size_t unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from;)
        if (*from != '\\' || !from[1]) {
            *to++ = *from++;
        } else if (from[1] == 'x' && from[2] && from[3]) {
            *to++ = (char)(hex(from[2]) << 4 | hex(from[3]));
            from += 4;
        } else {
            *to++ = from[1] == 'r' ? '\r' : from[1] == 'n' ? '\n' : from[1];
            from += 2;
        }
    *to = '\0';
    return (size_t)(to - text);
}

/* Reads what has come, waiting a second at most. False: the program has closed the terminal. */
static bool look(void)
{
    struct pollfd p = {.fd = master, .events = POLLIN};
    ssize_t n;

    if (poll(&p, 1, 1000) <= 0)
        return true;
    if (used > SEEN_BYTES - 8192) {
        memmove(seen, seen + used / 2, used - used / 2);
        used -= used / 2;
    }
    n = read(master, seen + used, 4096);
    if (n <= 0)
        return false;
    used += (size_t)n;
    return true;
}

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void wait_for(const char *text, size_t bytes)
{
    time_t begun = seconds();

    while (seconds() - begun < LIMIT) {
        const char *at = memmem(seen, used, text, bytes);

        if (at) {
            size_t end = (size_t)(at - seen) + bytes;

            memmove(seen, seen + end, used - end);
            used -= end;
            return;
        }
        if (!look())
            give_up("the program ended before \"%s\" appeared", text);
    }
    give_up("\"%s\" did not appear", text);
}

static void wait_for_end(int expected)
{
    int status;

    time_t begun = seconds();

    while (seconds() - begun < LIMIT && look())
        ;
    for (; waitpid(pid, &status, WNOHANG) == 0; usleep(100000))
        if (seconds() - begun >= LIMIT)
            give_up("the program did not end");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
        give_up("the program's status was %d, not %d",
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), expected);
}

int main(int argc, char **argv)
{
    struct winsize size;
    char line[1024];
    FILE *script;

    if (argc < 5 || !(script = fopen(argv[3], "r"))) {
        fprintf(stderr, "usage: type ROWS COLUMNS SCRIPT PROGRAM ARGUMENTS...\n");
        return 2;
    }
    size = (struct winsize){.ws_row = (unsigned short)atoi(argv[1]),
                            .ws_col = (unsigned short)atoi(argv[2])};
    alarm(10 * LIMIT);
    pid = forkpty(&master, NULL, NULL, &size);
    if (pid == 0) {
        execvp(argv[4], argv + 4);
        _exit(127);
    }
    while (fgets(line, sizeof(line), script)) {
        char *text = strchr(line, ' ') ? strchr(line, ' ') + 1 : line;
        size_t bytes;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        bytes = unescape(text);
        if (!strncmp(line, "wait ", 5))
            wait_for(text, bytes);
        else if (!strncmp(line, "end ", 4))
            wait_for_end(atoi(text));
        else if (strncmp(line, "type ", 5) || write(master, text, bytes) != (ssize_t)bytes)
            give_up("cannot do \"%s\"", line);
    }
    return 0;
}
