/* SPDX-License-Identifier: GPL-2.0-only */
/* root.c - the root file system: unpacked from the ramdisk, or ext2 on it */
#include "guestos/fs/cpio.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/block/devices.h"
#include "guestos/block/ramdisk.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"
#include "guestos/mm/heap.h"

#define HARD_LINKS 128

/* Archive inode numbers of files with several links, so that later names join the first. */
static struct {
    uint32_t number;
    struct inode *inode;
} * hard_links;
static uint32_t hard_link_count;

static struct inode *find_hard_link(uint32_t number)
{
    for (uint32_t i = 0; i < hard_link_count; i++)
        if (hard_links[i].number == number)
            return hard_links[i].inode;
    return NULL;
}

static int link_again(const char *path, struct inode *inode)
{
    const char *name;
    size_t length;
    struct inode *directory = path_parent(root_inode, path, &name, &length);

    if (IS_ERR(directory))
        return PTR_ERR(directory);
    int error = directory_link(directory, name, length, inode);
    inode_release(directory);
    return error;
}

/* The archive's text has no NUL at its end. */
static int fill_link(struct inode *inode, const struct cpio_entry *entry)
{
    char *target = entry->bytes < PATH_LIMIT ? heap_allocate(entry->bytes + 1) : NULL;

    if (!target)
        return -ENOMEM;
    memcpy(target, entry->data, entry->bytes);
    int error = inode_set_target(inode, target);
    heap_free(target);
    return error;
}

static int fill(struct inode *inode, const struct cpio_entry *entry)
{
    switch (inode->mode & MODE_TYPE) {
    case MODE_REGULAR: {
        int n = inode_write(inode, 0, entry->data, entry->bytes);

        return n == (int)entry->bytes ? 0 : n < 0 ? n : -ENOSPC;
    }
    case MODE_LINK:
        return fill_link(inode, entry);
    case MODE_CHARACTER:
        inode->device = entry->device;
        break;
    }
    return 0;
}

/*
 * What has the name already, on the disk or from earlier in the archive, gives way; folders stay.
 */
static struct inode *make_anew(const struct cpio_entry *entry)
{
    struct inode *inode = path_create(root_inode, entry->name, entry->mode & 0177777);

    if (PTR_ERR(inode) != -EEXIST)
        return inode;
    struct inode *old = path_lookup(root_inode, entry->name, LOOKUP_NO_FOLLOW);
    bool stays = IS_ERR(old) || is_directory(old) || (entry->mode & MODE_TYPE) == MODE_DIRECTORY;
    if (!IS_ERR(old))
        inode_release(old);
    if (stays)
        return inode;
    path_remove(root_inode, entry->name);
    return path_create(root_inode, entry->name, entry->mode & 0177777);
}

static int unpack_entry(const struct cpio_entry *entry)
{
    uint32_t type = entry->mode & MODE_TYPE;

    if (!entry->name[0] || !strcmp(entry->name, "."))
        return 0;
    if (type != MODE_REGULAR && type != MODE_LINK && type != MODE_DIRECTORY &&
        type != MODE_CHARACTER)
        return 0; /* block devices, sockets and named pipes have nothing to unpack */
    bool several = type == MODE_REGULAR && entry->links > 1;
    struct inode *inode = several ? find_hard_link(entry->inode) : NULL;
    if (inode) {
        int error = link_again(entry->name, inode);

        /* newc keeps the contents with the last of the names */
        return error || !entry->bytes ? error : fill(inode, entry);
    }
    inode = make_anew(entry);
    if (IS_ERR(inode))
        return PTR_ERR(inode) == -EEXIST && type == MODE_DIRECTORY ? 0 : PTR_ERR(inode);
    int error = fill(inode, entry);
    inode->modified = (uint64_t)entry->modified * NANOSECONDS;
    if (!error && several && hard_link_count < HARD_LINKS) {
        hard_links[hard_link_count].number = entry->inode;
        hard_links[hard_link_count++].inode = inode; /* the directory keeps it alive */
    }
    inode_release(inode);
    return error;
}

static void make_directory(const char *path)
{
    struct inode *inode = path_create(root_inode, path, MODE_DIRECTORY | 0755);

    if (!IS_ERR(inode))
        inode_release(inode);
}

static void make_link(const char *path, const char *target)
{
    struct inode *inode = path_create(root_inode, path, MODE_LINK | 0777);

    if (IS_ERR(inode))
        return; /* the ramdisk has brought it */
    inode_set_target(inode, target);
    inode_release(inode);
}

static void unpack(const uint8_t *ramdisk, uint32_t bytes)
{
    hard_links = heap_allocate(HARD_LINKS * sizeof(*hard_links));
    if (!hard_links)
        panic("no memory for the root file system");
    struct cpio cpio;
    struct cpio_entry entry;
    enum cpio_result result = CPIO_END;
    cpio_open(&cpio, ramdisk, bytes);
    while (bytes && (result = cpio_next(&cpio, &entry)) == CPIO_ENTRY) {
        int error = unpack_entry(&entry);

        if (error)
            kprintf("ramdisk: %s: error %d\n", entry.name, -error);
    }
    if (result == CPIO_BROKEN)
        kprintf("ramdisk: not a cpio newc archive from byte %u of %u on\n",
                (uint32_t)(cpio.at - ramdisk), bytes);
    heap_free(hard_links);
}

static void mount_at(const char *path, int (*mount)(struct inode *at), uint32_t mode)
{
    make_directory(path);
    struct inode *at = path_lookup(root_inode, path, 0);
    int error = IS_ERR(at) ? PTR_ERR(at) : mount(at);
    if (error)
        kprintf("cannot mount %s: error %d\n", path, -error);
    if (!IS_ERR(at))
        inode_release(at);
    struct inode *root = error ? ERR_PTR(error) : path_lookup(root_inode, path, 0);
    if (!IS_ERR(root)) {
        root->mode = MODE_DIRECTORY | mode;
        inode_release(root);
    }
}

static void mount_root(struct block_device *device)
{
    int error = ext2_mount_at(device, NULL, false);

    if (error)
        panic("/dev/%s cannot be mounted: error %d", device->name, -error);
}

/* Mounts the ramdisk as a disk. How long it is; an archive may follow. */
static uint32_t mount_ramdisk(uint8_t *ramdisk, uint32_t bytes)
{
    uint32_t disk = ext2_volume_bytes(ramdisk, bytes);

    if (!disk)
        panic("the ramdisk holds no whole ext2 volume");
    mount_root(ramdisk_adopt(ramdisk, disk));
    return disk;
}

static void mount_disk(const char *name)
{
    struct block_device *device = block_device_called(name);

    if (!device)
        panic("there is no disk %s for the root file system", name);
    mount_root(device);
}

uint32_t root_init(uint8_t *ramdisk, uint32_t bytes, const char *root)
{
    bool is_disk = *root, in_memory = !strcmp(root, "ram0") || !strcmp(root, "/dev/ram0");
    uint32_t disk = in_memory ? mount_ramdisk(ramdisk, bytes) : 0;

    if (is_disk && !in_memory)
        mount_disk(root);
    if (!is_disk && memory_mount(NULL))
        panic("no memory for the root file system");
    if (bytes > disk || !is_disk)
        unpack(ramdisk + disk, bytes - disk);
    if (is_disk)
        mount_at("/dev", memory_mount, 0755); /* devices differ from boot to boot */
    else
        make_directory("/dev");
    make_directory("/tmp");
    make_link("/dev/fd", "/proc/self/fd");
    make_link("/dev/stdin", "/proc/self/fd/0");
    make_link("/dev/stdout", "/proc/self/fd/1");
    make_link("/dev/stderr", "/proc/self/fd/2");
    mount_at("/dev/shm", memory_mount, 01777); /* shm_open(3)'s files */
    mount_at("/proc", proc_mount, 0555);
    mount_at("/sys", sysfs_mount, 0555);
    return disk;
}
