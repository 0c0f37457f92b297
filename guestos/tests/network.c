/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.c - a ring-3 program that tries sockets and the terminal, one verdict a line
 *
 * An ordinary static glibc program; runs as init, so that its end ends the machine.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define BULK (1024 * 1024)

/* NULL: passed; otherwise what was wrong. */
typedef const char *(*test_function)(void);

static struct sockaddr_in local(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int bind_to(int s, int port)
{
    struct sockaddr_in a = local(port);
    return bind(s, (struct sockaddr *)&a, sizeof a);
}

static int connect_to(int s, int port)
{
    struct sockaddr_in a = local(port);
    return connect(s, (struct sockaddr *)&a, sizeof a);
}

static int listen_at(int port)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    return bind_to(s, port) || listen(s, 5) ? -1 : s;
}

static unsigned char pattern(unsigned i)
{
    return (unsigned char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

/* A child that sends BULK bytes of a pattern and ends; the parent reads until the end. */
static const char *check_bulk(int reader, int writer)
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

static const char *test_pair(void)
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

static const char *test_broken_pipe(void)
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
    socklen_t name_bytes = sizeof name;
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

static const char *test_unix_names(void)
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

static const char *test_unix_datagrams(void)
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
            if (send(s[0], big, sizeof big, 0) != sizeof big)
                _exit(1);
        _exit(0);
    }
    int got = 0, status;
    static char big[30000];
    for (int i = 0; i < 20; i++)
        got += recv(s[1], big, sizeof big, 0) == sizeof big;
    waitpid(pid, &status, 0);
    close(s[0]);
    close(s[1]);
    return got == 20 && !status ? NULL : "some are lost";
}

static const char *test_udp(void)
{
    int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in from, to = local(5000);
    socklen_t bytes = sizeof from;
    char buffer[100];
    static char big[65507];
    if (bind_to(a, 5000) || bind_to(b, 5000) != -1 || errno != EADDRINUSE)
        return "bind";
    if (sendto(b, "hello", 5, 0, (struct sockaddr *)&to, sizeof to) != 5 ||
        recvfrom(a, buffer, 100, 0, (struct sockaddr *)&from, &bytes) != 5)
        return "no datagram";
    if (ntohs(from.sin_port) < 32768 || ntohl(from.sin_addr.s_addr) != INADDR_LOOPBACK ||
        bytes != 16)
        return "the sender's address";
    if (sendto(a, "back", 4, 0, (struct sockaddr *)&from, bytes) != 4 ||
        recv(b, buffer, 100, 0) != 4)
        return "no answer";
    memset(big, 5, sizeof big);
    if (sendto(b, big, sizeof big, 0, (struct sockaddr *)&to, sizeof to) != sizeof big ||
        recv(a, big, sizeof big, 0) != sizeof big || big[65506] != 5)
        return "the largest datagram";
    close(a);
    if (connect_to(b, 5000) || send(b, "x", 1, 0) != 1 || send(b, "x", 1, 0) != -1 ||
        errno != ECONNREFUSED)
        return "a closed port does not refuse";
    close(b);
    return NULL;
}

static const char *test_tcp(void)
{
    int server = listen_at(8080), client = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in name;
    socklen_t bytes = sizeof name;
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

static const char *test_tcp_bulk(void)
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

static const char *test_tcp_many(void)
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

static const char *test_tcp_refused(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), e = 0;
    socklen_t bytes = sizeof e;
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

static const char *test_tcp_reset(void)
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

static const char *test_poll(void)
{
    int server = listen_at(8084), client = socket(AF_INET, SOCK_STREAM, 0), n = 0;
    struct pollfd p[2] = {{.fd = server, .events = POLLIN}};
    if (poll(p, 1, 0))
        return "readable without a connection";
    connect_to(client, 8084);
    if (poll(p, 1, 0) != 1 || p[0].revents != POLLIN)
        return "a connection is not seen";
    int accepted = accept(server, NULL, NULL);
    p[0] = (struct pollfd){.fd = client, .events = POLLIN | POLLOUT};
    if (poll(p, 1, 0) != 1 || p[0].revents != POLLOUT)
        return "not writable";
    pid_t pid = fork();
    if (!pid) {
        usleep(20000);
        _exit(write(accepted, "late", 4) != 4);
    }
    p[0].events = POLLIN;
    if (poll(p, 1, 2000) != 1 || ioctl(client, FIONREAD, &n) || n != 4)
        return "late data";
    waitpid(pid, NULL, 0);
    fcntl(client, F_SETFL, O_NONBLOCK);
    char buffer[4096];
    long sent = 0, more;
    memset(buffer, 1, sizeof buffer);
    while ((more = write(client, buffer, sizeof buffer)) > 0)
        sent += more;
    p[0].events = POLLOUT;
    if (more != -1 || errno != EAGAIN || poll(p, 1, 0))
        return "a full one is writable";
    while (sent > 0 && (more = read(accepted, buffer, sizeof buffer)) > 0)
        sent -= more;
    if (sent || poll(p, 1, 1000) != 1)
        return "an emptied one is not writable";
    close(client);
    close(accepted);
    close(server);
    return NULL;
}

static void nothing(int signal)
{
    (void)signal;
}

static const char *test_waiting(void)
{
    int s[2];
    char c;
    struct timeval t = {.tv_usec = 30000};
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    if (read(s[0], &c, 1) != -1 || errno != EAGAIN)
        return "SO_RCVTIMEO";
    struct sigaction action = {.sa_handler = nothing};
    struct itimerval alarm = {.it_value.tv_usec = 20000};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &alarm, NULL);
    if (read(s[1], &c, 1) != -1 || errno != EINTR)
        return "a signal does not interrupt";
    close(s[0]);
    close(s[1]);
    return NULL;
}

static const char *test_vectors(void)
{
    int s[2];
    char a[2], b[10];
    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    struct iovec out[2] = {{"ab", 2}, {"cde", 3}}, in[2] = {{a, 2}, {b, 10}};
    struct msghdr send = {.msg_iov = out, .msg_iovlen = 2},
                  receive = {.msg_iov = in, .msg_iovlen = 2};
    if (sendmsg(s[0], &send, 0) != 5 || recvmsg(s[1], &receive, 0) != 5 || memcmp(a, "ab", 2) ||
        memcmp(b, "cde", 3))
        return "sendmsg and recvmsg";
    if (writev(s[0], out, 2) != 5 || recv(s[1], b, 10, 0) != 5)
        return "writev";
    close(s[0]);
    close(s[1]);
    return NULL;
}

static const char *test_refusals(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), value;
    socklen_t bytes = sizeof value;
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};
    if (socket(77, SOCK_STREAM, 0) != -1 || errno != EAFNOSUPPORT)
        return "family";
    if (listen(1, 1) != -1 || errno != ENOTSOCK)
        return "ENOTSOCK";
    if (bind(s, (struct sockaddr *)&far, sizeof far) != -1 || errno != EADDRNOTAVAIL)
        return "EADDRNOTAVAIL";
    far.sin_port = 1;
    if (connect(s, (struct sockaddr *)&far, sizeof far) != -1 || errno != ENETUNREACH)
        return "ENETUNREACH";
    if (accept(s, NULL, NULL) != -1 || errno != EINVAL)
        return "accept without listen";
    if (recv(s, &value, 4, 0) != -1 || errno != ENOTCONN)
        return "ENOTCONN";
    if (getsockopt(s, SOL_SOCKET, 999, &value, &bytes) != -1 || errno != ENOPROTOOPT)
        return "ENOPROTOOPT";
    if (getsockopt(s, SOL_SOCKET, SO_TYPE, &value, &bytes) || value != SOCK_STREAM)
        return "SO_TYPE";
    close(s);
    return NULL;
}

static const char *test_terminal(void)
{
    struct termios t;
    struct winsize w = {.ws_row = 50, .ws_col = 132}, seen = {0};
    int terminal = open("/dev/console", O_RDWR);
    if (!isatty(terminal) || tcgetattr(terminal, &t) || !(t.c_lflag & ICANON))
        return "tcgetattr";
    if (tcgetpgrp(terminal) != -1 || errno != ENOTTY)
        return "it is a terminal of ours already";
    pid_t pid = fork();
    if (!pid) {
        setsid();
        if (ioctl(terminal, TIOCSCTTY, 0) || tcgetpgrp(terminal) != getpid())
            _exit(1);
        pid_t child = fork();
        if (!child) { /* in the background: writing settings stops it */
            setpgid(0, 0);
            tcsetattr(terminal, TCSANOW, &t);
            _exit(7);
        }
        int status;
        if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status) ||
            WSTOPSIG(status) != SIGTTOU)
            _exit(2);
        if (tcsetpgrp(terminal, child) || kill(child, SIGCONT))
            _exit(3);
        waitpid(child, &status, 0);
        _exit(WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : 4);
    }
    int status;
    waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 2)
        return "the background is not stopped";
    if (status)
        return "TIOCSCTTY, TIOCSPGRP";
    if (ioctl(terminal, TIOCSWINSZ, &w) || ioctl(terminal, TIOCGWINSZ, &seen) || seen.ws_col != 132)
        return "window size";
    close(terminal);
    return NULL;
}

/* ---- what goes with messages ------------------------------------------------------------------------ */

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

static const char *test_rights(void)
{
    int s[2], p[2], got[2] = {-1, -1}, files[2];
    char buffer[32];
    struct msghdr m;
    for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
        if (socketpair(AF_UNIX, type, 0, s) || pipe(p))
            return "socketpair";
        memcpy(files, p, sizeof files);
        if ((type == SOCK_STREAM && write(s[0], "before", 6) != 6) ||
            send_files(s[0], files, 2) != 1 || write(s[0], "after", 5) != 5)
            return "sendmsg";
        close(p[0]);
        close(p[1]); /* they live in the message */
        if (type == SOCK_STREAM && read(s[1], buffer, 6) != 6)
            return "what came before";
        if (receive_with(s[1], buffer, 32, &m, SCM_RIGHTS, got, sizeof got, CMSG_SPACE(64)) != 1)
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
            receive_with(s[1], buffer, 32, &m, SCM_RIGHTS, got, sizeof got[0],
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

static const char *test_credentials(void)
{
    int s[2], one = 1;
    char buffer[8];
    struct msghdr m;
    struct ucred peer = {0}, sender = {0};
    socklen_t bytes = sizeof peer;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) ||
        getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &peer, &bytes) || peer.pid != getpid() ||
        peer.uid != getuid())
        return "SO_PEERCRED";
    if (setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one))
        return "SO_PASSCRED";
    pid_t pid = fork();
    if (!pid)
        _exit(write(s[0], "hi", 2) != 2);
    if (receive_with(s[1], buffer, 8, &m, SCM_CREDENTIALS, &sender, sizeof sender,
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
        if (send_with(s[0], SCM_CREDENTIALS, &root, sizeof root) != -1 || errno != EPERM)
            _exit(2);
        _exit(write(s[0], "hi", 2) == 2 ? 0 : 3);
    }
    int status;
    if (waitpid(pid, &status, 0) != pid || status)
        return "a user speaks for root";
    if (receive_with(s[1], buffer, 8, &m, SCM_CREDENTIALS, &sender, sizeof sender,
                     CMSG_SPACE(64)) != 2 ||
        sender.pid != pid || sender.uid != 5 || sender.gid != 7)
        return "SCM_CREDENTIALS of a user";
    close(s[0]);
    close(s[1]);
    return NULL;
}

/* A socket that waits in itself could never be closed. Here it is refused; Linux looks for such later. */
static const char *test_circles(void)
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

/* Each in the one before, from the outermost on: a long chain, of which only its first end is held. */
static const char *test_chain(void)
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
        memcpy(outer, inner, sizeof outer);
    }
    close(outer[0]);
    close(outer[1]);
    close(first);
    return NULL;
}

/* Three levels, in each the one before thousands of times: the ways through them are many. */
static const char *test_crowd(void)
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

static const struct {
    const char *name;
    test_function function;
} tests[] = {
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
    {"poll of sockets", test_poll},
    {"timeouts and signals", test_waiting},
    {"vectors", test_vectors},
    {"refusals", test_refusals},
    {"files in messages", test_rights},
    {"credentials", test_credentials},
    {"sockets within sockets", test_circles},
    {"a chain of sockets", test_chain},
    {"many sockets within sockets", test_crowd},
    {"terminal", test_terminal},
};

int main(int argc, char **argv)
{
    int failed = 0;
    for (unsigned i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (argc > 1 && !strstr(tests[i].name, argv[1]))
            continue;
        const char *why = tests[i].function();
        if (why)
            printf("FAIL %s: %s (errno %d)\n", tests[i].name, why, errno);
        else
            printf("PASS %s\n", tests[i].name);
        fflush(stdout);
        failed += why != NULL;
    }
    printf("network: %s\n", failed ? "FAILED" : "all passed");
    fflush(stdout);
    return failed ? 1 : 0;
}
