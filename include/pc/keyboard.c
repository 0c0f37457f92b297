/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * keyboard.c - scan code set 1 (IBM PS/2 Technical Reference, keyboards) to a terminal's bytes
 *
 * A code below 80 is a key going down, with 80 added its going up. E0 announces a key that the
 * first PC's keyboard did not have; most share the code of the key that did its work there.
 */
#include "include/pc/keyboard.h"

#define RELEASED    0x80
#define EXTENDED    0xe0
#define PAUSE       0xe1
#define PAUSE_CODES 2 /* after each E1 */
#define ESC         "\x1b"

/* The i8042's ports (IBM PC AT Technical Reference, keyboard controller). */
#define DATA        0x60
#define STATUS      0x64
#define FULL        0x01 /* a byte waits at the data port */
#define AUXILIARY   0x20 /* it is the mouse's */
#define MOST_AT_ONE 64   /* bytes read in one go; more come from no keyboard */

#define LEFT_CONTROL 0x1d
#define LEFT_SHIFT   0x2a
#define RIGHT_SHIFT  0x36
#define ALT          0x38
#define CAPS_LOCK    0x3a
#define SLASH        0x35
#define ENTER        0x1c

/* Codes 00-39 and 56; shifted ones in the second table. NUL: no character. */
static const char plain[] = "\0\x1b"
                            "1234567890-=\x7f\t"
                            "qwertyuiop[]\r\0"
                            "asdfghjkl;'`\0\\"
                            "zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\x1b"
                              "!@#$%^&*()_+\x7f\t"
                              "QWERTYUIOP{}\r\0"
                              "ASDFGHJKL:\"~\0|"
                              "ZXCVBNM<>?\0*\0 ";

static const struct {
    uint8_t code;
    const char *text;
} sequences[] = {
    {0x3b, ESC "OP"},   {0x3c, ESC "OQ"},   {0x3d, ESC "OR"},   {0x3e, ESC "OS"},
    {0x3f, ESC "[15~"}, {0x40, ESC "[17~"}, {0x41, ESC "[18~"}, {0x42, ESC "[19~"},
    {0x43, ESC "[20~"}, {0x44, ESC "[21~"}, {0x57, ESC "[23~"}, {0x58, ESC "[24~"},
    {0x47, ESC "[H"},   {0x48, ESC "[A"},   {0x49, ESC "[5~"},  {0x4b, ESC "[D"},
    {0x4d, ESC "[C"},   {0x4f, ESC "[F"},   {0x50, ESC "[B"},   {0x51, ESC "[6~"},
    {0x52, ESC "[2~"},  {0x53, ESC "[3~"},  {0x4a, "-"},        {0x4e, "+"},
};

/* Shift, Ctrl and Alt go down and up. False: another key. */
static bool modifier(struct keyboard *k, uint8_t key, bool down)
{
    switch (key) {
    case LEFT_SHIFT:
    case RIGHT_SHIFT:
        if (!k->extended) /* E0 2A and its kind are sent around arrows, for old programs' sake */
            k->shift[key == RIGHT_SHIFT] = down;
        return true;
    case LEFT_CONTROL:
        k->control[k->extended] = down;
        return true;
    case ALT:
        k->alt[k->extended] = down;
        return true;
    default:
        return false;
    }
}

static char character(const struct keyboard *k, uint8_t key)
{
    bool shift = k->shift[0] || k->shift[1];
    char c;

    if (key >= sizeof(plain) - 1)
        return '\0';
    c = plain[key];
    if (c >= 'a' && c <= 'z')
        shift = shift != k->capitals;
    return shift ? shifted[key] : c;
}

/* Ctrl with @ A-Z [ \ ] ^ _, with space (NUL) and with ? (DEL). False: nothing to send. */
static bool with_control(char *c)
{
    char upper = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;

    if (upper >= '@' && upper <= '_')
        *c = (char)(upper - '@');
    else if (upper == ' ' || upper == '2')
        *c = '\0';
    else if (upper == '?')
        *c = '\x7f';
    else if (upper == '6' || upper == '-')
        *c = upper == '6' ? '\x1e' : '\x1f';
    else if (upper != '\r' && upper != '\t' && upper != '\x1b' && upper != '\x7f')
        return false;
    return true;
}

static unsigned sequence_of(uint8_t key, char text[KEYBOARD_TEXT])
{
    for (unsigned i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        if (sequences[i].code == key) {
            unsigned n = 0;

            for (const char *from = sequences[i].text; *from; from++)
                text[n++] = *from;
            return n;
        }
    }
    return 0;
}

static unsigned pressed(struct keyboard *k, uint8_t key, char text[KEYBOARD_TEXT])
{
    bool simple = !k->extended || key == SLASH || key == ENTER;
    char c = simple ? character(k, key) : '\0';
    unsigned n = 0;

    if (key == CAPS_LOCK && !k->extended)
        k->capitals = !k->capitals;
    if (c == '\0')
        return sequence_of(key, text);
    if ((k->control[0] || k->control[1]) && !with_control(&c))
        return 0;
    if (k->alt[0] || k->alt[1])
        text[n++] = '\x1b';
    text[n++] = c;
    return n;
}

unsigned keyboard_take(struct keyboard *k, uint8_t code, char text[KEYBOARD_TEXT])
{
    uint8_t key = code & (uint8_t)~RELEASED;
    bool down = !(code & RELEASED);
    unsigned n = 0;

    if (k->skip > 0) {
        k->skip--;
        return 0;
    }
    if (code == PAUSE) {
        k->skip = PAUSE_CODES;
        return 0;
    }
    if (code == EXTENDED) {
        k->extended = true;
        return 0;
    }
    if (!modifier(k, key, down) && down)
        n = pressed(k, key, text);
    k->extended = false;
    return n;
}

/* ---- the device ------------------------------------------------------------------------------ */

bool keyboard_open(struct keyboard *k, const struct pc_access *pc)
{
    char c;

    *k = (struct keyboard){.pc = NULL};
    if (pc_low_word(pc, BIOS_KEYS_START) != BIOS_KEYS_AT_START ||
        pc_low_word(pc, BIOS_KEYS_END) != BIOS_KEYS_AT_END)
        return false;
    k->pc = pc;
    while (keyboard_read(k, &c))
        ;
    return true;
}

bool keyboard_read(struct keyboard *k, char *character)
{
    for (unsigned i = 0; k->pc && k->next == k->length && i < MOST_AT_ONE; i++) {
        uint32_t status = k->pc->in(STATUS, 1);

        if (!(status & FULL))
            return false;
        uint8_t code = (uint8_t)k->pc->in(DATA, 1);

        k->next = 0;
        k->length = status & AUXILIARY ? 0 : keyboard_take(k, code, k->text);
    }
    if (k->next == k->length)
        return false;
    *character = k->text[k->next++];
    return true;
}
