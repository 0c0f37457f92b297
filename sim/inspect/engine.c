/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/engine.h"
#include "sim/inspect/history.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMMAND_MOST 4096

#define PATIENCE 5 /* seconds for which there may be no engine, while one is woken */

/* An answer, or only whose process the engine is now. */
struct answer {
    uint32_t pid, is_answer, good, text_bytes;
    char why[INSPECT_SENTENCE];
};

static bool move_whole(int fd, void *bytes, size_t count, bool writing)
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

/* ---- the engine ------------------------------------------------------------------------------ */

/* Outlives a jump to the top, and is what a snapshot finds of its own past. */
static struct {
    struct inspect *inspect;
    struct history history;
    jmp_buf top;
    int socket;
    char command[COMMAND_MOST];
} self;

static void answer(bool good, const char *why, char *text, size_t bytes)
{
    struct answer head = {
        .pid = (uint32_t)getpid(), .is_answer = true, .good = good, .text_bytes = (uint32_t)bytes};

    snprintf(head.why, sizeof(head.why), "%s", why);
    if (!move_whole(self.socket, &head, sizeof(head), true) ||
        !move_whole(self.socket, text, bytes, true))
        _exit(0);
}

static void introduce(void)
{
    struct answer head = {.pid = (uint32_t)getpid()};

    if (!move_whole(self.socket, &head, sizeof(head), true))
        _exit(0);
}

/* False: there are no more. */
static bool read_command(void)
{
    uint32_t bytes;

    if (!move_whole(self.socket, &bytes, sizeof(bytes), false) || bytes >= COMMAND_MOST)
        _exit(0); /* the face is gone */
    if (!move_whole(self.socket, self.command, bytes, false))
        _exit(0);
    self.command[bytes] = '\0';
    return bytes != 0;
}

static void obey(bool woken)
{
    char why[INSPECT_SENTENCE] = "", *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    bool good = true;

    if (!out)
        _exit(0);
    if (woken) {
        history_obey(&self.history);
        fprintf(out, "%s\n", self.inspect->sentence);
    } else {
        good = inspect_obey(self.inspect, self.command, out, why, sizeof(why));
    }
    if (fclose(out) != 0)
        _exit(0);
    answer(good, why, text, bytes);
    free(text);
}

static void serve(struct inspect *inspect, int socket, int life)
{
    char why[INSPECT_SENTENCE] = "";

    self.inspect = inspect;
    self.socket = socket;
    if (setjmp(self.top)) {
        introduce();
        obey(true);
    } else if (!history_open(&self.history, inspect, &self.top, life, why, sizeof(why))) {
        inspect->history = NULL; /* forwards it goes all the same */
    }
    while (read_command())
        obey(false);
    history_close(&self.history);
}

void engine_leave(int status)
{
    if (self.inspect)
        move_whole(self.socket, &status, sizeof(status), true);
}

/* ---- the face -------------------------------------------------------------------------------- */

bool engine_begin(struct engine *engine, struct inspect *inspect, bool *failed)
{
    int sockets[2], life[2];

    *engine = (struct engine){.socket = -1, .life = -1};
    fflush(NULL);
    *failed = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0 || pipe(life) < 0;
    if (*failed)
        return true;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    engine->group = fork();
    *failed = engine->group < 0;
    if (engine->group == 0) {
        setpgid(0, 0);
        close(sockets[0]);
        close(life[1]);
        serve(inspect, sockets[1], life[0]);
        return false;
    }
    setpgid(engine->group, engine->group); /* whoever comes first */
    engine->pid = engine->group;
    close(sockets[1]);
    close(life[0]);
    engine->socket = sockets[0];
    engine->life = life[1];
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
        if (!wait_for_engine(engine) || !move_whole(engine->socket, head, sizeof(*head), false))
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
           move_whole(engine->socket, &bytes, sizeof(bytes), true) &&
           move_whole(engine->socket, (void *)(uintptr_t)command, bytes, true) &&
           read_head(engine, &head);
    if (good)
        engine->text = calloc(1, (size_t)head.text_bytes + 1);
    if (!engine->text || !move_whole(engine->socket, engine->text, head.text_bytes, false)) {
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

    if (!move_whole(engine->socket, &nothing, sizeof(nothing), true) || !wait_for_engine(engine) ||
        !move_whole(engine->socket, &status, sizeof(status), false))
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
