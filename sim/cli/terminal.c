/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/terminal.h"

#include "sim/account/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE 0x1d /* Ctrl-] */
#define SECOND 1000000000

volatile sig_atomic_t terminal_key;

static struct termios before;
static bool taken;

void terminal_restore(void)
{
    if (taken)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    taken = false;
}

static void quit(int signal)
{
    terminal_restore();
    result_files_abandon();
    _exit(128 + signal);
}

/* Works even where nobody in the machine takes keys any more. */
static void escape(int signal)
{
    static struct timespec last;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (last.tv_sec && (now.tv_sec - last.tv_sec) * SECOND + now.tv_nsec - last.tv_nsec < SECOND)
        quit(signal);
    last = now;
    terminal_key = ESCAPE;
}

bool terminal_raw(void)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before))
        return false;
    raw = before;
    cfmakeraw(&raw);
    raw.c_lflag |= ISIG;
    raw.c_cc[VINTR] = raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    raw.c_cc[VQUIT] = ESCAPE;
    signal(SIGQUIT, escape);
    signal(SIGTERM, quit);
    atexit(terminal_restore);
    taken = true;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    fprintf(stderr, "Ctrl-] twice ends the simulator\r\n");
    return true;
}

bool terminal_size(unsigned *rows, unsigned *columns)
{
    struct winsize size;

    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
        return false;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return true;
}
