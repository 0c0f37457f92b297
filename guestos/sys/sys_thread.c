/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_thread.c - system calls about threads: making them, their numbers, their TLS descriptors */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"

int sys_fork(struct trap_frame *frame)
{
    const struct clone_request request = {.flags = SIGCHLD};

    return process_clone(frame, &request);
}

int sys_vfork(struct trap_frame *frame)
{
    const struct clone_request request = {.flags = CLONE_VM | CLONE_VFORK | SIGCHLD};

    return process_clone(frame, &request);
}

/* i386's order of arguments: CONFIG_CLONE_BACKWARDS. */
int sys_clone(struct trap_frame *frame)
{
    const struct clone_request request = {.flags = frame->ebx,
                                          .stack = frame->ecx,
                                          .parent_tid = frame->edx,
                                          .tls = frame->esi,
                                          .child_tid = frame->edi};

    return process_clone(frame, &request);
}

int sys_exit(uint32_t status)
{
    thread_exit((int)((status & 0xff) << 8));
}

int sys_exit_group(uint32_t status)
{
    process_exit((int)((status & 0xff) << 8));
}

int sys_getpid(void)
{
    return (int)current_process()->pid;
}

int sys_gettid(void)
{
    return (int)current_thread()->tid;
}

int sys_set_tid_address(uint32_t address)
{
    current_thread()->clear_child_tid = address;
    return (int)current_thread()->tid;
}

/* ---- thread-local storage -------------------------------------------------------------------- */

struct user_desc { /* asm/ldt.h */
    uint32_t entry, base, limit;
    uint32_t seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1,
        seg_not_present : 1, useable : 1;
};

static uint64_t descriptor(const struct user_desc *u)
{
    uint32_t low = u->base << 16 | (u->limit & 0xffff);
    uint32_t access = 0xf0u /* present, ring 3, code or data */ | u->contents << 2 |
                      (u->read_exec_only ? 0 : 2u) | 1u /* accessed */;
    uint32_t high = (u->base & 0xff000000) | (u->limit & 0xf0000) | (u->base >> 16 & 0xff) |
                    access << 8 | (uint32_t)u->useable << 20 | (uint32_t)u->seg_32bit << 22 |
                    (uint32_t)u->limit_in_pages << 23;

    return (uint64_t)high << 32 | low;
}

int tls_set(struct machine_thread *thread, uint32_t user_descriptor)
{
    struct user_desc u;

    if (take_user(u, user_descriptor))
        return -EFAULT;
    bool empty = u.seg_not_present || (!u.base && !u.limit);
    /* Never through this call: code, as on Linux. And nothing that a hypervisor would not have in a
     * guest's table: data that grows down, and what begins where the hypervisor may be. */
    if (u.contents > 1 || (!empty && (u.contents || u.base >= KERNEL_TOP)))
        return -EINVAL;
    if (u.entry == ~0u) {
        for (u.entry = 0; u.entry < TLS_ENTRIES && thread->tls[u.entry]; u.entry++)
            ;
        if (u.entry == TLS_ENTRIES)
            return -ESRCH;
        u.entry += TLS_FIRST;
        if (copy_to_user((void *)user_descriptor, &u.entry, sizeof(u.entry)))
            return -EFAULT;
    }
    if (u.entry < TLS_FIRST || u.entry >= TLS_FIRST + TLS_ENTRIES)
        return -EINVAL;
    thread->tls[u.entry - TLS_FIRST] = empty ? 0 : descriptor(&u);
    return 0;
}

int sys_set_thread_area(uint32_t address)
{
    struct machine_thread *thread = &current_thread()->machine;
    int error = tls_set(thread, address);

    if (!error)
        arch_load_tls(thread);
    return error;
}

int sys_get_thread_area(uint32_t address)
{
    struct user_desc u;

    if (take_user(u, address))
        return -EFAULT;
    if (u.entry < TLS_FIRST || u.entry >= TLS_FIRST + TLS_ENTRIES)
        return -EINVAL;
    uint64_t d = current_thread()->machine.tls[u.entry - TLS_FIRST];
    uint32_t low = (uint32_t)d, high = (uint32_t)(d >> 32);
    struct user_desc found = {.entry = u.entry,
                              .base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000),
                              .limit = (low & 0xffff) | (high & 0xf0000),
                              .seg_32bit = high >> 22 & 1,
                              .contents = high >> 10 & 3,
                              .read_exec_only = !(high >> 9 & 1),
                              .limit_in_pages = high >> 23 & 1,
                              .seg_not_present = !(high >> 15 & 1),
                              .useable = high >> 20 & 1};
    return give_user(address, found);
}
