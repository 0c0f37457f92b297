/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * permission.h - what the current process may do with a file (path_resolution(7))
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_PERMISSION_H
#define GUESTOS_PERMISSION_H

#include "guestos/fs/inode.h"

#define MAY_EXECUTE 1u /* as access() has them */
#define MAY_WRITE   2u
#define MAY_READ    4u

/*
 * All of MAY_*, of which a directory's MAY_EXECUTE means to look names up in it. 0, -EACCES, or
 * -EROFS.
 */
int inode_allow(const struct inode *inode, uint32_t wanted);
/* The same by the real user and group, for access(). */
int inode_allow_real(const struct inode *inode, uint32_t wanted);
/* Whether anything may be changed of it: 0, or -EROFS if its file system is read-only. */
int inode_allow_change(const struct inode *inode);
/* Whether the process may change what only a file's owner may. */
bool inode_is_mine(const struct inode *inode);
/* Whether it is root to the kernel; and whether it belongs to a group. */
bool is_privileged(void);
bool is_in_group(uint32_t group);

/*
 * Whether the current process may look into another: its memory's layout, its descriptors, where it
 * is and what it runs (ptrace(2), "Ptrace access mode checking", PTRACE_MODE_READ). By its numbers
 * for files, or by its real ones.
 */
struct process;
bool may_look_into(const struct process *process);
bool may_look_into_real(const struct process *process);

/*
 * A name in a directory comes (inode NULL) or goes: 0, -EACCES, or -EPERM in a directory with the
 * sticky bit.
 */
int directory_allow_change(const struct inode *directory, const struct inode *inode);

/* chmod() and chown(), by their rules about who may and which bits are lost. 0, -EPERM, -EROFS. */
int inode_change_mode(struct inode *inode, uint32_t mode);
int inode_change_owner(struct inode *inode, uint32_t user, uint32_t group);
/*
 * The file's contents change: unless root does that, programs no longer run with its owner's
 * rights.
 */
void inode_contents_change(struct inode *inode);

#endif
