/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * face.h - what the faces of a stepped machine share: the terminal and the window
 *
 * A face is a process of its own (sim/inspect/engine.h). It knows the machine by its commands and
 * their text alone (docs/stepping.md). Long runs go in slices of some ten milliseconds of the
 * host's time, so that a face can draw and hear its user between; slices change nothing, for no
 * stop does.
 */
#ifndef XENOLITH_SIM_VIEW_FACE_H
#define XENOLITH_SIM_VIEW_FACE_H

#include "sim/inspect/engine.h"

#include <stdint.h>

struct face {
    struct engine engine;
    char sentence[INSPECT_SENTENCE]; /* what the last command said, or what was wrong with it */
    bool wrong;                      /* it meant nothing */
    bool ended;                      /* the machine's run is over */
    bool lost;                       /* the engine is gone */

    /* Where the machine is. */
    uint64_t instructions, cycle;
    unsigned processor, ring;
    char who[64], place[128];

    char run[128];  /* the run under way, in slices; "": none */
    uint64_t slice; /* cycles of one */
};

/* The engine that `words` name: its socket, the pipe of its life, its group and its process. False:
 * they are not of the form in which step.c gives them. */
bool face_attach(struct face *face, char *const words[4]);

/* Obeys a command of docs/stepping.md at once. A run of it is made whole. */
void face_do(struct face *face, const char *command);

/* Begins a run that goes on by face_go_on(); without slices where the machine goes back. */
void face_begin(struct face *face, const char *command);
/* A slice of it. False: it is over, by itself, and the sentence says why. */
bool face_go_on(struct face *face);
/* Leaves it where it is. */
void face_pause(struct face *face);

/* What a command shows: text that stays until the next, "" if there is none. */
const char *face_text(struct face *face, const char *command);

/* ---- keys, which are the same everywhere ----------------------------------------------------- */

struct face_key {
    char key; /* in capitals: the same backwards */
    const char *label, *level;
};
extern const struct face_key face_keys[];
extern const unsigned face_key_count;

/* The command of a key; false: it has none. */
bool face_key_command(int key, char *command, size_t bytes);

/* Lower panes: title and command. */
struct face_pane {
    const char *title, *command;
};
extern const struct face_pane face_panes[];
extern const unsigned face_pane_count;

#endif
