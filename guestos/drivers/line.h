/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * line.h - the line discipline: what lies between a terminal's bytes and a program's
 *
 * Rules: POSIX.1-2017 chapter 11 (General Terminal Interface) and, where it leaves a choice,
 * Linux's termios(3). Pure: it knows neither devices nor processes, only a way to put bytes out.
 *
 * Lock: pure code on the caller's line; the kernel calls it with its lock held. Nothing here
 * sleeps.
 */
#ifndef GUESTOS_LINE_H
#define GUESTOS_LINE_H

#include "guestos/kernel/types.h"

/* asm-generic/termbits.h. Input: */
#define ISTRIP 0x0020u
#define INLCR  0x0040u
#define IGNCR  0x0080u
#define ICRNL  0x0100u
#define IXON   0x0400u
#define IXANY  0x0800u
/* Output: */
#define OPOST  0x0001u
#define ONLCR  0x0004u
#define OCRNL  0x0008u
#define ONOCR  0x0010u
#define ONLRET 0x0020u
/* Local: */
#define ISIG    0x0001u
#define ICANON  0x0002u
#define ECHO    0x0008u
#define ECHOE   0x0010u
#define ECHOK   0x0020u
#define ECHONL  0x0040u
#define NOFLSH  0x0080u
#define TOSTOP  0x0100u
#define ECHOCTL 0x0200u
#define ECHOKE  0x0800u
#define IEXTEN  0x8000u

enum { /* indices of termios.character */
       VINTR,
       VQUIT,
       VERASE,
       VKILL,
       VEOF,
       VTIME,
       VMIN,
       VSTART = 8,
       VSTOP,
       VSUSP,
       VEOL,
       VREPRINT,
       VWERASE = 14,
       VLNEXT,
       VEOL2,
};

struct termios {
    uint32_t input, output, control, local;
    uint8_t line, character[19];
};

enum line_event { LINE_NOTHING, LINE_INTERRUPT, LINE_QUIT, LINE_SUSPEND };

#define LINE_RING 4096u /* characters that wait to be read; one place stays for the line's end */

struct line {
    struct termios settings;
    void (*put)(struct line *line, const char *text, uint32_t bytes); /* to the terminal */
    uint16_t ring[LINE_RING];                                         /* a character, and marks */
    uint32_t read, committed, written; /* ever; between the last two is the line being edited */
    uint32_t column;                   /* of the cursor */
    uint32_t start_column;             /* ... where the line being edited began */
    bool literal;                      /* the next character is taken as it is (VLNEXT) */
    bool output_stopped;               /* by VSTOP */
};

/* The settings a terminal begins with: canonical, with echo, 38400 baud, Ctrl-C and its kind. */
void line_init(struct line *line, void (*put)(struct line *, const char *, uint32_t));

/* A byte from the terminal: edited, echoed, kept; or what it asks for. */
enum line_event line_input(struct line *line, char c);

/*
 * Bytes that line_input() can take without losing one; LINE_RING if nothing can be read before the
 * line that is being edited ends.
 */
uint32_t line_room(const struct line *line);

/* Bytes that a read can have now; 1 at least if a read would give the end of the file. */
bool line_ready(const struct line *line);
/* Bytes ready, for FIONREAD. */
uint32_t line_available(const struct line *line);
/* Moves at most `bytes` to `to`; in canonical mode at most one line. 0: the end of the file, if
 * line_ready() said that there is something. */
uint32_t line_take(struct line *line, char *to, uint32_t bytes);

/* Bytes from a program, with the processing the settings ask for. */
void line_output(struct line *line, const char *text, uint32_t bytes);

/* New settings. A change of canonical mode makes what is being edited readable. */
void line_configure(struct line *line, const struct termios *settings);
void line_flush_input(struct line *line);

#endif
