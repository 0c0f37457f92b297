/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc.c - /proc: what ps, free, uptime, mount and C libraries read
 *
 * Nothing is kept: an inode is made when a name is looked up and goes with its last holder, and a file's
 * text (proc_text.c) is made anew at every read, of which the reader gets the part at its position.
 */
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/pipe.h"
#include "guestos/fs/proc_text.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/mm/heap.h"

#define PROC_MAGIC 0x9fa0u
/* ---- the tree --------------------------------------------------------------------------------- */

enum place {
    IN_ROOT = 1,
    IN_PROCESS = 2,
    IN_XEN = 4,
    IN_SYS = 8,
    IN_KERNEL = 16,
    IN_FS = 32,
    IN_VM = 64
};

#define PRIVCMD (10u << 8 | 61) /* the Xen port's device; elsewhere there is none and no xen/ */

/* A file's text is a function's, or a word, or a number. */
static const struct {
    const char *name;
    u32 mode, places;
    void (*text)(struct text *text, const struct process *process);
    const char *word;
    u32 number;
} names[] = {
    {"uptime", MODE_REGULAR | 0444, IN_ROOT, text_uptime, NULL, 0},
    {"loadavg", MODE_REGULAR | 0444, IN_ROOT, text_loadavg, NULL, 0},
    {"meminfo", MODE_REGULAR | 0444, IN_ROOT, text_meminfo, NULL, 0},
    {"filesystems", MODE_REGULAR | 0444, IN_ROOT, text_filesystems, NULL, 0},
    {"version", MODE_REGULAR | 0444, IN_ROOT, text_version, NULL, 0},
    {"cpuinfo", MODE_REGULAR | 0444, IN_ROOT, text_cpuinfo, NULL, 0},
    {"stat", MODE_REGULAR | 0444, IN_ROOT, text_system_stat, NULL, 0},
    {"vmstat", MODE_REGULAR | 0444, IN_ROOT, text_vmstat, NULL, 0},
    {"slabinfo", MODE_REGULAR | 0400, IN_ROOT, text_slabinfo, NULL, 0},
    {"mounts", MODE_REGULAR | 0444, IN_ROOT | IN_PROCESS, text_mounts, NULL, 0},
    {"stat", MODE_REGULAR | 0444, IN_PROCESS, text_stat, NULL, 0},
    {"statm", MODE_REGULAR | 0444, IN_PROCESS, text_statm, NULL, 0},
    {"status", MODE_REGULAR | 0444, IN_PROCESS, text_status, NULL, 0},
    {"cmdline", MODE_REGULAR | 0444, IN_PROCESS, text_cmdline, NULL, 0},
    {"comm", MODE_REGULAR | 0444, IN_PROCESS, text_comm, NULL, 0},
    {"maps", MODE_REGULAR | 0444, IN_PROCESS, text_maps, NULL, 0},
    {"limits", MODE_REGULAR | 0444, IN_PROCESS, text_limits, NULL, 0},
    {"ostype", MODE_REGULAR | 0444, IN_KERNEL, NULL, SYSTEM_NAME, 0},
    {"osrelease", MODE_REGULAR | 0444, IN_KERNEL, NULL, SYSTEM_RELEASE, 0},
    {"version", MODE_REGULAR | 0444, IN_KERNEL, NULL, SYSTEM_VERSION, 0},
    {"hostname", MODE_REGULAR | 0444, IN_KERNEL, NULL, SYSTEM_NODE, 0},
    {"domainname", MODE_REGULAR | 0444, IN_KERNEL, NULL, SYSTEM_DOMAIN, 0},
    {"pid_max", MODE_REGULAR | 0444, IN_KERNEL, NULL, NULL, PID_LIMIT},
    {"ngroups_max", MODE_REGULAR | 0444, IN_KERNEL, NULL, NULL, FURTHER_GROUPS},
    {"tainted", MODE_REGULAR | 0444, IN_KERNEL, NULL, NULL, 0},
    {"nr_open", MODE_REGULAR | 0444, IN_FS, NULL, NULL, DESCRIPTORS},
    {"pipe-max-size", MODE_REGULAR | 0444, IN_FS, NULL, NULL, PIPE_BYTES},
    {"overcommit_memory", MODE_REGULAR | 0444, IN_VM, NULL, NULL, 1},
    {"self", MODE_LINK | 0777, IN_ROOT, NULL, NULL, 0},
    {"exe", MODE_LINK | 0777, IN_PROCESS, NULL, NULL, 0},
    {"cwd", MODE_LINK | 0777, IN_PROCESS, NULL, NULL, 0},
    {"root", MODE_LINK | 0777, IN_PROCESS, NULL, NULL, 0},
    {"fd", MODE_DIRECTORY | 0500, IN_PROCESS, NULL, NULL, 0},
    {"sys", MODE_DIRECTORY | 0555, IN_ROOT, NULL, NULL, 0},
    {"kernel", MODE_DIRECTORY | 0555, IN_SYS, NULL, NULL, 0},
    {"fs", MODE_DIRECTORY | 0555, IN_SYS, NULL, NULL, 0},
    {"vm", MODE_DIRECTORY | 0555, IN_SYS, NULL, NULL, 0},
    {"xen", MODE_DIRECTORY | 0555, IN_ROOT, NULL, NULL, 0},
    {"privcmd", MODE_CHARACTER | 0600, IN_XEN, NULL, NULL, 0},
};
enum {
    NAMES = ARRAY_LENGTH(names),
    SELF = NAMES - 11, /* the order of the last ones above */
    EXE,
    CWD,
    ROOT,
    FDS,
    SYS,
    SYS_KERNEL,
    SYS_FS,
    SYS_VM,
    XEN
};
enum { KIND_ROOT = 100, KIND_PROCESS, KIND_DESCRIPTOR = 0x1000 }; /* beside indices of names[] */

static const struct fs_ops proc_fs;
static const struct file_ops proc_file_ops;
static struct mount *proc;

static u32 number_of(u32 pid, u32 kind)
{
    return pid << 13 | kind;
}

/* The path a link shows; what has none (a pipe) is named by its number. */
static void link_text(const struct inode *inode, char *buffer, u32 size)
{
    const struct process *p = process_find(inode->pid);
    if (inode->kind == SELF) {
        format(buffer, size, "%u", current_process()->leader->pid);
    } else if (inode->kind == EXE) {
        copy_string(buffer, p ? p->program_path : "", size);
    } else if (inode->kind == CWD) {
        if (!p || !p->fs || path_of(p->fs->cwd, buffer, size) < 0)
            buffer[0] = '\0';
    } else if (inode->kind == ROOT) {
        copy_string(buffer, "/", size);
    } else if (p && files_at(p->files, inode->kind - KIND_DESCRIPTOR)) {
        const struct file *file = files_at(p->files, inode->kind - KIND_DESCRIPTOR);
        const struct inode *target = file->inode;
        u32 type = target->mode & MODE_TYPE;
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

static struct inode *make(struct inode *directory, u32 pid, u32 kind, u32 mode)
{
    struct inode *inode = inode_create(mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->number = number_of(pid, kind);
    inode->fs = &proc_fs;
    inode->mount = proc;
    inode->pid = pid;
    inode->kind = kind;
    inode->links = is_directory(inode) ? 2 : 1;
    if (!is_directory(inode)) {
        inode->ops = &proc_file_ops;
        inode->device = kind == XEN + 1 ? PRIVCMD : 0;
    } else {
        inode_hold(directory);
        inode->parent = directory;
    }
    return inode;
}

/* Whether names[i] is in this directory. */
static bool is_in(const struct inode *directory, u32 i)
{
    u32 place = directory->kind == KIND_ROOT    ? IN_ROOT
                : directory->kind == XEN        ? IN_XEN
                : directory->kind == SYS        ? IN_SYS
                : directory->kind == SYS_KERNEL ? IN_KERNEL
                : directory->kind == SYS_FS     ? IN_FS
                : directory->kind == SYS_VM     ? IN_VM
                                                : IN_PROCESS;
    return names[i].places & place && (i < XEN || device_ops(PRIVCMD));
}

static bool read_number(const char *name, size_t length, u32 *value)
{
    *value = 0;
    for (size_t i = 0; i < length; i++) {
        if (name[i] < '0' || name[i] > '9' || i > 5)
            return false;
        *value = *value * 10 + (u32)(name[i] - '0');
    }
    return length && name[0] != '0' ? true : length == 1;
}

static struct inode *proc_lookup(struct inode *directory, const char *name, size_t length)
{
    u32 value;
    if (directory->kind == FDS) {
        const struct process *p = process_find(directory->pid);
        if (!read_number(name, length, &value) || !p || !files_at(p->files, value))
            return NULL;
        return make(directory, directory->pid, KIND_DESCRIPTOR + value, MODE_LINK | 0700);
    }
    if (directory->kind == KIND_ROOT && read_number(name, length, &value))
        return value && process_find(value)
                   ? make(directory, value, KIND_PROCESS, MODE_DIRECTORY | 0555)
                   : NULL;
    for (u32 i = 0; i < NAMES; i++)
        if (is_in(directory, i) && strlen(names[i].name) == length &&
            !memcmp(names[i].name, name, length))
            return make(directory, directory->pid, i, names[i].mode);
    return NULL;
}

/* Cookies: 3.. are names, in the root 0x1000 + pid are processes, in fd/ 0x1000 + number. */
static int proc_next(struct inode *directory, u32 *cookie, struct directory_item *item)
{
    const struct process *owner = process_find(directory->pid), *next = NULL;
    u32 at = *cookie < 3 ? 3 : *cookie + 1;
    for (; directory->kind != FDS && at < 3 + NAMES; at++)
        if (is_in(directory, at - 3)) {
            item->number = number_of(directory->pid, at - 3);
            item->type = (u8)(names[at - 3].mode >> 12);
            copy_string(item->name, names[at - 3].name, sizeof item->name);
            *cookie = at;
            return 1;
        }
    at = MAX(at, 0x1000u);
    if (directory->kind == KIND_ROOT) {
        for (const struct process *p = all_processes; p; p = p->next)
            if (p->pid + 0x1000 >= at && (!next || p->pid < next->pid))
                next = p;
        if (!next)
            return 0;
        at = next->pid + 0x1000;
        item->number = number_of(next->pid, KIND_PROCESS);
        item->type = MODE_DIRECTORY >> 12;
    } else {
        if (directory->kind != FDS || !owner || !owner->files)
            return 0;
        while (at - 0x1000 < owner->files->slots && !files_at(owner->files, at - 0x1000))
            at++;
        if (at - 0x1000 >= owner->files->slots)
            return 0;
        item->number = number_of(directory->pid, KIND_DESCRIPTOR + at - 0x1000);
        item->type = MODE_LINK >> 12;
    }
    format(item->name, sizeof item->name, "%u", at - 0x1000);
    *cookie = at;
    return 1;
}

static struct inode *proc_follow(struct inode *link)
{
    struct process *p = process_find(link->pid);
    struct inode *inode = NULL;
    if (link->kind == SELF)
        return make(proc->root, current_process()->leader->pid, KIND_PROCESS,
                    MODE_DIRECTORY | 0555);
    if (link->kind == ROOT)
        inode = root_inode;
    else if (p && link->kind == EXE)
        inode = p->program;
    else if (p && p->fs && link->kind == CWD)
        inode = p->fs->cwd;
    else if (p && link->kind >= KIND_DESCRIPTOR && files_at(p->files, link->kind - KIND_DESCRIPTOR))
        inode = files_at(p->files, link->kind - KIND_DESCRIPTOR)->inode;
    if (!inode)
        return ERR_PTR(-ENOENT);
    inode_hold(inode);
    return inode;
}

/* An inode with the text of a link, which is read like one in memory. */
int proc_link_text(struct inode *inode, char *buffer, u32 size)
{
    if (inode->fs != &proc_fs)
        return -EINVAL;
    buffer[0] = '\0';
    link_text(inode, buffer, size);
    return buffer[0] ? (int)strlen(buffer) : -ENOENT;
}

static void proc_release(struct inode *inode)
{
    if (is_directory(inode) && inode->parent != inode)
        inode_release(inode->parent);
    heap_free(inode);
}

static const struct fs_ops proc_fs = {
    .lookup = proc_lookup,
    .next = proc_next,
    .follow = proc_follow,
    .release = proc_release,
};

static int proc_read(struct file *file, void *to, u32 bytes, u32 *position)
{
    const struct inode *inode = file->inode;
    const struct process *p = inode->pid ? process_find(inode->pid) : current_process()->leader;
    if (!p)
        return -ESRCH;
    struct text text = {.at = heap_allocate(TEXT_BYTES)};
    if (!text.at)
        return -ENOMEM;
    if (names[inode->kind].text)
        names[inode->kind].text(&text, p);
    else if (names[inode->kind].word)
        text_word(&text, names[inode->kind].word);
    else
        text_number(&text, names[inode->kind].number);
    int result = 0;
    if (*position < text.used) {
        u32 n = MIN(bytes, text.used - *position);
        result = copy_to_user(to, text.at + *position, n) ? -EFAULT : (int)n;
        *position += result > 0 ? (u32)result : 0;
    }
    heap_free(text.at);
    return result;
}

static const struct file_ops proc_file_ops = {.read = proc_read};

static void proc_usage(const struct mount *mount, struct fs_usage *usage)
{
    (void)mount;
    *usage = (struct fs_usage){.magic = PROC_MAGIC, .block_size = PAGE_SIZE};
}

int proc_mount(struct inode *at)
{
    if (proc)
        return -EBUSY;
    struct mount *mount = proc = heap_allocate(sizeof *mount);
    struct inode *root = mount ? make(NULL, 0, 0, MODE_REGULAR) : ERR_PTR(-ENOMEM);
    if (IS_ERR(root)) {
        heap_free(mount);
        proc = NULL;
        return -ENOMEM;
    }
    root->mode = MODE_DIRECTORY | 0555;
    root->kind = KIND_ROOT;
    root->number = 1;
    root->links = 2;
    root->ops = NULL;
    root->parent = root;
    mount->root = root;
    mount->type = "proc";
    mount->usage = proc_usage;
    copy_string(mount->source, "proc", sizeof mount->source);
    int error = mount_add(mount, at);
    if (error) {
        heap_free(root);
        heap_free(mount);
        proc = NULL;
    }
    return error;
}
