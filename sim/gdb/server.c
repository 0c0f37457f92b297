/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * server.c - the connection
 *
 * While the machine runs, what comes is looked at two hundred times a simulated second. Answers are
 * sent whole: a gdb that reads nothing for ten seconds is taken for gone.
 */
#include "sim/gdb/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/cli/setup.h"
#include "sim/gdb/stub.h"

enum { GARBAGE_MOST = 256, SEND_MS = 10000, READ_BYTES = 4096 };

enum ending { GOES_ON, DETACHED, KILLED, LOST, FOREIGN };

struct session {
    int socket;
    struct stub stub;
    struct gdb_packet packet;
    bool spoken;  /* a packet has come */
    bool quiet;   /* nothing is acknowledged */
    bool running; /* gdb waits for a stop */
    unsigned garbage;
    char *last; /* the answer that may have to be sent again */
    size_t last_bytes;
};

/* ---- opening --------------------------------------------------------------------------------- */

static bool read_place(const char *where, struct sockaddr_in *place)
{
    const char *colon = strrchr(where, ':');
    char address[64] = "127.0.0.1";
    uint64_t port;

    if (colon)
        snprintf(address, sizeof(address), "%.*s", (int)(colon - where), where);
    *place = (struct sockaddr_in){.sin_family = AF_INET};
    if (!parse_number(colon ? colon + 1 : where, 0, UINT16_MAX, &port))
        return false;
    place->sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, address, &place->sin_addr) == 1;
}

int gdb_listen(const char *where, char *why, size_t why_bytes)
{
    struct sockaddr_in place;
    socklen_t bytes = sizeof(place);
    char address[INET_ADDRSTRLEN] = "";
    int listening, one = 1;

    if (!read_place(where, &place)) {
        snprintf(why, why_bytes, "--gdb %s: must be a port, or an IPv4 address and one, as in 1234",
                 where);
        return -1;
    }
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listening >= 0)
        setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (listening < 0 || bind(listening, (struct sockaddr *)&place, sizeof(place)) ||
        listen(listening, 1) || getsockname(listening, (struct sockaddr *)&place, &bytes)) {
        snprintf(why, why_bytes, "cannot wait for gdb on %s: %s", where, strerror(errno));
        if (listening >= 0)
            close(listening);
        return -1;
    }
    inet_ntop(AF_INET, &place.sin_addr, address, sizeof(address));
    say("waiting for gdb: target remote %s:%u", address, ntohs(place.sin_port));
    return listening;
}

/* ---- sending --------------------------------------------------------------------------------- */

static bool send_all(const struct session *session, const char *bytes, size_t count)
{
    while (count) {
        struct pollfd ready = {.fd = session->socket, .events = POLLOUT};
        ssize_t sent;

        if (poll(&ready, 1, SEND_MS) <= 0)
            return false;
        sent = send(session->socket, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
        }
    }
    return true;
}

static bool answer(struct session *session, const char *body, size_t length)
{
    char *out = malloc(2 * length + 4);

    if (!out)
        return false;
    free(session->last);
    session->last = out;
    session->last_bytes = gdb_packet_make(out, body, length);
    return send_all(session, out, session->last_bytes);
}

/* ---- receiving ------------------------------------------------------------------------------- */

static enum ending obey(struct session *session)
{
    char *body = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&body, &bytes);
    enum stub_verdict verdict;
    enum ending ending = GOES_ON;

    if (!out)
        return LOST;
    session->spoken = true;
    verdict = stub_obey(&session->stub, session->packet.body, session->packet.length, out);
    if (fclose(out))
        ending = LOST;
    else if (verdict == STUB_RUNS)
        session->running = true;
    else if (verdict == STUB_ENDS)
        ending = KILLED;
    else if (!answer(session, body, bytes))
        ending = LOST;
    else if (verdict == STUB_DETACHES)
        ending = DETACHED;
    session->quiet = session->quiet || verdict == STUB_QUIET;
    free(body);
    return ending;
}

/* The machine stands where it is when an interrupt comes. */
static bool interrupt(struct session *session)
{
    char *body = NULL;
    size_t bytes = 0;
    FILE *out;
    bool good;

    if (!session->running)
        return true;
    session->running = false;
    out = open_memstream(&body, &bytes);
    if (!out)
        return false;
    stub_interrupt(&session->stub, out);
    good = !fclose(out) && answer(session, body, bytes);
    free(body);
    return good;
}

static enum ending take_byte(struct session *session, uint8_t byte)
{
    switch (gdb_packet_byte(&session->packet, byte)) {
    case GDB_PACKET:
        if (!session->quiet && !send_all(session, "+", 1))
            return LOST;
        return session->running ? GOES_ON : obey(session);
    case GDB_BAD:
        return session->quiet || send_all(session, "-", 1) ? GOES_ON : LOST;
    case GDB_INTERRUPT:
        return interrupt(session) ? GOES_ON : LOST;
    case GDB_GARBAGE:
        return ++session->garbage > GARBAGE_MOST ? FOREIGN : GOES_ON;
    default:
        if (byte == '-' && session->packet.state == GDB_OUTSIDE && session->last &&
            !send_all(session, session->last, session->last_bytes))
            return LOST;
        return GOES_ON;
    }
}

/* What has come; waits for it if `wait`. */
static enum ending receive(struct session *session, bool wait)
{
    struct pollfd ready = {.fd = session->socket, .events = POLLIN};
    uint8_t bytes[READ_BYTES];
    enum ending ending = GOES_ON;
    ssize_t count;

    if (poll(&ready, 1, wait ? -1 : 0) <= 0)
        return GOES_ON;
    count = recv(session->socket, bytes, sizeof(bytes), 0);
    if (count <= 0)
        return count < 0 && errno == EINTR ? GOES_ON : session->spoken ? LOST : FOREIGN;
    for (ssize_t i = 0; i < count && ending == GOES_ON; i++)
        ending = take_byte(session, bytes[i]);
    return ending;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static enum ending run_slice(struct session *session)
{
    char *body = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&body, &bytes);
    enum ending ending = GOES_ON;

    if (!out)
        return LOST;
    if (stub_run(&session->stub, out))
        session->running = false;
    if (fclose(out) || (!session->running && !answer(session, body, bytes)))
        ending = LOST;
    free(body);
    return ending;
}

static enum ending serve(struct session *session)
{
    enum ending ending = GOES_ON;

    while (ending == GOES_ON) {
        ending = receive(session, !session->running);
        if (ending == GOES_ON && session->running)
            ending = run_slice(session);
    }
    close(session->socket);
    free(session->last);
    return ending;
}

bool gdb_serve(struct inspect *inspect, int listening, char *why, size_t why_bytes)
{
    struct session *session = calloc(1, sizeof(*session));
    enum ending ending = FOREIGN;
    int one = 1;

    while (session && ending == FOREIGN) {
        *session = (struct session){.socket = accept4(listening, NULL, NULL, SOCK_CLOEXEC)};
        if (session->socket < 0 && errno == EINTR)
            continue;
        if (session->socket < 0)
            break;
        setsockopt(session->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        stub_open(&session->stub, inspect);
        ending = serve(session);
        if (ending == FOREIGN)
            say("what connected was not gdb; waiting for another");
    }
    free(session);
    close(listening);
    if (ending == DETACHED) {
        while (inspect->session.kept_count)
            inspect_break(inspect, inspect->session.kept[0], false);
        while (inspect->session.watches)
            inspect_unwatch(inspect, inspect->session.watch[0].address);
        inspect_run(inspect, INSPECT_END, 0);
    } else if (ending != KILLED) {
        snprintf(why, why_bytes, "the connection to gdb was lost; the run ends here");
        return false;
    }
    return true;
}
