/* SPDX-License-Identifier: GPL-2.0-only */
/* parcel.c - descriptors and credentials in control buffers (cmsg(3)); see parcel.h */
#include "guestos/net/parcel.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define LEVEL_SOCKET    1u
#define SCM_RIGHTS      1u
#define SCM_CREDENTIALS 2u
#define NOBODY          65534u /* what Linux says of a sender that it does not know */

struct control_header { /* struct cmsghdr */
    uint32_t bytes, level, type;
};

static uint32_t aligned(uint32_t bytes)
{
    return (bytes + 3) & ~3u;
}

struct credentials credentials_real(void)
{
    const struct process *me = current_process();

    return (struct credentials){me->pid, me->identity.user[0], me->identity.group[0]};
}

struct credentials credentials_effective(void)
{
    const struct process *me = current_process();

    return (struct credentials){me->pid, me->identity.user[1], me->identity.group[1]};
}

struct parcel *parcel_create(uint32_t files)
{
    struct parcel *parcel = heap_allocate(sizeof(*parcel) + files * sizeof(parcel->file[0]));

    if (parcel)
        parcel->sender = credentials_real();
    return parcel;
}

/*
 * A file of a parcel may be a socket in which another parcel waits, and so on: a chain that was
 * built from its outer end on has any length. It is not followed by recursion, for which the stack
 * would not be long enough: what is found on the way waits for its turn.
 */
void parcel_free(struct parcel *parcel)
{
    static struct parcel *doomed;
    static bool busy;

    if (!parcel)
        return;
    parcel->next = doomed;
    doomed = parcel;
    if (busy)
        return;
    for (busy = true; (parcel = doomed); heap_free(parcel)) {
        doomed = parcel->next;
        for (uint32_t i = 0; i < parcel->count; i++)
            file_release(parcel->file[i]);
    }
    busy = false;
}

/* ---- sending --------------------------------------------------------------------------------- */

static int take_files(struct parcel *parcel, uint32_t user, uint32_t bytes)
{
    if (bytes % sizeof(uint32_t) || bytes / sizeof(uint32_t) > PARCEL_FILES - parcel->count)
        return -EINVAL;
    for (uint32_t i = 0; i < bytes / sizeof(uint32_t); i++) {
        int32_t descriptor;

        if (take_user(descriptor, user + i * sizeof(descriptor)))
            return -EFAULT;
        struct file *file = files_peek(descriptor);
        if (!file)
            return -EBADF;
        file_hold(file);
        parcel->file[parcel->count++] = file;
    }
    return 0;
}

static bool is_own(uint32_t number, const uint32_t own[3])
{
    return number == own[0] || number == own[1] || number == own[2];
}

/*
 * Everybody may say which of his own numbers he sends as; root may speak for anybody who is there.
 */
static int take_credentials(struct parcel *parcel, uint32_t user, uint32_t bytes)
{
    const struct process *me = current_process();

    if (bytes != sizeof(parcel->sender))
        return -EINVAL;
    if (take_user(parcel->sender, user))
        return -EFAULT;
    if (!is_privileged() &&
        (parcel->sender.pid != me->pid || !is_own(parcel->sender.uid, me->identity.user) ||
         !is_own(parcel->sender.gid, me->identity.group)))
        return -EPERM;
    return process_find(parcel->sender.pid) ? 0 : -ESRCH;
}

int parcel_take(struct parcel **result, uint32_t control, uint32_t bytes)
{
    struct control_header header;
    int error = 0;

    *result = NULL;
    if (bytes < sizeof(header))
        return 0;
    struct parcel *parcel = parcel_create(PARCEL_FILES);
    if (!parcel)
        return -ENOMEM;
    for (uint32_t at = 0; !error && bytes - at >= sizeof(header);) {
        if (take_user(header, control + at)) {
            error = -EFAULT;
            break;
        }
        uint32_t data = control + at + sizeof(header), data_bytes = header.bytes - sizeof(header);
        if (header.bytes < sizeof(header) || header.bytes > bytes - at)
            error = -EINVAL;
        else if (header.level != LEVEL_SOCKET)
            error = 0; /* for another protocol: passed over */
        else if (header.type == SCM_RIGHTS)
            error = take_files(parcel, data, data_bytes);
        else if (header.type == SCM_CREDENTIALS)
            error = take_credentials(parcel, data, data_bytes);
        else
            error = -EINVAL;
        at = error ? bytes : MIN(bytes, at + aligned(header.bytes));
    }
    if (error)
        parcel_free(parcel);
    else
        *result = parcel;
    return error;
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* Writes one control message at byte *used of the buffer; whether it fits. */
static bool give(uint32_t control, uint32_t room, uint32_t *used, uint32_t type, const void *data,
                 uint32_t bytes)
{
    struct control_header header = {sizeof(header) + bytes, LEVEL_SOCKET, type};

    if (room - *used < header.bytes || give_user(control + *used, header) ||
        copy_to_user((void *)(control + *used + sizeof(header)), data, bytes))
        return false;
    *used = MIN(room, *used + aligned(header.bytes));
    return true;
}

/* As many files as the buffer has room for; the rest stays in the parcel. */
static uint32_t give_files(struct parcel *parcel, uint32_t control, uint32_t room, uint32_t *used,
                           bool close_on_exec)
{
    int number[PARCEL_FILES];
    uint32_t n = 0, fit = room - *used > sizeof(struct control_header)
                              ? (room - *used - sizeof(struct control_header)) / sizeof(number[0])
                              : 0;

    while (n < MIN(fit, parcel->count)) {
        file_hold(parcel->file[n]);
        number[n] = files_install(parcel->file[n], 0, close_on_exec);
        if (number[n] < 0) {
            file_release(parcel->file[n]);
            break;
        }
        n++;
    }
    if (n && !give(control, room, used, SCM_RIGHTS, number, n * sizeof(number[0])))
        while (n)
            files_close(number[--n]);
    return n;
}

int parcel_give(struct parcel *parcel, uint32_t control, uint32_t bytes, bool credentials,
                bool close_on_exec, bool *cut)
{
    static const struct credentials unknown = {0, NOBODY, NOBODY};
    uint32_t used = 0;

    *cut = false;
    if (credentials)
        *cut = !give(control, bytes, &used, SCM_CREDENTIALS, parcel ? &parcel->sender : &unknown,
                     sizeof(unknown));
    if (parcel && parcel->count)
        *cut |= give_files(parcel, control, bytes, &used, close_on_exec) < parcel->count;
    parcel_free(parcel);
    return (int)used;
}
