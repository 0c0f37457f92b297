/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc.c - /proc: what ps, free, uptime, mount and C libraries read
 *
 * Nothing is kept: an inode is made when a name is looked up and goes with its last holder, and a
 * file's text (text.c) is made anew at every read, of which the reader gets the part at its
 * position.
 */
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/fs/proc/tree.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/space.h"

#define PROC_MAGIC 0x9fa0u
static const struct inode_ops proc_inode_ops;
static const struct file_ops proc_file_ops;
struct mount *proc_mounted;

static uint32_t number_of(uint32_t pid, uint32_t kind)
{
    return pid << 13 | kind;
}

struct inode *proc_make(struct inode *directory, uint32_t pid, uint32_t kind, uint32_t mode)
{
    struct inode *inode = inode_create(mode);

    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->number = number_of(pid, kind);
    inode->inode_ops = &proc_inode_ops;
    inode->mount = proc_mounted;
    inode->pid = pid;
    inode->kind = kind;
    const struct process *owner = process_find(pid);
    /* What is a process's is its user's; of a hidden one, only its directory. */
    if (owner &&
        (!owner->identity.hidden || kind == PROC_KIND_PROCESS || owner == current_process())) {
        inode->uid = owner->identity.user[1];
        inode->gid = owner->identity.group[1];
    }
    inode->links = is_directory(inode) ? 2 : 1;
    if (!is_directory(inode)) {
        inode->ops = &proc_file_ops;
        inode->device = kind == PROC_XEN_PRIVCMD ? PRIVCMD : 0;
    } else {
        inode_hold(directory);
        inode->parent = directory;
    }
    return inode;
}

static bool read_number(const char *name, size_t length, uint32_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        if (name[i] < '0' || name[i] > '9' || i > 5)
            return false;
        *value = *value * 10 + (uint32_t)(name[i] - '0');
    }
    return length && name[0] != '0' ? true : length == 1;
}

static struct inode *proc_lookup(struct inode *directory, const char *name, size_t length)
{
    uint32_t value;

    if (directory->kind == PROC_DESCRIPTORS_OF) {
        const struct process *p = process_find(directory->pid);

        if (p && !may_look_into(p))
            return ERR_PTR(-EACCES);
        if (!read_number(name, length, &value) || !p || !files_at(p->threads->files, value))
            return NULL;
        return proc_make(directory, directory->pid, PROC_KIND_DESCRIPTOR + value, MODE_LINK | 0700);
    }
    if (directory->kind == PROC_KIND_ROOT && read_number(name, length, &value))
        return value && process_find(value)
                   ? proc_make(directory, value, PROC_KIND_PROCESS, MODE_DIRECTORY | 0555)
                   : NULL;
    for (uint32_t i = 0; i < proc_names_count; i++)
        if (proc_is_in(directory, i) && strlen(proc_names[i].name) == length &&
            !memcmp(proc_names[i].name, name, length))
            return proc_make(directory, directory->pid, i, proc_names[i].mode);
    return NULL;
}

/* Cookies: 3.. are names, in the root 0x1000 + pid are processes, in fd/ 0x1000 + number. */
static int proc_next(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    const struct process *owner = process_find(directory->pid), *next = NULL;
    uint32_t at = *cookie < 3 ? 3 : *cookie + 1;

    for (; directory->kind != PROC_DESCRIPTORS_OF && at < 3 + proc_names_count; at++)
        if (proc_is_in(directory, at - 3)) {
            item->number = number_of(directory->pid, at - 3);
            item->type = (uint8_t)(proc_names[at - 3].mode >> 12);
            copy_string(item->name, proc_names[at - 3].name, sizeof(item->name));
            *cookie = at;
            return 1;
        }
    at = MAX(at, 0x1000u);
    if (directory->kind == PROC_KIND_ROOT) {
        for (const struct process *p = all_processes; p; p = p->next)
            if (p->pid + 0x1000 >= at && (!next || p->pid < next->pid))
                next = p;
        if (!next)
            return 0;
        at = next->pid + 0x1000;
        item->number = number_of(next->pid, PROC_KIND_PROCESS);
        item->type = MODE_DIRECTORY >> 12;
    } else {
        if (directory->kind != PROC_DESCRIPTORS_OF || !owner || !owner->threads->files ||
            !may_look_into(owner))
            return 0;
        while (at - 0x1000 < owner->threads->files->slots &&
               !files_at(owner->threads->files, at - 0x1000))
            at++;
        if (at - 0x1000 >= owner->threads->files->slots)
            return 0;
        item->number = number_of(directory->pid, PROC_KIND_DESCRIPTOR + at - 0x1000);
        item->type = MODE_LINK >> 12;
    }
    format(item->name, sizeof(item->name), "%u", at - 0x1000);
    *cookie = at;
    return 1;
}

static int link_text(struct inode *inode, char *buffer, uint32_t size)
{
    if (!proc_link_is_open(inode))
        return -EACCES;
    buffer[0] = '\0';
    proc_link_show(inode, buffer, size);
    return buffer[0] ? (int)strlen(buffer) : -ENOENT;
}

static void proc_release(struct inode *inode)
{
    if (is_directory(inode) && inode->parent != inode)
        inode_release(inode->parent);
    heap_free(inode);
}

static const struct inode_ops proc_inode_ops = {
    .lookup = proc_lookup,
    .next = proc_next,
    .follow = proc_follow,
    .link_text = link_text,
    .release = proc_release,
};

static const struct process *owner_of(const struct inode *inode)
{
    return inode->pid ? process_find(inode->pid) : current_process();
}

static uint64_t space_of(const struct process *p)
{
    return p->space ? p->space->serial : 0;
}

/* What tells of a program's memory goes on telling of this program, and not of one it executes. */
static int proc_open(struct file *file)
{
    const struct process *p = owner_of(file->inode);

    if (!proc_names[file->inode->kind].of_space)
        return 0;
    if (!p)
        return -ESRCH;
    if (!may_look_into(p))
        return -EACCES;
    uint64_t *space = heap_allocate(sizeof(*space));
    if (!space)
        return -ENOMEM;
    *space = space_of(p);
    file->data = space;
    return 0;
}

static void proc_close(struct file *file)
{
    heap_free(file->data);
}

static int proc_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    const struct inode *inode = file->inode;
    const struct process *p = owner_of(inode);

    if (!p)
        return -ESRCH;
    if (file->data && *(const uint64_t *)file->data != space_of(p))
        return 0;
    struct text text = {.at = heap_allocate(TEXT_BYTES)};
    if (!text.at)
        return -ENOMEM;
    if (proc_names[inode->kind].text)
        proc_names[inode->kind].text(&text, p);
    else if (proc_names[inode->kind].word)
        text_word(&text, proc_names[inode->kind].word);
    else
        text_number(&text, proc_names[inode->kind].number);
    int result = 0;
    if (*position < text.used) {
        uint32_t n = MIN(bytes, text.used - *position);

        result = copy_to_user(to, text.at + *position, n) ? -EFAULT : (int)n;
        *position += result > 0 ? (uint32_t)result : 0;
    }
    heap_free(text.at);
    return result;
}

static const struct file_ops proc_file_ops = {
    .read = proc_read, .open = proc_open, .close = proc_close};

static void proc_usage(const struct mount *mount, struct fs_usage *usage)
{
    (void)mount;
    *usage = (struct fs_usage){.magic = PROC_MAGIC, .block_size = PAGE_SIZE};
}

int proc_mount(struct inode *at)
{
    if (proc_mounted)
        return -EBUSY;
    struct mount *mount = proc_mounted = heap_allocate(sizeof(*mount));
    struct inode *root = mount ? proc_make(NULL, 0, 0, MODE_REGULAR) : ERR_PTR(-ENOMEM);
    if (IS_ERR(root)) {
        heap_free(mount);
        proc_mounted = NULL;
        return -ENOMEM;
    }
    root->mode = MODE_DIRECTORY | 0555;
    root->kind = PROC_KIND_ROOT;
    root->number = 1;
    root->links = 2;
    root->ops = NULL;
    root->parent = root;
    mount->root = root;
    mount->type = "proc";
    mount->usage = proc_usage;
    copy_string(mount->source, "proc", sizeof(mount->source));
    int error = mount_add(mount, at);
    if (error) {
        heap_free(root);
        heap_free(mount);
        proc_mounted = NULL;
    }
    return error;
}
