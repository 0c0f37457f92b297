/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix_nesting.c - sockets within sockets: what would come to wait in itself is refused (parcel.h)
 *
 * A socket may lie in another one many times, and that in a third: the ways through them are the
 * product. So a search notes at each socket how deep it came there. Who is met again, no less deep,
 * led nowhere the first time and is not looked into: a search looks into each at most
 * PARCEL_NESTING + 1 times.
 */
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/net/unix_internal.h"

static uint32_t searches;

static bool parcel_leads_to(const struct parcel *parcel, const struct socket *target,
                            uint32_t depth);

/* Whether what waits in a socket leads to `target`, or too deep to tell. */
static bool leads_to(struct socket *socket, const struct socket *target, uint32_t depth)
{
    if (socket == target || depth > PARCEL_NESTING)
        return true;
    if (socket->family != AF_UNIX)
        return false;
    struct unix_socket *u = unix_self(socket);
    if (u->search == searches && u->search_depth <= depth)
        return false;
    u->search = searches;
    u->search_depth = depth;
    for (const struct parcel *p = u->parcels; p; p = p->next)
        if (parcel_leads_to(p, target, depth))
            return true;
    for (const struct datagram *d = socket->first; d; d = d->next)
        if (d->parcel && parcel_leads_to(d->parcel, target, depth))
            return true;
    for (struct unix_socket *w = u->waiting; w; w = w->next_waiting)
        if (leads_to(&w->socket, target, depth + 1))
            return true;
    return false;
}

static bool parcel_leads_to(const struct parcel *parcel, const struct socket *target,
                            uint32_t depth)
{
    for (uint32_t i = 0; i < parcel->count; i++) {
        const struct inode *inode = parcel->file[i]->inode;

        if ((inode->mode & MODE_TYPE) == MODE_SOCKET && inode->socket &&
            leads_to(inode->socket, target, depth + 1))
            return true;
    }
    return false;
}

int unix_may_hold(const struct socket *socket, const struct parcel *parcel)
{
    if (!parcel)
        return 0;
    if (!++searches) /* what no search has come to has 0 */
        searches = 1;
    return parcel_leads_to(parcel, socket, 0) ? -ETOOMANYREFS : 0;
}
