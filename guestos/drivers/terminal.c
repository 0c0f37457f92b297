/* SPDX-License-Identifier: GPL-2.0-only */
/* terminal.c - job control, reading, writing and settings of terminals; see terminal.h */
#include "guestos/drivers/terminal.h"
#include "guestos/drivers/tty.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
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
#define TIOCNOTTY  0x5422u
#define TIOCGSID   0x5429u

#define TCOOFF    0u /* TCXONC's */
#define TCOON     1u
#define TCIOFF    2u
#define TCION     3u
#define TCIFLUSH  0u /* TCFLSH's */
#define TCOFLUSH  1u
#define TCIOFLUSH 2u

#define TENTH_SECOND 100000000ull /* VTIME's unit, in nanoseconds */

static struct terminal *terminals;

/* ---- all of them ----------------------------------------------------------------------------- */

void terminal_add(struct terminal *terminal)
{
    terminal->next = terminals;
    terminals = terminal;
}

void terminal_remove(struct terminal *terminal)
{
    struct terminal **link = &terminals;

    while (*link != terminal)
        link = &(*link)->next;
    *link = terminal->next;
}

struct terminal *terminal_find(uint32_t device)
{
    struct terminal *t = terminals;

    while (t && t->device != device)
        t = t->next;
    return t;
}

struct terminal *terminal_of_session(uint32_t session)
{
    struct terminal *t = terminals;

    while (t && (!session || t->session != session))
        t = t->next;
    return t;
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static bool is_mine(const struct terminal *t)
{
    return t->session && current_process()->session == t->session;
}

static void signal_group(uint32_t group, unsigned signal)
{
    for (struct process *p = all_processes; p && group; p = p->next) {
        /* Process 1 gets only what it has a handler for: its end is the machine's. */
        bool spared =
            p == init_process && p->actions->action[signal - 1].handler == HANDLER_DEFAULT;

        if (p->group == group && !spared)
            signal_send(p, signal);
    }
}

/* Nobody in the session outside the group is a parent of one inside: nobody could continue it. */
static bool orphaned(uint32_t group)
{
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == group && !process_ended(p) && p->parent && p->parent->group != group &&
            p->parent->session == p->session)
            return false;
    return true;
}

/* Whether the caller may do now what only the foreground may; else it is signalled. 0 or -Exxx. */
static int foreground_only(const struct terminal *t, unsigned signal)
{
    const struct thread *thread = current_thread();
    const struct process *me = thread->process;

    if (!is_mine(t) || !t->foreground || me->group == t->foreground)
        return 0;
    bool deaf = me->actions->action[signal - 1].handler == HANDLER_IGNORE ||
                thread->signals.blocked & SIGNAL_BIT(signal);
    if (deaf)
        return signal == SIGTTIN ? -EIO : 0;
    if (orphaned(me->group))
        return -EIO;
    signal_group(me->group, signal);
    return -EINTR; /* and the call is made again afterwards */
}

static int take_terminal(struct terminal *t, bool by_force)
{
    const struct process *me = current_process();

    if (me->pid != me->session)
        return -EPERM;
    if (t->session == me->session)
        return 0;
    if ((t->session && !by_force) || terminal_of_session(me->session))
        return -EPERM;
    t->session = me->session;
    t->foreground = me->group;
    t->ops->listen(t);
    return 0;
}

/* The session loses its terminal, and the foreground group hears of it. */
static void leave_terminal(struct terminal *t)
{
    uint32_t group = t->foreground;

    t->session = t->foreground = 0;
    signal_group(group, SIGHUP);
    signal_group(group, SIGCONT);
}

void tty_process_ends(const struct process *process)
{
    struct terminal *t = terminal_of_session(process->pid);

    if (t)
        leave_terminal(t);
}

uint32_t tty_of_session(uint32_t session)
{
    const struct terminal *t = terminal_of_session(session);

    return t ? t->device : 0;
}

void terminal_hang_up(struct terminal *t)
{
    struct process *process = t->session ? process_find(t->session) : NULL;

    t->hung_up = true;
    if (process) {
        signal_send(process, SIGHUP);
        signal_send(process, SIGCONT);
    }
    if (t->session)
        leave_terminal(t);
    wake_all(&t->readers);
    wake_all(&t->writers);
    poll_changed(NULL);
}

static int set_foreground(struct terminal *t, uint32_t argument)
{
    int32_t group;
    int error = foreground_only(t, SIGTTOU);

    if (!is_mine(t))
        return -ENOTTY;
    if (error)
        return error;
    if (take_user(group, argument))
        return -EFAULT;
    if (group < 0)
        return -EINVAL;
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == (uint32_t)group) {
            if (p->session != t->session)
                return -EPERM;
            t->foreground = (uint32_t)group;
            return 0;
        }
    return -ESRCH;
}

/* ---- input ----------------------------------------------------------------------------------- */

void terminal_input(struct terminal *t, const char *text, uint32_t bytes)
{
    static const uint8_t signal[] = {
        [LINE_INTERRUPT] = SIGINT, [LINE_QUIT] = 3, [LINE_SUSPEND] = SIGTSTP};

    t->last_input = arch_clock();
    for (uint32_t i = 0; i < bytes; i++) {
        enum line_event event = line_input(&t->line, text[i]);

        if (event != LINE_NOTHING)
            signal_group(t->foreground, signal[event]);
    }
    t->ops->flush(t);
    wake_all(&t->readers);
    if (!t->line.output_stopped)
        wake_all(&t->writers);
    poll_changed(NULL);
}

/* Waits until a read can be answered. 0: take what there is (nothing after a timeout). */
static int wait_for_input(struct terminal *t, uint32_t bytes, bool wait)
{
    uint64_t begun = arch_clock();

    for (;;) {
        const struct termios *s = &t->line.settings;
        uint64_t time = s->character[VTIME] * TENTH_SECOND, deadline = NO_DEADLINE;
        uint32_t least = s->character[VMIN], have = line_available(&t->line);

        if (t->hung_up)
            return 0;
        if (s->local & ICANON) {
            if (line_ready(&t->line))
                return 0;
        } else {
            if (have >= MIN(MAX(least, 1), bytes) || (!least && !time) || (have && !wait))
                return 0;
            if (!least)
                deadline = begun + time;
            else if (have && time)
                deadline = t->last_input + time;
        }
        if (!wait)
            return -EAGAIN;
        int error = wait_in(&t->readers, deadline);
        if (error)
            return error == -EAGAIN || (have && !(s->local & ICANON)) ? 0 : error;
    }
}

static int read_input(struct terminal *t, const struct file *file, void *to, uint32_t bytes)
{
    int error = foreground_only(t, SIGTTIN);

    if (!error)
        error = wait_for_input(t, bytes, !(file->flags & OPEN_NONBLOCK));
    if (error)
        return error;
    char *buffer = heap_allocate(MIN(bytes, LINE_RING));
    if (!buffer)
        return -ENOMEM;
    uint32_t n = line_take(&t->line, buffer, MIN(bytes, LINE_RING));
    error = copy_to_user(to, buffer, n) ? -EFAULT : 0;
    heap_free(buffer);
    if (t->ops->taken)
        t->ops->taken(t);
    return error ? error : (int)n;
}

int terminal_read(struct terminal *t, const struct file *file, void *to, uint32_t bytes)
{
    if (!t->ops->listen(t) || !bytes)
        return 0; /* nobody can type here: the end of the file */
    t->users++;
    int result = read_input(t, file, to, bytes);
    t->users--;
    return result;
}

/* Waits until some bytes can be put out, each of which may become two: how many, or -Exxx. */
static int wait_for_room(struct terminal *t, bool wait)
{
    for (;;) {
        if (t->hung_up)
            return -EIO;
        uint32_t room = t->ops->room(t) / 2;
        if (room && !t->line.output_stopped)
            return (int)room;
        int error = wait ? wait_in(&t->writers, NO_DEADLINE) : -EAGAIN;
        if (error)
            return error;
    }
}

int terminal_write(struct terminal *t, const struct file *file, const void *from, uint32_t bytes)
{
    char buffer[128];
    uint32_t done = 0;
    int n = t->line.settings.local & TOSTOP ? foreground_only(t, SIGTTOU) : 0;

    t->users++;
    while (n >= 0 && done < bytes) {
        n = wait_for_room(t, !(file->flags & OPEN_NONBLOCK));
        if (n < 0)
            break;
        n = (int)MIN(MIN(bytes - done, (uint32_t)n), (uint32_t)sizeof(buffer));
        if (copy_from_user(buffer, (const char *)from + done, (uint32_t)n))
            n = -EFAULT;
        if (n < 0)
            break;
        line_output(&t->line, buffer, (uint32_t)n);
        t->ops->flush(t);
        done += (uint32_t)n;
    }
    t->users--;
    return n < 0 && !done ? n : (int)done;
}

void terminal_drained(struct terminal *t)
{
    wake_all(&t->writers);
    poll_changed(NULL);
}

uint32_t terminal_poll(struct terminal *t)
{
    const struct termios *s = &t->line.settings;
    uint32_t least = s->character[VTIME] ? 1 : MAX(s->character[VMIN], 1);
    bool ready = s->local & ICANON ? line_ready(&t->line) : line_available(&t->line) >= least;

    if (t->hung_up)
        return POLLIN | POLLOUT | POLLHUP;
    ready |= !t->ops->listen(t);
    return (ready ? POLLIN : 0) | (t->line.output_stopped || t->ops->room(t) < 2 ? 0 : POLLOUT);
}

/* ---- ioctl ----------------------------------------------------------------------------------- */

static int configure(struct terminal *t, uint32_t argument, bool drop_input)
{
    struct termios settings;

    if (take_user(settings, argument))
        return -EFAULT;
    if (drop_input)
        line_flush_input(&t->line);
    line_configure(&t->line, &settings);
    wake_all(&t->readers);
    wake_all(&t->writers);
    poll_changed(NULL);
    return 0;
}

static int resize(struct terminal *t, uint32_t argument)
{
    struct window_size size;

    if (take_user(size, argument))
        return -EFAULT;
    bool same = !memcmp(&size, &t->size, sizeof(size));
    t->size = size;
    if (!same)
        signal_group(t->foreground, SIGWINCH);
    return 0;
}

/* The characters that ask the other end to stop, or to go on, are sent as they are. */
static void ask_other_end(struct terminal *t, uint32_t action)
{
    char c = (char)t->line.settings.character[action == TCIOFF ? VSTOP : VSTART];

    if (c == '\0' || t->ops->room(t) < 1) /* _POSIX_VDISABLE */
        return;
    t->line.put(&t->line, &c, 1);
    t->ops->flush(t);
}

static int control_flow(struct terminal *t, uint32_t action)
{
    if (action > TCION)
        return -EINVAL;
    if (action == TCIOFF || action == TCION) {
        ask_other_end(t, action);
        return 0;
    }
    t->line.output_stopped = action == TCOOFF;
    if (action == TCOON)
        wake_all(&t->writers);
    poll_changed(NULL);
    return 0;
}

static int give_number(uint32_t argument, uint32_t number)
{
    return give_user(argument, number);
}

/* What changes the terminal and is therefore the foreground's alone. */
static bool changes(uint32_t request)
{
    return (request >= TCSETS && request <= TCSETSF) || (request >= TCSBRK && request <= TCFLSH) ||
           request == TIOCSWINSZ;
}

int terminal_ioctl(struct terminal *t, uint32_t request, uint32_t argument)
{
    int error = t->hung_up ? -EIO : changes(request) ? foreground_only(t, SIGTTOU) : 0;

    if (error)
        return error;
    switch (request) {
    case TIOCSCTTY:
        return take_terminal(t, argument == 1);
    case TIOCNOTTY:
        if (!is_mine(t))
            return -ENOTTY;
        if (current_process()->pid == t->session)
            leave_terminal(t);
        return 0;
    case TIOCSPGRP:
        return set_foreground(t, argument);
    case TIOCGPGRP:
    case TIOCGSID:
        if (!is_mine(t))
            return -ENOTTY;
    }
    return terminal_control(t, request, argument);
}

int terminal_control(struct terminal *t, uint32_t request, uint32_t argument)
{
    switch (request) {
    case TCGETS:
        return give_user(argument, t->line.settings);
    case TCSETS:
    case TCSETSW:
        return configure(t, argument, false);
    case TCSETSF:
        return configure(t, argument, true);
    case TCSBRK: /* output is never behind */
        return 0;
    case TCXONC:
        return control_flow(t, argument);
    case TCFLSH:
        if (argument > TCIOFLUSH)
            return -EINVAL;
        if (argument != TCOFLUSH)
            line_flush_input(&t->line);
        return 0;
    case TIOCGPGRP:
        return give_number(argument, t->foreground);
    case TIOCGSID:
        return give_number(argument, t->session);
    case TIOCOUTQ:
        return give_number(argument, 0);
    case FIONREAD:
        return give_number(argument, line_available(&t->line));
    case TIOCGWINSZ:
        return give_user(argument, t->size);
    case TIOCSWINSZ:
        return resize(t, argument);
    default:
        return -ENOTTY;
    }
}

void terminal_open(struct terminal *t, const struct file *file)
{
    if (!(file->flags & OPEN_NO_TERMINAL) && !t->session)
        take_terminal(t, false);
}
