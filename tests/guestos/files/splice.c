/* SPDX-License-Identifier: GPL-2.0-only */
/* splice.c - sizes of pipes; splice(), tee() and vmsplice() */
#include "tests/guestos/files/files.h"
#include <sys/uio.h>

#define KB       1024
#define PIPE_KB  16 /* of a new pipe; set here, as Linux has 64 */
#define CONTENTS 40000

/* Linux counts pages that begin anywhere. */
static char contents[CONTENTS] __attribute__((aligned(PAGE))), back[CONTENTS];

static void fill(void)
{
    for (int i = 0; i < CONTENTS; i++)
        contents[i] = (char)(i * 7 + i / 251);
}

/* What lies in a pipe are these bytes of `contents`. */
static bool holds(int fd, int at, int bytes)
{
    memset(back, 0, sizeof(back));
    return read(fd, back, sizeof(back)) == bytes && !memcmp(back, contents + at, (size_t)bytes);
}

const char *test_pipe_sizes(void)
{
    int p[2], waiting;

    fill();
    if (pipe2(p, O_NONBLOCK) || fcntl(p[0], F_GETPIPE_SZ) < 4 * KB)
        return "a new pipe";
    if (fcntl(p[1], F_SETPIPE_SZ, 5000) != 8 * KB || fcntl(p[0], F_GETPIPE_SZ) != 8 * KB)
        return "a size is rounded up, and both ends have it";
    if (write(p[1], contents, 20000) != 8 * KB || write(p[1], "x", 1) != -1 || errno != EAGAIN)
        return "a smaller pipe holds less";
    if (!fails(fcntl(p[0], F_SETPIPE_SZ, 4 * KB), EBUSY))
        return "a pipe that holds more";
    /* What wraps around the ring's end stays in order when the ring changes. */
    if (read(p[0], back, 5000) != 5000 || write(p[1], contents + 8 * KB, 4096) != 4096)
        return "around the end";
    if (fcntl(p[0], F_SETPIPE_SZ, 64 * KB) != 64 * KB ||
        ioctl(p[0], 0x541b /* FIONREAD */, &waiting) || waiting != 8 * KB + 4096 - 5000)
        return "a larger one with what it held";
    if (write(p[1], contents + 12 * KB, 20000) != 20000 ||
        !holds(p[0], 5000, 12 * KB - 5000 + 20000))
        return "order";
    if (!fails(fcntl(0x7fff, F_SETPIPE_SZ, 4096), EBADF) ||
        !fails(fcntl(p[0], F_SETPIPE_SZ, -1), EINVAL))
        return "errors";
    pid_t pid = fork();
    if (!pid) {
        bool refused = !setuid(1) && fails(fcntl(p[0], F_SETPIPE_SZ, 2 << 20), EPERM);

        _exit(!refused);
    }
    close(p[0]);
    close(p[1]);
    return wait_for(pid) ? "who is not privileged and asks for 2 MB" : NULL;
}

const char *test_splice(void)
{
    int p[2], q[2], file = open("/tmp/spliced", O_RDWR | O_CREAT | O_TRUNC, 0600);
    loff_t at = 100, none = 0;

    fill();
    if (write(file, contents, CONTENTS) != CONTENTS || pipe(p) || pipe(q) ||
        fcntl(p[0], F_SETPIPE_SZ, PIPE_KB * KB) != PIPE_KB * KB)
        return "open";
    if (splice(file, &at, p[1], NULL, 5000, 0) != 5000 || at != 5100 ||
        lseek(file, 0, SEEK_CUR) != CONTENTS || !holds(p[0], 100, 5000))
        return "from a place in a file";
    at = 0;
    if (splice(file, &at, p[1], NULL, CONTENTS, 0) != PIPE_KB * KB ||
        splice(file, &at, p[1], NULL, 1, SPLICE_F_NONBLOCK) != -1 || errno != EAGAIN)
        return "as much as fits";
    lseek(file, 0, SEEK_SET);
    if (splice(p[0], NULL, q[1], NULL, 3000, 0) != 3000 || !holds(q[0], 0, 3000))
        return "from pipe to pipe";
    if (splice(p[0], NULL, file, NULL, 100000, 0) != PIPE_KB * KB - 3000 ||
        lseek(file, 0, SEEK_CUR) != PIPE_KB * KB - 3000 || pread(file, back, 4, 0) != 4 ||
        memcmp(back, contents + 3000, 4))
        return "from a pipe to a file";
    if (splice(p[0], NULL, file, NULL, 1, SPLICE_F_NONBLOCK) != -1 || errno != EAGAIN)
        return "an empty pipe";
    if (!fails((int)splice(file, NULL, file, NULL, 1, 0), EINVAL) ||
        !fails((int)splice(p[0], NULL, p[1], NULL, 1, 0), EINVAL) ||
        !fails((int)splice(p[0], &none, file, NULL, 1, 0), ESPIPE) ||
        !fails((int)splice(p[1], NULL, file, NULL, 1, 0), EBADF) ||
        !fails((int)splice(p[0], NULL, file, NULL, 1, 0x100), EINVAL) ||
        splice(p[0], NULL, file, NULL, 0, 0))
        return "errors";
    close(p[1]);
    if (splice(p[0], NULL, file, NULL, 1, 0))
        return "the end";
    signal(SIGPIPE, SIG_IGN);
    close(q[0]);
    bool refused = fails((int)splice(file, NULL, q[1], NULL, 1, 0), EPIPE);
    signal(SIGPIPE, SIG_DFL);
    close(p[0]);
    close(q[1]);
    close(file);
    unlink("/tmp/spliced");
    return refused ? NULL : "nobody who reads";
}

const char *test_tee(void)
{
    int p[2], q[2];

    fill();
    if (pipe(p) || pipe(q) || write(p[1], contents, 6000) != 6000)
        return "open";
    if (tee(p[0], q[1], 5000, 0) != 5000 || !holds(q[0], 0, 5000) || !holds(p[0], 0, 6000))
        return "both have it";
    if (tee(p[0], q[1], 1, SPLICE_F_NONBLOCK) != -1 || errno != EAGAIN ||
        !fails((int)tee(p[0], p[1], 1, 0), EINVAL) || !fails((int)tee(p[0], 99, 1, 0), EBADF))
        return "errors";
    struct iovec parts[] = {{contents, 1000}, {contents + 1000, 0}, {contents + 1000, 2000}};
    if (vmsplice(p[1], parts, 3, 0) != 3000)
        return "from memory";
    struct iovec to[] = {{back, 500}, {back + 500, 10000}};
    memset(back, 0, sizeof(back));
    if (vmsplice(p[0], to, 2, 0) != 3000 || memcmp(back, contents, 3000))
        return "to memory";
    struct iovec all = {contents, CONTENTS};
    int size = fcntl(p[0], F_SETPIPE_SZ, PIPE_KB * KB);
    if (vmsplice(p[1], &all, 1, SPLICE_F_NONBLOCK) != size || !holds(p[0], 0, size))
        return "as much as fits";
    if (!fails((int)vmsplice(0x7fff, parts, 1, 0), EBADF) || vmsplice(p[1], parts, 0, 0))
        return "errors of vmsplice";
    close(p[0]);
    close(p[1]);
    close(q[0]);
    close(q[1]);
    return NULL;
}
