/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Linux's requests of this device. */
#define BIND_VIRQ        _IOC(_IOC_NONE, 'E', 0, sizeof(uint32_t))
#define BIND_INTERDOMAIN _IOC(_IOC_NONE, 'E', 1, 2 * sizeof(uint32_t))
#define UNBIND           _IOC(_IOC_NONE, 'E', 3, sizeof(uint32_t))
#define NOTIFY           _IOC(_IOC_NONE, 'E', 4, sizeof(uint32_t))

static int device = -1;

int channel_open(void)
{
    device = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return device < 0 ? -errno : device;
}

static int request(unsigned long number, void *argument)
{
    int result = ioctl(device, number, argument);

    return result < 0 ? -errno : result;
}

int channel_bind(uint16_t domain, uint32_t port)
{
    uint32_t remote[2] = {domain, port};

    return request(BIND_INTERDOMAIN, remote);
}

int channel_bind_virq(unsigned virq)
{
    uint32_t number = virq;

    return request(BIND_VIRQ, &number);
}

void channel_unbind(uint32_t port)
{
    request(UNBIND, &port);
}

void channel_notify(uint32_t port)
{
    request(NOTIFY, &port);
}

int channel_next(void)
{
    uint32_t port;
    ssize_t got = read(device, &port, sizeof(port));

    return got == sizeof(port) ? (int)port : -EAGAIN;
}

void channel_listen(uint32_t port)
{
    if (write(device, &port, sizeof(port)) < 0)
        return; /* the port has been closed meanwhile */
}
