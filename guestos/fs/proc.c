/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * proc.c - /proc: what ps, free, uptime and mount read
 *
 * Nothing is kept: an inode is made when a name is looked up and goes with its last holder, and a file's
 * text is made anew at every read, of which the reader gets the part at its position. Formats are
 * those of proc(5).
 */
#include "guestos/drivers/tty.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/time.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define PROC_MAGIC 0x9fa0u
#define TEXT_BYTES PAGE_SIZE

struct text {
    char *at;
    u32 used;
};

#define add(text, ...)                                                                             \
    do {                                                                                           \
        int n_ = format((text)->at + (text)->used, TEXT_BYTES - (text)->used, __VA_ARGS__);        \
        (text)->used = MIN((text)->used + (u32)n_, TEXT_BYTES - 1);                                \
    } while (0)

static u32 clock_ticks(u64 nanoseconds)
{
    return (u32)divide(nanoseconds, NANOSECONDS / TICK_HZ, NULL);
}

/* ---- of the system ---------------------------------------------------------------------------- */

static void text_uptime(struct text *t, const struct process *p)
{
    (void)p;
    u32 hundredths = clock_ticks(arch_clock());
    add(t, "%u.%02u 0.00\n", hundredths / TICK_HZ, hundredths % TICK_HZ);
}

/* No averages are kept; the processes are counted. */
static void text_loadavg(struct text *t, const struct process *self)
{
    u32 running = 0, all = 0;
    for (const struct process *p = all_processes; p; p = p->next)
        FOR_EACH_THREAD (thread, p) {
            running += thread->state == PROCESS_RUNNABLE;
            all++;
        }
    add(t, "0.00 0.00 0.00 %u/%u %u\n", running, all, self ? self->pid : all_processes->pid);
}

static void text_meminfo(struct text *t, const struct process *p)
{
    (void)p;
    const struct {
        const char *name;
        u32 pages;
    } lines[] = {{"MemTotal:", pages_total()},
                 {"MemFree:", pages_free()},
                 {"MemAvailable:", pages_free()},
                 {"Buffers:", 0},
                 {"Cached:", 0},
                 {"SwapCached:", 0},
                 {"SwapTotal:", 0},
                 {"SwapFree:", 0},
                 {"Shmem:", 0},
                 {"SReclaimable:", 0}};
    for (u32 i = 0; i < ARRAY_LENGTH(lines); i++)
        add(t, "%-15s %8u kB\n", lines[i].name, lines[i].pages * (PAGE_SIZE / 1024));
}

static void text_mounts(struct text *t, const struct process *p)
{
    (void)p;
    char *path = heap_allocate(PATH_LIMIT);
    for (const struct mount *m = mounts; path && m; m = m->next)
        if (mount_path(m, path, PATH_LIMIT) > 0)
            add(t, "%s %s %s %s 0 0\n", m->source, path, m->type, m->read_only ? "ro" : "rw");
    heap_free(path);
}

static void text_filesystems(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "nodev\ttmpfs\nnodev\tproc\n\text2\n\text3\n");
}

static void text_version(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "Linux version 4.19.0-xenolith (guestos)\n");
}

static void text_system_stat(struct text *t, const struct process *self)
{
    (void)self;
    u64 user = 0, kernel = 0;
    u32 running = 0;
    for (const struct process *p = all_processes; p; p = p->next) {
        user += p->all_user;
        kernel += p->all_kernel;
        FOR_EACH_THREAD (thread, p)
            running += thread->state == PROCESS_RUNNABLE;
    }
    u32 now = (u32)divide(arch_clock(), NANOSECONDS, NULL);
    u32 idle = now * TICK_HZ * arch_processors() - (u32)user - (u32)kernel;
    add(t, "cpu  %u 0 %u %u 0 0 0 0 0 0\n", (u32)user, (u32)kernel, idle);
    add(t, "btime %u\nprocs_running %u\nprocs_blocked 0\n",
        (u32)divide(arch_wall_clock(), NANOSECONDS, NULL), running);
}

static void text_cpuinfo(struct text *t, const struct process *p)
{
    (void)p;
    for (unsigned i = 0; i < arch_processors(); i++)
        add(t, "processor\t: %u\nmodel name\t: i686\n\n", i);
}

/* What the kernel counts of itself (kernel/counters.def), in the format of Linux's file. */
static void text_vmstat(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "nr_free_pages %u\n", pages_free());
    for (u32 i = 0; i < COUNTERS; i++)
        add(t, "%s %llu\n", counters.value[i].name, (u64)counters.value[i].value);
}

/* The kernel's objects by size: what has been made and not given back. */
static void text_slabinfo(struct text *t, const struct process *p)
{
    (void)p;
    add(t, "slabinfo - version: 2.1\n# name <active_objs> <num_objs> <objsize>\n");
    for (u32 i = HEAP_SMALLEST; i <= HEAP_LARGEST; i++)
        add(t, "kmalloc-%u %u %u %u\n", 1u << i, heap_usage[i].used, heap_usage[i].cut, 1u << i);
}

/* ---- of a process ----------------------------------------------------------------------------- */

static char state_letter(const struct process *p)
{
    return process_ended(p) ? 'Z' : p->stopped ? 'T' : p->state == PROCESS_SLEEPING ? 'S' : 'R';
}

static u32 virtual_bytes(const struct process *p)
{
    u32 bytes = 0;
    for (const struct area *a = p->space ? p->space->areas : NULL; a; a = a->next)
        bytes += a->end - a->start;
    return bytes;
}

static u32 resident_pages(const struct process *p)
{
    u32 pages = 0, at = 0;
    pte_t entry;
    if (p->space)
        for (; pagetable_next(&p->space->table, &at, KERNEL_BASE, &entry); at += PAGE_SIZE)
            pages++;
    return pages;
}

static void text_stat(struct text *t, const struct process *p)
{
    add(t, "%u (%s) %c %u %u %u %u -1 0 0 0 0 0 ", p->pid, p->name, state_letter(p),
        p->parent ? p->parent->pid : 0, p->group, p->session, tty_of_session(p->session));
    add(t, "%u %u %u %u 20 0 %u 0 0 %u %u 4294967295", (u32)p->all_user, (u32)p->all_kernel,
        (u32)p->children_user, (u32)p->children_kernel, p->alive, virtual_bytes(p),
        resident_pages(p));
    for (int i = 0; i < 27; i++)
        add(t, " 0");
    add(t, "\n");
}

static void text_statm(struct text *t, const struct process *p)
{
    add(t, "%u %u 0 0 0 0 0\n", virtual_bytes(p) / PAGE_SIZE, resident_pages(p));
}

static void text_status(struct text *t, const struct process *p)
{
    add(t, "Name:\t%s\nState:\t%c\nTgid:\t%u\nPid:\t%u\nPPid:\t%u\n", p->name, state_letter(p),
        p->pid, p->pid, p->parent ? p->parent->pid : 0);
    const struct identity *who = &p->identity;
    add(t, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", who->user[0], who->user[1], who->user[2],
        who->file_user, who->group[0], who->group[1], who->group[2], who->file_group);
    add(t, "VmSize:\t%8u kB\nVmRSS:\t%8u kB\nThreads:\t%u\n", virtual_bytes(p) / 1024,
        resident_pages(p) * (PAGE_SIZE / 1024), p->alive);
}

/* The arguments as they lie on the program's stack now: a program may have changed them. */
static void text_cmdline(struct text *t, const struct process *p)
{
    for (u32 at = p->space ? p->space->arguments_start : 0;
         p->space && at < p->space->arguments_end && t->used < TEXT_BYTES - 1; at++) {
        pte_t entry = pagetable_get(&p->space->table, at);
        if (!(entry & PTE_PRESENT) || entry & PTE_FOREIGN)
            break;
        t->at[t->used++] = ((const char *)page_address(pte_pfn(entry)))[at & ~PAGE_MASK];
    }
}

static void text_comm(struct text *t, const struct process *p)
{
    add(t, "%s\n", p->name);
}

static void text_maps(struct text *t, const struct process *p)
{
    for (const struct area *a = p->space ? p->space->areas : NULL; a; a = a->next)
        add(t, "%08x-%08x %c%c%c%c %08x 00:01 %u\n", a->start, a->end,
            a->protection & PROT_READ ? 'r' : '-', a->protection & PROT_WRITE ? 'w' : '-',
            a->protection & PROT_EXEC ? 'x' : '-', a->flags & AREA_SHARED ? 's' : 'p',
            a->file_page << PAGE_SHIFT, a->file ? a->file->number : 0);
}

/* ---- the tree --------------------------------------------------------------------------------- */

enum place { IN_ROOT = 1, IN_PROCESS = 2, IN_XEN = 4 };

#define PRIVCMD (10u << 8 | 61) /* the Xen port's device; elsewhere there is none and no xen/ */

static const struct {
    const char *name;
    u32 mode, places;
    void (*text)(struct text *text, const struct process *process);
} names[] = {
    {"uptime", MODE_REGULAR | 0444, IN_ROOT, text_uptime},
    {"loadavg", MODE_REGULAR | 0444, IN_ROOT, text_loadavg},
    {"meminfo", MODE_REGULAR | 0444, IN_ROOT, text_meminfo},
    {"filesystems", MODE_REGULAR | 0444, IN_ROOT, text_filesystems},
    {"version", MODE_REGULAR | 0444, IN_ROOT, text_version},
    {"cpuinfo", MODE_REGULAR | 0444, IN_ROOT, text_cpuinfo},
    {"stat", MODE_REGULAR | 0444, IN_ROOT, text_system_stat},
    {"vmstat", MODE_REGULAR | 0444, IN_ROOT, text_vmstat},
    {"slabinfo", MODE_REGULAR | 0400, IN_ROOT, text_slabinfo},
    {"mounts", MODE_REGULAR | 0444, IN_ROOT | IN_PROCESS, text_mounts},
    {"stat", MODE_REGULAR | 0444, IN_PROCESS, text_stat},
    {"statm", MODE_REGULAR | 0444, IN_PROCESS, text_statm},
    {"status", MODE_REGULAR | 0444, IN_PROCESS, text_status},
    {"cmdline", MODE_REGULAR | 0444, IN_PROCESS, text_cmdline},
    {"comm", MODE_REGULAR | 0444, IN_PROCESS, text_comm},
    {"maps", MODE_REGULAR | 0444, IN_PROCESS, text_maps},
#define FIRST_LINK 16u
    {"self", MODE_LINK | 0777, IN_ROOT, NULL},
    {"exe", MODE_LINK | 0777, IN_PROCESS, NULL},
    {"cwd", MODE_LINK | 0777, IN_PROCESS, NULL},
    {"root", MODE_LINK | 0777, IN_PROCESS, NULL},
    {"fd", MODE_DIRECTORY | 0500, IN_PROCESS, NULL},
    {"xen", MODE_DIRECTORY | 0555, IN_ROOT, NULL},
    {"privcmd", MODE_CHARACTER | 0600, IN_XEN, NULL},
};
enum { SELF = FIRST_LINK, EXE, CWD, ROOT, FDS, XEN, NAMES = XEN + 2 };
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
    } else if (p && p->files && p->files->file[inode->kind - KIND_DESCRIPTOR]) {
        const struct inode *target = p->files->file[inode->kind - KIND_DESCRIPTOR]->inode;
        u32 type = target->mode & MODE_TYPE;
        if (is_directory(target) && path_of((struct inode *)target, buffer, size) > 0)
            return;
        if (type == MODE_CHARACTER && device_path(target->device, buffer, size) > 0)
            return;
        if (!type) {
            format(buffer, size, "anon_inode:%s",
                   p->files->file[inode->kind - KIND_DESCRIPTOR]->ops->name);
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
    u32 place = directory->kind == KIND_ROOT ? IN_ROOT
                : directory->kind == XEN     ? IN_XEN
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
        if (!read_number(name, length, &value) || value >= DESCRIPTORS || !p || !p->files ||
            !p->files->file[value])
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
        while (at - 0x1000 < DESCRIPTORS && !owner->files->file[at - 0x1000])
            at++;
        if (at - 0x1000 >= DESCRIPTORS)
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
    else if (p && p->files && link->kind >= KIND_DESCRIPTOR &&
             p->files->file[link->kind - KIND_DESCRIPTOR])
        inode = p->files->file[link->kind - KIND_DESCRIPTOR]->inode;
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
    names[inode->kind].text(&text, p);
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
