/* SPDX-License-Identifier: GPL-2.0-only */
/* parcels.c - what goes with messages: open files, credentials, sockets within sockets */
#include "tests/guestos/network/network.h"

/* Sends something along with a byte. */
static ssize_t send_with(int s, int type, const void *data, size_t bytes)
{
    union {
        char bytes[CMSG_SPACE(253 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {"x", 1};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = CMSG_SPACE(bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);

    *c = (struct cmsghdr){CMSG_LEN(bytes), SOL_SOCKET, type};
    memcpy(CMSG_DATA(c), data, bytes);
    return sendmsg(s, &m, 0);
}

static ssize_t send_files(int s, const int *files, unsigned n)
{
    return send_with(s, SCM_RIGHTS, files, n * sizeof(int));
}

/* Receives at most `bytes` and what came with them. */
static ssize_t receive_with(int s, char *to, size_t bytes, struct msghdr *m, int type, void *data,
                            size_t data_bytes, size_t room)
{
    static union {
        char bytes[CMSG_SPACE(64)];
        struct cmsghdr align;
    } control;
    static struct iovec part;

    part = (struct iovec){to, bytes};
    *m = (struct msghdr){
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = room};
    ssize_t n = recvmsg(s, m, 0);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); n >= 0 && c; c = CMSG_NXTHDR(m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == type &&
            c->cmsg_len == CMSG_LEN(data_bytes)) {
            memcpy(data, CMSG_DATA(c), data_bytes);
            return n;
        }
    return n < 0 ? n : -2;
}

const char *test_rights(void)
{
    int s[2], p[2], got[2] = {-1, -1}, files[2];
    char buffer[32];
    struct msghdr m;

    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        if (socketpair(AF_UNIX, type, 0, s) || pipe(p))
            return "socketpair";
        memcpy(files, p, sizeof(files));
        if ((type == SOCK_STREAM && write(s[0], "before", 6) != 6) ||
            send_files(s[0], files, 2) != 1 || write(s[0], "after", 5) != 5)
            return "sendmsg";
        close(p[0]);
        close(p[1]); /* they live in the message */
        if (type == SOCK_STREAM && read(s[1], buffer, 6) != 6)
            return "what came before";
        if (receive_with(s[1], buffer, 32, &m, SCM_RIGHTS, got, sizeof(got), CMSG_SPACE(64)) != 1)
            return "recvmsg";
        if (got[0] < 0 || write(got[1], "through", 7) != 7 || read(got[0], buffer, 32) != 7)
            return "the pipe that came";
        if (read(s[1], buffer, 32) != 5)
            return "what came after";
        /* Not received: closed. */
        if (send_files(s[0], got, 1) != 1 || close(got[0]) || read(s[1], buffer, 32) != 1)
            return "read throws them away";
        signal(SIGPIPE, SIG_IGN);
        if (write(got[1], "x", 1) != -1 || errno != EPIPE)
            return "what was thrown away is still open";
        /* Too little room: the first only, and a flag. */
        if (send_files(s[0], (int[]){s[0], s[0]}, 2) != 1 ||
            receive_with(s[1], buffer, 32, &m, SCM_RIGHTS, got, sizeof(got[0]),
                         CMSG_LEN(sizeof(int))) != 1 ||
            !(m.msg_flags & MSG_CTRUNC))
            return "MSG_CTRUNC";
        close(got[0]);
        if (send_files(s[0], (int[]){99}, 1) != -1 || errno != EBADF)
            return "a descriptor that is not open";
        close(s[0]);
        close(s[1]);
    }
    return NULL;
}

const char *test_credentials(void)
{
    int s[2], one = 1;
    char buffer[8];
    struct msghdr m;
    struct ucred peer = {0}, sender = {0};
    socklen_t bytes = sizeof(peer);

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) ||
        getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &peer, &bytes) || peer.pid != getpid() ||
        peer.uid != getuid())
        return "SO_PEERCRED";
    if (setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)))
        return "SO_PASSCRED";
    pid_t pid = fork();
    if (!pid)
        _exit(write(s[0], "hi", 2) != 2);
    if (receive_with(s[1], buffer, 8, &m, SCM_CREDENTIALS, &sender, sizeof(sender),
                     CMSG_SPACE(64)) != 2 ||
        sender.pid != pid || sender.gid != getgid())
        return "SCM_CREDENTIALS";
    waitpid(pid, NULL, 0);
    pid = fork();
    if (!pid) { /* a user's own numbers go with his messages, and no others */
        int pair[2];
        struct ucred root = {getpid(), 0, 0};
        if (setgid(7) || setuid(5) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
            getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &bytes) || peer.uid != 5)
            _exit(1);
        if (send_with(s[0], SCM_CREDENTIALS, &root, sizeof(root)) != -1 || errno != EPERM)
            _exit(2);
        _exit(write(s[0], "hi", 2) == 2 ? 0 : 3);
    }
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        return "a user speaks for root";
    if (receive_with(s[1], buffer, 8, &m, SCM_CREDENTIALS, &sender, sizeof(sender),
                     CMSG_SPACE(64)) != 2 ||
        sender.pid != pid || sender.uid != 5 || sender.gid != 7)
        return "SCM_CREDENTIALS of a user";
    close(s[0]);
    close(s[1]);
    return NULL;
}

/*
 * A socket that waits in itself could never be closed. Here it is refused; Linux looks for such
 * later.
 */
const char *test_circles(void)
{
    for (int i = 0; i < 300; i++) {
        int s[2], t[2];

        if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) || socketpair(AF_UNIX, SOCK_DGRAM, 0, t))
            return "socketpair";
        if (send_files(s[0], &t[1], 1) != 1)
            return "a socket in a socket";
        send_files(s[0], &s[1], 1);
        send_files(t[0], &s[1], 1);
        close(s[0]);
        close(s[1]);
        close(t[0]);
        close(t[1]);
    }
    return NULL;
}

/*
 * Each in the one before, from the outermost on: a long chain, of which only its first end is held.
 */
const char *test_chain(void)
{
    int outer[2], inner[2], first;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, outer))
        return "socketpair";
    first = outer[1];
    for (int i = 0; i < 150; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, inner))
            return "socketpair within";
        send_files(outer[0], &inner[1], 1);
        close(outer[0]);
        if (outer[1] != first)
            close(outer[1]);
        memcpy(outer, inner, sizeof(outer));
    }
    close(outer[0]);
    close(outer[1]);
    close(first);
    return NULL;
}

/* Three levels, in each the one before thousands of times: the ways through them are many. */
const char *test_crowd(void)
{
    int s[4][2], many[253];

    for (int i = 0; i < 4; i++)
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, s[i]))
            return "socketpair";
    for (int i = 1; i < 4; i++) {
        for (int n = 0; n < 253; n++)
            many[n] = s[i - 1][1];
        for (int n = 0; n < 20; n++)
            if (send_files(s[i][0], many, 253) != 1)
                return "sendmsg";
    }
    for (int i = 0; i < 4; i++) {
        close(s[i][0]);
        close(s[i][1]);
    }
    return NULL;
}
