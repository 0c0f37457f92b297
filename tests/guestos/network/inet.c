/* SPDX-License-Identifier: GPL-2.0-only */
/* inet.c - UDP and TCP by the loopback */
#include "tests/guestos/network/network.h"

const char *test_udp(void)
{
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in from, to = local(5000);
    socklen_t bytes = sizeof(from);
    char buffer[100];
    static char big[65507];

    if (bind_to(a, 5000) || bind_to(b, 5000) != -1 || errno != EADDRINUSE)
        return "bind";
    if (sendto(b, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)) != 5 ||
        recvfrom(a, buffer, 100, 0, (struct sockaddr *)&from, &bytes) != 5)
        return "no datagram";
    if (ntohs(from.sin_port) < 32768 || ntohl(from.sin_addr.s_addr) != INADDR_LOOPBACK ||
        bytes != 16)
        return "the sender's address";
    if (sendto(a, "back", 4, 0, (struct sockaddr *)&from, bytes) != 4 ||
        recv(b, buffer, 100, 0) != 4)
        return "no answer";
    memset(big, 5, sizeof(big));
    if (sendto(b, big, sizeof(big), 0, (struct sockaddr *)&to, sizeof(to)) != sizeof(big) ||
        recv(a, big, sizeof(big), 0) != sizeof(big) || big[65506] != 5)
        return "the largest datagram";
    close(a);
    if (connect_to(b, 5000) || send(b, "x", 1, 0) != 1 || send(b, "x", 1, 0) != -1 ||
        errno != ECONNREFUSED)
        return "a closed port does not refuse";
    close(b);
    return NULL;
}

const char *test_tcp(void)
{
    int server = listen_at(8080), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name;
    socklen_t bytes = sizeof(name);
    char buffer[10];

    if (server < 0 || connect_to(client, 8080))
        return "connect";
    int accepted = accept(server, (struct sockaddr *)&name, &bytes);
    if (accepted < 0 || ntohs(name.sin_port) < 32768)
        return "accept";
    getpeername(client, (struct sockaddr *)&name, &bytes);
    if (ntohs(name.sin_port) != 8080)
        return "getpeername";
    if (write(client, "GET", 3) != 3 || read(accepted, buffer, 10) != 3)
        return "request";
    if (write(accepted, "200 OK", 6) != 6 || read(client, buffer, 10) != 6)
        return "answer";
    shutdown(client, SHUT_WR);
    if (read(accepted, buffer, 10) != 0 || write(accepted, "more", 4) != 4 ||
        read(client, buffer, 10) != 4)
        return "half-closed";
    close(accepted);
    if (read(client, buffer, 10) != 0)
        return "no end";
    close(client);
    close(server);
    return NULL;
}

const char *test_tcp_bulk(void)
{
    int server = listen_at(8081), client = socket(AF_INET, SOCK_STREAM, 0);

    if (connect_to(client, 8081))
        return "connect";
    int accepted = accept(server, NULL, NULL);
    close(server);
    const char *why = check_bulk(accepted, client);
    close(accepted);
    return why;
}

const char *test_tcp_many(void)
{
    int server = listen_at(8082), status;
    pid_t pid = fork();

    if (!pid) {
        char c;

        for (int i = 0; i < 200; i++) {
            int s = accept(server, NULL, NULL);

            if (s < 0 || read(s, &c, 1) != 1 || write(s, &c, 1) != 1)
                _exit(1);
            close(s);
        }
        _exit(0);
    }
    for (int i = 0; i < 200; i++) {
        int s = socket(AF_INET, SOCK_STREAM, 0);
        char c = (char)i;

        if (connect_to(s, 8082) || write(s, &c, 1) != 1 || read(s, &c, 1) != 1 || c != (char)i) {
            kill(pid, SIGKILL);
            return "an exchange fails";
        }
        close(s);
    }
    waitpid(pid, &status, 0);
    close(server);
    server = listen_at(8082);
    if (server < 0)
        return "SO_REUSEADDR does not free the port";
    close(server);
    return status ? "the server failed" : NULL;
}

const char *test_tcp_refused(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), e = 0;
    socklen_t bytes = sizeof(e);

    if (connect_to(s, 9) != -1 || errno != ECONNREFUSED)
        return "no ECONNREFUSED";
    close(s);
    s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect_to(s, 9) != -1 || errno != EINPROGRESS)
        return "no EINPROGRESS";
    struct pollfd p = {.fd = s, .events = POLLOUT};
    if (poll(&p, 1, 1000) != 1 || getsockopt(s, SOL_SOCKET, SO_ERROR, &e, &bytes) ||
        e != ECONNREFUSED)
        return "poll and SO_ERROR";
    close(s);
    return NULL;
}

const char *test_tcp_reset(void)
{
    int server = listen_at(8083), client = socket(AF_INET, SOCK_STREAM, 0);
    char buffer[4];

    connect_to(client, 8083);
    int accepted = accept(server, NULL, NULL);
    if (write(client, "unread", 6) != 6)
        return "write";
    close(accepted); /* with unread data: a reset */
    close(server);
    if (read(client, buffer, 4) != -1 || errno != ECONNRESET)
        return "no ECONNRESET";
    if (send(client, "x", 1, MSG_NOSIGNAL) != -1 || errno != EPIPE)
        return "no EPIPE afterwards";
    close(client);
    return NULL;
}

static int sharing(int type, int port)
{
    int s = socket(AF_INET, type, 0), one = 1;

    if (setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) || bind_to(s, port)) {
        close(s);
        return -1;
    }
    return s;
}

/* SO_REUSEPORT: all have to ask for it; what comes is shared among them, by the sender. */
const char *test_shared_port(void)
{
    enum { SERVERS = 3, CLIENTS = 30 };
    int server[SERVERS], datagrams[2], client[CLIENTS], got[SERVERS] = {0};
    int other = socket(AF_INET, SOCK_STREAM, 0);
    char c;

    for (int i = 0; i < SERVERS; i++) {
        server[i] = sharing(SOCK_STREAM, 7007);
        if (server[i] < 0 || listen(server[i], CLIENTS) || fcntl(server[i], F_SETFL, O_NONBLOCK))
            return "several cannot listen";
    }
    if (bind_to(other, 7007) != -1 || errno != EADDRINUSE)
        return "who has not asked has it too";
    for (int i = 0; i < CLIENTS; i++) {
        client[i] = socket(AF_INET, SOCK_STREAM, 0);
        if (connect_to(client[i], 7007))
            return "connect";
    }
    for (int i = 0; i < SERVERS; i++)
        for (int fd; (fd = accept(server[i], NULL, NULL)) >= 0; close(fd))
            got[i]++;
    if (got[0] + got[1] + got[2] != CLIENTS || !got[0] || !got[1] || !got[2])
        return "the connections are not shared";
    for (int i = 0; i < CLIENTS; i++)
        close(client[i]);
    for (int i = 0; i < SERVERS; i++)
        close(server[i]);
    datagrams[0] = sharing(SOCK_DGRAM, 7008);
    datagrams[1] = sharing(SOCK_DGRAM, 7008);
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    if (datagrams[0] < 0 || datagrams[1] < 0 || connect_to(sender, 7008) ||
        send(sender, "x", 1, 0) != 1 || send(sender, "y", 1, 0) != 1)
        return "datagrams";
    int first = recv(datagrams[0], &c, 1, MSG_DONTWAIT) == 1 ? 0 : 1;
    if (recv(datagrams[first], &c, 1, MSG_DONTWAIT) != 1 && first == 0)
        return "one sender reaches two";
    close(datagrams[0]), close(datagrams[1]), close(sender), close(other);
    return NULL;
}
