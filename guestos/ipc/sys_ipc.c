/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_ipc.c - ipc(2), the one number by which C libraries reach all of System V's calls on the i386
 */
#include "guestos/ipc/ipc.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

enum { /* linux/ipc.h */
       SEMOP = 1,
       SEMGET,
       SEMCTL,
       SEMTIMEDOP,
       MSGSND = 11,
       MSGRCV,
       MSGGET,
       MSGCTL,
       SHMAT = 21,
       SHMDT,
       SHMGET,
       SHMCTL
};

/* The oldest form gives buffer and type in a structure of their own. */
static int receive(uint32_t version, uint32_t id, uint32_t bytes, uint32_t flags, uint32_t pointer,
                   uint32_t type)
{
    struct {
        uint32_t address, type;
    } old;

    if (version)
        return sys_msgrcv(id, pointer, bytes, type, flags);
    if (!pointer)
        return -EINVAL;
    return take_user(old, pointer) ? -EFAULT : sys_msgrcv(id, old.address, bytes, old.type, flags);
}

static int attach(uint32_t version, uint32_t id, uint32_t flags, uint32_t result, uint32_t address)
{
    if (version == 1)
        return -EINVAL;
    int start = sys_shmat(id, address, flags);
    return IS_ERR(start) ? start : give_user(result, start);
}

/*
 * A command without IPC_64 means structures of 16-bit numbers, which no C library of today uses;
 * only those that need none are done.
 */
static bool is_old(uint32_t *command)
{
    bool old = !(*command & IPC_64);

    *command &= ~IPC_64;
    return old && (*command == IPC_SET || *command == IPC_STAT);
}

int sys_ipc(uint32_t call, uint32_t first, uint32_t second, uint32_t third, uint32_t pointer,
            uint32_t fifth)
{
    uint32_t argument;

    switch (call & 0xffff) {
    case SEMOP:
        return semaphore_operate(first, pointer, second, 0, false);
    case SEMTIMEDOP:
        return semaphore_operate(first, pointer, second, fifth, false);
    case SEMGET:
        return sys_semget(first, second, third);
    case SEMCTL:
        if (!pointer || is_old(&third))
            return -EINVAL;
        return take_user(argument, pointer) ? -EFAULT : sys_semctl(first, second, third, argument);
    case MSGSND:
        return sys_msgsnd(first, pointer, second, third);
    case MSGRCV:
        return receive(call >> 16, first, second, third, pointer, fifth);
    case MSGGET:
        return sys_msgget(first, second);
    case MSGCTL:
        return is_old(&second) ? -EINVAL : sys_msgctl(first, second, pointer);
    case SHMAT:
        return attach(call >> 16, first, second, third, pointer);
    case SHMDT:
        return sys_shmdt(pointer);
    case SHMGET:
        return sys_shmget(first, second, third);
    case SHMCTL:
        return is_old(&second) ? -EINVAL : sys_shmctl(first, second, pointer);
    default:
        return -ENOSYS;
    }
}
