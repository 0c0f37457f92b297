/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/terminal.h"

#include "sim/account/result.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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

bool terminal_raw(void)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before))
        return false;
    raw = before;
    cfmakeraw(&raw);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], quit);
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
