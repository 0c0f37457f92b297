/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sem.c - System V's semaphores (semget(2), semop(2), semctl(2))
 *
 * The operations of one semop() happen all at once or not at all. Who cannot go on waits in its
 * set's list. Whoever changes a value does what has become possible in the name of those who wait
 * (ipc.h), before it goes on itself.
 *
 * Those that only wait for zero come first, as they change nothing; then the others, one by one,
 * and after each the list from its beginning. What a process did with SEM_UNDO is noted in the set,
 * a row of adjustments for each process, and undone when the process ends.
 */
#include "guestos/ipc/ipc.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define SET_LARGEST   32000u /* linux/sem.h: SEMMSL, SEMOPM, SEMVMX */
#define OPERATIONS    500u
#define VALUE_LARGEST 32767
#define ALL_SEMS      32000u /* in all sets together: SEMMNS, which Linux has larger */
#define SEM_UNDO      0x1000u

enum {
    SEM_PID = 11,
    SEM_VALUE,
    SEM_ALL,
    SEM_COUNT_MORE, /* who waits for it to grow */
    SEM_COUNT_ZERO,
    SEM_SET_VALUE,
    SEM_SET_ALL,
    SEM_STAT,
    SEM_INFO,
    SEM_STAT_ANY
};

struct operation { /* struct sembuf */
    uint16_t number;
    int16_t change, flags;
};

struct semaphore {
    uint16_t value;
    uint32_t pid; /* of the last to operate on it */
};

struct undo {
    struct undo *next;
    const struct process *process;
    int16_t adjust[];
};

/* The operations of one semop(), on the kernel stack of who called it. */
struct request {
    struct ipc_waiter waiter; /* first */
    const struct operation *operation;
    uint32_t count;
    bool changes;      /* any of them is more than waiting for zero */
    struct undo *undo; /* where SEM_UNDO is noted; NULL: nowhere */
    const struct operation *blocked_by;
};

struct set {
    struct ipc_object object;
    uint32_t count;
    uint64_t operated;
    struct undo *undos;
    struct ipc_waiter *waiters;
    struct semaphore semaphore[];
};

struct semid64 { /* struct semid64_ds of the i386 */
    struct ipc_rights rights;
    uint32_t operated[2], changed[2], count, unused[2];
};

static struct ipc_table sets;

static struct set *self(struct ipc_object *object)
{
    return (struct set *)object;
}

static uint32_t semaphores_of_all(void)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < IPC_PLACES; i++)
        n += sets.object[i] ? self(sets.object[i])->count : 0;
    return n;
}

int sys_semget(uint32_t key, uint32_t count, uint32_t flags)
{
    if (count > SET_LARGEST)
        return -EINVAL;
    struct ipc_object *object = ipc_by_key(&sets, key, flags);
    if (IS_ERR(object))
        return PTR_ERR(object);
    if (object)
        return count > self(object)->count ? -EINVAL : (int)object->id;
    if (!count)
        return -EINVAL;
    if (semaphores_of_all() + count > ALL_SEMS)
        return -ENOSPC;
    struct set *set = heap_allocate(sizeof(*set) + count * sizeof(set->semaphore[0]));
    if (!set)
        return -ENOMEM;
    set->count = count;
    int id = ipc_enter(&sets, &set->object, key, flags);
    if (id < 0)
        heap_free(set);
    return id;
}

/* ---- operating ------------------------------------------------------------------------------- */

/* The current process's, made if there is none yet; NULL: no memory. */
static struct undo *undo_of(struct set *set)
{
    const struct process *process = current_process();
    struct undo *undo = set->undos;

    while (undo && undo->process != process)
        undo = undo->next;
    if (undo)
        return undo;
    undo = heap_allocate(sizeof(*undo) + set->count * sizeof(undo->adjust[0]));
    if (!undo)
        return NULL;
    undo->process = process;
    undo->next = set->undos;
    set->undos = undo;
    return undo;
}

/* Takes back the first n operations. */
static void take_back(struct set *set, const struct operation *operation, uint32_t n)
{
    while (n--)
        set->semaphore[operation[n].number].value -= (uint16_t)operation[n].change;
}

/* All of them: 0; -ERANGE, -EAGAIN; or 1, nothing has happened and request->blocked_by is why. */
static int try(struct set *set, struct request *request)
{
    struct undo *undo = request->undo;

    for (uint32_t i = 0; i < request->count; i++) {
        const struct operation *o = &request->operation[i];
        struct semaphore *s = &set->semaphore[o->number];
        int value = s->value + o->change;
        int adjusted = undo && o->flags & SEM_UNDO ? undo->adjust[o->number] - o->change : 0;
        bool blocks = o->change ? value < 0 : s->value != 0;

        if (blocks || value > VALUE_LARGEST || adjusted < -VALUE_LARGEST - 1 ||
            adjusted > VALUE_LARGEST) {
            take_back(set, request->operation, i);
            request->blocked_by = o;
            return !blocks ? -ERANGE : (uint16_t)o->flags & IPC_NO_WAIT ? -EAGAIN : 1;
        }
        s->value = (uint16_t)value;
    }
    for (uint32_t i = 0; i < request->count; i++) {
        const struct operation *o = &request->operation[i];

        set->semaphore[o->number].pid = request->waiter.thread->process->pid;
        if (undo && o->flags & SEM_UNDO)
            undo->adjust[o->number] -= o->change;
    }
    set->operated = time_wall();
    return 0;
}

/*
 * Those that can go on and change something, or nothing. Of the former the first only; whether
 * there was one.
 */
static bool complete_some(struct set *set, bool change)
{
    for (struct ipc_waiter **link = &set->waiters; *link;) {
        struct request *request = (struct request *)*link;
        int result = request->changes == change ? try(set, request) : 1;

        if (result > 0) {
            link = &(*link)->next;
            continue;
        }
        ipc_complete(link, result);
        if (change && !result)
            return true;
    }
    return false;
}

/* Values have changed. */
static void complete_waiters(struct set *set)
{
    do
        complete_some(set, false);
    while (complete_some(set, true));
}

static int operate(struct set *set, const struct operation *operation, uint32_t n,
                   uint64_t deadline)
{
    struct request request = {
        .waiter.thread = current_thread(), .operation = operation, .count = n};
    bool undoes = false;

    for (uint32_t i = 0; i < n; i++) {
        if (operation[i].number >= set->count)
            return -EFBIG;
        request.changes = request.changes || operation[i].change;
        undoes = undoes || (operation[i].change && operation[i].flags & SEM_UNDO);
    }
    int error = ipc_allow(&set->object, request.changes ? IPC_WRITE : IPC_READ);
    if (error)
        return error;
    request.undo = undoes ? undo_of(set) : NULL;
    if (undoes && !request.undo)
        return -ENOMEM;
    int result = try(set, &request);
    if (result > 0)
        return ipc_wait(&set->waiters, &request.waiter, deadline);
    if (!result && request.changes)
        complete_waiters(set);
    return result;
}

static int operate_until(uint32_t id, uint32_t operations, uint32_t n, uint64_t deadline)
{
    if (!n || (int32_t)id < 0)
        return -EINVAL;
    if (n > OPERATIONS)
        return -E2BIG;
    struct operation *copy = heap_allocate(n * sizeof(*copy));
    int error = copy ? 0 : -ENOMEM;
    if (!error && copy_from_user(copy, (void *)operations, n * sizeof(*copy)))
        error = -EFAULT;
    struct ipc_object *object = error ? NULL : ipc_by_id(&sets, id);
    if (!error)
        error = IS_ERR(object) ? PTR_ERR(object) : operate(self(object), copy, n, deadline);
    heap_free(copy);
    return error;
}

int semaphore_operate(uint32_t id, uint32_t operations, uint32_t n, uint32_t timeout, bool wide)
{
    uint64_t nanoseconds;
    int error = timeout ? time_from_user(&nanoseconds, timeout, wide) : 0;

    if (error)
        return error;
    return operate_until(id, operations, n,
                         wait_deadline(timeout ? arch_clock() + nanoseconds : NO_DEADLINE));
}

int sys_semtimedop_time64(uint32_t id, uint32_t operations, uint32_t n, uint32_t timeout)
{
    return semaphore_operate(id, operations, n, timeout, true);
}

static void free_undo(struct undo **link)
{
    struct undo *undo = *link;

    *link = undo->next;
    heap_free(undo);
}

/* What a process did with SEM_UNDO is undone. */
static void process_ends(const struct process *process)
{
    for (uint32_t i = 0; i < IPC_PLACES; i++) {
        struct set *set = sets.object[i] ? self(sets.object[i]) : NULL;
        struct undo **link = set ? &set->undos : NULL;

        while (link && *link && (*link)->process != process)
            link = &(*link)->next;
        if (!link || !*link)
            continue;
        for (uint32_t k = 0; k < set->count; k++) {
            int value = set->semaphore[k].value + (*link)->adjust[k];

            if ((*link)->adjust[k])
                set->semaphore[k].pid = process->pid;
            set->semaphore[k].value = (uint16_t)MIN(MAX(value, 0), VALUE_LARGEST);
        }
        set->operated = time_wall();
        free_undo(link);
        complete_waiters(set);
    }
}
HOOK(process_ends, process_ends);

/* ---- control --------------------------------------------------------------------------------- */

static int remove(struct set *set)
{
    int error = ipc_owned(&set->object);

    if (error)
        return error;
    ipc_leave(&sets, &set->object);
    while (set->undos)
        free_undo(&set->undos);
    ipc_complete_all(&set->waiters, -EIDRM);
    heap_free(set);
    return 0;
}

static uint32_t waiting(const struct set *set, uint32_t number, bool for_zero)
{
    uint32_t n = 0;

    for (const struct ipc_waiter *w = set->waiters; w; w = w->next) {
        const struct operation *o = ((const struct request *)w)->blocked_by;

        n += o->number == number && !o->change == for_zero;
    }
    return n;
}

static int status(struct set *set, uint32_t address)
{
    struct semid64 s = {.rights = ipc_rights(&set->object), .count = set->count};

    ipc_time(s.operated, set->operated);
    ipc_time(s.changed, set->object.changed);
    return give_user(address, s);
}

/* What has been set is not to be undone. */
static void values_set(struct set *set, uint32_t first, uint32_t end)
{
    for (struct undo *undo = set->undos; undo; undo = undo->next)
        for (uint32_t i = first; i < end; i++)
            undo->adjust[i] = 0;
    for (uint32_t i = first; i < end; i++)
        set->semaphore[i].pid = current_process()->pid;
    set->object.changed = time_wall();
    complete_waiters(set);
}

static int set_one(struct set *set, uint32_t number, uint32_t value)
{
    if (value > VALUE_LARGEST)
        return -ERANGE;
    set->semaphore[number].value = (uint16_t)value;
    values_set(set, number, number + 1);
    return 0;
}

static int give_all(const struct set *set, uint32_t address)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (give_user(address + i * sizeof(uint16_t), set->semaphore[i].value))
            return -EFAULT;
    return 0;
}

static int set_all(struct set *set, uint32_t address)
{
    uint16_t *values = heap_allocate(set->count * sizeof(*values));
    int error = values ? 0 : -ENOMEM;

    if (!error && copy_from_user(values, (void *)address, set->count * sizeof(*values)))
        error = -EFAULT;
    for (uint32_t i = 0; !error && i < set->count; i++)
        error = values[i] > VALUE_LARGEST ? -ERANGE : 0;
    for (uint32_t i = 0; !error && i < set->count; i++)
        set->semaphore[i].value = values[i];
    if (!error)
        values_set(set, 0, set->count);
    heap_free(values);
    return error;
}

static int system_info(uint32_t command, uint32_t address)
{
    bool usage = command == SEM_INFO;
    const uint32_t info[10] = {ALL_SEMS, /* struct seminfo */
                               IPC_PLACES,
                               ALL_SEMS,
                               ALL_SEMS,
                               SET_LARGEST,
                               OPERATIONS,
                               OPERATIONS,
                               usage ? sets.used : 20,
                               VALUE_LARGEST,
                               usage ? semaphores_of_all() : VALUE_LARGEST};

    return give_user(address, info) ? -EFAULT : ipc_highest(&sets);
}

static int control_one(struct set *set, uint32_t number, uint32_t command, uint32_t argument)
{
    if (number >= set->count)
        return -EINVAL;
    switch (command) {
    case SEM_PID:
        return (int)set->semaphore[number].pid;
    case SEM_VALUE:
        return set->semaphore[number].value;
    case SEM_COUNT_MORE:
        return (int)waiting(set, number, false);
    case SEM_COUNT_ZERO:
        return (int)waiting(set, number, true);
    default:
        return set_one(set, number, argument);
    }
}

int sys_semctl(uint32_t id, uint32_t number, uint32_t command, uint32_t argument)
{
    struct semid64 wanted;
    bool by_place = command == SEM_STAT || command == SEM_STAT_ANY;
    bool changes = command == SEM_SET_VALUE || command == SEM_SET_ALL;

    if ((int32_t)id < 0)
        return -EINVAL;
    if (command == IPC_INFO || command == SEM_INFO)
        return system_info(command, argument);
    if (command == IPC_SET && take_user(wanted, argument))
        return -EFAULT;
    struct ipc_object *object = by_place ? ipc_by_place(&sets, id) : ipc_by_id(&sets, id);
    if (IS_ERR(object))
        return PTR_ERR(object);
    if (command == IPC_REMOVE)
        return remove(self(object));
    if (command == IPC_SET)
        return ipc_set_rights(object, &wanted.rights);
    int error = command == SEM_STAT_ANY ? 0 : ipc_allow(object, changes ? IPC_WRITE : IPC_READ);
    if (error)
        return error;
    switch (command) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        error = status(self(object), argument);
        return error || !by_place ? error : (int)object->id;
    case SEM_ALL:
        return give_all(self(object), argument);
    case SEM_SET_ALL:
        return set_all(self(object), argument);
    case SEM_PID:
    case SEM_VALUE:
    case SEM_COUNT_MORE:
    case SEM_COUNT_ZERO:
    case SEM_SET_VALUE:
        return control_one(self(object), number, command, argument);
    default:
        return -EINVAL;
    }
}
