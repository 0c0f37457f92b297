/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shm.c - System V's shared memory (shmget(2), shmop(2), shmctl(2))
 *
 * A segment is a file in memory without a name, which its table entry holds and every mapping of it
 * too: to attach is to map it, and how many are attached is how many hold it. A segment that is
 * removed while it is attached gives up the table's hold, and its entry goes with the last mapping
 * (segment_release()).
 *
 * Segments that nobody has attached stay when programs end, like files in memory. So all of them
 * together may have half of the memory and no more (ENOSPC).
 */
#include "guestos/fs/filesystem.h"
#include "guestos/ipc/ipc.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define SHM_READ_ONLY 010000u /* linux/shm.h: flags of shmat() */
#define SHM_ROUND     020000u
#define SHM_REMAP     040000u
#define SHM_EXECUTE   0100000u
#define SHM_REMOVED   01000u /* in the mode */
#define SHM_LOCKED    02000u
#define SHM_HUGE      04000u /* of shmget() */
#define SHM_SHARE     2u     /* of all frames */

enum { SHM_LOCK = 11, SHM_UNLOCK, SHM_STAT, SHM_INFO, SHM_STAT_ANY };

struct segment {
    struct ipc_object object;
    struct inode *inode; /* held until it is removed */
    uint32_t bytes;
    uint64_t attached, detached;
    uint32_t creator, last; /* processes */
};

struct shmid64 { /* struct shmid64_ds */
    struct ipc_rights rights;
    uint32_t bytes, attached[2], detached[2], changed[2], creator, last, count, unused[2];
};

static struct ipc_table segments;
static const struct inode_ops segment_inode_ops;

static struct segment *self(struct ipc_object *object)
{
    return (struct segment *)object;
}

static bool removed(const struct segment *segment)
{
    return segment->object.mode & SHM_REMOVED;
}

static uint32_t attached(const struct segment *segment)
{
    return segment->inode->references - !removed(segment);
}

static uint32_t pages_of(uint32_t bytes)
{
    return PAGE_UP(bytes) >> PAGE_SHIFT;
}

static uint32_t pages_of_all(void)
{
    uint32_t pages = 0;

    for (uint32_t i = 0; i < IPC_PLACES; i++)
        if (segments.object[i])
            pages += pages_of(self(segments.object[i])->bytes);
    return pages;
}

static int create(uint32_t key, uint32_t bytes, uint32_t flags)
{
    if (!bytes || flags & SHM_HUGE)
        return -EINVAL;
    if (bytes > FILE_LIMIT)
        return -ENOMEM;
    if (pages_of_all() + pages_of(bytes) > pages_total() / SHM_SHARE)
        return -ENOSPC;
    struct segment *segment = heap_allocate(sizeof(*segment));
    struct inode *inode = segment ? inode_create(MODE_REGULAR | 0600) : NULL;
    int result = inode ? inode_resize(inode, PAGE_UP(bytes)) : -ENOMEM;
    if (!result)
        result = ipc_enter(&segments, &segment->object, key, flags);
    if (result < 0) {
        if (inode)
            inode_release(inode);
        heap_free(segment);
        return result;
    }
    inode->owner = segment;
    inode->inode_ops = &segment_inode_ops;
    segment->inode = inode;
    segment->bytes = bytes;
    segment->creator = current_process()->pid;
    return result;
}

int sys_shmget(uint32_t key, uint32_t bytes, uint32_t flags)
{
    struct ipc_object *object = ipc_by_key(&segments, key, flags);

    if (IS_ERR(object))
        return PTR_ERR(object);
    if (!object)
        return create(key, bytes, flags);
    return bytes > self(object)->bytes ? -EINVAL : (int)object->id;
}

/* ---- attaching ------------------------------------------------------------------------------- */

/* Where to; the address, or -EINVAL. */
static int choose_address(uint32_t wanted, uint32_t flags)
{
    if (!wanted)
        return flags & SHM_REMAP ? -EINVAL : 0;
    if (wanted & ~PAGE_MASK) {
        if (!(flags & SHM_ROUND))
            return -EINVAL;
        wanted = PAGE_DOWN(wanted);
    }
    return wanted >= LOWEST_USER && wanted < KERNEL_BASE ? (int)wanted : -EINVAL;
}

static bool is_free(const struct space *space, uint32_t start, uint32_t bytes)
{
    for (const struct area *a = space->areas; a; a = a->next)
        if (a->start < start + bytes && a->end > start)
            return false;
    return true;
}

int sys_shmat(uint32_t id, uint32_t wanted, uint32_t flags)
{
    struct space *space = current_process()->space;
    struct ipc_object *object =
        ipc_allowed(&segments, id, IPC_READ | (flags & SHM_READ_ONLY ? 0 : IPC_WRITE));

    if (IS_ERR(object))
        return PTR_ERR(object);
    struct segment *segment = self(object);
    uint32_t bytes = PAGE_UP(segment->bytes), start = wanted;
    int chosen = choose_address(wanted, flags);
    if (IS_ERR(chosen))
        return chosen;
    start = chosen ? (uint32_t)chosen : space_find(space, bytes);
    if (!start || !space_may_grow(space, bytes, start, flags & SHM_REMAP ? start + bytes : start))
        return -ENOMEM;
    if (bytes > KERNEL_BASE - start || (!(flags & SHM_REMAP) && !is_free(space, start, bytes)))
        return -EINVAL;
    struct area area = {.start = start,
                        .end = start + bytes,
                        .protection = PROT_READ | (flags & SHM_READ_ONLY ? 0 : PROT_WRITE) |
                                      (flags & SHM_EXECUTE ? PROT_EXEC : 0),
                        .flags = AREA_SHARED | (flags & SHM_READ_ONLY ? AREA_NO_WRITE : 0),
                        .file = segment->inode};
    int error = space_map(space, &area);
    if (error)
        return error;
    segment->attached = time_wall();
    segment->last = current_process()->pid;
    return (int)start;
}

/* What is left of the mapping that began at this address. */
int sys_shmdt(uint32_t address)
{
    struct space *space = current_process()->space;
    const struct area *first = space->areas;

    while (first &&
           (!first->file || first->file->inode_ops != &segment_inode_ops ||
            first->start < address || first->start - address != first->file_page << PAGE_SHIFT))
        first = first->next;
    if (address & ~PAGE_MASK || !first)
        return -EINVAL;
    struct inode *inode = first->file;
    uint32_t end = address + inode->size;
    inode_hold(inode); /* areas and the segment may go while the list is walked */
    for (const struct area *a = space->areas, *next; a && a->start < end; a = next) {
        uint32_t start = a->start, bytes = a->end - a->start;

        next = a->next;
        if (a->file == inode && start >= address && start - address == a->file_page << PAGE_SHIFT)
            space_unmap(space, start, bytes);
    }
    inode_release(inode);
    return 0;
}

static void segment_unmapped(struct inode *inode)
{
    struct segment *segment = inode->owner;

    segment->detached = time_wall();
    segment->last = current_process()->pid;
}

static void segment_release(struct inode *inode)
{
    struct segment *segment = inode->owner;

    ipc_leave(&segments, &segment->object);
    heap_free(segment);
    inode_free(inode);
}

/* A regular file in memory, but for what its segment must know of. */
static const struct inode_ops segment_inode_ops = {
    .may_grow = memory_may_grow,
    .resize = memory_resize,
    .unmapped = segment_unmapped,
    .frames = &file_pages.memory,
    .blocks = memory_blocks,
    .release = segment_release,
};

/* ---- control --------------------------------------------------------------------------------- */

static int remove(struct segment *segment)
{
    int error = ipc_owned(&segment->object);

    if (error || removed(segment))
        return error;
    segment->object.key = 0;
    segment->object.mode |= SHM_REMOVED;
    inode_release(segment->inode); /* which may have been the last hold */
    return 0;
}

static int status(struct segment *segment, uint32_t address)
{
    struct shmid64 s = {.rights = ipc_rights(&segment->object),
                        .bytes = segment->bytes,
                        .creator = segment->creator,
                        .last = segment->last,
                        .count = attached(segment)};

    ipc_time(s.attached, segment->attached);
    ipc_time(s.detached, segment->detached);
    ipc_time(s.changed, segment->object.changed);
    return give_user(address, s);
}

static int system_info(uint32_t command, uint32_t address)
{
    uint32_t resident = 0;

    for (uint32_t i = 0; i < IPC_PLACES; i++)
        if (segments.object[i])
            resident += inode_blocks(self(segments.object[i])->inode) / (PAGE_SIZE / 512);
    const uint32_t limits[9] = {FILE_LIMIT, 1, IPC_PLACES, IPC_PLACES, pages_total() / SHM_SHARE};
    const uint32_t usage[6] = {segments.used, pages_of_all(), resident};
    int error = command == SHM_INFO ? give_user(address, usage) : give_user(address, limits);
    return error ? error : ipc_highest(&segments);
}

int sys_shmctl(uint32_t id, uint32_t command, uint32_t address)
{
    struct shmid64 wanted;
    bool by_place = command == SHM_STAT || command == SHM_STAT_ANY;

    if (command == IPC_INFO || command == SHM_INFO)
        return system_info(command, address);
    if (command == IPC_SET && take_user(wanted, address))
        return -EFAULT;
    struct ipc_object *object = (int32_t)id < 0 ? ERR_PTR(-EINVAL)
                                : by_place      ? ipc_by_place(&segments, id)
                                                : ipc_by_id(&segments, id);
    if (IS_ERR(object))
        return PTR_ERR(object);
    int error;
    switch (command) {
    case IPC_REMOVE:
        return remove(self(object));
    case IPC_SET:
        return ipc_set_rights(object, &wanted.rights);
    case SHM_LOCK: /* nothing is ever paged out */
    case SHM_UNLOCK:
        error = ipc_owned(object);
        if (!error)
            object->mode =
                command == SHM_LOCK ? object->mode | SHM_LOCKED : object->mode & ~SHM_LOCKED;
        return error;
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        error = command == SHM_STAT_ANY ? 0 : ipc_allow(object, IPC_READ);
        if (!error)
            error = status(self(object), address);
        return error || !by_place ? error : (int)object->id;
    default:
        return -EINVAL;
    }
}
