/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * privcmd.c - /dev/xen/privcmd: how Domain 0's programs reach the hypervisor
 *
 * Two requests of Linux's device of that name (public/sys/privcmd.h):
 *   HYPERCALL     issues any hypercall; pointers in its arguments are the program's, which must have
 *                 locked the memory behind them, since the hypervisor does not wait for page faults
 *   MMAPBATCH_V2  maps frames of another domain into an area that was made by mmap() of the device
 *
 * Such an area's entries are marked foreign: its frames are not counted here, a fork does not
 * inherit them, and unmapping or the end of the program drops them like any others.
 */
#include "guestos/arch/xen/domain.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/space.h"

#define REQUEST(number) ('P' << 8 | (number)) /* type and number; the size field is not compared */
#define REQUEST_MASK    0xffffu
#define HYPERCALL_LIMIT (PAGE_SIZE / 32)
#define MAP_LIMIT       (1u << 18)
#define FOREIGN_PAGE    (PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_FOREIGN)

struct request_hypercall {
    u64 op, argument[5];
};

struct request_mmapbatch {
    u32 count;
    u16 domain;
    u64 address;
    u32 frames, errors; /* user addresses of u32[count] and int[count] */
};

static int issue(u32 address)
{
    struct request_hypercall r;
    if (take_user(r, address))
        return -EFAULT;
    if (r.op >= HYPERCALL_LIMIT)
        return -ENOSYS;
    return hypercall((u32)r.op, (u32)r.argument[0], (u32)r.argument[1], (u32)r.argument[2],
                     (u32)r.argument[3], (u32)r.argument[4]);
}

/* The machine address of the entry for `address`, whose tables exist after a 0 was set there. */
static int entry_address(struct space *space, u32 address, u64 *at)
{
    int error = pagetable_set(&space->table, address, 0);
    pagetable_flush(&space->table);
    if (error)
        return error;
    const u64 *root = page_address(space->table.root);
    const u64 *directory = page_address(pte_pfn(root[address >> 30]));
    const u64 *table = page_address(pte_pfn(directory[address >> 21 & 511]));
    *at = machine_address(&table[address >> PAGE_SHIFT & 511]);
    return 0;
}

static int map_foreign(struct space *space, u32 address, u32 frame, u32 domain, bool write)
{
    struct mmu_update update;
    u64 at;
    int error = entry_address(space, address, &at);
    if (error)
        return error;
    update.ptr = at | MMU_NORMAL_PT_UPDATE;
    update.val = (u64)frame << PAGE_SHIFT | FOREIGN_PAGE | (write ? PTE_WRITE | PTE_DIRTY : 0);
    count(COUNT_pt_updates);
    return HYPERCALL_4(mmu_update, &update, 1, 0, domain);
}

static int map_batch(u32 address)
{
    struct request_mmapbatch r;
    struct space *space = current_process()->space;
    if (take_user(r, address))
        return -EFAULT;
    if (r.address >= KERNEL_BASE || (u32)r.address & ~PAGE_MASK || r.count > MAP_LIMIT)
        return -EINVAL;
    u32 at = (u32)r.address;
    const struct area *area = space_area(space, at);
    if (!area || !(area->flags & AREA_FOREIGN) || r.count > (area->end - at) >> PAGE_SHIFT)
        return -EINVAL;
    int worst = 0;
    for (u32 i = 0; i < r.count; i++) {
        u32 frame;
        if (copy_from_user(&frame, (u32 *)r.frames + i, sizeof frame))
            return -EFAULT;
        int error =
            map_foreign(space, at + i * PAGE_SIZE, frame, r.domain, area->protection & PROT_WRITE);
        if (copy_to_user((int *)r.errors + i, &error, sizeof error))
            return -EFAULT;
        worst = error ? error : worst;
    }
    return worst;
}

static int privcmd_ioctl(struct file *file, u32 request, u32 argument)
{
    (void)file;
    switch (request & REQUEST_MASK) {
    case REQUEST(0):
        return issue(argument);
    case REQUEST(4):
        return map_batch(argument);
    default:
        return -ENOTTY;
    }
}

static int privcmd_map(struct file *file, struct area *area)
{
    (void)file;
    if (area->file_page)
        return -EINVAL;
    area->flags |= AREA_FOREIGN;
    return 0;
}

static const struct file_ops privcmd_ops = {.ioctl = privcmd_ioctl, .map = privcmd_map};

void privcmd_init(void)
{
    struct inode *inode = path_create(root_inode, "/dev/xen", MODE_DIRECTORY | 0755);
    if (!IS_ERR(inode))
        inode_release(inode);
    device_add("/dev/xen/privcmd", 0600, 10 << 8 | 61, &privcmd_ops);
}
