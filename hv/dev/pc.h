/* SPDX-License-Identifier: GPL-2.0-only */
/* pc.h - the PC's screen and keyboard, a console beside the serial line; and the machine's end */
#ifndef HV_PC_H
#define HV_PC_H

#include "hv/include/types.h"

/* Looks for a screen and a keyboard. Where there are none, the functions below do nothing. */
void pc_init(void);

/* For other code of include/pc/; `low` is set by pc_init(). */
const struct pc_access *pc_access(void);

/* Text with its line ends as CR LF. The console's lock is held. */
void pc_write(const char *text, size_t length);
void pc_show_cursor(void); /* where the text ended */

/* The next character typed. False: there is none. */
bool pc_read(char *character);

/* Has the keyboard's interrupts heard. The BIOS, which serves it by them, leaves them on. */
struct irq_listener;
void pc_listen(struct irq_listener *listener);

/* Ends the machine (include/pc/power.h), or says that it may be switched off. */
NORETURN void power_off(unsigned value);

/* Ends a machine that is watched, as power_off(0) does; starts any other one again. */
NORETURN void restart(void);

#endif
