/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tty.c - the console as a terminal
 *
 * Between the line discipline (line.h) and processes: waiting for input, and whose terminal it is.
 * A session's leader takes the terminal with TIOCSCTTY, or by opening /dev/ttyS0 without O_NOCTTY; as
 * on Linux, opening /dev/console does not do it. From then on the session's foreground group gets what
 * Ctrl-C, Ctrl-\ and Ctrl-Z mean, and a process of another group of the session is stopped
 * when it reads (SIGTTIN), changes settings, or, with TOSTOP, writes (SIGTTOU). POSIX.1-2017, 11.1.
 *
 * Output is gathered and handed to the port in pieces. The port's arch_console_write() puts a carriage
 * return before each newline, which is what ONLCR asks for; newlines that shall stay alone go by
 * arch_console_write_raw().
 *
 * The port begins to deliver input when somebody first wants it, so that a machine nobody types on
 * is not disturbed.
 */
#include "guestos/drivers/tty.h"
#include "guestos/drivers/line.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/poll.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/heap.h"

#define TCGETS     0x5401u /* asm-generic/ioctls.h */
#define TCSETS     0x5402u
#define TCSETSW    0x5403u
#define TCSETSF    0x5404u
#define TCSBRK     0x5409u
#define TCXONC     0x540au
#define TCFLSH     0x540bu
#define TIOCSCTTY  0x540eu
#define TIOCGPGRP  0x540fu
#define TIOCSPGRP  0x5410u
#define TIOCOUTQ   0x5411u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD   0x541bu
#define TIOCNOTTY  0x5422u
#define TIOCGSID   0x5429u

#define TCOOFF    0u /* TCXONC's */
#define TCOON     1u
#define TCIFLUSH  0u /* TCFLSH's */
#define TCOFLUSH  1u
#define TCIOFLUSH 2u

#define OWN_TERMINAL (5u << 8 | 0)  /* /dev/tty: the opener's own, whichever that is */
#define SERIAL_LINE  (4u << 8 | 64) /* /dev/ttyS0 */
#define TENTH_SECOND 100000000ull   /* VTIME's unit, in nanoseconds */
#define OUTPUT_BYTES 256

#define OPEN_NO_TERMINAL 0400u /* O_NOCTTY */

struct window_size {
    u16 rows, columns, x, y;
};

enum newlines { NEWLINES_NONE, NEWLINES_COOKED, NEWLINES_RAW };

static struct {
    struct line line;
    struct wait_queue readers, writers;
    u32 session, foreground; /* 0: nobody's */
    struct window_size size;
    u64 last_input; /* arch_clock() time */
    char output[OUTPUT_BYTES];
    u32 output_bytes;
    enum newlines newlines; /* in `output` */
} tty = {.size = {.rows = 25, .columns = 80}};

/* ---- output ----------------------------------------------------------------------------------- */

static void flush(void)
{
    if (tty.output_bytes && tty.newlines == NEWLINES_RAW)
        arch_console_write_raw(tty.output, tty.output_bytes);
    else if (tty.output_bytes)
        arch_console_write(tty.output, tty.output_bytes);
    tty.output_bytes = 0;
    tty.newlines = NEWLINES_NONE;
}

static void gather(char c, enum newlines kind)
{
    bool other = kind != NEWLINES_NONE && tty.newlines != NEWLINES_NONE && tty.newlines != kind;
    if (other || tty.output_bytes == OUTPUT_BYTES)
        flush();
    tty.output[tty.output_bytes++] = c;
    if (kind != NEWLINES_NONE)
        tty.newlines = kind;
}

static void put(struct line *line, const char *text, u32 bytes)
{
    (void)line;
    if (bytes == 2 && text[0] == '\r' && text[1] == '\n') {
        gather('\n', NEWLINES_COOKED);
        return;
    }
    for (u32 i = 0; i < bytes; i++)
        gather(text[i], text[i] == '\n' ? NEWLINES_RAW : NEWLINES_NONE);
}

/* ---- whose it is -------------------------------------------------------------------------------- */

static bool is_mine(void)
{
    return tty.session && current_process()->session == tty.session;
}

static void signal_group(u32 group, unsigned signal)
{
    for (struct process *p = all_processes; p && group; p = p->next) {
        /* Process 1 gets only what it has a handler for: its end is the machine's. */
        bool spared = p == init_process && p->signals.action[signal - 1].handler == HANDLER_DEFAULT;
        if (p->group == group && !spared)
            signal_send(p, signal);
    }
}

/* Nobody in the session outside the group is a parent of one inside: nobody could continue it. */
static bool orphaned(u32 group)
{
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == group && !process_ended(p) && p->parent && p->parent->group != group &&
            p->parent->session == p->session)
            return false;
    return true;
}

/* Whether the caller may do now what only the foreground may; else it is signalled. 0 or -Exxx. */
static int foreground_only(unsigned signal)
{
    const struct process *me = current_process();
    if (!is_mine() || !tty.foreground || me->group == tty.foreground)
        return 0;
    bool deaf = me->signals.action[signal - 1].handler == HANDLER_IGNORE ||
                me->signals.blocked & SIGNAL_BIT(signal);
    if (deaf)
        return signal == SIGTTIN ? -EIO : 0;
    if (orphaned(me->group))
        return -EIO;
    signal_group(me->group, signal);
    return -EINTR; /* and the call is made again afterwards */
}

static int take_terminal(bool by_force)
{
    const struct process *me = current_process();
    if (me->leader->pid != me->session)
        return -EPERM;
    if (tty.session == me->session)
        return 0;
    if (tty.session && !by_force)
        return -EPERM;
    tty.session = me->session;
    tty.foreground = me->group;
    arch_console_listen();
    return 0;
}

void tty_process_ends(const struct process *process)
{
    if (process->pid != tty.session)
        return;
    u32 group = tty.foreground;
    tty.session = tty.foreground = 0;
    signal_group(group, SIGHUP);
    signal_group(group, SIGCONT);
}

static int set_foreground(u32 argument)
{
    s32 group;
    int error = foreground_only(SIGTTOU);
    if (!is_mine())
        return -ENOTTY;
    if (error)
        return error;
    if (take_user(group, argument))
        return -EFAULT;
    if (group < 0)
        return -EINVAL;
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == (u32)group) {
            if (p->session != tty.session)
                return -EPERM;
            tty.foreground = (u32)group;
            return 0;
        }
    return -ESRCH;
}

/* ---- input ------------------------------------------------------------------------------------ */

void tty_input(const char *text, u32 bytes)
{
    static const u8 signal[] = {
        [LINE_INTERRUPT] = SIGINT, [LINE_QUIT] = 3, [LINE_SUSPEND] = SIGTSTP};
    tty.last_input = arch_clock();
    for (u32 i = 0; i < bytes; i++) {
        enum line_event event = line_input(&tty.line, text[i]);
        if (event != LINE_NOTHING)
            signal_group(tty.foreground, signal[event]);
    }
    flush();
    wake_all(&tty.readers);
    if (!tty.line.output_stopped)
        wake_all(&tty.writers);
    poll_changed();
}

u32 tty_room(void)
{
    return line_room(&tty.line);
}

/* Waits until a read can be answered. 0: take what there is (nothing after a timeout). */
static int wait_for_input(u32 bytes, bool wait)
{
    u64 begun = arch_clock();
    for (;;) {
        const struct termios *s = &tty.line.settings;
        u64 time = s->character[VTIME] * TENTH_SECOND, deadline = NO_DEADLINE;
        u32 least = s->character[VMIN], have = line_available(&tty.line);
        if (s->local & ICANON) {
            if (line_ready(&tty.line))
                return 0;
        } else {
            if (have >= MIN(MAX(least, 1), bytes) || (!least && !time) || (have && !wait))
                return 0;
            if (!least)
                deadline = begun + time;
            else if (have && time)
                deadline = tty.last_input + time;
        }
        if (!wait)
            return -EAGAIN;
        int error = wait_in(&tty.readers, deadline);
        if (error)
            return error == -EAGAIN || (have && !(s->local & ICANON)) ? 0 : error;
    }
}

static int tty_read(struct file *file, void *to, u32 bytes, u32 *position)
{
    (void)position;
    if (!arch_console_listen() || !bytes)
        return 0; /* nobody can type here: the end of the file */
    int error = foreground_only(SIGTTIN);
    if (!error)
        error = wait_for_input(bytes, !(file->flags & OPEN_NONBLOCK));
    if (error)
        return error;
    char *buffer = heap_allocate(MIN(bytes, LINE_RING));
    if (!buffer)
        return -ENOMEM;
    u32 n = line_take(&tty.line, buffer, MIN(bytes, LINE_RING));
    error = copy_to_user(to, buffer, n) ? -EFAULT : 0;
    heap_free(buffer);
    return error ? error : (int)n;
}

static int tty_write(struct file *file, const void *from, u32 bytes, u32 *position)
{
    (void)position;
    char buffer[128];
    int error = tty.line.settings.local & TOSTOP ? foreground_only(SIGTTOU) : 0;
    if (error)
        return error;
    for (u32 done = 0; done < bytes;) {
        u32 n = MIN(bytes - done, (u32)sizeof buffer);
        while (tty.line.output_stopped && !error) {
            error = file->flags & OPEN_NONBLOCK ? -EAGAIN : wait_in(&tty.writers, NO_DEADLINE);
        }
        if (!error && copy_from_user(buffer, (const char *)from + done, n))
            error = -EFAULT;
        if (error)
            return done ? (int)done : error;
        line_output(&tty.line, buffer, n);
        flush();
        done += n;
    }
    return (int)bytes;
}

static u32 tty_poll(struct file *file)
{
    (void)file;
    const struct termios *s = &tty.line.settings;
    u32 least = s->character[VTIME] ? 1 : MAX(s->character[VMIN], 1);
    bool listening = arch_console_listen();
    bool ready = s->local & ICANON ? line_ready(&tty.line) : line_available(&tty.line) >= least;
    return (ready || !listening ? POLLIN : 0) | (tty.line.output_stopped ? 0 : POLLOUT);
}

/* ---- ioctl -------------------------------------------------------------------------------------- */

static int configure(u32 argument, bool drop_input)
{
    struct termios settings;
    if (take_user(settings, argument))
        return -EFAULT;
    if (drop_input)
        line_flush_input(&tty.line);
    line_configure(&tty.line, &settings);
    wake_all(&tty.readers);
    wake_all(&tty.writers);
    poll_changed();
    return 0;
}

static int resize(u32 argument)
{
    struct window_size size;
    if (take_user(size, argument))
        return -EFAULT;
    bool same = !memcmp(&size, &tty.size, sizeof size);
    tty.size = size;
    if (!same)
        signal_group(tty.foreground, SIGWINCH);
    return 0;
}

static int stop_output(u32 action)
{
    if (action != TCOOFF && action != TCOON)
        return -EINVAL;
    tty.line.output_stopped = action == TCOOFF;
    if (action == TCOON)
        wake_all(&tty.writers);
    poll_changed();
    return 0;
}

static int give_number(u32 argument, u32 number)
{
    return give_user(argument, number);
}

/* What changes the terminal and is therefore the foreground's alone. */
static bool changes(u32 request)
{
    return (request >= TCSETS && request <= TCSETSF) || (request >= TCSBRK && request <= TCFLSH) ||
           request == TIOCSWINSZ;
}

static int tty_ioctl(struct file *file, u32 request, u32 argument)
{
    int error = changes(request) ? foreground_only(SIGTTOU) : 0;
    if (file->inode->device == OWN_TERMINAL && !is_mine() && request != TIOCSCTTY)
        return -ENXIO;
    if (error)
        return error;
    switch (request) {
    case TCGETS:
        return give_user(argument, tty.line.settings);
    case TCSETS:
    case TCSETSW:
        return configure(argument, false);
    case TCSETSF:
        return configure(argument, true);
    case TCSBRK: /* output is never behind */
        return 0;
    case TCXONC:
        return stop_output(argument);
    case TCFLSH:
        if (argument > TCIOFLUSH)
            return -EINVAL;
        if (argument != TCOFLUSH)
            line_flush_input(&tty.line);
        return 0;
    case TIOCSCTTY:
        return take_terminal(argument == 1);
    case TIOCNOTTY:
        if (!is_mine())
            return -ENOTTY;
        tty_process_ends(current_process()->leader);
        return 0;
    case TIOCGPGRP:
        return is_mine() ? give_number(argument, tty.foreground) : -ENOTTY;
    case TIOCSPGRP:
        return set_foreground(argument);
    case TIOCGSID:
        return is_mine() ? give_number(argument, tty.session) : -ENOTTY;
    case TIOCOUTQ:
        return give_number(argument, 0);
    case FIONREAD:
        return give_number(argument, line_available(&tty.line));
    case TIOCGWINSZ:
        return give_user(argument, tty.size);
    case TIOCSWINSZ:
        return resize(argument);
    default:
        return -ENOTTY;
    }
}

/* A session's leader that opens the line itself takes it, if it is free. */
static int tty_open(struct file *file)
{
    if (file->inode->device == SERIAL_LINE && !(file->flags & OPEN_NO_TERMINAL) && !tty.session)
        take_terminal(false);
    return 0;
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
    line_init(&tty.line, put);
    device_add("/dev/console", 0600, 5 << 8 | 1, &tty_ops);
    device_add("/dev/tty", 0666, OWN_TERMINAL, &tty_ops);
    device_add("/dev/ttyS0", 0600, SERIAL_LINE, &tty_ops);
}
