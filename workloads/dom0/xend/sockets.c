/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define WAITING_MOST 16 /* programs that have connected and are not yet accepted */

static void make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0755);
        *slash = '/';
    }
}

static void set_flags(int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int socket_listen(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), error;

    if (fd < 0)
        return -errno;
    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    make_folders(address.sun_path);
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, WAITING_MOST)) {
        error = -errno;
        close(fd);
        return error;
    }
    set_flags(fd);
    return fd;
}

int socket_accept(int listener)
{
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0)
        set_flags(fd);
    return fd;
}
