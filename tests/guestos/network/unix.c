/* SPDX-License-Identifier: GPL-2.0-only */
/* unix.c - local sockets: pairs, names, datagrams */
#include "tests/guestos/network/network.h"

const char *test_pair(void)
{
    int s[2];
    char buffer[8] = "";

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
        return "socketpair";
    if (write(s[0], "to", 2) != 2 || read(s[1], buffer, 8) != 2 || memcmp(buffer, "to", 2) ||
        send(s[1], "fro", 3, 0) != 3 || recv(s[0], buffer, 8, MSG_PEEK) != 3 ||
        recv(s[0], buffer, 8, 0) != 3)
        return "both ways";
    if (recv(s[0], buffer, 8, MSG_DONTWAIT) != -1 || errno != EAGAIN)
        return "an empty one does not say EAGAIN";
    const char *why = check_bulk(s[0], s[1]);
    close(s[0]);
    return why;
}

const char *test_broken_pipe(void)
{
    int s[2], status;

    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    close(s[1]);
    if (send(s[0], "x", 1, MSG_NOSIGNAL) != -1 || errno != EPIPE)
        return "no EPIPE";
    pid_t pid = fork();
    if (!pid) {
        send(s[0], "x", 1, 0);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    close(s[0]);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE ? NULL : "no SIGPIPE";
}

static const char *check_unix_server(const struct sockaddr_un *a, socklen_t bytes)
{
    int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);

    if (bind(server, (const struct sockaddr *)a, bytes))
        return "bind";
    if (connect(client, (const struct sockaddr *)a, bytes) != -1 || errno != ECONNREFUSED)
        return "connected to one that does not listen";
    if (listen(server, 2) || connect(client, (const struct sockaddr *)a, bytes))
        return "connect";
    int accepted = accept(server, NULL, NULL);
    char buffer[4];
    struct sockaddr_un name;
    socklen_t name_bytes = sizeof(name);
    if (accepted < 0 || write(client, "abc", 3) != 3 || read(accepted, buffer, 4) != 3)
        return "no data";
    if (getpeername(client, (struct sockaddr *)&name, &name_bytes) || name_bytes != bytes ||
        memcmp(&name, a, bytes))
        return "getpeername";
    close(client);
    if (read(accepted, buffer, 4) != 0)
        return "no end";
    close(accepted);
    close(server);
    return NULL;
}

const char *test_unix_names(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/socket"};
    const char *why = check_unix_server(&a, offsetof(struct sockaddr_un, sun_path) + 12);
    struct stat s;

    if (why)
        return why;
    if (stat("/tmp/socket", &s) || !S_ISSOCK(s.st_mode) || unlink("/tmp/socket"))
        return "there is no socket in the file system";
    memcpy(a.sun_path, "\0hidden", 7);
    return check_unix_server(&a, offsetof(struct sockaddr_un, sun_path) + 7);
}

const char *test_unix_datagrams(void)
{
    int s[2];
    char buffer[8];

    socketpair(AF_UNIX, SOCK_DGRAM, 0, s);
    send(s[0], "one", 3, 0);
    send(s[0], "three", 5, 0);
    if (recv(s[1], buffer, 8, 0) != 3 || recv(s[1], buffer, 2, MSG_TRUNC) != 5)
        return "boundaries";
    pid_t pid = fork();
    if (!pid) { /* fills the queue and must wait */
        static char big[30000];
        for (int i = 0; i < 20; i++)
            if (send(s[0], big, sizeof(big), 0) != sizeof(big))
                _exit(1);
        _exit(0);
    }
    int got = 0, status;
    static char big[30000];
    for (int i = 0; i < 20; i++)
        got += recv(s[1], big, sizeof(big), 0) == sizeof(big);
    waitpid(pid, &status, 0);
    close(s[0]);
    close(s[1]);
    return got == 20 && !status ? NULL : "some are lost";
}
