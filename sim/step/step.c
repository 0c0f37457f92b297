/* SPDX-License-Identifier: GPL-2.0-only */
/* step.c - see step.h */
#include "sim/step/step.h"

#include "sim/cli/commands.h"
#include "sim/gdb/server.h"
#include "sim/inspect/engine.h"
#include "sim/load/places.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The run as gdb has it, in this process. Returns the exit status. */
static int step_by_gdb(struct inspect *inspect, const struct stepper *stepper)
{
    char why[SETUP_WHY_BYTES];
    bool good = gdb_serve(inspect, stepper->gdb, why, sizeof(why));

    if (!good)
        say("%s", why);
    return good ? 0 : EXIT_RUN_FAILED;
}

/*
 * The run as a script has it, by two processes. In the engine's, which has the machine when the
 * script has ended, true: it goes on as after any run. In the face's, false, when all is over, with
 * the exit status.
 */
static bool step_by_script(struct inspect *inspect, const struct stepper *stepper, int *status)
{
    struct engine engine;
    char why[SETUP_WHY_BYTES];
    bool failed, good;

    *status = 0;
    if (!engine_begin(&engine, inspect, &failed))
        return true;
    good = !failed && face_script(&engine, stepper->script, stdout, why, sizeof(why));
    if (failed)
        say("no process can be made to have the machine");
    else if (!good)
        say("%s", why);
    if (!failed)
        *status = engine_finish(&engine, EXIT_RUN_FAILED);
    if (!good)
        *status = EXIT_BAD_INPUT;
    return false;
}

static void become_view(const struct engine *engine, const struct stepper *stepper)
{
    char path[4096], word[4][16];
    const int number[4] = {engine->socket, engine->life, engine->group, engine->pid};
    char *words[12] = {path, (char *)(uintptr_t)stepper->view};
    unsigned count = 2;

    place_find(path, sizeof(path), "xenolith-view");
    for (unsigned i = 0; i < 4; i++) {
        snprintf(word[i], sizeof(word[i]), "%d", number[i]);
        words[count++] = word[i];
    }
    words[count++] = stepper->light ? "light" : "dark";
    if (*stepper->screenshot) {
        words[count++] = (char *)(uintptr_t)stepper->screenshot;
        words[count++] = (char *)(uintptr_t)stepper->at;
        words[count++] = (char *)(uintptr_t)stepper->before;
    }
    fcntl(engine->socket, F_SETFD, 0);
    fcntl(engine->life, F_SETFD, 0);
    execv(path, words);
    say("cannot start %s: %s", path, strerror(errno));
}

/* The run by a terminal or a window, which this process becomes. As step_by_script(). */
static bool step_by_view(struct inspect *inspect, const struct stepper *stepper, int *status)
{
    struct engine engine;
    bool failed;

    *status = 0;
    if (!engine_begin(&engine, inspect, &failed))
        return true;
    if (failed)
        say("no process can be made to have the machine");
    else
        become_view(&engine, stepper);
    if (!failed)
        engine_finish(&engine, EXIT_RUN_FAILED);
    *status = EXIT_RUN_FAILED;
    return false;
}

bool step_machine(const struct stepper *stepper, struct account *account,
                  const struct boot_images *images, int *status)
{
    static struct inspect inspect; /* the machine's observer */
    bool ours = true;

    *status = EXIT_BAD_INPUT;
    if (!inspect_open(&inspect, account, images)) {
        say("no memory to look at the machine");
        return false;
    }
    if (stepper->gdb >= 0)
        *status = step_by_gdb(&inspect, stepper);
    else if (stepper->script)
        ours = step_by_script(&inspect, stepper, status);
    else
        ours = step_by_view(&inspect, stepper, status);
    account->machine->observer = inspect.inner;
    inspect_close(&inspect);
    return ours;
}

static bool open_view(struct stepper *stepper, const struct options *options, const char *face,
                      char *why)
{
    stepper->view = face;
    stepper->screenshot = option_value(options, OPT_SCREENSHOT);
    stepper->at = option_value(options, OPT_AT);
    stepper->before = option_value(options, OPT_SCRIPT);
    stepper->light = option_given(options, OPT_LIGHT);
    if (!*stepper->screenshot != (!*stepper->at && !*stepper->before)) {
        snprintf(why, SETUP_WHY_BYTES, "--screenshot and --at go together, or --script");
        return false;
    }
    if (!strcmp(face, "terminal") && !(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))) {
        snprintf(why, SETUP_WHY_BYTES, "step needs a terminal, a --script, or --gdb");
        return false;
    }
    return true;
}

bool step_open(struct stepper *stepper, const struct options *options, const char *face, char *why)
{
    const char *path = option_value(options, OPT_SCRIPT);
    bool gdb = option_given(options, OPT_GDB);

    *stepper = (struct stepper){.gdb = -1, .screenshot = "", .at = "", .before = ""};
    if (*path && gdb) {
        snprintf(why, SETUP_WHY_BYTES, "a --script and --gdb: who is to step?");
        return false;
    }
    if (gdb) {
        stepper->gdb = gdb_listen(option_value(options, OPT_GDB), why, SETUP_WHY_BYTES);
        return stepper->gdb >= 0;
    }
    if (!*path || !strcmp(face, "window"))
        return open_view(stepper, options, face, why);
    stepper->script = fopen(path, "re");
    if (!stepper->script)
        snprintf(why, SETUP_WHY_BYTES, "cannot read %s: %s", path, strerror(errno));
    return stepper->script != NULL;
}

void step_close(struct stepper *stepper)
{
    if (stepper->script)
        fclose(stepper->script);
}
