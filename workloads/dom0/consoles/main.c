/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - consoles PROGRAM ARGUMENTS...: all consoles of the machine on one terminal
 *
 * The program runs on Domain 0's screen, F1. F2 shows the hypervisor's messages, F3 and up the
 * domains' consoles, as the last row says; Ctrl-T goes from one to the next, for terminals whose
 * function keys do something else. Everything else that is typed goes to the console that is shown.
 *
 * Exit status: the program's, when it ends; 125 if this cannot begin.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "workloads/dom0/consoles/paint.h"
#include "workloads/dom0/consoles/screens.h"
#include "workloads/dom0/xl/hypercall.h"

#define NEXT        0x14 /* Ctrl-T */
#define REDRAW      0x0c /* Ctrl-L, which the program gets too */
#define CANNOT      125
#define LOOK_MS     500 /* how often the hypervisor is asked */
#define SEQUENCE_MS 50  /* an ESC that nothing follows is the key */

#define STATUS_PLAIN  0x70 /* VGA's attributes: black on grey, white on blue */
#define STATUS_CHOSEN 0x1f

static struct termios before;
static struct paint paint;
static uint16_t *status_row;
static unsigned chosen; /* whose screen is shown */

static void restore(void)
{
    printf("\033[r\033[m\033[2J\033[H");
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* ---- the last row ---------------------------------------------------------------------------- */

static unsigned put_status(unsigned column, const char *text, unsigned attribute)
{
    for (; *text && column < paint.columns; text++)
        status_row[column++] = (uint16_t)(attribute << 8 | (unsigned char)*text);
    return column;
}

/* " F3 name ", of the name at most so many letters: a domain's last ones, which tell box-1 from
 * box-2. Returns the length. */
static unsigned label(char text[32], unsigned which, int letters)
{
    const char *name = consoles[which].name;
    int length = (int)strlen(name);

    if (which >= SCREEN_DOMAINS && length > letters)
        name += length - letters;
    return (unsigned)snprintf(text, 32, " F%u %.*s ", which + 1, letters, name);
}

/* How many letters of each name have room in so many columns; 0 if there is not even that. */
static int letters_that_fit(unsigned columns)
{
    int letters = (int)sizeof(consoles[0].name) - 1;
    char text[32];

    for (; letters > 0; letters--) {
        unsigned needed = 0;

        for (unsigned i = 0; i < SCREENS_MOST; i++)
            needed += consoles[i].used ? label(text, i, letters) : 0;
        if (needed <= columns)
            break;
    }
    return letters;
}

static void make_status(void)
{
    static const char next[] = " Ctrl-T: next ";
    unsigned room = paint.columns > 2 * sizeof(next) ? paint.columns - (unsigned)strlen(next) : 0;
    int letters = letters_that_fit(room);
    unsigned column = 0;
    char text[32];

    for (unsigned i = 0; i < SCREENS_MOST; i++) {
        if (!consoles[i].used)
            continue;
        label(text, i, letters);
        column = put_status(column, text, i == chosen ? STATUS_CHOSEN : STATUS_PLAIN);
    }
    while (column < paint.columns)
        column = put_status(column, " ", STATUS_PLAIN);
    if (room > 0)
        put_status(room, next, STATUS_PLAIN);
}

static void show(void)
{
    const struct screen *s = &consoles[chosen].screen;

    make_status();
    paint_rows(&paint, s->cells, 0, s->rows);
    paint_rows(&paint, status_row, s->rows, 1);
    paint_finish(&paint, s->row, s->column);
}

static void choose(unsigned which)
{
    if (which >= SCREENS_MOST || !consoles[which].used)
        return;
    chosen = which;
    screens_attach(&consoles[which]);
}

static void choose_next(void)
{
    unsigned which = chosen;

    do
        which = (which + 1) % SCREENS_MOST;
    while (!consoles[which].used);
    choose(which);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* What F1 to F12 send: xterm and TERM=linux differ in the first five. */
static const struct {
    const char *text;
    unsigned key;
} function_keys[] = {
    {"\033OP", 1},    {"\033OQ", 2},   {"\033OR", 3},   {"\033OS", 4},    {"\033[[A", 1},
    {"\033[[B", 2},   {"\033[[C", 3},  {"\033[[D", 4},  {"\033[[E", 5},   {"\033[11~", 1},
    {"\033[12~", 2},  {"\033[13~", 3}, {"\033[14~", 4}, {"\033[15~", 5},  {"\033[17~", 6},
    {"\033[18~", 7},  {"\033[19~", 8}, {"\033[20~", 9}, {"\033[21~", 10}, {"\033[23~", 11},
    {"\033[24~", 12},
};

static char held[512]; /* typed, and not passed on yet */
static size_t held_bytes;

/* The key whose sequence `text` begins with, and its length; 0: none; -1: it may become one. */
static int function_key(const char *text, size_t bytes, size_t *length)
{
    int result = 0;

    for (size_t i = 0; i < sizeof(function_keys) / sizeof(function_keys[0]); i++) {
        size_t n = strlen(function_keys[i].text);

        if (memcmp(text, function_keys[i].text, bytes < n ? bytes : n) != 0)
            continue;
        if (bytes >= n) {
            *length = n;
            return (int)function_keys[i].key;
        }
        result = -1;
    }
    return result;
}

/* Passes on what is held; `all`: what may be the beginning of a key's sequence, too. */
static void take_keys(bool all)
{
    size_t done = 0, length;

    while (done < held_bytes) {
        int key = function_key(held + done, held_bytes - done, &length);

        if (key < 0 && !all)
            break;
        if (key > 0) {
            choose((unsigned)key - 1);
            done += length;
            continue;
        }
        if (held[done] == NEXT)
            choose_next();
        else
            screens_type(&consoles[chosen], held + done, 1);
        if (held[done] == REDRAW)
            paint_forget(&paint);
        done++;
    }
    memmove(held, held + done, held_bytes - done);
    held_bytes -= done;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void carry(void)
{
    struct pollfd fds[1 + SCREENS_MOST] = {{.fd = STDIN_FILENO, .events = POLLIN}};

    for (unsigned i = 0; i < SCREENS_MOST; i++)
        fds[1 + i] =
            (struct pollfd){.fd = consoles[i].used ? consoles[i].fd : -1, .events = POLLIN};
    int ready = poll(fds, 1 + SCREENS_MOST, held_bytes ? SEQUENCE_MS : LOOK_MS);

    if (ready == 0 && held_bytes)
        take_keys(true);
    for (unsigned i = 0; ready > 0 && i < SCREENS_MOST; i++)
        if (fds[1 + i].revents)
            screens_read(&consoles[i]);
    if (ready > 0 && fds[0].revents) {
        ssize_t n = read(STDIN_FILENO, held + held_bytes, sizeof(held) - held_bytes);

        if (n > 0)
            held_bytes += (size_t)n;
        take_keys(n <= 0);
    }
    screens_look();
    if (!consoles[chosen].used)
        chosen = SCREEN_DOMAIN0;
    show();
}

static int cannot(const char *why)
{
    fprintf(stderr, "consoles: %s\n", why);
    return CANNOT;
}

static bool open_terminal(void)
{
    struct winsize size = {0};
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &before))
        return false;
    ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
    if (size.ws_row < 3 || size.ws_col < 20)
        size = (struct winsize){.ws_row = 25, .ws_col = 80};
    status_row = malloc(size.ws_col * sizeof(*status_row));
    if (!status_row || !paint_open(&paint, size.ws_row, size.ws_col))
        return false;
    raw = before;
    cfmakeraw(&raw);
    return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

int main(int argc, char **argv)
{
    int status;

    if (argc < 2)
        return cannot("wants a program, which gets the first screen");
    if (hypercall_open())
        return cannot("no way to the hypervisor, /proc/xen/privcmd");
    signal(SIGPIPE, SIG_IGN);
    if (!open_terminal())
        return cannot("standard input is no terminal");
    freopen("/dev/null", "w", stderr); /* what xl's parts say would lie across the screen */
    pid_t pid = screens_open(paint.rows - 1, paint.columns, argv + 1);

    if (pid < 0) {
        restore();
        return CANNOT;
    }
    screens_look();
    show();
    while (waitpid(pid, &status, WNOHANG) == 0)
        carry();
    restore();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
