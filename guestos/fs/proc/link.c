/* SPDX-License-Identifier: GPL-2.0-only */
/* link.c - where the links in /proc lead, and what they show */
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/fs/proc/tree.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"

/* The path a link shows; what has none (a pipe) is named by its number. */
void proc_link_show(const struct inode *link, char *buffer, uint32_t size)
{
    const struct process *p = process_find(link->pid);

    if (link->kind == PROC_SELF) {
        format(buffer, size, "%u", current_process()->pid);
    } else if (link->kind == PROC_EXE) {
        copy_string(buffer, p ? p->program_path : "", size);
    } else if (link->kind == PROC_CWD) {
        if (!p || !p->threads->fs || path_of(p->threads->fs->cwd, buffer, size) < 0)
            buffer[0] = '\0';
    } else if (link->kind == PROC_ROOT) {
        if (!p || !p->threads->fs || path_of(p->threads->fs->root, buffer, size) < 0)
            buffer[0] = '\0';
    } else if (p && files_at(p->threads->files, link->kind - PROC_KIND_DESCRIPTOR)) {
        const struct file *file = files_at(p->threads->files, link->kind - PROC_KIND_DESCRIPTOR);
        const struct inode *target = file->inode;
        uint32_t type = target->mode & MODE_TYPE;

        if (is_directory(target) && path_of((struct inode *)target, buffer, size) > 0)
            return;
        if (type == MODE_CHARACTER && device_path(target->device, buffer, size) > 0)
            return;
        if (!type) {
            format(buffer, size, "anon_inode:%s", file->ops->name);
            return;
        }
        format(buffer, size, "%s:[%u]",
               type == MODE_FIFO     ? "pipe"
               : type == MODE_SOCKET ? "socket"
                                     : "inode",
               target->number);
    }
}

bool proc_link_is_open(const struct inode *link)
{
    const struct process *p = process_find(link->pid);

    return link->kind == PROC_SELF || !p || may_look_into(p);
}

struct inode *proc_follow(struct inode *link)
{
    struct process *p = process_find(link->pid);
    struct inode *inode = NULL;

    if (!proc_link_is_open(link))
        return ERR_PTR(-EACCES);
    if (link->kind == PROC_SELF)
        return proc_make(proc_mounted->root, current_process()->pid, PROC_KIND_PROCESS,
                         MODE_DIRECTORY | 0555);
    if (p && p->threads->fs && link->kind == PROC_ROOT)
        inode = p->threads->fs->root;
    else if (p && link->kind == PROC_EXE)
        inode = p->program;
    else if (p && p->threads->fs && link->kind == PROC_CWD)
        inode = p->threads->fs->cwd;
    else if (p && link->kind >= PROC_KIND_DESCRIPTOR &&
             files_at(p->threads->files, link->kind - PROC_KIND_DESCRIPTOR))
        inode = files_at(p->threads->files, link->kind - PROC_KIND_DESCRIPTOR)->inode;
    if (!inode)
        return ERR_PTR(-ENOENT);
    inode_hold(inode);
    return inode;
}
