/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - xenolith-view, the face of a machine that is stepped: a terminal or a window
 *
 * `xenolith step` and `xenolith view` start it, with the engine's descriptors. It is a program of
 * its own so that nobody else loads what it needs to draw. Exit status: the engine's.
 */
#include "sim/view/face.h"
#include "sim/view/faces.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_LOST = 1 };

int main(int argc, char *argv[])
{
    static struct face face;
    bool window = argc > 5 && !strcmp(argv[1], "window");
    bool good;
    int status;

    if (argc < 6 || (!window && strcmp(argv[1], "terminal") != 0) ||
        !face_attach(&face, argv + 2)) {
        fputs("xenolith-view: it is started by `xenolith step` and `xenolith view`\n", stderr);
        return EXIT_USAGE;
    }
    good = window ? face_window(&face, argc - 6, argv + 6) : face_terminal(&face);
    if (face.lost)
        fprintf(stderr, "xenolith-view: %s\n", face.sentence);
    status = engine_finish(&face.engine, EXIT_LOST);
    return good ? status : EXIT_USAGE;
}
