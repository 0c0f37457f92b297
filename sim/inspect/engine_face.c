/* SPDX-License-Identifier: GPL-2.0-only */
/* engine_face.c - the face's end of the engine */
#include "sim/inspect/engine.h"
#include "sim/inspect/protocol.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 5 /* seconds for which there may be no engine, while one is woken */

bool protocol_move(int fd, void *bytes, size_t count, bool writing)
{
    size_t done = 0;

    while (done < count) {
        ssize_t moved = writing ? send(fd, (uint8_t *)bytes + done, count - done, MSG_NOSIGNAL)
                                : recv(fd, (uint8_t *)bytes + done, count - done, 0);

        if (moved > 0)
            done += (size_t)moved;
        else if (moved == 0 || errno != EINTR)
            return false;
    }
    return true;
}

/* Snapshots have the socket, too: that the engine has gone shows by its process. */
static bool wait_for_engine(struct engine *engine)
{
    struct pollfd socket = {.fd = engine->socket, .events = POLLIN};
    int missed = 0;

    while (missed <= PATIENCE) {
        if (poll(&socket, 1, 1000) > 0)
            return true;
        waitpid(engine->pid, NULL, WNOHANG);
        missed = kill(engine->pid, 0) < 0 ? missed + 1 : 0;
    }
    return false;
}

/* The next answer's head. */
static bool read_head(struct engine *engine, struct answer *head)
{
    do {
        if (!wait_for_engine(engine) || !protocol_move(engine->socket, head, sizeof(*head), false))
            return false;
        engine->pid = (int)head->pid;
    } while (!head->is_answer);
    return true;
}

bool engine_ask(struct engine *engine, const char *command)
{
    uint32_t bytes = (uint32_t)strlen(command);
    struct answer head;
    bool good;

    free(engine->text);
    engine->text = NULL;
    good = bytes && bytes < COMMAND_MOST &&
           protocol_move(engine->socket, &bytes, sizeof(bytes), true) &&
           protocol_move(engine->socket, (void *)(uintptr_t)command, bytes, true) &&
           read_head(engine, &head);
    if (good)
        engine->text = calloc(1, (size_t)head.text_bytes + 1);
    if (!engine->text || !protocol_move(engine->socket, engine->text, head.text_bytes, false)) {
        snprintf(engine->why, sizeof(engine->why), "the process that has the machine is gone");
        free(engine->text);
        engine->text = NULL;
        return false;
    }
    snprintf(engine->why, sizeof(engine->why), "%s", head.why);
    return head.good;
}

int engine_finish(struct engine *engine, int lost)
{
    uint32_t nothing = 0;
    int status = lost;

    if (!protocol_move(engine->socket, &nothing, sizeof(nothing), true) ||
        !wait_for_engine(engine) || !protocol_move(engine->socket, &status, sizeof(status), false))
        status = lost;
    close(engine->socket);
    close(engine->life);
    if (status == lost)
        kill(-engine->group, SIGKILL);
    while (waitpid(-1, NULL, 0) >= 0 || errno == EINTR)
        ;
    free(engine->text);
    engine->text = NULL;
    return status;
}
