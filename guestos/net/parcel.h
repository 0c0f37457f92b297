/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parcel.h - what goes with a message over local sockets: open files, and who sent it (unix(7))
 *
 * A parcel holds the files it carries until they become descriptors of the receiver, or it is
 * thrown away. In a stream it belongs to the bytes that were sent with it: a receive that takes the
 * first of them takes the parcel, and goes no further than their end.
 *
 * A socket can be sent too, with what waits in it. It could come to hold itself, directly or
 * through others, and nobody could ever close it. So a socket is refused (ETOOMANYREFS) if what
 * waits in it, sockets within sockets, leads to the one it is sent to, or is nested deeper than
 * PARCEL_NESTING. (Linux allows the circle, and looks for circles from time to time.)
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_PARCEL_H
#define GUESTOS_PARCEL_H

#include "guestos/fs/file.h"

#define PARCEL_FILES   253u /* SCM_MAX_FD */
#define PARCEL_NESTING 4u

struct credentials { /* struct ucred */
    uint32_t pid, uid, gid;
};

struct parcel {
    struct parcel *next;
    uint32_t from, to; /* stream: the bytes it belongs to, counted since the beginning */
    struct credentials sender;
    uint32_t count;
    struct file *file[];
};

/*
 * Who the running process is: messages say its real numbers, connections its effective ones
 * (unix(7)).
 */
struct credentials credentials_real(void);
struct credentials credentials_effective(void);

/*
 * A parcel for a message of the current process: no files, its real credentials. NULL: no memory.
 */
struct parcel *parcel_create(uint32_t files);
/* What a program's control buffer says; *parcel stays NULL if that is nothing. 0, -EINVAL, -EBADF,
 * -EPERM, -EFAULT, -ENOMEM. */
int parcel_take(struct parcel **parcel, uint32_t control, uint32_t bytes);
/*
 * Installs the files and writes the control buffer, as far as it has room; how many bytes of it are
 * used, and in *cut whether something did not fit. The parcel's other files are closed. NULL:
 * nothing came. `credentials`: they were asked for.
 */
int parcel_give(struct parcel *parcel, uint32_t control, uint32_t bytes, bool credentials,
                bool close_on_exec, bool *cut);
void parcel_free(struct parcel *parcel); /* NULL is allowed */

#endif
