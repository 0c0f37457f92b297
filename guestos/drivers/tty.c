/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tty.c - the console as a terminal: /dev/console, /dev/ttyS0; and /dev/tty, everybody's own
 *
 * Output is gathered and handed to the port in pieces. The port's arch_console_write() puts a
 * carriage return before each newline, which is what ONLCR asks for; newlines that shall stay alone
 * go by arch_console_write_raw(). As on Linux, a session's leader takes the console by opening
 * /dev/ttyS0, not by opening /dev/console.
 *
 * The port begins to deliver input when somebody first wants it, so that a machine nobody types on
 * is not disturbed.
 */
#include "guestos/drivers/tty.h"
#include "guestos/drivers/terminal.h"
#include "guestos/kernel/errno.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"

#define OWN_TERMINAL (5u << 8 | 0) /* /dev/tty: the opener's own, whichever that is */
#define CONSOLE      (5u << 8 | 1)
#define SERIAL_LINE  (4u << 8 | 64) /* /dev/ttyS0 */
#define OUTPUT_BYTES 256

enum newlines { NEWLINES_NONE, NEWLINES_COOKED, NEWLINES_RAW };

static struct {
    char text[OUTPUT_BYTES];
    uint32_t bytes;
    enum newlines newlines; /* in `text` */
} output;

/* ---- output ---------------------------------------------------------------------------------- */

static void flush(void)
{
    if (output.bytes && output.newlines == NEWLINES_RAW)
        arch_console_write_raw(output.text, output.bytes);
    else if (output.bytes)
        arch_console_write(output.text, output.bytes);
    output.bytes = 0;
    output.newlines = NEWLINES_NONE;
}

static void gather(char c, enum newlines kind)
{
    bool other =
        kind != NEWLINES_NONE && output.newlines != NEWLINES_NONE && output.newlines != kind;

    if (other || output.bytes == OUTPUT_BYTES)
        flush();
    output.text[output.bytes++] = c;
    if (kind != NEWLINES_NONE)
        output.newlines = kind;
}

static void put(struct line *line, const char *text, uint32_t bytes)
{
    (void)line;
    if (bytes == 2 && text[0] == '\r' && text[1] == '\n') {
        gather('\n', NEWLINES_COOKED);
        return;
    }
    for (uint32_t i = 0; i < bytes; i++)
        gather(text[i], text[i] == '\n' ? NEWLINES_RAW : NEWLINES_NONE);
}

static void console_flush(struct terminal *terminal)
{
    (void)terminal;
    flush();
}

static bool console_listen(struct terminal *terminal)
{
    (void)terminal;
    return arch_console_listen();
}

static uint32_t console_room(const struct terminal *terminal)
{
    (void)terminal;
    return OUTPUT_BYTES; /* the port waits until it is gone */
}

static const struct terminal_ops console_ops = {
    .flush = console_flush, .listen = console_listen, .room = console_room};

static struct terminal console = {
    .ops = &console_ops, .device = SERIAL_LINE, .size = {.rows = 25, .columns = 80}};

void tty_input(const char *text, uint32_t bytes)
{
    terminal_input(&console, text, bytes);
}

uint32_t tty_room(void)
{
    return line_room(&console.line);
}

/* ---- as files -------------------------------------------------------------------------------- */

/* NULL: the caller has none. */
static struct terminal *terminal_at(const struct file *file)
{
    return file->inode->device == OWN_TERMINAL ? terminal_of_session(current_process()->session)
                                               : &console;
}

static int tty_open(struct file *file)
{
    struct terminal *terminal = terminal_at(file);

    if (!terminal)
        return -ENXIO;
    if (file->inode->device == SERIAL_LINE)
        terminal_open(terminal, file);
    return 0;
}

static int tty_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    struct terminal *terminal = terminal_at(file);

    (void)position;
    return terminal ? terminal_read(terminal, file, to, bytes) : -EIO;
}

static int tty_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    struct terminal *terminal = terminal_at(file);

    (void)position;
    return terminal ? terminal_write(terminal, file, from, bytes) : -EIO;
}

static uint32_t tty_poll(struct file *file)
{
    struct terminal *terminal = terminal_at(file);

    return terminal ? terminal_poll(terminal) : POLLIN | POLLOUT | POLLHUP;
}

static int tty_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    struct terminal *terminal = terminal_at(file);

    return terminal ? terminal_ioctl(terminal, request, argument) : -ENXIO;
}

static const struct file_ops tty_ops = {
    .open = tty_open,
    .read = tty_read,
    .write = tty_write,
    .ioctl = tty_ioctl,
    .poll = tty_poll,
    .stream = true,
};

void tty_init(void)
{
    line_init(&console.line, put);
    terminal_add(&console);
    device_add("/dev/console", 0600, CONSOLE, &tty_ops);
    device_add("/dev/tty", 0666, OWN_TERMINAL, &tty_ops);
    device_add("/dev/ttyS0", 0600, SERIAL_LINE, &tty_ops);
    pty_init();
}
