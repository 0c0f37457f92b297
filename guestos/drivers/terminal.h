/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal.h - what all terminals have in common: the console's and pseudo-terminals
 *
 * Between the line discipline (line.h) and processes: waiting for input, and whose terminal it is.
 * A session's leader takes a terminal with TIOCSCTTY, or by opening it without O_NOCTTY. From then
 * on the session's foreground group gets what Ctrl-C, Ctrl-\ and Ctrl-Z mean, and a process of
 * another group of the session is stopped when it reads (SIGTTIN), changes settings, or, with
 * TOSTOP, writes (SIGTTOU). POSIX.1-2017, 11.1.
 *
 * Lock: the kernel's, at every call. terminal_read() and terminal_write() sleep; nothing else
 * does.
 */
#ifndef GUESTOS_TERMINAL_H
#define GUESTOS_TERMINAL_H

#include "guestos/arch.h"
#include "guestos/drivers/line.h"
#include "guestos/fs/file.h"
#include "guestos/process/process.h"

#define OPEN_NO_TERMINAL 0400u /* O_NOCTTY */
#define FIONREAD         0x541bu

struct window_size {
    uint16_t rows, columns, x, y;
};

struct terminal;

struct terminal_ops {
    void (*flush)(struct terminal *terminal);  /* what the line has put goes out now */
    bool (*listen)(struct terminal *terminal); /* input is wanted; false: nobody can type here */
    uint32_t (*room)(const struct terminal *terminal); /* bytes of output that it takes now */
    void (*taken)(struct terminal *terminal);          /* a program has read input */
};

struct terminal {
    struct line line;
    const struct terminal_ops *ops;
    uint32_t device; /* major << 8 | minor */
    struct wait_queue readers, writers;
    uint32_t session, foreground; /* 0: nobody's */
    struct window_size size;
    uint64_t last_input; /* arch_clock() time */
    bool hung_up;        /* the other end is gone: nothing comes, nothing can be written */
    uint32_t users;      /* reading or writing now: it must stay */
    struct terminal *next;
};

/* Enters a terminal whose line, ops and device are set; takes it out, when nobody uses it. */
void terminal_add(struct terminal *terminal);
void terminal_remove(struct terminal *terminal);
/* By device number; NULL. */
struct terminal *terminal_find(uint32_t device);
/* The one that a session controls; NULL. */
struct terminal *terminal_of_session(uint32_t session);

/* These bytes have been typed. Lock held. */
void terminal_input(struct terminal *terminal, const char *text, uint32_t bytes);
/* The other end is gone: its session hears of it. */
void terminal_hang_up(struct terminal *terminal);
/* Output has gone: writers may go on. */
void terminal_drained(struct terminal *terminal);

/* What the operations of files on terminals do. */
void terminal_open(struct terminal *terminal, const struct file *file);
int terminal_read(struct terminal *terminal, const struct file *file, void *to, uint32_t bytes);
int terminal_write(struct terminal *terminal, const struct file *file, const void *from,
                   uint32_t bytes);
uint32_t terminal_poll(struct terminal *terminal);
int terminal_ioctl(struct terminal *terminal, uint32_t request, uint32_t argument);
/* The same for who holds the other end, and need not be in the foreground. */
int terminal_control(struct terminal *terminal, uint32_t request, uint32_t argument);

#endif
