/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vga.h - VGA's text mode 3, 80 x 25 cells in colour, as a terminal's screen
 *
 * Nothing is set up: the BIOS has done that, and says so in its data area. Where it does not (no
 * display, a graphics mode, UEFI), nothing is touched.
 */
#ifndef XENOLITH_PC_VGA_H
#define XENOLITH_PC_VGA_H

#include "include/pc/access.h"
#include "include/pc/screen.h"

#define VGA_TEXT 0xb8000u /* physical */

struct vga {
    const struct pc_access *pc; /* NULL: there is no screen */
    struct screen screen;
};

/* Looks for a screen and clears it. Returns whether there is one. */
bool vga_open(struct vga *vga, const struct pc_access *pc);

/* Text to the screen; nothing if there is none. The cursor is moved by vga_show_cursor(). */
void vga_write(struct vga *vga, const char *text, size_t length);
void vga_show_cursor(struct vga *vga);

#endif
