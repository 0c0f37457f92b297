/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keyboard.h - a PC's keyboard: what a terminal would have sent for the keys pressed
 *
 * In: codes of scan code set 1, as the i8042 delivers them with translation on, which BIOSes leave
 * so. Out: characters of an American keyboard and the sequences of TERM=linux and xterm.
 *
 * The caller locks.
 */
#ifndef XENOLITH_PC_KEYBOARD_H
#define XENOLITH_PC_KEYBOARD_H

#include "include/pc/access.h"

#define KEYBOARD_TEXT 8 /* bytes that a key sends at most */

struct keyboard {
    bool shift[2], control[2], alt[2]; /* left, right */
    bool capitals;                     /* Caps Lock */
    bool extended;                     /* the code before was E0 */
    uint8_t skip;                      /* codes of a Pause key still to come */
    const struct pc_access *pc;        /* NULL: there is no i8042 */
    char text[KEYBOARD_TEXT];          /* what the last key sends, and is not read yet */
    unsigned length, next;
};

/* Looks for a keyboard, by the BIOS's word. Returns whether there is one; drops what was typed. */
bool keyboard_open(struct keyboard *keyboard, const struct pc_access *pc);

/* The next character typed. False: there is none, or no keyboard. */
bool keyboard_read(struct keyboard *keyboard, char *character);

/* One code. Writes what it sends to `text`; returns the number of bytes, 0 for most codes. */
unsigned keyboard_take(struct keyboard *keyboard, uint8_t code, char text[KEYBOARD_TEXT]);

#endif
