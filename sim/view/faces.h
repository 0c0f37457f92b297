/* SPDX-License-Identifier: GPL-2.0-only */
/* faces.h - the two of them */
#ifndef XENOLITH_SIM_VIEW_FACES_H
#define XENOLITH_SIM_VIEW_FACES_H

#include "sim/view/face.h"

/* Shows the machine on the terminal until the user ends it. False with a sentence on stderr:
 * nothing could be shown. */
bool face_terminal(struct face *face);

/* The same in a window; or, by `--screenshot FILE`, draws it once into a PNG file. */
bool face_window(struct face *face, int words, char *const word[]);

#endif
