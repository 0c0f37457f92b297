/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;

static void restore(void)
{
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

static void quit(int signal)
{
    restore();
    _exit(128 + signal);
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
    raw.c_cc[VQUIT] = 0x1d;
    signal(SIGQUIT, quit);
    signal(SIGTERM, quit);
    atexit(restore);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    fprintf(stderr, "Ctrl-] ends the simulator\r\n");
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
