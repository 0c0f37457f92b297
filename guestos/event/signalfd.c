/* SPDX-License-Identifier: GPL-2.0-only */
/* signalfd.c - signals that are read instead of handled (signalfd(2)) */
#include "guestos/event/event.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

struct wanted {
    uint64_t set;
};

struct signal_report { /* struct signalfd_siginfo */
    uint32_t signal;
    int32_t error, code;
    uint32_t pid, uid;
    int32_t descriptor;
    uint32_t timer, band, overrun, trap;
    int32_t status, value;
    uint64_t pointer, time_user, time_kernel, address;
    uint8_t rest[48];
};

static struct signal_report report(const struct signal_info *info)
{
    struct signal_report r = {
        .signal = (uint32_t)info->signal, .error = info->error, .code = info->code};

    switch (signal_info_kind(info)) {
    case INFO_SENDER:
        r.pid = info->data[0];
        r.uid = info->data[1];
        r.value = (int32_t)info->data[2];
        r.pointer = info->data[2];
        break;
    case INFO_TIMER:
        r.timer = info->data[0];
        r.overrun = info->data[1];
        r.value = (int32_t)info->data[2];
        r.pointer = info->data[2];
        break;
    case INFO_CHILD:
        r.pid = info->data[0];
        r.uid = info->data[1];
        r.status = (int32_t)info->data[2];
        r.time_user = info->data[3];
        r.time_kernel = info->data[4];
        break;
    case INFO_FAULT:
        r.address = info->data[0];
        break;
    }
    return r;
}

static int wanted_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    const struct wanted *wanted = file->data;
    struct thread *me = current_thread();
    struct signal_info info;
    uint32_t done = 0;
    if (bytes < sizeof(struct signal_report))
        return -EINVAL;
    while (bytes - done >= sizeof(struct signal_report)) {
        if (!signal_take(me, wanted->set, &info)) {
            int error = done ? -EAGAIN : event_wait(file);

            if (error)
                return done ? (int)done : error;
            continue;
        }
        struct signal_report r = report(&info);
        if (give_user((uint32_t)to + done, r))
            return done ? (int)done : -EFAULT;
        done += sizeof(r);
    }
    return (int)done;
}

/* For the poller, even if another made it: it is the reader's signals that are read. */
static uint32_t wanted_poll(struct file *file)
{
    return signal_pending(current_thread()) & ((struct wanted *)file->data)->set ? POLLIN : 0;
}

static int wanted_open(struct file *file)
{
    (void)file;
    signals_are_polled++;
    return 0;
}

static void wanted_close(struct file *file)
{
    signals_are_polled--;
    heap_free(file->data);
}

static const struct file_ops wanted_ops = {
    .open = wanted_open,
    .read = wanted_read,
    .poll = wanted_poll,
    .close = wanted_close,
    .stream = true,
    .name = "[signalfd]",
};

int sys_signalfd4(uint32_t descriptor, uint32_t set_address, uint32_t set_bytes, uint32_t flags)
{
    uint64_t set;

    if (flags & ~(OPEN_CLOEXEC | OPEN_NONBLOCK) || set_bytes != sizeof(set))
        return -EINVAL;
    if (take_user(set, set_address))
        return -EFAULT;
    set &= ~CANNOT_BE_CAUGHT;
    if (descriptor != ~0u) {
        const struct file *file = files_get((int)descriptor);

        if (!file || file->ops != &wanted_ops)
            return file ? -EINVAL : -EBADF;
        ((struct wanted *)file->data)->set = set;
        poll_changed(NULL);
        return (int)descriptor;
    }
    struct wanted *wanted = heap_allocate(sizeof(*wanted));
    if (wanted)
        wanted->set = set;
    return event_install(&wanted_ops, wanted, flags);
}

int sys_signalfd(uint32_t descriptor, uint32_t set_address, uint32_t set_bytes)
{
    return sys_signalfd4(descriptor, set_address, set_bytes, 0);
}
