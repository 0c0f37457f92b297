/* SPDX-License-Identifier: GPL-2.0-only */
/* user_path.c - the files that programs name, for all system calls that take names */
#include "guestos/fs/file.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

/* What give_path() got last: pages_allocate() and its opposite take some 200 cycles. */
static char *spare;

/* A page that is not cleared, as the heap's would be; NULL: no memory. */
static char *page_for_path(void)
{
    char *page = spare;

    _Static_assert(PATH_LIMIT == PAGE_SIZE, "a path is a page");
    if (page) {
        spare = NULL;
        return page;
    }
    uint32_t pfn = pages_allocate(0);
    return pfn == PFN_NONE ? NULL : page_address(pfn);
}

void give_path(char *path)
{
    if (spare)
        heap_free(path);
    else
        spare = path;
}

char *take_path(uint32_t address)
{
    char *path = page_for_path();

    if (!path)
        return ERR_PTR(-ENOMEM);
    int length = copy_string_from_user(path, (const char *)address, PATH_LIMIT);
    if (length > 0)
        return path;
    give_path(path);
    return ERR_PTR(length ? length : -ENOENT);
}

struct inode *descriptor_inode(uint32_t descriptor)
{
    if (descriptor == AT_CWD)
        return current_thread()->fs->cwd;
    const struct file *file = files_get_any((int)descriptor);
    return file ? file->inode : ERR_PTR(-EBADF);
}

bool is_self_exe(const char *path)
{
    return !strcmp(path, "/proc/self/exe");
}

struct inode *path_start(uint32_t directory, const char *path)
{
    return path[0] == '/' ? path_root() : descriptor_inode(directory);
}

struct inode *lookup_at(uint32_t directory, uint32_t address, uint32_t flags)
{
    char *path = take_path(address);

    if (IS_ERR(path))
        return (struct inode *)path;
    struct inode *inode, *from = path_start(directory, path);
    if (is_self_exe(path) && !(flags & LOOKUP_NO_FOLLOW))
        inode_hold(inode = current_process()->program);
    else
        inode = IS_ERR(from) ? from : path_lookup(from, path, flags);
    give_path(path);
    return inode;
}

struct inode *lookup_by_flags(uint32_t directory, uint32_t address, uint32_t flags)
{
    char first = 1;

    if (flags & AT_EMPTY_PATH && take_user(first, address))
        return ERR_PTR(-EFAULT);
    if (first)
        return lookup_at(directory, address, flags & AT_NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0);
    struct inode *inode = descriptor_inode(directory);
    if (!IS_ERR(inode))
        inode_hold(inode);
    return inode;
}
