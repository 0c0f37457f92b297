/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ttcp.c - how fast TCP is between two machines
 *
 *   ttcp -t ADDRESS PORT BYTES    connects and sends so many, until the other end has them all
 *   ttcp -f ADDRESS PORT BYTES    connects and fetches so many, as from a chargen port
 *   ttcp -r PORT                  waits for one connection and takes what it sends
 *
 * The bytes that -t sends are a pattern that -r checks. The rate is of payload, in units of 10^6
 * bits a second, from the connection's begin to its end by the machine's own clock.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PIECE  65536
#define PERIOD 251 /* of the pattern: a prime, so that no page is like the next */

static unsigned char piece[PIECE + PERIOD];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in address_of(const char *address, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

    if (address && inet_pton(AF_INET, address, &a.sin_addr) != 1) {
        fprintf(stderr, "ttcp: %s is no address\n", address);
        exit(2);
    }
    return a;
}

static int connect_to(const char *address, const char *port)
{
    struct sockaddr_in a = address_of(address, port);
    int s = socket(AF_INET, SOCK_STREAM, 0);

    if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof(a)))
        die("ttcp: connect");
    return s;
}

static int wait_for_one(const char *port)
{
    struct sockaddr_in a = address_of(NULL, port);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, s;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (listener < 0 || bind(listener, (struct sockaddr *)&a, sizeof(a)) || listen(listener, 1))
        die("ttcp: listen");
    s = accept(listener, NULL, NULL);
    if (s < 0)
        die("ttcp: accept");
    return s;
}

static unsigned long long send_all(int s, unsigned long long bytes)
{
    unsigned long long sent = 0;

    while (sent < bytes) {
        size_t most = bytes - sent < PIECE ? (size_t)(bytes - sent) : PIECE;
        ssize_t n = write(s, piece + sent % PERIOD, most);

        if (n <= 0)
            die("ttcp: write");
        sent += (unsigned long long)n;
    }
    shutdown(s, SHUT_WR);
    return sent;
}

/* Until the end, or so many. */
static unsigned long long take_all(int s, unsigned long long bytes, int check)
{
    static unsigned char got[PIECE];
    unsigned long long taken = 0;
    ssize_t n;

    while (taken < bytes && (n = read(s, got, PIECE)) != 0) {
        if (n < 0)
            die("ttcp: read");
        if (check && memcmp(got, piece + taken % PERIOD, (size_t)n)) {
            printf("ttcp: the bytes behind %llu are not those that were sent\n", taken);
            exit(1);
        }
        taken += (unsigned long long)n;
    }
    return taken;
}

int main(int argc, char **argv)
{
    int sends = argc == 5 && !strcmp(argv[1], "-t"), fetches = argc == 5 && !strcmp(argv[1], "-f");
    unsigned long long bytes;
    double began;

    if (!sends && !fetches && !(argc == 3 && !strcmp(argv[1], "-r"))) {
        fputs("usage: ttcp -t|-f ADDRESS PORT BYTES, ttcp -r PORT\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof(piece); i++)
        piece[i] = (unsigned char)(i % PERIOD);
    int s = sends || fetches ? connect_to(argv[2], argv[3]) : wait_for_one(argv[2]);
    began = now();
    if (sends) {
        bytes = send_all(s, strtoull(argv[4], NULL, 10));
        take_all(s, ~0ull, 0); /* the other end ends it when it has all */
    } else {
        bytes = take_all(s, fetches ? strtoull(argv[4], NULL, 10) : ~0ull, !fetches);
    }
    double seconds = now() - began;
    printf("ttcp: %llu bytes in %.6f s: %.1f Mb/s\n", bytes, seconds,
           (double)bytes * 8 / 1e6 / seconds);
    return 0;
}
