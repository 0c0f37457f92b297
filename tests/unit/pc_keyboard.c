/* SPDX-License-Identifier: GPL-2.0-only */
/* The keyboard of include/pc/keyboard.h: codes in, a terminal's bytes out; and the i8042 itself. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "include/pc/keyboard.h"

#define UP 0x80

static const struct {
    const char *what;
    uint8_t codes[12]; /* 00: the end */
    const char *text;
} cases[] = {
    {"a letter, down and up", {0x1e, 0x1e | UP}, "a"},
    {"held down", {0x1e, 0x1e, 0x1e, 0x1e | UP}, "aaa"},
    {"left Shift", {0x2a, 0x1e, 0x2a | UP, 0x1e}, "Aa"},
    {"both Shifts, one goes up", {0x2a, 0x36, 0x2a | UP, 0x02, 0x36 | UP, 0x02}, "!1"},
    {"Caps Lock is for letters", {0x3a, 0x3a | UP, 0x1e, 0x02, 0x2a, 0x1e}, "A1a"},
    {"Ctrl-C",
     {0x1d, 0x2e, 0x2e | UP, 0x1d | UP, 0x2e},
     "\x03"
     "c"},
    {"Ctrl-] from the right", {0xe0, 0x1d, 0x1b}, "\x1d"},
    {"Ctrl with what has no code", {0x1d, 0x02}, ""},
    {"Alt is ESC before",
     {0x38, 0x30, 0x38 | UP},
     "\x1b"
     "b"},
    {"Enter, backspace, tab", {0x1c, 0x0e, 0x0f}, "\r\x7f\t"},
    {"the keypad's Enter and slash", {0xe0, 0x1c, 0xe0, 0x35}, "\r/"},
    {"arrows", {0xe0, 0x48, 0xe0, 0x48 | UP, 0xe0, 0x50}, "\x1b[A\x1b[B"},
    {"an arrow with the Shift that is sent around it",
     {0xe0, 0x2a, 0xe0, 0x4b, 0xe0, 0xaa, 0x1e},
     "\x1b[Da"},
    {"function keys", {0x3b, 0x3e, 0x3f, 0x58}, "\x1bOP\x1bOS\x1b[15~\x1b[24~"},
    {"Pause is none", {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5, 0x2e}, "c"},
    {"a code of no key", {0x55, 0x7f, 0x1e}, "a"},
};

Test(pc_keyboard, codes)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct keyboard keyboard = {.pc = NULL};
        char text[64];
        size_t used = 0;

        for (const uint8_t *code = cases[i].codes; *code; code++) {
            unsigned n = keyboard_take(&keyboard, *code, text + used);

            cr_assert_leq(n, KEYBOARD_TEXT);
            used += n;
        }
        text[used] = '\0';
        cr_expect_str_eq(text, cases[i].text, "%s", cases[i].what);
    }
}

/* ---- the device ------------------------------------------------------------------------------ */

static uint8_t low[0x100000];
static const uint8_t *typed; /* ends with 0; 0xff: the next is the mouse's */
static unsigned accesses;

static uint32_t in(uint16_t port, unsigned bytes)
{
    accesses++;
    cr_assert_eq(bytes, 1);
    if (port == 0x64)
        return *typed == 0 ? 0x1c : *typed == 0xff ? 0x3d : 0x1d;
    cr_assert_eq(port, 0x60);
    typed += *typed == 0xff;
    return *typed++;
}

static void out(uint16_t port, uint32_t value, unsigned bytes)
{
    cr_assert_fail("port %x gets %x (%u bytes)", port, value, bytes);
}

static const struct pc_access pc = {.in = in, .out = out, .low = low};

Test(pc_keyboard, is_silent_without_a_bios)
{
    struct keyboard keyboard;
    char c;

    cr_expect_not(keyboard_open(&keyboard, &pc));
    cr_expect_not(keyboard_read(&keyboard, &c));
    cr_expect_eq(accesses, 0);
}

Test(pc_keyboard, reads_what_is_typed)
{
    static const uint8_t before[] = {0x1e, 0}, codes[] = {0xe0, 0x48, 0xff, 0x1e, 0x30, 0};
    struct keyboard keyboard;
    char text[8] = "";
    int used = 0;

    low[BIOS_KEYS_START] = BIOS_KEYS_AT_START;
    low[BIOS_KEYS_END] = BIOS_KEYS_AT_END;
    typed = before;
    cr_assert(keyboard_open(&keyboard, &pc));
    typed = codes;
    while (used < 7 && keyboard_read(&keyboard, &text[used]))
        used++;
    cr_expect_str_eq(text, "\x1b[Ab", "what was typed before is dropped, the mouse's is not a key");
}

/* A port that always has something is no keyboard; reading it ends. */
static uint32_t floating(uint16_t port, unsigned bytes)
{
    (void)port, (void)bytes;
    return 0xff;
}

Test(pc_keyboard, ends_on_a_floating_bus, .timeout = 5)
{
    static const struct pc_access nothing = {.in = floating, .out = out, .low = low};
    struct keyboard keyboard;

    low[BIOS_KEYS_START] = BIOS_KEYS_AT_START;
    low[BIOS_KEYS_END] = BIOS_KEYS_AT_END;
    cr_expect(keyboard_open(&keyboard, &nothing));
}
