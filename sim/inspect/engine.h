/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine.h - two processes: the engine, which has the machine, and the face, which has the user
 *
 * The engine reads commands, obeys and answers; it opens no window and no socket of its own. It may
 * be replaced by one that an earlier snapshot made (history.h), which answers in its place: the
 * face does not notice. A face that goes away, however it goes, ends every engine; an engine that
 * goes away leaves the face a sentence.
 */
#ifndef XENOLITH_SIM_INSPECT_ENGINE_H
#define XENOLITH_SIM_INSPECT_ENGINE_H

#include "sim/inspect/sentence.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct inspect;

/* The face's end of it. */
struct engine {
    int socket, life;
    int group;  /* process group of all engines */
    int pid;    /* of the one that has the machine */
    char *text; /* of the last answer; "" if there is none */
    char why[INSPECT_SENTENCE];
};

/*
 * Forks. In the face, true. In the engine it returns after the face's engine_finish(), false: the
 * caller goes on as after a run, and calls engine_leave() with the exit status. Nothing that is
 * buffered may be printed twice: streams are flushed before. `failed`: no process could be made.
 */
bool engine_begin(struct engine *engine, struct inspect *inspect, bool *failed);

/* Sends a command and waits for the answer, which is in engine->text. False with engine->why: it
 * means nothing; or the engine is gone, and engine->text is NULL. */
bool engine_ask(struct engine *engine, const char *command);

/* No more commands: waits until the engine has written its results. Returns its exit status, or
 * `lost` if it went away. No process is left. */
int engine_finish(struct engine *engine, int lost);

/* In the engine: tells the face the exit status; elsewhere nothing. */
void engine_leave(int status);

/* ---- faces ----------------------------------------------------------------------------------- */

/* Obeys a script, a command a line, each printed before its output. False with one sentence in
 * `why`: a line that means nothing; what came before it was done. */
bool face_script(struct engine *engine, FILE *script, FILE *out, char *why, size_t why_bytes);

#endif
