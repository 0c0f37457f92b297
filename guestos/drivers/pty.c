/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pty.c - pseudo-terminals: /dev/ptmx and /dev/pts/N (pty(7))
 *
 * Opening /dev/ptmx makes a pair. Its holder, the master, is what a cable and a screen are
 * elsewhere: what it writes has been typed on the terminal /dev/pts/N, what programs there write it
 * reads, after the line discipline. The terminal is locked until TIOCSPTLCK says otherwise.
 *
 *   master closed     the terminal is hung up: SIGHUP to its session's leader, end of file, EIO
 *   terminal closed   by all who had it open: the master reads what is left, then EIO (not the end
 *                     of a file: it may be opened again)
 *
 * The number is free again when both ends are closed. A file on the master knows its pair; one on
 * the terminal finds it by number.
 */
#include "guestos/fs/filesystem.h"
#include "guestos/drivers/terminal.h"
#include "guestos/drivers/tty.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define PTS_MAJOR   136u /* Linux Documentation/admin-guide/devices.txt */
#define MULTIPLEXER (5u << 8 | 2)
#define PAIRS       64u
#define RING        4096u

#define TIOCGPTN    0x80045430u /* asm-generic/ioctls.h */
#define TIOCSPTLCK  0x40045431u
#define TIOCGPTLCK  0x80045439u
#define TIOCGPTPEER 0x5441u

struct pty {
    struct terminal terminal;
    bool master, locked, was_open;      /* master: it is open; was_open: the terminal, once */
    uint32_t opens;                     /* of the terminal */
    struct wait_queue readers, writers; /* of the master */
    uint8_t ring[RING];                 /* what the terminal has put out */
    uint32_t produced, consumed;
};

static struct pty *pairs[PAIRS];

static struct pty *pty_of(const struct terminal *terminal)
{
    return CONTAINER(terminal, struct pty, terminal);
}

static void path_of_number(char *path, uint32_t size, uint32_t number)
{
    format(path, size, "/dev/pts/%u", number);
}

static void free_if_unused(struct pty *pty)
{
    uint32_t number = pty->terminal.device & 0xff;

    if (pty->master || pty->opens || pty->terminal.users)
        return;
    terminal_remove(&pty->terminal);
    pairs[number] = NULL;
    heap_free(pty);
}

/* ---- from the terminal to the master --------------------------------------------------------- */

static uint32_t room(const struct terminal *terminal)
{
    const struct pty *pty = pty_of(terminal);

    return RING - (pty->produced - pty->consumed);
}

/* Programs wait for room before they write; an echo without room is lost, as on a slow line. */
static void put(struct line *line, const char *text, uint32_t bytes)
{
    struct pty *pty = CONTAINER(line, struct pty, terminal.line);

    for (uint32_t i = 0; i < bytes && room(&pty->terminal); i++)
        pty->ring[pty->produced++ % RING] = (uint8_t)text[i];
}

static void flush(struct terminal *terminal)
{
    wake_all(&pty_of(terminal)->readers);
    poll_changed(NULL);
}

static bool listen(struct terminal *terminal)
{
    (void)terminal;
    return true;
}

static void taken(struct terminal *terminal)
{
    wake_all(&pty_of(terminal)->writers);
    poll_changed(NULL);
}

static const struct terminal_ops ops = {
    .flush = flush, .listen = listen, .room = room, .taken = taken};

/* ---- the master ------------------------------------------------------------------------------ */

static bool terminal_closed(const struct pty *pty)
{
    return pty->was_open && !pty->opens;
}

/* The kernel's own entry: who opens a pair needs no rights in the directory. 0 or -Exxx. */
static int add_name(uint32_t number)
{
    struct inode *directory = path_lookup(NULL, "/dev/pts", 0);
    char name[8];

    if (IS_ERR(directory))
        return PTR_ERR(directory);
    format(name, sizeof(name), "%u", number);
    operation_begin();
    struct inode *inode = directory_create(directory, MODE_CHARACTER | 0620);
    int error = IS_ERR(inode) ? PTR_ERR(inode) : 0;
    if (!error) {
        inode->device = PTS_MAJOR << 8 | number;
        inode->uid = current_process()->identity.file_user;
        inode->gid = current_process()->identity.file_group;
        error = directory_link(directory, name, strlen(name), inode);
        inode_release(inode);
    }
    operation_end();
    inode_release(directory);
    return error == -EEXIST ? 0 : error;
}

static int master_open(struct file *file)
{
    uint32_t number = 0;

    while (number < PAIRS && pairs[number])
        number++;
    if (number == PAIRS)
        return -ENOSPC;
    struct pty *pty = heap_allocate(sizeof(*pty));
    if (!pty)
        return -ENOMEM;
    int error = add_name(number);
    if (error) {
        heap_free(pty);
        return error;
    }
    pty->master = pty->locked = true;
    pty->terminal.ops = &ops;
    pty->terminal.device = PTS_MAJOR << 8 | number;
    line_init(&pty->terminal.line, put);
    terminal_add(&pty->terminal);
    pairs[number] = pty;
    file->data = pty;
    return 0;
}

static void master_close(struct file *file)
{
    struct pty *pty = file->data;
    char path[24];

    path_of_number(path, sizeof(path), pty->terminal.device & 0xff);
    path_remove(NULL, path);
    pty->master = false;
    terminal_hang_up(&pty->terminal);
    free_if_unused(pty);
}

static int master_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    struct pty *pty = file->data;

    (void)position;
    while (pty->produced == pty->consumed) {
        int error = terminal_closed(pty)          ? -EIO
                    : file->flags & OPEN_NONBLOCK ? -EAGAIN
                                                  : wait_in(&pty->readers, NO_DEADLINE);

        if (error)
            return error;
    }
    uint32_t at = pty->consumed % RING;
    uint32_t n = MIN(MIN(bytes, pty->produced - pty->consumed), RING - at);
    if (copy_to_user(to, pty->ring + at, n))
        return -EFAULT;
    pty->consumed += n;
    terminal_drained(&pty->terminal);
    return (int)n;
}

static int master_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    struct pty *pty = file->data;
    char buffer[128];

    (void)position;
    for (uint32_t done = 0; done < bytes;) {
        uint32_t n =
            MIN(MIN(bytes - done, (uint32_t)sizeof(buffer)), line_room(&pty->terminal.line));
        int error = 0;

        if (terminal_closed(pty))
            error = -EIO;
        else if (!n)
            error = file->flags & OPEN_NONBLOCK ? -EAGAIN : wait_in(&pty->writers, NO_DEADLINE);
        else if (copy_from_user(buffer, (const char *)from + done, n))
            error = -EFAULT;
        if (error)
            return done ? (int)done : error;
        terminal_input(&pty->terminal, buffer, n);
        done += n;
    }
    return (int)bytes;
}

static uint32_t master_poll(struct file *file)
{
    const struct pty *pty = file->data;

    return (pty->produced != pty->consumed ? POLLIN : 0) |
           (line_room(&pty->terminal.line) ? POLLOUT : 0) | (terminal_closed(pty) ? POLLHUP : 0);
}

/* Opens the terminal of this pair, whatever its name leads to by now. */
static int open_peer(const struct pty *pty, uint32_t flags)
{
    char path[24];

    path_of_number(path, sizeof(path), pty->terminal.device & 0xff);
    struct inode *inode = path_lookup(NULL, path, 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    struct file *file = file_open(inode, flags);
    inode_release(inode);
    if (IS_ERR(file))
        return PTR_ERR(file);
    return files_give(file, flags & OPEN_CLOEXEC);
}

static int master_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    struct pty *pty = file->data;
    uint32_t value;

    switch (request) {
    case TIOCGPTN:
        value = pty->terminal.device & 0xff;
        return give_user(argument, value);
    case TIOCSPTLCK:
        if (take_user(value, argument))
            return -EFAULT;
        pty->locked = value;
        return 0;
    case TIOCGPTLCK:
        value = pty->locked;
        return give_user(argument, value);
    case TIOCGPTPEER:
        return open_peer(pty, argument);
    case FIONREAD:
        value = pty->produced - pty->consumed;
        return give_user(argument, value);
    default:
        return terminal_control(&pty->terminal, request, argument);
    }
}

static const struct file_ops master_ops = {
    .open = master_open,
    .close = master_close,
    .read = master_read,
    .write = master_write,
    .ioctl = master_ioctl,
    .poll = master_poll,
    .stream = true,
};

/* ---- the terminal ---------------------------------------------------------------------------- */

static int slave_open(struct file *file)
{
    uint32_t number = file->inode->device & 0xff;
    struct pty *pty = number < PAIRS ? pairs[number] : NULL;

    if (!pty || !pty->master || pty->locked)
        return pty ? -EIO : -ENXIO;
    pty->opens++;
    pty->was_open = true;
    file->data = pty;
    terminal_open(&pty->terminal, file);
    return 0;
}

static void slave_close(struct file *file)
{
    struct pty *pty = file->data;

    pty->opens--;
    wake_all(&pty->readers);
    wake_all(&pty->writers);
    poll_changed(NULL);
    free_if_unused(pty);
}

static int slave_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    return terminal_read(&((struct pty *)file->data)->terminal, file, to, bytes);
}

static int slave_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)position;
    return terminal_write(&((struct pty *)file->data)->terminal, file, from, bytes);
}

static uint32_t slave_poll(struct file *file)
{
    return terminal_poll(&((struct pty *)file->data)->terminal);
}

static int slave_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    return terminal_ioctl(&((struct pty *)file->data)->terminal, request, argument);
}

static const struct file_ops slave_ops = {
    .open = slave_open,
    .close = slave_close,
    .read = slave_read,
    .write = slave_write,
    .ioctl = slave_ioctl,
    .poll = slave_poll,
    .stream = true,
};

void pty_init(void)
{
    struct inode *directory = path_create(root_inode, "/dev/pts", MODE_DIRECTORY | 0755);

    if (!IS_ERR(directory))
        inode_release(directory);
    device_add("/dev/ptmx", 0666, MULTIPLEXER, &master_ops);
    device_add_major("/dev/pts/", PTS_MAJOR, &slave_ops);
}
