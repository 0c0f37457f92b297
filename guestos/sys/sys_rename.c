/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_rename.c - a name moves, and what the new name meant before goes (rename(2))
 *
 * Everything is looked up and judged first: both directories, what the old name means, what the new
 * one means already. The rules, in Linux's order of errors:
 *   "." and ".." do not move (EBUSY), and the old name must mean something (ENOENT);
 *   both directories must allow the change, and be of one file system (EXDEV);
 *   a directory does not move into itself or below (EINVAL): it would be cut off from the root;
 *   what something is mounted on stays (EBUSY);
 *   a directory replaces an empty directory only, and anything else what is no directory.
 * Two names of the same file: nothing happens, and that is a success.
 *
 * Then the move: the replaced name goes, which leaves room for the new one in its place; the new
 * name comes; the old one goes. A journal makes one operation of it, so that a cut finds one name
 * or the other.
 */
#include "guestos/fs/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define RENAME_NO_REPLACE 1u /* linux/fs.h */

struct name {                     /* one end of the move */
    struct inode *parent, *inode; /* held; inode NULL: it means nothing yet */
    const char *text;
    size_t length;
};

static bool contains(const struct inode *ancestor, const struct inode *inode)
{
    for (; inode != inode->parent; inode = inode->parent)
        if (inode == ancestor)
            return true;
    return ancestor == inode;
}

static bool is_dots(const struct name *name)
{
    return name->length <= 2 && !memcmp(name->text, "..", name->length);
}

static int find_parent(struct name *name, struct inode *start, const char *path)
{
    struct inode *parent = path_parent(start, path, &name->text, &name->length);

    if (IS_ERR(parent))
        return PTR_ERR(parent);
    name->parent = parent;
    return 0;
}

static int find_inode(struct name *name)
{
    struct inode *inode = directory_lookup(name->parent, name->text, name->length);

    if (inode && IS_ERR(inode))
        return PTR_ERR(inode);
    name->inode = inode;
    return 0;
}

static int find_both(struct name *from, struct name *to)
{
    if (is_dots(from) || is_dots(to))
        return -EBUSY;
    int error = inode_allow(from->parent, MAY_EXECUTE);
    error = error ? error : inode_allow(to->parent, MAY_EXECUTE);
    error = error ? error : find_inode(from);
    return error ? error : find_inode(to);
}

static int check(const struct name *from, const struct name *to, uint32_t flags)
{
    const struct inode *inode = from->inode, *replaced = to->inode;

    if (!inode)
        return -ENOENT;
    int error = directory_allow_change(from->parent, inode);
    error = error ? error : directory_allow_change(to->parent, replaced);
    if (error)
        return error;
    if (from->parent->mount != to->parent->mount)
        return -EXDEV;
    if (to->length > NAME_LIMIT)
        return -ENAMETOOLONG;
    if (is_directory(inode) && contains(inode, to->parent))
        return -EINVAL;
    if (replaced && flags & RENAME_NO_REPLACE)
        return -EEXIST;
    if (inode->is_covered || (replaced && replaced->is_covered))
        return -EBUSY;
    if (!replaced || replaced == inode)
        return 0;
    if (is_directory(inode) != is_directory(replaced))
        return is_directory(replaced) ? -EISDIR : -ENOTDIR;
    return is_directory(replaced) && !directory_empty(to->inode) ? -ENOTEMPTY : 0;
}

static void tell(const struct name *from, const struct name *to)
{
    uint32_t cookie = notify_cookie();

    notify_name(from->parent, from->text, from->length, from->inode, NOTIFY_MOVED_FROM, cookie);
    notify_name(to->parent, to->text, to->length, from->inode, NOTIFY_MOVED_TO, cookie);
    if (to->inode && !is_directory(to->inode))
        notify_self(to->inode, NOTIFY_ATTRIBUTES);
    notify_self(from->inode, NOTIFY_MOVE_SELF);
}

static int move(const struct name *from, const struct name *to)
{
    if (from->inode == to->inode)
        return 0;
    operation_begin();
    int error = to->inode ? directory_unlink(to->parent, to->text, to->length) : 0;
    if (!error)
        error = directory_link(to->parent, to->text, to->length, from->inode);
    if (!error)
        error = directory_unlink(from->parent, from->text, from->length);
    operation_end();
    if (!error)
        tell(from, to);
    return error;
}

static void let_go(const struct name *name)
{
    if (name->parent)
        inode_release(name->parent);
    if (name->inode)
        inode_release(name->inode);
}

static int rename_paths(struct inode *from_start, const char *from_path, struct inode *to_start,
                        const char *to_path, uint32_t flags)
{
    struct name from = {0}, to = {0};
    int error = find_parent(&from, from_start, from_path);

    error = error ? error : find_parent(&to, to_start, to_path);
    error = error ? error : find_both(&from, &to);
    error = error ? error : check(&from, &to, flags);
    error = error ? error : move(&from, &to);
    let_go(&from);
    let_go(&to);
    return error;
}

int sys_renameat2(uint32_t from_directory, uint32_t from_address, uint32_t to_directory,
                  uint32_t to_address, uint32_t flags)
{
    if (flags & ~RENAME_NO_REPLACE)
        return -EINVAL;
    char *from = take_path(from_address);
    if (IS_ERR(from))
        return PTR_ERR(from);
    char *to = take_path(to_address);
    if (IS_ERR(to)) {
        heap_free(from);
        return PTR_ERR(to);
    }
    struct inode *from_start = path_start(from_directory, from);
    struct inode *to_start = path_start(to_directory, to);
    int error = IS_ERR(from_start) || IS_ERR(to_start)
                    ? -EBADF
                    : rename_paths(from_start, from, to_start, to, flags);
    heap_free(to);
    heap_free(from);
    return error;
}

int sys_renameat(uint32_t from_directory, uint32_t from, uint32_t to_directory, uint32_t to)
{
    return sys_renameat2(from_directory, from, to_directory, to, 0);
}

int sys_rename(uint32_t from, uint32_t to)
{
    return sys_renameat(AT_CWD, from, AT_CWD, to);
}
