/* SPDX-License-Identifier: GPL-2.0-only */
/* file.c - files, pipes and waiting for them */
#include "tests/guestos/battery/battery.h"

const char *test_files(void)
{
    struct stat s;
    char buffer[64] = "";

    if (mkdir("/tmp/d", 0755) || chdir("/tmp/d"))
        return "mkdir or chdir";
    FILE *f = fopen("file", "w+");
    if (!f)
        return "fopen";
    fprintf(f, "line %d\n", 1);
    fseek(f, 10000, SEEK_SET);
    fputs("end", f);
    fclose(f);
    if (stat("/tmp/d/file", &s) || s.st_size != 10003 || !S_ISREG(s.st_mode))
        return "stat";
    int fd = open("../d/./file", O_RDONLY);
    if (pread(fd, buffer, 10, 9995) != 8 || memcmp(buffer, "\0\0\0\0\0end", 8))
        return "a hole is not zero";
    close(fd);
    if (symlink("file", "link") || readlink("link", buffer, sizeof(buffer)) != 4 ||
        access("link", R_OK))
        return "symbolic link";
    if (rename("file", "other") || !access("file", F_OK) || access("other", F_OK))
        return "rename";
    if (!getcwd(buffer, sizeof(buffer)) || strcmp(buffer, "/tmp/d"))
        return "getcwd";
    DIR *d = opendir(".");
    int names = 0;
    while (d && readdir(d))
        names++;
    if (!d || names != 4)
        return "readdir";
    closedir(d);
    if (!rmdir("/tmp/d") || errno != ENOTEMPTY)
        return "rmdir of a full directory";
    unlink("other");
    unlink("link");
    chdir("/");
    return rmdir("/tmp/d") ? "rmdir" : NULL;
}

const char *test_pipe(void)
{
    int end[2];
    static char block[100000], got[100000];

    if (pipe(end))
        return "cannot make one";
    for (size_t i = 0; i < sizeof(block); i++)
        block[i] = (char)(i * 7 + i / 251);
    pid_t pid = fork();
    if (!pid) {
        close(end[0]);
        _exit(write(end[1], block, sizeof(block)) != sizeof(block));
    }
    close(end[1]);
    size_t n = 0;
    ssize_t part;
    while ((part = read(end[0], got + n, sizeof(got) - n)) > 0)
        n += (size_t)part;
    close(end[0]);
    if (wait_for(pid))
        return "the writer failed";
    return n == sizeof(block) && !memcmp(block, got, n) ? NULL : "bytes are lost";
}

const char *test_poll(void)
{
    int end[2];

    if (pipe(end))
        return "pipe";
    struct pollfd set[2] = {{.fd = end[0], .events = POLLIN}, {.fd = end[1], .events = POLLOUT}};
    if (poll(set, 1, 20) != 0)
        return "an empty pipe is ready";
    if (poll(set, 2, 20) != 1 || set[1].revents != POLLOUT)
        return "a writer is not ready";
    pid_t pid = fork();
    if (!pid) {
        struct timespec t = {0, 30000000};

        nanosleep(&t, NULL);
        _exit(write(end[1], "x", 1) != 1);
    }
    if (poll(set, 1, 5000) != 1 || set[0].revents != POLLIN)
        return "a write does not wake the poller";
    wait_for(pid);
    close(end[1]);
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(end[0], &readable);
    struct timeval t = {1, 0};
    if (select(end[0] + 1, &readable, NULL, NULL, &t) != 1)
        return "select";
    close(end[0]);
    return NULL;
}
