/* SPDX-License-Identifier: GPL-2.0-only */
/* calls.c - waiting, vectors, what is refused, names of families */
#include "tests/guestos/network/network.h"

const char *test_poll(void)
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
    memset(buffer, 1, sizeof(buffer));
    while ((more = write(client, buffer, sizeof(buffer))) > 0)
        sent += more;
    p[0].events = POLLOUT;
    if (more != -1 || errno != EAGAIN || poll(p, 1, 0))
        return "a full one is writable";
    while (sent > 0 && (more = read(accepted, buffer, sizeof(buffer))) > 0)
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

const char *test_waiting(void)
{
    int s[2];
    char c;
    struct timeval t = {.tv_usec = 30000};

    socketpair(AF_UNIX, SOCK_STREAM, 0, s);
    setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
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

const char *test_vectors(void)
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

const char *test_refusals(void)
{
    int s = socket(AF_INET, SOCK_STREAM, 0), value;
    socklen_t bytes = sizeof(value);
    struct sockaddr_in far = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};

    if (socket(77, SOCK_STREAM, 0) != -1 || errno != EAFNOSUPPORT)
        return "family";
    if (listen(1, 1) != -1 || errno != ENOTSOCK)
        return "ENOTSOCK";
    if (bind(s, (struct sockaddr *)&far, sizeof(far)) != -1 || errno != EADDRNOTAVAIL)
        return "EADDRNOTAVAIL";
    far.sin_port = 1;
    if (connect(s, (struct sockaddr *)&far, sizeof(far)) != -1 || errno != ENETUNREACH)
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

static int refused_to_nobody(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};

    strcpy(name.sun_path, path);
    int s = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0);
    int t = socket(AF_INET, SOCK_STREAM, 0);
    if (setuid(65534))
        return 1;
    if (!connect(s, (struct sockaddr *)&name, sizeof(name)) || errno != EACCES)
        return 2;
    if (sendto(d, "x", 1, 0, (struct sockaddr *)&name, sizeof(name)) >= 0 || errno != EACCES)
        return 3;
    if (!bind_to(t, 1023) || errno != EACCES)
        return 4;
    return bind_to(t, 1024) ? 5 : 0;
}

/* Who may connect is who may write to the name; ports below 1024 are root's. */
const char *test_permissions(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "/tmp/private"};
    int s = socket(AF_UNIX, SOCK_STREAM, 0), status;

    if (bind(s, (struct sockaddr *)&name, sizeof(name)) || chmod("/tmp/private", 0600) ||
        listen(s, 1))
        return "cannot listen";
    pid_t pid = fork();
    if (!pid)
        _exit(refused_to_nobody("/tmp/private"));
    waitpid(pid, &status, 0);
    close(s);
    unlink("/tmp/private");
    static const char *const wrong[] = {
        NULL, "setuid", "a stream", "a datagram", "a port below 1024", "port 1024"};
    return WIFEXITED(status) && WEXITSTATUS(status) < 6 ? wrong[WEXITSTATUS(status)] : "it crashes";
}

static const char *half_closed(int a, int b)
{
    struct pollfd p = {.fd = a, .events = POLLRDHUP};
    char c;

    if (poll(&p, 1, 0))
        return "half an end is seen before there is one";
    shutdown(b, SHUT_WR);
    if (poll(&p, 1, 1000) != 1 || p.revents != POLLRDHUP)
        return "half an end is not seen";
    p.events = POLLIN;
    if (poll(&p, 1, 0) != 1 || p.revents != POLLIN || read(a, &c, 1) != 0)
        return "half an end is told unasked, or is no end of the data";
    return NULL;
}

const char *test_half_closed(void)
{
    int pair[2], l = listen_at(7090), a = socket(AF_INET, SOCK_STREAM, 0);
    char c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || connect_to(a, 7090))
        return "cannot connect";
    int b = accept(l, NULL, NULL);
    if (recv(a, &c, 1, MSG_OOB) >= 0 || errno != EINVAL)
        return "urgent data is not absent";
    if (recv(a, &c, 1, MSG_ERRQUEUE) >= 0 || errno != EAGAIN)
        return "there is something in a queue of errors";
    const char *wrong = half_closed(pair[0], pair[1]);
    if (!wrong)
        wrong = half_closed(a, b);
    int used[] = {pair[0], pair[1], l, a, b};
    for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
        close(used[i]);
    return wrong;
}

const char *test_terminal(void)
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
