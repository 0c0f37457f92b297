/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.c - the table of character devices, and the devices without hardware: null, zero, full,
 * random
 */
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/kernel/random.h"

#define DEVICES 16

static struct {
    uint32_t number;
    bool whole_major; /* whatever the minor number is */
    const char *path;
    const struct file_ops *ops;
} devices[DEVICES];
static uint32_t device_count;

static uint32_t find(uint32_t number)
{
    uint32_t i = 0;

    while (i < device_count &&
           devices[i].number != (devices[i].whole_major ? number & ~0xffu : number))
        i++;
    return i;
}

const struct file_ops *device_ops(uint32_t number)
{
    uint32_t i = find(number);

    return i < device_count ? devices[i].ops : NULL;
}

int device_path(uint32_t number, char *buffer, uint32_t size)
{
    uint32_t i = find(number);

    if (i == device_count)
        return -ENOENT;
    if (devices[i].whole_major)
        return format(buffer, size, "%s%u", devices[i].path, number & 0xff) + 1;
    return format(buffer, size, "%s", devices[i].path) + 1;
}

static void enter(const char *path, uint32_t number, bool whole_major, const struct file_ops *ops)
{
    ASSERT(device_count < DEVICES);
    devices[device_count].number = number;
    devices[device_count].whole_major = whole_major;
    devices[device_count].path = path;
    devices[device_count++].ops = ops;
}

void device_add_major(const char *prefix, uint32_t major, const struct file_ops *ops)
{
    enter(prefix, major << 8, true, ops);
}

void device_add(const char *path, uint32_t mode, uint32_t number, const struct file_ops *ops)
{
    if (!device_ops(number))
        enter(path, number, false, ops);
    struct inode *inode = path_create(root_inode, path, MODE_CHARACTER | mode);
    if (IS_ERR(inode))
        return; /* the ramdisk has brought the name with it */
    inode->device = number;
    inode_release(inode);
}

static int null_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)file, (void)to, (void)bytes, (void)position;
    return 0;
}

static int null_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)file, (void)from, (void)position;
    return (int)bytes;
}

static int full_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)file, (void)from, (void)position;
    return bytes ? -ENOSPC : 0;
}

static int zero_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)file, (void)position;
    for (uint32_t done = 0; done < bytes;) {
        uint32_t n = MIN(bytes - done, PAGE_SIZE);

        if (clear_user((char *)to + done, n))
            return done ? (int)done : -EFAULT;
        done += n;
        if (breathe())
            return (int)done;
    }
    return (int)bytes;
}

static int random_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)file, (void)position;
    return random_to_user(to, bytes);
}

static const struct file_ops null_ops = {
    .read = null_read, .write = null_write, .stands_still = true};
static const struct file_ops zero_ops = {
    .read = zero_read, .write = null_write, .stands_still = true};
static const struct file_ops full_ops = {
    .read = zero_read, .write = full_write, .stands_still = true};
static const struct file_ops random_ops = {.read = random_read, .write = null_write};

/* Numbers: Linux Documentation/admin-guide/devices.txt. */
void devices_init(void)
{
    device_add("/dev/null", 0666, 1 << 8 | 3, &null_ops);
    device_add("/dev/zero", 0666, 1 << 8 | 5, &zero_ops);
    device_add("/dev/full", 0666, 1 << 8 | 7, &full_ops);
    device_add("/dev/random", 0666, 1 << 8 | 8, &random_ops);
    device_add("/dev/urandom", 0666, 1 << 8 | 9, &random_ops);
}
