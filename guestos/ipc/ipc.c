/* SPDX-License-Identifier: GPL-2.0-only */
/* ipc.c - keys, numbers, rights and waiting; see ipc.h */
#include "guestos/ipc/ipc.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"

#define ID_PLACES   32768u /* numbers count generations in steps of this, as Linux's do */
#define GENERATIONS 65536u

static const struct identity *me(void)
{
    return &current_process()->identity;
}

int ipc_allow(const struct ipc_object *object, uint32_t wanted)
{
    uint32_t user = me()->user[1];
    uint32_t asked = (wanted >> 6 | wanted >> 3 | wanted) & 7;
    uint32_t shift = user == object->uid || user == object->creator_uid             ? 6
                     : is_in_group(object->gid) || is_in_group(object->creator_gid) ? 3
                                                                                    : 0;

    return asked & ~(object->mode >> shift) && !is_privileged() ? -EACCES : 0;
}

int ipc_owned(const struct ipc_object *object)
{
    uint32_t user = me()->user[1];

    return user == object->uid || user == object->creator_uid || is_privileged() ? 0 : -EPERM;
}

struct ipc_object *ipc_by_key(const struct ipc_table *table, uint32_t key, uint32_t flags)
{
    for (uint32_t i = 0; key && i < IPC_PLACES; i++) {
        struct ipc_object *object = table->object[i];

        if (!object || object->key != key)
            continue;
        if (flags & IPC_CREATE && flags & IPC_EXCLUSIVE)
            return ERR_PTR(-EEXIST);
        int error = ipc_allow(object, flags & IPC_RIGHTS);
        return error ? ERR_PTR(error) : object;
    }
    return key && !(flags & IPC_CREATE) ? ERR_PTR(-ENOENT) : NULL;
}

int ipc_enter(struct ipc_table *table, struct ipc_object *object, uint32_t key, uint32_t flags)
{
    uint32_t place = 0;

    while (place < IPC_PLACES && table->object[place])
        place++;
    if (place == IPC_PLACES)
        return -ENOSPC;
    object->key = key;
    object->id = table->generation[place] * ID_PLACES + place;
    object->uid = object->creator_uid = me()->user[1];
    object->gid = object->creator_gid = me()->group[1];
    object->mode = flags & IPC_RIGHTS;
    object->changed = time_wall();
    table->object[place] = object;
    table->used++;
    return (int)object->id;
}

struct ipc_object *ipc_by_place(const struct ipc_table *table, uint32_t place)
{
    struct ipc_object *object = place < IPC_PLACES ? table->object[place] : NULL;

    return object ? object : ERR_PTR(-EINVAL);
}

struct ipc_object *ipc_by_id(const struct ipc_table *table, uint32_t id)
{
    struct ipc_object *object =
        (int32_t)id < 0 ? ERR_PTR(-EINVAL) : ipc_by_place(table, id % ID_PLACES);

    return IS_ERR(object) || object->id == id ? object : ERR_PTR(-EIDRM);
}

struct ipc_object *ipc_allowed(const struct ipc_table *table, uint32_t id, uint32_t wanted)
{
    struct ipc_object *object = ipc_by_id(table, id);
    int error = IS_ERR(object) ? 0 : ipc_allow(object, wanted);

    return error ? ERR_PTR(error) : object;
}

void ipc_leave(struct ipc_table *table, struct ipc_object *object)
{
    uint32_t place = object->id % ID_PLACES;

    table->object[place] = NULL;
    table->generation[place] = (table->generation[place] + 1) % GENERATIONS;
    table->used--;
}

struct ipc_rights ipc_rights(const struct ipc_object *object)
{
    return (struct ipc_rights){.key = object->key,
                               .uid = object->uid,
                               .gid = object->gid,
                               .creator_uid = object->creator_uid,
                               .creator_gid = object->creator_gid,
                               .mode = object->mode,
                               .generation = (uint16_t)(object->id / ID_PLACES)};
}

int ipc_set_rights(struct ipc_object *object, const struct ipc_rights *rights)
{
    int error = ipc_owned(object);

    if (error)
        return error;
    object->uid = rights->uid;
    object->gid = rights->gid;
    object->mode = (object->mode & ~IPC_RIGHTS) | (rights->mode & IPC_RIGHTS);
    object->changed = time_wall();
    return 0;
}

int ipc_highest(const struct ipc_table *table)
{
    int highest = IPC_PLACES - 1;

    while (highest > 0 && !table->object[highest])
        highest--;
    return highest;
}

void ipc_time(uint32_t to[2], uint64_t nanoseconds)
{
    uint64_t seconds = divide(nanoseconds, NANOSECONDS, NULL);

    to[0] = (uint32_t)seconds;
    to[1] = (uint32_t)(seconds >> 32);
}

int ipc_wait(struct ipc_waiter **list, struct ipc_waiter *me, uint64_t deadline)
{
    struct ipc_waiter **link = list;
    int error = 0;

    me->thread = current_thread();
    while (*link)
        link = &(*link)->next;
    *link = me;
    while (!me->done && !error)
        error = wait_in(NULL, deadline);
    if (me->done)
        return me->result;
    for (link = list; *link != me;)
        link = &(*link)->next;
    *link = me->next;
    return error;
}

void ipc_complete(struct ipc_waiter **link, int result)
{
    struct ipc_waiter *waiter = *link;

    *link = waiter->next;
    waiter->done = true;
    waiter->result = result;
    wake_thread(waiter->thread);
}

void ipc_complete_all(struct ipc_waiter **list, int result)
{
    while (*list)
        ipc_complete(list, result);
}
