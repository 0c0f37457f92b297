/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * privcmd.c - /dev/xen/privcmd: how Domain 0's programs reach the hypervisor
 *
 * Two requests of Linux's device of that name (public/sys/privcmd.h):
 *   HYPERCALL     issues any hypercall; pointers in its arguments are the program's, which must
 *                 have locked the memory behind them: the hypervisor waits for no page fault
 *   MMAPBATCH_V2  maps frames of another domain into an area that was made by mmap() of the device
 *
 * Such an area's entries are marked foreign: its frames are not counted here, a fork does not
 * inherit them, and unmapping or the end of the program drops them like any others.
 */
#include "guestos/arch/xen/domain.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/space.h"

#define REQUEST(number) ('P' << 8 | (number)) /* type and number; the size field is not compared */
#define REQUEST_MASK    0xffffu
#define HYPERCALL_LIMIT (PAGE_SIZE / 32)
#define MAP_LIMIT       (1u << 18)
#define FOREIGN_PAGE    (PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_FOREIGN)

struct request_hypercall {
    uint64_t op, argument[5];
};

struct request_mmapbatch {
    uint32_t count;
    uint16_t domain;
    uint64_t address;
    uint32_t frames, errors; /* user addresses of uint32_t[count] and int[count] */
};

static int issue(uint32_t address)
{
    struct request_hypercall r;

    if (take_user(r, address))
        return -EFAULT;
    if (r.op >= HYPERCALL_LIMIT)
        return -ENOSYS;
    return hypercall((uint32_t)r.op, (uint32_t)r.argument[0], (uint32_t)r.argument[1],
                     (uint32_t)r.argument[2], (uint32_t)r.argument[3], (uint32_t)r.argument[4]);
}

/* The entry of the current page table for `address`; NULL: there is no table for it. */
static const uint64_t *entry_of(const struct space *space, uint32_t address)
{
    const uint64_t *root = page_address(space->table.root);

    if (!(root[address >> 30] & PTE_PRESENT))
        return NULL;
    const uint64_t *directory = page_address(pte_pfn(root[address >> 30]));
    uint64_t link = directory[address >> 21 & 511];
    if (!(link & PTE_PRESENT))
        return NULL;
    return (const uint64_t *)page_address(pte_pfn(link)) + (address >> PAGE_SHIFT & 511);
}

/* The machine address of an empty entry for `address`. */
static int entry_address(struct space *space, uint32_t address, uint64_t *at)
{
    const uint64_t *entry = entry_of(space, address);

    if (!entry || *entry) { /* makes the tables, and forgets what is mapped there */
        int error = pagetable_set(&space->table, address, 0);
        pagetable_flush(&space->table);
        if (error)
            return error;
        entry = entry_of(space, address);
    }
    *at = machine_address(entry);
    return 0;
}

#define BATCH 128

struct batch {
    uint32_t count;
    uint32_t frame[BATCH];
    int error[BATCH];
    struct mmu_update update[BATCH];
};

/* One hypercall for all, and one more after each that is refused. */
static void map_frames(struct batch *batch, uint32_t domain)
{
    for (uint32_t from = 0; from < batch->count;) {
        uint32_t done = 0;
        int error =
            HYPERCALL_4(mmu_update, &batch->update[from], batch->count - from, &done, domain);

        if (!error)
            return;
        from += MIN(done, batch->count - from - 1);
        batch->error[from++] = error;
    }
}

/* Maps batch->frame[] from `address` on. The worst error, of which each has its own too. */
static int map_some(struct space *space, uint32_t address, uint32_t domain, bool write,
                    struct batch *batch)
{
    uint64_t flags = FOREIGN_PAGE | (write ? PTE_WRITE | PTE_DIRTY : 0);
    int worst = 0;

    memset(batch->error, 0, sizeof(batch->error));
    for (uint32_t i = 0; i < batch->count; i++) {
        uint64_t at;
        int error = entry_address(space, address + i * PAGE_SIZE, &at);

        if (error)
            return error;
        batch->update[i].ptr = at | MMU_NORMAL_PT_UPDATE;
        batch->update[i].val = (uint64_t)batch->frame[i] << PAGE_SHIFT | flags;
        count(COUNT_pt_updates);
    }
    map_frames(batch, domain);
    for (uint32_t i = 0; i < batch->count; i++)
        worst = batch->error[i] ? batch->error[i] : worst;
    return worst;
}

static int map_batch(uint32_t address)
{
    struct request_mmapbatch r;
    struct space *space = current_process()->space;

    if (take_user(r, address))
        return -EFAULT;
    if (r.address >= KERNEL_BASE || (uint32_t)r.address & ~PAGE_MASK || r.count > MAP_LIMIT)
        return -EINVAL;
    uint32_t at = (uint32_t)r.address;
    const struct area *area = space_area(space, at);
    if (!area || !(area->flags & AREA_FOREIGN) || r.count > (area->end - at) >> PAGE_SHIFT)
        return -EINVAL;
    bool write = area->protection & PROT_WRITE;
    struct batch *batch = heap_allocate(sizeof(*batch));
    int worst = batch ? 0 : -ENOMEM;
    for (uint32_t done = 0; batch && done < r.count; done += batch->count) {
        batch->count = MIN(r.count - done, (uint32_t)BATCH);
        uint32_t bytes = batch->count * sizeof(batch->frame[0]);
        if (copy_from_user(batch->frame, (uint32_t *)r.frames + done, bytes)) {
            worst = -EFAULT;
            break;
        }
        int error = map_some(space, at + done * PAGE_SIZE, r.domain, write, batch);
        worst = error ? error : worst;
        if (copy_to_user((int *)r.errors + done, batch->error, bytes)) {
            worst = -EFAULT;
            break;
        }
    }
    heap_free(batch);
    return worst;
}

static int privcmd_ioctl(struct file *file, uint32_t request, uint32_t argument)
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
