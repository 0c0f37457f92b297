/* SPDX-License-Identifier: GPL-2.0-only */
/* face.c - see face.h */
#include "sim/view/face.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLICE_FIRST UINT64_C(2000000)
#define SLICE_LEAST UINT64_C(100000)
#define SLICE_MOST  UINT64_C(2000000000)
#define SLICE_GOAL  0.012 /* seconds of the host's time */

const struct face_key face_keys[] = {
    {'s', "step", ""},           {'c', "crossing", "crossing"}, {'h', "hypercall", "hypercall"},
    {'y', "syscall", "syscall"}, {'w', "switch", "switch"},     {'e', "event", "event"},
    {'u', "update", "update"},   {'r', "run", "run"},
};
const unsigned face_key_count = sizeof(face_keys) / sizeof(*face_keys);

const struct face_pane face_panes[] = {
    {"crossing", "crossing"}, {"stack", "stack 16"},    {"walk", "walk %"}, {"domains", "domains"},
    {"counters", "counters"}, {"timeline", "timeline"}, {"marks", "marks"},
};
const unsigned face_pane_count = sizeof(face_panes) / sizeof(*face_panes);

bool face_key_command(int key, char *command, size_t bytes)
{
    bool back = isupper(key);

    for (unsigned i = 0; i < face_key_count; i++) {
        if (face_keys[i].key != tolower(key))
            continue;
        if (back)
            snprintf(command, bytes, "back%s%s", *face_keys[i].level ? " " : "",
                     face_keys[i].level);
        else if (face_keys[i].key == 's' || face_keys[i].key == 'r')
            snprintf(command, bytes, "%s", face_keys[i].label);
        else
            snprintf(command, bytes, "next %s", face_keys[i].level);
        return true;
    }
    return false;
}

bool face_attach(struct face *face, char *const words[4])
{
    int number[4];

    for (unsigned i = 0; i < 4; i++) {
        char *end;
        long value = strtol(words[i], &end, 10);

        if (end == words[i] || *end || value < 0 || value > INT32_MAX)
            return false;
        number[i] = (int)value;
    }
    *face = (struct face){
        .engine = {.socket = number[0], .life = number[1], .group = number[2], .pid = number[3]},
        .slice = SLICE_FIRST};
    return true;
}

const char *face_text(struct face *face, const char *command)
{
    if (face->lost)
        return "";
    if (!engine_ask(&face->engine, command) && !face->engine.text) {
        snprintf(face->sentence, sizeof(face->sentence), "%.*s", INSPECT_SENTENCE - 1,
                 face->engine.why);
        face->lost = face->ended = true;
        return "";
    }
    return face->engine.text;
}

/* The line of `where`. */
static void look(struct face *face)
{
    const char *text = face_text(face, "where");

    if (sscanf(text,
               "instruction %" SCNu64 ", cycle %" SCNu64 ", processor %u, ring %u, %63[^,], "
               "%127[^\n]",
               &face->instructions, &face->cycle, &face->processor, &face->ring, face->who,
               face->place) != 6)
        *face->place = '\0';
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Obeys without looking where the machine is. */
static void obey(struct face *face, const char *command)
{
    const char *text = face_text(face, command);

    if (face->lost)
        return;
    face->wrong = *face->engine.why != '\0';
    if (face->wrong)
        text = face->engine.why;
    snprintf(face->sentence, sizeof(face->sentence), "%.*s", (int)strcspn(text, "\n"), text);
    if (!face->wrong)
        face->ended = begins(text, "the machine was switched off") || begins(text, "the run ended");
}

void face_do(struct face *face, const char *command)
{
    obey(face, command);
    look(face);
}

static double host_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void face_begin(struct face *face, const char *command)
{
    *face->run = '\0';
    if (begins(command, "next") || begins(command, "to ") || !strcmp(command, "run"))
        snprintf(face->run, sizeof(face->run), "%s", command);
    else
        face_do(face, command);
}

bool face_go_on(struct face *face)
{
    char command[sizeof(face->run) + 32];
    double start = host_time(), took;

    if (!*face->run)
        return false;
    snprintf(command, sizeof(command), "within %" PRIu64 " %s", face->slice, face->run);
    face_do(face, command);
    took = host_time() - start;
    if (face->wrong || face->lost || !begins(face->sentence, "not yet:")) {
        *face->run = '\0';
        return false;
    }
    if (took < SLICE_GOAL / 2 && face->slice < SLICE_MOST)
        face->slice *= 2;
    else if (took > SLICE_GOAL && face->slice > SLICE_LEAST)
        face->slice /= took > 2 * SLICE_GOAL ? 4 : 2;
    return true;
}

void face_pause(struct face *face)
{
    if (*face->run)
        snprintf(face->sentence, sizeof(face->sentence), "paused, before %s", face->run);
    *face->run = '\0';
}
