/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * destroy.c - Domain 0's init, which destroys domains that use a device: COUNT of them
 *
 * Each domain reads a disk without end (disk.c with the word `read`), or with the word `network`
 * sends datagrams to the echo port of 10.0.2.2 (this program with the word `flood`). So a transfer
 * from or into its memory is nearly always under way when it goes, at a moment of a seeded
 * sequence. Between two of them Domain 0's own datagrams come back whole. The hypervisor's audit at
 * the end counts what is left.
 */
#include "tests/guestos/verdict.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ECHO_PORT 7
#define DATAGRAM  1400
#define PATIENCE  500 /* ms for an echo */

static int open_echo(void)
{
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons(ECHO_PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    inet_aton("10.0.2.2", &host.sin_addr);
    return connect(fd, (const struct sockaddr *)&host, sizeof(host)) ? -1 : fd;
}

/* Sends as fast as it can, and takes what comes back. */
static void flood(void)
{
    static char out[DATAGRAM], in[DATAGRAM];
    int fd = open_echo();

    for (;;) {
        send(fd, out, sizeof(out), MSG_DONTWAIT);
        recv(fd, in, sizeof(in), MSG_DONTWAIT);
    }
}

/* Whether a datagram comes back as it was; it may be lost when others flood, and is sent again. */
static bool echoes(int fd, unsigned seed)
{
    char out[DATAGRAM], in[DATAGRAM];

    for (unsigned i = 0; i < DATAGRAM; i++)
        out[i] = (char)(seed * 7 + i * 13);
    for (unsigned tries = 0; tries < 5; tries++) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        send(fd, out, sizeof(out), 0);
        while (poll(&wait, 1, PATIENCE) == 1)
            if (recv(fd, in, sizeof(in), 0) == DATAGRAM && memcmp(in, out, DATAGRAM) == 0)
                return true;
    }
    return false;
}

static int run(char *const words[])
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        execv(words[0], words);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static int one(unsigned *seed, bool network)
{
    static char *const create[2][9] = {
        {"/sbin/xl", "create", "name=victim", "memory=8", "kernel=/boot/kernel-xen.elf",
         "ramdisk=/boot/disk.cpio", "extra=quiet init=/sbin/init -- xvda read",
         "disk=phy:hda,xvda,r", NULL},
        {"/sbin/xl", "create", "name=victim", "memory=8", "kernel=/boot/kernel-xen.elf",
         "ramdisk=/boot/flood.cpio",
         "extra=quiet init=/sbin/init ip=10.0.2.20:::255.255.255.0 -- flood", "vif=ip=10.0.2.20",
         NULL}};
    static char *const destroy[] = {"/sbin/xl", "destroy", "victim", NULL};

    if (run(create[network]))
        return 1;
    *seed = *seed * 1103515245 + 12345;
    usleep(20000 + (*seed >> 8) % 60000);
    return run(destroy) != 0;
}

int main(int count, char **word)
{
    static char *const xend[] = {"/sbin/xend", NULL};
    unsigned rounds = count > 1 ? (unsigned)atoi(word[1]) : 10, seed = 1;
    bool network = count > 2 && strcmp(word[2], "network") == 0;

    if (count > 1 && strcmp(word[1], "flood") == 0)
        flood();
    int fd = network ? open_echo() : -1;
    int failed = run(xend) != 0;

    for (unsigned i = 0; i < rounds && !failed; i++)
        failed = one(&seed, network) || (network && !echoes(fd, i));
    failed = verdict(
        "", network ? "domains destroyed while they sent" : "domains destroyed while they read",
        failed ? "one could not be, or took another's datagrams" : NULL);
    return conclude("destroy", failed);
}
