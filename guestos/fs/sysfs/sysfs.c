/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysfs.c - /sys: what C libraries, lscpu and libnuma read about processors and memory
 *
 * As in /proc nothing is kept: an inode is made when a name is looked up, and a file's text when it
 * is read. A node is a row of the table below; those of each processor and of each of its caches
 * are one row, and an inode says which: `kind` is the row, `pid` the processor and the cache.
 * Linux: Documentation/ABI/testing/sysfs-devices-system-cpu, stable/sysfs-devices-node.
 */
#include "guestos/arch.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/sysfs/text.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define SYSFS_MAGIC 0x62656572u

enum { /* the directories */
       SYS_ROOT,
       SYS_DEVICES,
       SYS_SYSTEM,
       SYS_CPUS,
       SYS_CPU,
       SYS_TOPOLOGY,
       SYS_CACHES,
       SYS_CACHE,
       SYS_NODES,
       SYS_NODE,
       SYS_HYPERVISOR,
       SYS_FILES
};

static const struct node {
    const char *name; /* of many: what stands before the number */
    uint8_t parent;
    bool many; /* of which one has a number */
    void (*text)(struct sys_text *text);
} nodes[] = {
    [SYS_ROOT] = {"", 255, false, NULL},
    [SYS_DEVICES] = {"devices", SYS_ROOT, false, NULL},
    [SYS_SYSTEM] = {"system", SYS_DEVICES, false, NULL},
    [SYS_CPUS] = {"cpu", SYS_SYSTEM, false, NULL},
    [SYS_CPU] = {"cpu", SYS_CPUS, true, NULL},
    [SYS_TOPOLOGY] = {"topology", SYS_CPU, false, NULL},
    [SYS_CACHES] = {"cache", SYS_CPU, false, NULL},
    [SYS_CACHE] = {"index", SYS_CACHES, true, NULL},
    [SYS_NODES] = {"node", SYS_SYSTEM, false, NULL},
    [SYS_NODE] = {"node0", SYS_NODES, false, NULL},
    [SYS_HYPERVISOR] = {"hypervisor", SYS_ROOT, false, NULL},
    [SYS_FILES] = {"possible", SYS_CPUS, false, sys_text_all},
    {"present", SYS_CPUS, false, sys_text_all},
    {"online", SYS_CPUS, false, sys_text_all},
    {"offline", SYS_CPUS, false, sys_text_none},
    {"kernel_max", SYS_CPUS, false, sys_text_last},
    {"online", SYS_CPU, false, sys_text_one},
    {"core_id", SYS_TOPOLOGY, false, sys_text_zero},
    {"physical_package_id", SYS_TOPOLOGY, false, sys_text_number},
    {"core_siblings", SYS_TOPOLOGY, false, sys_text_mask},
    {"core_siblings_list", SYS_TOPOLOGY, false, sys_text_number},
    {"thread_siblings", SYS_TOPOLOGY, false, sys_text_mask},
    {"thread_siblings_list", SYS_TOPOLOGY, false, sys_text_number},
    {"level", SYS_CACHE, false, sys_text_level},
    {"type", SYS_CACHE, false, sys_text_type},
    {"size", SYS_CACHE, false, sys_text_size},
    {"coherency_line_size", SYS_CACHE, false, sys_text_line},
    {"ways_of_associativity", SYS_CACHE, false, sys_text_ways},
    {"number_of_sets", SYS_CACHE, false, sys_text_sets},
    {"shared_cpu_map", SYS_CACHE, false, sys_text_mask},
    {"shared_cpu_list", SYS_CACHE, false, sys_text_number},
    {"possible", SYS_NODES, false, sys_text_zero},
    {"online", SYS_NODES, false, sys_text_zero},
    {"has_cpu", SYS_NODES, false, sys_text_zero},
    {"has_memory", SYS_NODES, false, sys_text_zero},
    {"cpulist", SYS_NODE, false, sys_text_all},
    {"cpumap", SYS_NODE, false, sys_text_all_mask},
    {"distance", SYS_NODE, false, sys_text_distance},
    {"meminfo", SYS_NODE, false, sys_text_node_memory},
    {"type", SYS_HYPERVISOR, false, sys_text_hypervisor},
};

static const struct inode_ops sys_inode_ops;
static const struct file_ops sys_file_ops;
static struct mount *sys_mounted;

static uint32_t mode_of(uint32_t kind)
{
    return kind < SYS_FILES ? MODE_DIRECTORY | 0555 : MODE_REGULAR | 0444;
}

/* How many there are of a node in this directory. */
static uint32_t count_of(const struct inode *directory, uint32_t kind)
{
    if (nodes[kind].parent != directory->kind)
        return 0;
    if (kind == SYS_CPU)
        return arch_processors();
    if (kind == SYS_CACHE)
        return sys_caches();
    return kind != SYS_HYPERVISOR || arch_is_guest() ? 1 : 0;
}

/* The number that tells which processor and which of its caches a node in a directory is of. */
static uint32_t which_of(const struct inode *directory, uint32_t kind, uint32_t number)
{
    return kind == SYS_CPU     ? number
           : kind == SYS_CACHE ? (directory->pid & 0xff) | number << 8
                               : directory->pid;
}

static struct inode *make(struct inode *directory, uint32_t kind, uint32_t which)
{
    struct inode *inode = inode_create(mode_of(kind));

    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->number = which << 8 | (kind + 1);
    inode->inode_ops = &sys_inode_ops;
    inode->mount = sys_mounted;
    inode->kind = kind;
    inode->pid = which;
    inode->links = is_directory(inode) ? 2 : 1;
    if (is_directory(inode)) {
        inode->parent = directory ? directory : inode;
        if (directory)
            inode_hold(directory);
    } else {
        inode->ops = &sys_file_ops;
        inode->size = PAGE_SIZE;
    }
    return inode;
}

static void name_of(char *name, uint32_t size, uint32_t kind, uint32_t number)
{
    if (nodes[kind].many)
        format(name, size, "%s%u", nodes[kind].name, number);
    else
        copy_string(name, nodes[kind].name, size);
}

static struct inode *lookup(struct inode *directory, const char *name, size_t length)
{
    char one[32];

    for (uint32_t kind = 0; kind < ARRAY_LENGTH(nodes); kind++)
        for (uint32_t i = 0; i < count_of(directory, kind); i++) {
            name_of(one, sizeof(one), kind, i);
            if (strlen(one) == length && !memcmp(one, name, length))
                return make(directory, kind, which_of(directory, kind, i));
        }
    return NULL;
}

/* Cookies count the names of a directory, from 3 on. */
static int next(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    uint32_t at = 3;

    for (uint32_t kind = 0; kind < ARRAY_LENGTH(nodes); kind++)
        for (uint32_t i = 0; i < count_of(directory, kind); i++, at++)
            if (at > *cookie) {
                item->number = which_of(directory, kind, i) << 8 | (kind + 1);
                item->type = (uint8_t)(mode_of(kind) >> 12);
                name_of(item->name, sizeof(item->name), kind, i);
                *cookie = at;
                return 1;
            }
    return 0;
}

static void release(struct inode *inode)
{
    if (is_directory(inode) && inode->parent != inode)
        inode_release(inode->parent);
    heap_free(inode);
}

static const struct inode_ops sys_inode_ops = {.lookup = lookup, .next = next, .release = release};

static int sys_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    const struct inode *inode = file->inode;
    struct sys_text text = {.processor = inode->pid & 0xff, .cache = inode->pid >> 8};

    nodes[inode->kind].text(&text);
    uint32_t n = *position < text.used ? MIN(bytes, text.used - *position) : 0;
    if (n && copy_to_user(to, text.at + *position, n))
        return -EFAULT;
    *position += n;
    return (int)n;
}

static const struct file_ops sys_file_ops = {.read = sys_read};

static void usage(const struct mount *mount, struct fs_usage *usage)
{
    (void)mount;
    *usage = (struct fs_usage){.magic = SYSFS_MAGIC, .block_size = PAGE_SIZE};
}

int sysfs_mount(struct inode *at)
{
    if (sys_mounted)
        return -EBUSY;
    struct mount *mount = sys_mounted = heap_allocate(sizeof(*mount));
    struct inode *root = mount ? make(NULL, SYS_ROOT, 0) : ERR_PTR(-ENOMEM);
    int error = IS_ERR(root) ? PTR_ERR(root) : 0;
    if (!error) {
        mount->root = root;
        mount->type = "sysfs";
        mount->usage = usage;
        copy_string(mount->source, "sysfs", sizeof(mount->source));
        error = mount_add(mount, at);
    }
    if (error) {
        if (!IS_ERR(root))
            heap_free(root);
        heap_free(mount);
        sys_mounted = NULL;
    }
    return error;
}
