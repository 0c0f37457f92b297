/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * program.c - the web server's program for the dynamic part of the load
 *
 *   program ROOT    answers SCGI requests on descriptor 0, which the server has opened; or, with
 *                   the variables of CGI (RFC 3875), the one request that it was started for
 *
 * SCGI: a request is a netstring of names and values, each with a NUL, then a body; the answer is
 * as CGI's; a connection each. ROOT holds the file set. POSTs append a line to /tmp/post.log.
 */
#include "include/web99/web99.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REQUEST_MAX 8192
#define LARGEST     (1024u * 900)
#define LOG         "/tmp/post.log"

static const char *root;
static unsigned posts;

static bool write_all(int to, const char *bytes, size_t count)
{
    while (count) {
        ssize_t n = write(to, bytes, count);

        if (n <= 0)
            return false;
        bytes += n;
        count -= (size_t)n;
    }
    return true;
}

static void note_post(const struct web99_request *request)
{
    char line[160];
    int length, log = open(LOG, O_WRONLY | O_APPEND | O_CREAT, 0644);

    if (log < 0)
        return;
    length =
        snprintf(line, sizeof(line), "%10u %10u %10u %10u %10u %10u\n", ++posts, (unsigned)getpid(),
                 request->file.directory, request->file.class, request->file.number, request->user);
    write_all(log, line, (size_t)length);
    close(log);
}

static void refuse(int to, const char *status)
{
    char text[128];
    int length = snprintf(text, sizeof(text), "Status: %s\r\nContent-Length: 0\r\n\r\n", status);

    write_all(to, text, (size_t)length);
}

/* The line and the file, as both ends know them. */
static void answer(int to, const char *query)
{
    static char bytes[512 + LARGEST];
    char path[4096], name[WEB99_PATH];
    struct web99_request request;
    uint32_t size;
    int file, head;

    if (!query || !web99_asked(&request, query)) {
        refuse(to, "400 Bad Request");
        return;
    }
    web99_path(&request.file, name);
    snprintf(path, sizeof(path), "%s%s", root, name);
    size = web99_bytes(&request.file);
    file = open(path, O_RDONLY);
    if (file < 0) {
        refuse(to, "404 Not Found");
        return;
    }
    if (request.kind == WEB99_POST)
        note_post(&request);
    head = snprintf(bytes, 400,
                    "Content-Type: text/html\r\nContent-Length: %u\r\n"
                    "Set-Cookie: my_cookie=found_cookie\r\n\r\n",
                    size + WEB99_LINE);
    web99_line(&request, bytes + head);
    if (read(file, bytes + head + WEB99_LINE, size) == (ssize_t)size)
        write_all(to, bytes, (size_t)head + WEB99_LINE + size);
    close(file);
}

/* ---- SCGI ------------------------------------------------------------------------------------ */

/* The value of a name among `count` bytes of pairs; NULL: there is none. */
static const char *value_of(const char *pairs, size_t count, const char *name)
{
    const char *end = pairs + count;

    while (pairs < end) {
        const char *value = pairs + strlen(pairs) + 1, *next = value;

        if (value >= end)
            return NULL;
        next += strlen(value) + 1;
        if (!strcmp(pairs, name))
            return value;
        pairs = next;
    }
    return NULL;
}

/* Reads more into the request; false: there is none. */
static bool more(int from, char *request, size_t *have)
{
    ssize_t n = *have < REQUEST_MAX ? read(from, request + *have, REQUEST_MAX - *have) : 0;

    if (n <= 0)
        return false;
    *have += (size_t)n;
    return true;
}

static void serve(int connection)
{
    static char request[REQUEST_MAX + 1];
    size_t have = 0, length, body_bytes;
    const char *body, *pairs, *value;
    char *colon;

    memset(request, 0, sizeof(request));
    while (!(colon = memchr(request, ':', have)))
        if (!more(connection, request, &have))
            return;
    length = strtoul(request, NULL, 10);
    pairs = colon + 1;
    if (!length || length > REQUEST_MAX - (size_t)(pairs - request) - 1)
        return;
    body = pairs + length + 1; /* behind a comma */
    while (request + have < body)
        if (!more(connection, request, &have))
            return;
    if (pairs[length - 1])
        return;
    value = value_of(pairs, length, "CONTENT_LENGTH");
    body_bytes = value ? strtoul(value, NULL, 10) : 0;
    if (body_bytes > REQUEST_MAX - (size_t)(body - request))
        return;
    while (request + have < body + body_bytes)
        if (!more(connection, request, &have))
            return;
    answer(connection, body_bytes ? body : value_of(pairs, length, "QUERY_STRING"));
}

/* ---- CGI ------------------------------------------------------------------------------------- */

/* A POST's body comes on standard input. */
static void serve_once(void)
{
    static char body[REQUEST_MAX + 1];
    const char *length = getenv("CONTENT_LENGTH");
    size_t wanted = length ? strtoul(length, NULL, 10) : 0, have = 0;

    while (have < wanted)
        if (!more(0, body, &have))
            return;
    answer(1, wanted ? body : getenv("QUERY_STRING"));
}

int main(int argc, char *argv[])
{
    int connection;

    root = argc > 1 ? argv[1] : "/web";
    if (getenv("GATEWAY_INTERFACE")) {
        serve_once();
        return 0;
    }
    while ((connection = accept(0, NULL, NULL)) >= 0) {
        serve(connection);
        close(connection);
    }
    perror("accept");
    return 1;
}
