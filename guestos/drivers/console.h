/* SPDX-License-Identifier: GPL-2.0-only */
/* console.h - the console device */
#ifndef GUESTOS_CONSOLE_H
#define GUESTOS_CONSOLE_H

#include "guestos/fs/file.h"

void console_init(void);

#endif
