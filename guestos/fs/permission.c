/* SPDX-License-Identifier: GPL-2.0-only */
/* permission.c - see permission.h */
#include "guestos/fs/permission.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/notify.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"

#define SET_USER  04000u
#define SET_GROUP 02000u
#define STICKY    01000u
#define SAME      (~0u)

/* While the kernel unpacks the root file system there is no process, and nothing is denied. */
static const struct identity *who(void)
{
    static const struct identity kernel;

    return init_process ? &current_process()->identity : &kernel;
}

bool is_privileged(void)
{
    return !who()->user[1];
}

static bool has_group(const struct identity *me, uint32_t own, uint32_t group)
{
    for (uint32_t i = 0; i < me->further_groups; i++)
        if (me->further[i] == group)
            return true;
    return own == group;
}

bool is_in_group(uint32_t group)
{
    return has_group(who(), who()->file_group, group);
}

static int allow(const struct inode *inode, uint32_t wanted, uint32_t user, uint32_t group)
{
    uint32_t type = inode->mode & MODE_TYPE;

    if (!user) /* root may do all but execute what nobody may */
        return wanted & MAY_EXECUTE && type != MODE_DIRECTORY && !(inode->mode & 0111) ? -EACCES
                                                                                       : 0;
    uint32_t shift = user == inode->uid ? 6 : has_group(who(), group, inode->gid) ? 3 : 0;
    return wanted & ~(inode->mode >> shift) & 7 ? -EACCES : 0;
}

int inode_allow_change(const struct inode *inode)
{
    return inode->mount && inode->mount->read_only ? -EROFS : 0;
}

/* Devices and pipes lie in the file system only by name. */
static bool is_kept(const struct inode *inode)
{
    uint32_t type = inode->mode & MODE_TYPE;

    return type == MODE_REGULAR || type == MODE_DIRECTORY || type == MODE_LINK;
}

int inode_allow(const struct inode *inode, uint32_t wanted)
{
    if (wanted & MAY_WRITE && is_kept(inode) && inode_allow_change(inode))
        return -EROFS;
    return allow(inode, wanted, who()->file_user, who()->file_group);
}

int inode_allow_real(const struct inode *inode, uint32_t wanted)
{
    return allow(inode, wanted, who()->user[0], who()->group[0]);
}

bool inode_is_mine(const struct inode *inode)
{
    return !who()->file_user || who()->file_user == inode->uid;
}

static bool is_all(const uint32_t ids[3], uint32_t id)
{
    return ids[0] == id && ids[1] == id && ids[2] == id;
}

/* Its own threads, root, and another process that is the same user's in every respect. */
static bool look_into(const struct process *process, uint32_t user, uint32_t group)
{
    const struct identity *them = &process->identity;

    return process == current_process() || is_privileged() ||
           (is_all(them->user, user) && is_all(them->group, group) && !them->hidden);
}

bool may_look_into(const struct process *process)
{
    return look_into(process, who()->file_user, who()->file_group);
}

bool may_look_into_real(const struct process *process)
{
    return look_into(process, who()->user[0], who()->group[0]);
}

int directory_allow_change(const struct inode *directory, const struct inode *inode)
{
    int error = inode_allow(directory, MAY_WRITE | MAY_EXECUTE);

    if (!error && inode && directory->mode & STICKY && !inode_is_mine(directory) &&
        !inode_is_mine(inode))
        error = -EPERM;
    return error;
}

int inode_change_mode(struct inode *inode, uint32_t mode)
{
    if (inode_allow_change(inode))
        return -EROFS;
    if (!inode_is_mine(inode))
        return -EPERM;
    if (who()->file_user && !is_in_group(inode->gid))
        mode &= ~SET_GROUP;
    inode->mode = (inode->mode & MODE_TYPE) | (mode & 07777);
    notify_file(inode, NOTIFY_ATTRIBUTES);
    return 0;
}

/* The bits by which a program runs with the rights of the file's user and group. Set-group-ID means
 * something else (mandatory locks) on a file that its group cannot execute. */
static uint32_t lent_rights(const struct inode *inode)
{
    return SET_USER | (inode->mode & 010 ? SET_GROUP : 0);
}

int inode_change_owner(struct inode *inode, uint32_t user, uint32_t group)
{
    bool gives_away = user != SAME && user != inode->uid;
    bool foreign = group != SAME && group != inode->gid && !is_in_group(group);

    if (inode_allow_change(inode))
        return -EROFS;
    if (who()->file_user &&
        (gives_away || foreign || ((user != SAME || group != SAME) && !inode_is_mine(inode))))
        return -EPERM;
    inode->uid = user == SAME ? inode->uid : user;
    inode->gid = group == SAME ? inode->gid : group;
    /* What ran with its owner's rights must not run with a new owner's. */
    if ((inode->mode & MODE_TYPE) != MODE_DIRECTORY)
        inode->mode &= ~lent_rights(inode);
    notify_file(inode, NOTIFY_ATTRIBUTES);
    return 0;
}

void inode_contents_change(struct inode *inode)
{
    if (who()->file_user)
        inode->mode &= ~lent_rights(inode);
}
