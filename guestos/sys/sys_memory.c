/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_memory.c - system calls about memory */
#include "guestos/fs/file.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/space.h"

#define MAP_SHARED          0x01u /* asm-generic/mman.h */
#define MAP_PRIVATE         0x02u
#define MAP_SHARED_VALIDATE 0x03u /* what is not known is refused */
#define MAP_TYPE            0x0fu
#define MAP_FIXED           0x10u
#define MAP_ANONYMOUS       0x20u
#define MAP_POPULATE        0x8000u
#define MAP_FIXED_NOREPLACE 0x100000u
#define MAP_GROWS_DOWN      0x0100u
#define MAP_KNOWN                                                                                  \
    (MAP_FIXED | MAP_ANONYMOUS | MAP_POPULATE | MAP_FIXED_NOREPLACE | MAP_GROWS_DOWN | 0x7e800u)

/* Whether all of a range is something's. */
static bool is_mapped(const struct space *space, uint32_t address, uint32_t bytes)
{
    uint32_t end = address + bytes;

    while (address < end) {
        const struct area *area = space_area(space, address);

        if (!area)
            return false;
        address = area->end;
    }
    return true;
}

int sys_brk(uint32_t wanted)
{
    struct space *space = current_process()->space;
    uint32_t old = PAGE_UP(space->break_end), wanted_end = PAGE_UP(wanted);

    if (wanted < space->break_start || wanted > MAP_BASE)
        return (int)space->break_end;
    if (wanted_end > old) {
        for (const struct area *a = space->areas; a; a = a->next)
            if (a->start < wanted_end && a->end > old)
                return (int)space->break_end;
        if (!space_may_grow(space, wanted_end - old, 0, 0) ||
            !space_may_have_data(space, wanted_end - old))
            return (int)space->break_end;
        struct area area = {.start = old, .end = wanted_end, .protection = PROT_READ | PROT_WRITE};
        /* Growing the break's own area keeps the list short. */
        struct area *below = space_area(space, old - 1);
        if (below && old > space->break_start && !below->file &&
            below->protection == area.protection && !below->flags)
            below->end = wanted_end;
        else if (space_map(space, &area))
            return (int)space->break_end;
    } else if (wanted_end < old && space_unmap(space, wanted_end, old - wanted_end)) {
        return (int)space->break_end;
    }
    space->break_end = wanted;
    return (int)wanted;
}

/* What an area over a file needs: an open file with the right access. */
static int area_of_file(struct area *area, uint32_t descriptor, uint32_t flags, uint32_t page)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if (!file_readable(file) ||
        ((flags & MAP_TYPE) == MAP_SHARED && area->protection & PROT_WRITE && !file_writable(file)))
        return -EACCES;
    area->file_page = page;
    if (file->ops->map)
        return file->ops->map(file, area);
    if (file->ops != &regular_ops)
        return -ENODEV;
    bool sealed = file->inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE);
    if (sealed && (flags & MAP_TYPE) == MAP_SHARED && area->protection & PROT_WRITE)
        return -EPERM;
    if ((flags & MAP_TYPE) == MAP_SHARED && (sealed || !file_writable(file)))
        area->flags |= AREA_NO_WRITE;
    area->file = file->inode;
    return 0;
}

int sys_mmap2(uint32_t address, uint32_t bytes, uint32_t protection, uint32_t flags,
              uint32_t descriptor, uint32_t page)
{
    struct space *space = current_process()->space;
    uint32_t type = flags & MAP_TYPE, size = PAGE_UP(bytes);

    if (type == MAP_SHARED_VALIDATE) {
        if (flags & ~(MAP_TYPE | MAP_KNOWN))
            return -EOPNOTSUPP;
        type = MAP_SHARED;
    }
    if (!bytes || (type != MAP_SHARED && type != MAP_PRIVATE))
        return -EINVAL;
    if (size < bytes || size > KERNEL_BASE)
        return -ENOMEM;
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (address & ~PAGE_MASK)
            return -EINVAL;
    } else {
        bool fits = address >= LOWEST_USER && !(address & ~PAGE_MASK) && address < MAP_BASE &&
                    size <= MAP_BASE - address;

        for (const struct area *a = space->areas; fits && a; a = a->next)
            fits = a->end <= address || a->start >= address + size;
        if (!fits)
            address = space_find(space, size);
        if (!address)
            return -ENOMEM;
    }
    if (!space_may_grow(space, size, address, flags & MAP_FIXED ? address + size : 0))
        return -ENOMEM;
    struct area area = {.start = address,
                        .end = address + size,
                        .protection = protection & (PROT_READ | PROT_WRITE | PROT_EXEC),
                        .flags = type == MAP_SHARED ? AREA_SHARED : 0};
    if (flags & MAP_GROWS_DOWN && flags & MAP_ANONYMOUS && type == MAP_PRIVATE)
        area.flags |= AREA_GROWS;
    struct inode *shared = NULL;
    int error = 0;
    if (!(flags & MAP_ANONYMOUS)) {
        error = area_of_file(&area, descriptor, type | (flags & ~MAP_TYPE), page);
    } else if (type == MAP_SHARED) {
        /* Shared anonymous memory is a file without a name. */
        area.file = shared = inode_create(MODE_REGULAR | 0600);
        error = shared ? inode_resize(shared, size) : -ENOMEM;
    }
    if (!error && area_is_data(&area) && !space_may_have_data(space, size))
        error = -ENOMEM;
    if (!error && flags & MAP_FIXED_NOREPLACE)
        for (const struct area *a = space->areas; a && !error; a = a->next)
            error = a->start < address + size && a->end > address ? -EEXIST : 0;
    if (!error)
        error = space_map(space, &area);
    if (shared)
        inode_release(shared);
    if (error)
        return error;
    if (flags & MAP_POPULATE)
        space_populate(space, address, size);
    return (int)address;
}

int sys_mmap(uint32_t arguments)
{
    uint32_t a[6];

    if (take_user(a, arguments))
        return -EFAULT;
    if (a[5] & ~PAGE_MASK)
        return -EINVAL;
    return sys_mmap2(a[0], a[1], a[2], a[3], a[4], a[5] >> PAGE_SHIFT);
}

int sys_munmap(uint32_t address, uint32_t bytes)
{
    return space_unmap(current_process()->space, address, bytes);
}

int sys_mremap(uint32_t address, uint32_t old_bytes, uint32_t new_bytes, uint32_t flags,
               uint32_t wanted)
{
    struct space *space = current_process()->space;
    uint32_t old_size = PAGE_UP(old_bytes), new_size = PAGE_UP(new_bytes);
    const struct area *area = space_area(space, address);

    if (new_size > old_size &&
        (!space_may_grow(space, new_size - old_size, 0, 0) ||
         (area && area_is_data(area) && !space_may_have_data(space, new_size - old_size))))
        return -ENOMEM;
    return space_remap(space, address, old_bytes, new_bytes, flags, wanted);
}

int sys_mprotect(uint32_t address, uint32_t bytes, uint32_t protection)
{
    if (!bytes)
        return address & ~PAGE_MASK ? -EINVAL : 0;
    return space_protect(current_process()->space, address, bytes,
                         protection & (PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* Shared pages are the file's pages, always in step; MS_SYNC also brings them to the device. */
int sys_msync(uint32_t address, uint32_t bytes, uint32_t flags)
{
    const uint32_t sync = 4; /* asm-generic/mman-common.h */

    if (address & ~PAGE_MASK || flags & ~7u)
        return -EINVAL;
    if (bytes > KERNEL_BASE || address > KERNEL_BASE - bytes)
        return -ENOMEM;
    uint32_t end = address + PAGE_UP(bytes);
    int error = is_mapped(current_process()->space, address, PAGE_UP(bytes)) ? 0 : -ENOMEM;
    for (const struct area *a = current_process()->space->areas; a && !error; a = a->next)
        if (flags & sync && a->file && a->flags & AREA_SHARED && a->start < end && a->end > address)
            error = inode_sync(a->file);
    return error;
}

/* Nothing is ever paged out, so to lock memory is to bring it in. */
int sys_mlock(uint32_t address, uint32_t bytes)
{
    if (bytes > KERNEL_BASE || address > KERNEL_BASE - bytes)
        return -ENOMEM;
    return bytes ? space_populate(current_process()->space, address, bytes) : 0;
}

int sys_munlock(uint32_t address, uint32_t bytes)
{
    uint32_t start = PAGE_DOWN(address);

    if (bytes > KERNEL_BASE || address > KERNEL_BASE - bytes)
        return -ENOMEM;
    return is_mapped(current_process()->space, start, PAGE_UP(address + bytes) - start) ? 0
                                                                                        : -ENOMEM;
}

int sys_mlockall(uint32_t flags)
{
    struct space *space = current_process()->space;
    const uint32_t current = 1, future = 2, on_fault = 4; /* asm-generic/mman.h: MCL_* */

    if (!flags || flags & ~(current | future | on_fault) || flags == on_fault)
        return -EINVAL;
    if (flags & current && !(flags & on_fault))
        for (const struct area *a = space->areas; a; a = a->next)
            if (a->protection)
                space_populate(space, a->start, a->end - a->start);
    return 0;
}

int sys_munlockall(void)
{
    return 0;
}

int sys_mlock2(uint32_t address, uint32_t bytes, uint32_t flags)
{
    return flags > 1 ? -EINVAL : flags ? 0 : sys_mlock(address, bytes);
}

/* A byte for each page: whether touching it would be free. */
int sys_mincore(uint32_t address, uint32_t bytes, uint32_t result)
{
    const struct space *space = current_process()->space;
    uint32_t end = address + PAGE_UP(bytes);

    if (address & ~PAGE_MASK)
        return -EINVAL;
    if (end < address || end > KERNEL_BASE)
        return -ENOMEM;
    for (uint32_t at = address; at < end; at += PAGE_SIZE, result++) {
        if (!space_area(space, at))
            return -ENOMEM;
        uint8_t there = pagetable_get(&space->table, at) & PTE_PRESENT ? 1 : 0;
        if (give_user(result, there))
            return -EFAULT;
        if (breathe())
            return -EAGAIN;
    }
    return 0;
}

#define MEMFD_CLOEXEC 1u /* linux/memfd.h */
#define MEMFD_SEALING 2u

/* A file without a name, in memory. Seals are absent: F_ADD_SEALS fails. */
int sys_memfd_create(uint32_t name, uint32_t flags)
{
    char text[NAME_LIMIT - 5];
    int length = copy_string_from_user(text, (const char *)name, sizeof(text));

    if (flags & ~(MEMFD_CLOEXEC | MEMFD_SEALING) || length == -ENAMETOOLONG)
        return -EINVAL;
    if (length < 0)
        return length;
    struct inode *inode = inode_create(MODE_REGULAR | 0777);
    if (inode)
        inode->seals = SEALS_POSSIBLE | (flags & MEMFD_SEALING ? 0 : SEAL_SEAL);
    struct file *file = inode ? file_open(inode, OPEN_BOTH) : ERR_PTR(-ENOMEM);
    if (inode)
        inode_release(inode);
    if (IS_ERR(file))
        return PTR_ERR(file);
    return files_give(file, flags & MEMFD_CLOEXEC);
}

/* Which barriers there are: none. C libraries and language runtimes do without. */
int sys_membarrier(uint32_t command, uint32_t flags)
{
    return command || flags ? -EINVAL : 0;
}

enum {                       /* asm-generic/mman-common.h: MADV_* */
       ADVICE_WILL_NEED = 3, /* and the three below: how it will be read */
       ADVICE_DONT_NEED,
       ADVICE_FREE = 8,
       ADVICE_HUGE_PAGE = 14,
       ADVICE_DO_DUMP = 17, /* and those between: of what is not done here */
       ADVICE_COLD = 20,
       ADVICE_PAGE_OUT
};

/*
 * Advice may be ignored, but after "don't need" private memory reads as zero again. What is no mere
 * advice (not to give memory to children, to wipe it there) is refused.
 */
int sys_madvise(uint32_t address, uint32_t bytes, uint32_t advice)
{
    struct space *space = current_process()->space;
    bool mere = advice <= ADVICE_DONT_NEED || advice == ADVICE_FREE ||
                (advice >= ADVICE_HUGE_PAGE && advice <= ADVICE_DO_DUMP) || advice == ADVICE_COLD ||
                advice == ADVICE_PAGE_OUT;
    uint32_t size = PAGE_UP(bytes);

    if (!mere || address & ~PAGE_MASK || size < bytes || address + size < address)
        return -EINVAL;
    int error = advice == ADVICE_DONT_NEED && size ? space_discard(space, address, size) : 0;
    return error || is_mapped(space, address, size) ? error : -ENOMEM;
}
