/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init.c - the first process: runs the commands on its own command line, then switches off
 *
 *   init=/sbin/init -- xl create -p -n 8 memory=8 kernel=/boot/kernel ; xl unpause all ; sleep 3600
 *
 * Words are separated by the kernel; a word ";", or a word that ends in ";", ends a command. A
 * command is a program, which is waited for, or one of
 *
 *   repeat N PROGRAM ARGUMENTS...   start N copies and go on; an argument %n is the copy's number,
 *                                   from 0
 *   wait                            until every started copy has ended
 *   sleep SECONDS
 *   report PROGRAM ARGUMENTS...     run it with its output and status told to the simulator
 *   attend PROGRAM ARGUMENTS...     the same, and what is typed on the console is its input
 *   terminal PROGRAM ARGUMENTS...   run it on the console as its terminal (report.h)
 *   window ROWS COLUMNS             the size of the console's window
 *   copy [FIRST+]NUMBER TIME [repeat]  a measured copy of a program (copy.h)
 *   poweroff
 *
 * A program without "/" is looked for in /sbin and /bin. The first command that fails ends the list
 * with a sentence. At the end of the list the machine is switched off; earlier, if a program asks
 * init for it (poweroff, halt, reboot). As another process than the first it just ends.
 *
 * There is no C library in it: the smallest root image holds this and one other program.
 */
#include <stdbool.h>
#include <stddef.h>

#include "workloads/dom0/init/copy.h"
#include "workloads/dom0/init/linux.h"
#include "workloads/dom0/init/report.h"
#include "workloads/dom0/init/start.h"

#define CONSOLE    2
#define STATUS_OK  0
#define PATH_MOST  128
#define WORDS_MOST 64 /* of a command that is repeated */

struct command {
    char **words; /* ends with NULL */
    int count;
};

static char **environment;

__asm__(".globl _start\n"
        "_start:\n"
        "    xorl %ebp, %ebp\n"
        "    movl %esp, %eax\n" /* argc, the words, NULL, the environment, NULL */
        "    andl $-16, %esp\n"
        "    subl $12, %esp\n"
        "    pushl %eax\n"
        "    call init_main\n");
_Noreturn void init_main(char **stack);

/* ---- strings --------------------------------------------------------------------------------- */

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

static bool equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void say(const char *s)
{
    linux_call(SYS_WRITE, CONSOLE, (long)s, (long)length(s), 0);
}

char *write_number(char digits[12], long value)
{
    char *p = digits + 11;

    *p = '\0';
    do
        *--p = (char)('0' + value % 10);
    while (value /= 10);
    return p;
}

bool fail(const char *word, const char *reason, long number)
{
    char digits[12];

    say("init: ");
    say(word);
    say(": ");
    say(reason);
    say(write_number(digits, number));
    say("\n");
    return false;
}

long parse_number(const char *s)
{
    long value = 0;

    if (!s || !*s)
        return -1;
    for (; *s; s++) {
        if (*s < '0' || *s > '9' || value > (0x7fffffff - 9) / 10)
            return -1;
        value = value * 10 + (*s - '0');
    }
    return value;
}

/* ---- programs -------------------------------------------------------------------------------- */

_Noreturn void leave(int status)
{
    for (;;)
        linux_call(SYS_EXIT, status, 0, 0, 0);
}

static void execute_in(const char *directory, char **words)
{
    char path[PATH_MOST];
    size_t d = length(directory), w = length(words[0]);

    if (d + w >= sizeof(path))
        return;
    for (size_t i = 0; i < d; i++)
        path[i] = directory[i];
    for (size_t i = 0; i <= w; i++)
        path[d + i] = words[0][i];
    linux_call(SYS_EXECVE, (long)path, (long)words, (long)environment, 0);
}

_Noreturn void execute(char **words)
{
    execute_in("", words);
    execute_in("/sbin/", words);
    execute_in("/bin/", words);
    fail(words[0], "cannot be run, exit status ", 127);
    leave(127);
}

/* Starts a program; returns its process id, or minus an error number after saying so. */
static long start(char **words)
{
    long pid = linux_call(SYS_FORK, 0, 0, 0, 0);

    if (pid == 0)
        execute(words);
    if (pid < 0)
        fail(words[0], "no process for it, error ", -pid);
    return pid;
}

long wait_for(long pid)
{
    int status = 0;
    long result;

    do
        result = linux_call(SYS_WAIT4, pid, (long)&status, 0, 0);
    while (result == ERROR_INTERRUPTED);
    return result < 0 ? result : status;
}

static bool run_program(const struct command *c)
{
    long pid = start(c->words);

    if (pid < 0)
        return false;
    long status = wait_for(pid);

    if (status < 0)
        return fail(c->words[0], "lost, error ", -status);
    if (status & 0x7f)
        return fail(c->words[0], "ended by signal ", status & 0x7f);
    if (status >> 8 & 0xff)
        return fail(c->words[0], "exit status ", status >> 8 & 0xff);
    return true;
}

/* ---- built-in commands ----------------------------------------------------------------------- */

static bool run_repeat(const struct command *c)
{
    long copies = c->count >= 3 ? parse_number(c->words[1]) : -1;
    bool numbered[WORDS_MOST];
    char digits[12];

    if (copies < 0 || c->count > WORDS_MOST)
        return fail(c->words[0], "wants a number and a program, not so many words: ", c->count - 1);
    for (int w = 0; w < c->count; w++)
        numbered[w] = equal(c->words[w], "%n");
    for (long i = 0; i < copies; i++) {
        for (int w = 2; w < c->count; w++)
            if (numbered[w])
                c->words[w] = write_number(digits, i);
        if (start(c->words + 2) < 0)
            return false;
    }
    return true;
}

static bool run_wait(const struct command *c)
{
    bool good = true;
    long status;

    while ((status = wait_for(-1)) >= 0)
        if (status != STATUS_OK)
            good = fail(c->words[0], "a copy ended with wait status ", status);
    return good;
}

static bool run_sleep(const struct command *c)
{
    long seconds = parse_number(c->words[1]);
    struct linux_timespec left = {seconds, 0};

    if (seconds < 0)
        return fail(c->words[0], "wants a number of seconds, not so many words: ", c->count - 1);
    while (linux_call(SYS_NANOSLEEP, (long)&left, (long)&left, 0, 0) == ERROR_INTERRUPTED)
        ;
    return true;
}

static _Noreturn void power_off(void)
{
    long error = linux_call(SYS_REBOOT, (long)REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 0);

    fail("poweroff", "refused, error ", -error);
    leave(1);
}

/*
 * Busybox's halt, poweroff and reboot ask init by a signal, as its own init expects them: SIGUSR1,
 * SIGUSR2, SIGTERM. What is not written yet is written first.
 */
static void asked_to_end(int signal)
{
    linux_call(SYS_SYNC, 0, 0, 0, 0);
    if (signal == SIGNAL_TERM)
        linux_call(SYS_REBOOT, (long)REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_RESTART, 0);
    power_off();
}

static void listen_for_the_end(void)
{
    static const int signals[] = {SIGNAL_USR1, SIGNAL_USR2, SIGNAL_TERM};

    static const struct linux_sigaction action = {.handler = asked_to_end};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        linux_call(SYS_SIGACTION, signals[i], (long)&action, 0, 0);
}

static bool run_report(const struct command *c)
{
    return c->count > 1 ? report_run(c->words + 1, false)
                        : fail(c->words[0], "wants a program, not ", 0);
}

static bool run_attend(const struct command *c)
{
    return c->count > 1 ? report_run(c->words + 1, true)
                        : fail(c->words[0], "wants a program, not ", 0);
}

static bool run_terminal(const struct command *c)
{
    return c->count > 1 ? report_terminal(c->words + 1)
                        : fail(c->words[0], "wants a program, not ", 0);
}

static bool run_window(const struct command *c)
{
    long rows = c->count == 3 ? parse_number(c->words[1]) : -1;
    long columns = c->count == 3 ? parse_number(c->words[2]) : -1;
    unsigned short size[4] = {(unsigned short)rows, (unsigned short)columns}; /* struct winsize */

    if (rows < 0 || columns < 0)
        return fail(c->words[0], "wants rows and columns, not so many words: ", c->count - 1);
    long error = linux_call(SYS_IOCTL, CONSOLE, TIOCSWINSZ, (long)size, 0);

    return error == 0 || fail(c->words[0], "refused, error ", -error);
}

static bool run_copy(const struct command *c)
{
    bool repeat = c->count == 4 && equal(c->words[3], "repeat");
    char *plus = c->count > 1 ? c->words[1] : NULL;
    long first = 0;

    while (plus && *plus && *plus != '+')
        plus++;
    if (plus && *plus == '+') {
        *plus = '\0';
        first = parse_number(c->words[1]);
        c->words[1] = plus + 1;
    }
    if (first < 0 || (c->count != 3 && !repeat))
        return fail(c->words[0], "wants a number and a time, not so many words: ", c->count - 1);
    return copy_run(first + parse_number(c->words[1]), parse_number(c->words[2]), repeat);
}

static bool run_poweroff(const struct command *c)
{
    (void)c;
    power_off();
}

static const struct {
    const char *name;
    bool (*run)(const struct command *);
} builtins[] = {
    {"repeat", run_repeat}, {"wait", run_wait},     {"sleep", run_sleep},
    {"report", run_report}, {"attend", run_attend}, {"terminal", run_terminal},
    {"window", run_window}, {"copy", run_copy},     {"poweroff", run_poweroff},
};

static bool run(const struct command *c)
{
    if (c->count == 0)
        return true;
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        if (equal(c->words[0], builtins[i].name))
            return builtins[i].run(c);
    return run_program(c);
}

/*
 * Cuts the next command off the list, in place: the word that ends it becomes NULL, a ";" at a
 * word's end makes room by moving the command one place down (the place before is always free).
 */
static char **next_command(char **words, struct command *c)
{
    c->words = words;
    c->count = 0;
    for (; *words; words++) {
        size_t n = length(*words);

        if (n == 0 || (*words)[n - 1] != ';') {
            c->count++;
            continue;
        }
        (*words)[n - 1] = '\0';
        if (n > 1) {
            c->words--;
            for (int i = 0; i <= c->count; i++)
                c->words[i] = c->words[i + 1];
            c->count++;
        }
        *words = NULL;
        return words + 1;
    }
    return words;
}

void init_main(char **stack)
{
    long count = (long)stack[0];
    char **words = stack + 2; /* stack[1] is our own name, and free from now on */
    struct command command;
    bool good = true;

    bool first = linux_call(SYS_GETPID, 0, 0, 0, 0) == 1;

    environment = stack + 2 + count;
    if (first)
        listen_for_the_end();
    if (count < 2)
        say("init: no commands after -- on the kernel's command line\n");
    else
        while (good && *words) {
            words = next_command(words, &command);
            good = run(&command);
        }
    if (!first)
        leave(good ? 0 : 1);
    power_off();
}
