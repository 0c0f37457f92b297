/* SPDX-License-Identifier: GPL-2.0-only */
/* vga.c - the text memory and the cursor (IBM VGA: CRT controller registers 0A-0F) */
#include "include/pc/vga.h"

#define MODE_COLOUR_TEXT 3
#define COLUMNS          80
#define ROWS             25
#define CRT_INDEX        0x3d4
#define CRT_DATA         0x3d5
#define CURSOR_START     0x0a
#define CURSOR_END       0x0b
#define START_HIGH       0x0c
#define START_LOW        0x0d
#define CURSOR_HIGH      0x0e
#define CURSOR_LOW       0x0f
#define UNDERLINE_FROM   13 /* of the 16 lines of a character */
#define UNDERLINE_TO     14

static void crt(const struct vga *vga, uint8_t index, unsigned value)
{
    vga->pc->out(CRT_INDEX, index, 1);
    vga->pc->out(CRT_DATA, value & 0xff, 1);
}

bool vga_open(struct vga *vga, const struct pc_access *pc)
{
    vga->pc = NULL;
    if (pc->low[BIOS_VIDEO_MODE] != MODE_COLOUR_TEXT || pc_low_word(pc, BIOS_COLUMNS) != COLUMNS ||
        pc_low_word(pc, BIOS_CRT_PORT) != CRT_INDEX)
        return false;
    vga->pc = pc;
    screen_init(&vga->screen, (uint16_t *)(pc->low + VGA_TEXT), ROWS, COLUMNS);
    screen_reset(&vga->screen);
    crt(vga, START_HIGH, 0);
    crt(vga, START_LOW, 0);
    crt(vga, CURSOR_START, UNDERLINE_FROM);
    crt(vga, CURSOR_END, UNDERLINE_TO);
    vga_show_cursor(vga);
    return true;
}

void vga_write(struct vga *vga, const char *text, size_t length)
{
    if (vga->pc)
        screen_write(&vga->screen, text, length);
}

void vga_show_cursor(struct vga *vga)
{
    unsigned at = vga->screen.row * COLUMNS + vga->screen.column;

    if (!vga->pc)
        return;
    crt(vga, CURSOR_HIGH, at >> 8);
    crt(vga, CURSOR_LOW, at);
}
