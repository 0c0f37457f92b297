/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_identity.c - who a process is: users and groups (credentials(7))
 *
 * The numbers are kept, changed by Linux's rules, inherited, told to other processes, and given to
 * new files. Whose effective numbers change, or those for files, is hidden from others of its new
 * user: it may hold what it has read as the old one.
 */
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

#define SAME      (~0u) /* "leave it" */
#define SAME_16   0xffffu
#define TOO_LARGE 65534u /* what the calls of 16 bits show of numbers that do not fit */

enum { REAL, EFFECTIVE, SAVED };

static struct identity *mine(void)
{
    return &current_process()->identity;
}

static bool privileged(void)
{
    return !mine()->user[EFFECTIVE];
}

static uint32_t narrow(uint32_t id)
{
    return id > SAME_16 ? TOO_LARGE : id;
}

static uint32_t wide(uint32_t id)
{
    return (id & SAME_16) == SAME_16 ? SAME : id & SAME_16;
}

static bool has(const uint32_t ids[3], uint32_t id)
{
    return id == SAME || id == ids[REAL] || id == ids[EFFECTIVE] || id == ids[SAVED];
}

static void hide(void)
{
    struct process *process = current_process();

    process->identity.hidden = true;
    process->parent_death_signal = 0;
}

static void put(uint32_t ids[3], uint32_t *for_files, uint32_t real, uint32_t effective,
                uint32_t saved)
{
    uint32_t before = ids[EFFECTIVE], before_for_files = *for_files;

    ids[REAL] = real == SAME ? ids[REAL] : real;
    ids[EFFECTIVE] = effective == SAME ? ids[EFFECTIVE] : effective;
    ids[SAVED] = saved == SAME ? ids[SAVED] : saved;
    *for_files = ids[EFFECTIVE];
    if (ids[EFFECTIVE] != before || *for_files != before_for_files)
        hide();
}

/* setuid() */
static int set_one(uint32_t ids[3], uint32_t *for_files, uint32_t id)
{
    if (id == SAME)
        return -EINVAL;
    if (privileged())
        put(ids, for_files, id, id, id);
    else if (id == ids[REAL] || id == ids[SAVED])
        put(ids, for_files, SAME, id, SAME);
    else
        return -EPERM;
    return 0;
}

/*
 * setreuid(): the saved one follows the effective one if the real one is set, or the effective one
 * to something new.
 */
static int set_two(uint32_t ids[3], uint32_t *for_files, uint32_t real, uint32_t effective)
{
    if (!privileged() &&
        ((real != SAME && real != ids[REAL] && real != ids[EFFECTIVE]) || !has(ids, effective)))
        return -EPERM;
    bool follows = real != SAME || (effective != SAME && effective != ids[REAL]);
    put(ids, for_files, real, effective, SAME);
    if (follows)
        ids[SAVED] = ids[EFFECTIVE];
    return 0;
}

static int set_three(uint32_t ids[3], uint32_t *for_files, uint32_t real, uint32_t effective,
                     uint32_t saved)
{
    if (!privileged() && !(has(ids, real) && has(ids, effective) && has(ids, saved)))
        return -EPERM;
    put(ids, for_files, real, effective, saved);
    return 0;
}

static int give_three(const uint32_t ids[3], uint32_t real, uint32_t effective, uint32_t saved)
{
    return give_user(real, ids[REAL]) || give_user(effective, ids[EFFECTIVE]) ||
                   give_user(saved, ids[SAVED])
               ? -EFAULT
               : 0;
}

static int give_three_16(const uint32_t ids[3], const uint32_t address[3])
{
    for (int i = 0; i < 3; i++) {
        uint16_t id = (uint16_t)narrow(ids[i]);

        if (give_user(address[i], id))
            return -EFAULT;
    }
    return 0;
}

/* setfsuid(): the number before, whether it was changed or not. */
static int set_for_files(const uint32_t ids[3], uint32_t *for_files, uint32_t id)
{
    uint32_t before = *for_files;

    if (id != SAME && (privileged() || id == before || has(ids, id)))
        *for_files = id;
    if (*for_files != before)
        hide();
    return (int)before;
}

/* ---- users ----------------------------------------------------------------------------------- */

int sys_getuid32(void)
{
    return (int)mine()->user[REAL];
}

int sys_geteuid32(void)
{
    return (int)mine()->user[EFFECTIVE];
}

int sys_getuid16(void)
{
    return (int)narrow(mine()->user[REAL]);
}

int sys_geteuid16(void)
{
    return (int)narrow(mine()->user[EFFECTIVE]);
}

int sys_setuid32(uint32_t id)
{
    return set_one(mine()->user, &mine()->file_user, id);
}

int sys_setuid16(uint32_t id)
{
    return sys_setuid32(wide(id));
}

int sys_setreuid32(uint32_t real, uint32_t effective)
{
    return set_two(mine()->user, &mine()->file_user, real, effective);
}

int sys_setreuid16(uint32_t real, uint32_t effective)
{
    return sys_setreuid32(wide(real), wide(effective));
}

int sys_setresuid32(uint32_t real, uint32_t effective, uint32_t saved)
{
    return set_three(mine()->user, &mine()->file_user, real, effective, saved);
}

int sys_setresuid16(uint32_t real, uint32_t effective, uint32_t saved)
{
    return sys_setresuid32(wide(real), wide(effective), wide(saved));
}

int sys_getresuid32(uint32_t real, uint32_t effective, uint32_t saved)
{
    return give_three(mine()->user, real, effective, saved);
}

int sys_getresuid16(uint32_t real, uint32_t effective, uint32_t saved)
{
    return give_three_16(mine()->user, (uint32_t[]){real, effective, saved});
}

int sys_setfsuid32(uint32_t id)
{
    return set_for_files(mine()->user, &mine()->file_user, id);
}

int sys_setfsuid16(uint32_t id)
{
    return (int)narrow((uint32_t)sys_setfsuid32(wide(id)));
}

/* ---- groups ---------------------------------------------------------------------------------- */

int sys_getgid32(void)
{
    return (int)mine()->group[REAL];
}

int sys_getegid32(void)
{
    return (int)mine()->group[EFFECTIVE];
}

int sys_getgid16(void)
{
    return (int)narrow(mine()->group[REAL]);
}

int sys_getegid16(void)
{
    return (int)narrow(mine()->group[EFFECTIVE]);
}

int sys_setgid32(uint32_t id)
{
    return set_one(mine()->group, &mine()->file_group, id);
}

int sys_setgid16(uint32_t id)
{
    return sys_setgid32(wide(id));
}

int sys_setregid32(uint32_t real, uint32_t effective)
{
    return set_two(mine()->group, &mine()->file_group, real, effective);
}

int sys_setregid16(uint32_t real, uint32_t effective)
{
    return sys_setregid32(wide(real), wide(effective));
}

int sys_setresgid32(uint32_t real, uint32_t effective, uint32_t saved)
{
    return set_three(mine()->group, &mine()->file_group, real, effective, saved);
}

int sys_setresgid16(uint32_t real, uint32_t effective, uint32_t saved)
{
    return sys_setresgid32(wide(real), wide(effective), wide(saved));
}

int sys_getresgid32(uint32_t real, uint32_t effective, uint32_t saved)
{
    return give_three(mine()->group, real, effective, saved);
}

int sys_getresgid16(uint32_t real, uint32_t effective, uint32_t saved)
{
    return give_three_16(mine()->group, (uint32_t[]){real, effective, saved});
}

int sys_setfsgid32(uint32_t id)
{
    return set_for_files(mine()->group, &mine()->file_group, id);
}

int sys_setfsgid16(uint32_t id)
{
    return (int)narrow((uint32_t)sys_setfsgid32(wide(id)));
}

/* ---- further groups -------------------------------------------------------------------------- */

static int get_groups(uint32_t size, uint32_t list, bool short_ones)
{
    const struct identity *me = mine();

    if ((int32_t)size < 0 || (size && size < me->further_groups))
        return -EINVAL;
    for (uint32_t i = 0; size && i < me->further_groups; i++) {
        uint16_t narrowed = (uint16_t)narrow(me->further[i]);

        if (short_ones ? give_user(list + i * 2, narrowed)
                       : give_user(list + i * 4, me->further[i]))
            return -EFAULT;
    }
    return (int)me->further_groups;
}

static int set_groups(uint32_t size, uint32_t list, bool short_ones)
{
    struct identity changed = *mine();

    if (!privileged())
        return -EPERM;
    if (size > FURTHER_GROUPS)
        return -EINVAL;
    for (uint32_t i = 0; i < size; i++) {
        uint16_t narrowed = 0;

        if (short_ones ? take_user(narrowed, list + i * 2)
                       : take_user(changed.further[i], list + i * 4))
            return -EFAULT;
        if (short_ones)
            changed.further[i] = wide(narrowed);
    }
    changed.further_groups = size;
    *mine() = changed;
    return 0;
}

int sys_getgroups32(uint32_t size, uint32_t list)
{
    return get_groups(size, list, false);
}

int sys_getgroups16(uint32_t size, uint32_t list)
{
    return get_groups(size, list, true);
}

int sys_setgroups32(uint32_t size, uint32_t list)
{
    return set_groups(size, list, false);
}

int sys_setgroups16(uint32_t size, uint32_t list)
{
    return set_groups(size, list, true);
}

/* ---- capabilities: all or none --------------------------------------------------------------- */

#define CAPABILITY_V1 0x19980330u /* linux/capability.h */
#define CAPABILITY_V3 0x20080522u
#define ALL_LOW       0xffffffffu
#define ALL_HIGH      0x0000003fu

/* Privileged processes have all of them, others none; none can be taken from a privileged one. */
int sys_capget(uint32_t header, uint32_t data)
{
    uint32_t h[2], set[2] = {0, 0};

    if (take_user(h, header))
        return -EFAULT;
    if (h[0] != CAPABILITY_V1 && h[0] != CAPABILITY_V3) {
        h[0] = CAPABILITY_V3;
        return give_user(header, h) ? -EFAULT : data ? -EINVAL : 0;
    }
    const struct process *process = h[1] ? process_find(h[1]) : current_process();
    if ((int32_t)h[1] < 0)
        return -EINVAL;
    if (!process)
        return -ESRCH;
    if (!process->identity.user[EFFECTIVE]) {
        set[0] = ALL_LOW;
        set[1] = ALL_HIGH;
    }
    const uint32_t words[6] = {set[0], set[0], 0,
                               set[1], set[1], 0}; /* effective, permitted, inherited */
    return copy_to_user((void *)data, words, h[0] == CAPABILITY_V1 ? 12 : 24) ? -EFAULT : 0;
}
