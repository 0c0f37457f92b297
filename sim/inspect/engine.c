/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/inspect/engine.h"
#include "sim/inspect/history.h"
#include "sim/inspect/protocol.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

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
    if (!protocol_move(self.socket, &head, sizeof(head), true) ||
        !protocol_move(self.socket, text, bytes, true))
        _exit(0);
}

static void introduce(void)
{
    struct answer head = {.pid = (uint32_t)getpid()};

    if (!protocol_move(self.socket, &head, sizeof(head), true))
        _exit(0);
}

/* False: there are no more. */
static bool read_command(void)
{
    uint32_t bytes;

    if (!protocol_move(self.socket, &bytes, sizeof(bytes), false) || bytes >= COMMAND_MOST)
        _exit(0); /* the face is gone */
    if (!protocol_move(self.socket, self.command, bytes, false))
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
        protocol_move(self.socket, &status, sizeof(status), true);
}

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
    setpgid(engine->group, engine->group); /* by the parent or the child, in either order */
    engine->pid = engine->group;
    close(sockets[1]);
    close(life[0]);
    engine->socket = sockets[0];
    engine->life = life[1];
    return true;
}
