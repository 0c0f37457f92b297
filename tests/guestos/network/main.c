/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - see network.h; runs as init, or with an argument only the tests whose names contain it
 */
#include "tests/guestos/network/network.h"
#include "tests/guestos/verdict.h"

#define BULK (1024 * 1024)

struct sockaddr_in local(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

int bind_to(int s, int port)
{
    struct sockaddr_in a = local(port);

    return bind(s, (struct sockaddr *)&a, sizeof(a));
}

int connect_to(int s, int port)
{
    struct sockaddr_in a = local(port);

    return connect(s, (struct sockaddr *)&a, sizeof(a));
}

int listen_at(int port)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    return bind_to(s, port) || listen(s, 5) ? -1 : s;
}

static unsigned char pattern(unsigned i)
{
    return (unsigned char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

/* A child that sends BULK bytes of a pattern and ends; the parent reads until the end. */
const char *check_bulk(int reader, int writer)
{
    static unsigned char data[BULK];
    pid_t pid = fork();

    if (!pid) {
        close(reader);
        for (unsigned i = 0; i < BULK; i++)
            data[i] = pattern(i);
        _exit(write(writer, data, BULK) == BULK ? 0 : 1);
    }
    close(writer);
    unsigned got = 0;
    for (;;) {
        ssize_t n = read(reader, data + got, BULK + 1 - got > 5000 ? 5000 : BULK - got + 1);

        if (n <= 0 || got + (unsigned)n > BULK)
            break;
        got += (unsigned)n;
    }
    int status = -1;
    waitpid(pid, &status, 0);
    if (status)
        return "the writer could not write it all";
    if (got != BULK)
        return "bytes are missing or too many";
    for (unsigned i = 0; i < BULK; i++)
        if (data[i] != pattern(i))
            return "a byte is wrong";
    return NULL;
}

static const struct test tests[] = {
    {"pair of stream sockets", test_pair},
    {"broken pipe", test_broken_pipe},
    {"names of local sockets", test_unix_names},
    {"local datagrams", test_unix_datagrams},
    {"UDP", test_udp},
    {"TCP", test_tcp},
    {"TCP, a megabyte", test_tcp_bulk},
    {"TCP, 200 connections", test_tcp_many},
    {"TCP refused", test_tcp_refused},
    {"TCP reset", test_tcp_reset},
    {"a port that several have", test_shared_port},
    {"poll of sockets", test_poll},
    {"timeouts and signals", test_waiting},
    {"vectors", test_vectors},
    {"refusals", test_refusals},
    {"permissions", test_permissions},
    {"half closed", test_half_closed},
    {"files in messages", test_rights},
    {"credentials", test_credentials},
    {"sockets within sockets", test_circles},
    {"a chain of sockets", test_chain},
    {"many sockets within sockets", test_crowd},
    {"terminal", test_terminal},
};

int main(int argc, char **argv)
{
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), argc > 1 ? argv[1] : NULL);

    return conclude("network", failed);
}
