/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_path.c - system calls that take the names of files */
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/time.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/heap.h"

#define AT_REMOVE_DIRECTORY 0x200u /* linux/fcntl.h */
#define AT_NO_FOLLOW        0x100u
#define AT_FOLLOW           0x400u
#define AT_EMPTY_PATH       0x1000u
#define RENAME_NO_REPLACE   1u /* linux/fs.h */

char *take_path(u32 address)
{
    char *path = heap_allocate(PATH_LIMIT);
    if (!path)
        return ERR_PTR(-ENOMEM);
    int length = copy_string_from_user(path, (const char *)address, PATH_LIMIT);
    if (length > 0)
        return path;
    heap_free(path);
    return ERR_PTR(length ? length : -ENOENT);
}

/* Where a relative path starts: the working directory or an open directory. Not held. */
struct inode *descriptor_inode(u32 descriptor)
{
    if (descriptor == AT_CWD)
        return current_process()->fs->cwd;
    const struct file *file = files_get((int)descriptor);
    return file ? file->inode : ERR_PTR(-EBADF);
}

bool is_self_exe(const char *path)
{
    return !strcmp(path, "/proc/self/exe");
}

/* Where the walk of this path begins; ERR_PTR. Not held. */
static struct inode *start(u32 directory, const char *path)
{
    return path[0] == '/' ? root_inode : descriptor_inode(directory);
}

struct inode *lookup_at(u32 directory, u32 address, u32 flags)
{
    char *path = take_path(address);
    if (IS_ERR(path))
        return (struct inode *)path;
    struct inode *inode, *from = start(directory, path);
    if (is_self_exe(path) && !(flags & LOOKUP_NO_FOLLOW))
        inode_hold(inode = current_process()->leader->program);
    else
        inode = IS_ERR(from) ? from : path_lookup(from, path, flags);
    heap_free(path);
    return inode;
}

/* ---- opening ----------------------------------------------------------------------------------- */

/* What must be allowed for opening a file like this. */
static u32 rights_of(u32 flags)
{
    u32 access = flags & OPEN_ACCESS;
    return (access == OPEN_WRITE ? 0 : MAY_READ) | (access == OPEN_READ ? 0 : MAY_WRITE) |
           (flags & OPEN_TRUNCATE ? MAY_WRITE : 0);
}

static struct inode *open_inode(struct inode *from, const char *path, u32 flags, u32 mode)
{
    struct inode *inode;
    if (is_self_exe(path)) {
        inode_hold(inode = current_process()->leader->program);
        return inode;
    }
    if (flags & OPEN_CREATE) {
        inode =
            path_create(from, path, MODE_REGULAR | (mode & 07777 & ~current_process()->fs->umask));
        if (!IS_ERR(inode) || PTR_ERR(inode) != -EEXIST || flags & OPEN_EXCLUSIVE)
            return inode;
    }
    inode = path_lookup(from, path, flags & OPEN_NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0);
    if (IS_ERR(inode))
        return inode;
    int error =
        is_directory(inode) && flags & OPEN_CREATE ? -EISDIR : inode_allow(inode, rights_of(flags));
    if (!error)
        return inode;
    inode_release(inode);
    return ERR_PTR(error);
}

int sys_openat(u32 directory, u32 address, u32 flags, u32 mode)
{
    char *path = take_path(address);
    if (IS_ERR(path))
        return PTR_ERR(path);
    struct inode *from = start(directory, path);
    struct inode *inode = IS_ERR(from) ? from : open_inode(from, path, flags, mode);
    heap_free(path);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    u32 type = inode->mode & MODE_TYPE;
    struct file *file = flags & OPEN_DIRECTORY && type != MODE_DIRECTORY ? ERR_PTR(-ENOTDIR)
                                                                         : file_open(inode, flags);
    if (!IS_ERR(file) && type == MODE_REGULAR && flags & OPEN_TRUNCATE) {
        inode_contents_change(inode);
        inode_resize(inode, 0);
    }
    inode_release(inode);
    if (IS_ERR(file))
        return PTR_ERR(file);
    int descriptor = files_install(file, 0, flags & OPEN_CLOEXEC);
    if (descriptor < 0)
        file_release(file);
    return descriptor;
}

int sys_open(u32 address, u32 flags, u32 mode)
{
    return sys_openat(AT_CWD, address, flags, mode);
}

int sys_creat(u32 address, u32 mode)
{
    return sys_open(address, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, mode);
}

/* ---- making and removing names -------------------------------------------------------------------- */

/* Makes an inode at a path given by the program; held. */
static struct inode *make_at(u32 directory, u32 address, u32 mode)
{
    char *path = take_path(address);
    if (IS_ERR(path))
        return (struct inode *)path;
    struct inode *from = start(directory, path);
    struct inode *inode = IS_ERR(from) ? from : path_create(from, path, mode);
    heap_free(path);
    return inode;
}

int sys_mkdirat(u32 directory, u32 address, u32 mode)
{
    mode = MODE_DIRECTORY | (mode & 07777 & ~current_process()->fs->umask);
    struct inode *inode = make_at(directory, address, mode);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    inode_release(inode);
    return 0;
}

int sys_mkdir(u32 address, u32 mode)
{
    return sys_mkdirat(AT_CWD, address, mode);
}

static int remove_name(u32 at, u32 address, bool directory)
{
    char *path = take_path(address);
    if (IS_ERR(path))
        return PTR_ERR(path);
    const char *name;
    size_t length;
    struct inode *from = start(at, path);
    struct inode *parent = IS_ERR(from) ? from : path_parent(from, path, &name, &length);
    int error = IS_ERR(parent) ? PTR_ERR(parent) : 0;
    if (!error) {
        error = inode_allow(parent, MAY_EXECUTE);
        struct inode *inode = error ? NULL : directory_lookup(parent, name, length);
        if (!inode || IS_ERR(inode))
            error = inode ? PTR_ERR(inode) : error ? error : -ENOENT;
        else if ((error = directory_allow_change(parent, inode)))
            ;
        else if (is_directory(inode) != directory)
            error = directory ? -ENOTDIR : -EISDIR;
        else if (directory && length <= 2 && !memcmp(name, "..", length))
            error = length == 1 ? -EINVAL : -ENOTEMPTY;
        else if (inode->is_covered)
            error = -EBUSY;
        else if (directory && !directory_empty(inode))
            error = -ENOTEMPTY;
        else
            error = directory_unlink(parent, name, length);
        if (inode && !IS_ERR(inode))
            inode_release(inode);
        inode_release(parent);
    }
    heap_free(path);
    return error;
}

int sys_unlink(u32 address)
{
    return remove_name(AT_CWD, address, false);
}

int sys_unlinkat(u32 directory, u32 address, u32 flags)
{
    return flags & ~AT_REMOVE_DIRECTORY ? -EINVAL : remove_name(directory, address, flags);
}

int sys_rmdir(u32 address)
{
    return remove_name(AT_CWD, address, true);
}

int sys_symlinkat(u32 target, u32 directory, u32 address)
{
    char *text = take_path(target);
    if (IS_ERR(text))
        return PTR_ERR(text);
    char *path = take_path(address);
    int error = IS_ERR(path) ? PTR_ERR(path) : 0;
    if (!error) {
        struct inode *from = start(directory, path);
        operation_begin();
        struct inode *inode = IS_ERR(from) ? from : path_create(from, path, MODE_LINK | 0777);
        error = IS_ERR(inode) ? PTR_ERR(inode) : inode_set_target(inode, text);
        if (!IS_ERR(inode)) {
            if (error)
                path_remove(from, path);
            inode_release(inode);
        }
        operation_end();
        heap_free(path);
    }
    heap_free(text);
    return error;
}

int sys_symlink(u32 target, u32 address)
{
    return sys_symlinkat(target, AT_CWD, address);
}

/* Enters `inode` at a path given by the program. */
static int enter_name(struct inode *inode, u32 directory, u32 address)
{
    char *path = take_path(address);
    if (IS_ERR(path))
        return PTR_ERR(path);
    const char *name;
    size_t length;
    struct inode *from = start(directory, path);
    struct inode *parent = IS_ERR(from) ? from : path_parent(from, path, &name, &length);
    int error = IS_ERR(parent) ? PTR_ERR(parent) : directory_allow_change(parent, NULL);
    if (!error)
        error = directory_link(parent, name, length, inode);
    if (!IS_ERR(parent))
        inode_release(parent);
    heap_free(path);
    return error;
}

int sys_linkat(u32 from_directory, u32 from, u32 to_directory, u32 to, u32 flags)
{
    if (flags & ~AT_FOLLOW)
        return -EINVAL;
    struct inode *inode = lookup_at(from_directory, from, flags ? 0 : LOOKUP_NO_FOLLOW);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode) ? -EPERM : enter_name(inode, to_directory, to);
    inode_release(inode);
    return error;
}

int sys_link(u32 from, u32 to)
{
    return sys_linkat(AT_CWD, from, AT_CWD, to, 0);
}

static bool contains(const struct inode *ancestor, const struct inode *inode)
{
    for (; inode != inode->parent; inode = inode->parent)
        if (inode == ancestor)
            return true;
    return ancestor == inode;
}

static bool is_dots(const char *name, size_t length)
{
    return length <= 2 && !memcmp(name, "..", length);
}

/* The inode of a name, held; NULL if there is none or *error is set. */
static struct inode *look(struct inode *directory, const char *name, size_t length, int *error)
{
    struct inode *inode = *error ? NULL : directory_lookup(directory, name, length);
    if (!inode || !IS_ERR(inode))
        return inode;
    *error = PTR_ERR(inode);
    return NULL;
}

/* Moves a name; what the new name meant before goes, if it may. Everything is looked up first. */
static int rename_paths(struct inode *from_start, const char *from, struct inode *to_start,
                        const char *to, u32 flags)
{
    const char *name[2];
    size_t length[2];
    struct inode *parent[2] = {NULL, NULL}, *inode = NULL, *replaced = NULL;
    parent[0] = path_parent(from_start, from, &name[0], &length[0]);
    if (IS_ERR(parent[0]))
        return PTR_ERR(parent[0]);
    parent[1] = path_parent(to_start, to, &name[1], &length[1]);
    if (IS_ERR(parent[1])) {
        inode_release(parent[0]);
        return PTR_ERR(parent[1]);
    }
    int error = is_dots(name[0], length[0]) || is_dots(name[1], length[1]) ? -EBUSY : 0;
    for (int i = 0; i < 2 && !error; i++)
        error = inode_allow(parent[i], MAY_EXECUTE);
    inode = look(parent[0], name[0], length[0], &error);
    replaced = look(parent[1], name[1], length[1], &error);
    bool moves_directory = inode && is_directory(inode);
    bool was_directory = replaced && is_directory(replaced);
    if (error)
        ;
    else if (!inode)
        error = -ENOENT;
    else if ((error = directory_allow_change(parent[0], inode)) ||
             (error = directory_allow_change(parent[1], replaced)))
        ;
    else if (parent[0]->mount != parent[1]->mount)
        error = -EXDEV;
    else if (length[1] > NAME_LIMIT)
        error = -ENAMETOOLONG;
    else if (moves_directory && contains(inode, parent[1]))
        error = -EINVAL;
    else if (replaced && flags & RENAME_NO_REPLACE)
        error = -EEXIST;
    else if (inode->is_covered || (replaced && replaced->is_covered))
        error = -EBUSY;
    else if (replaced && moves_directory != was_directory)
        error = was_directory ? -EISDIR : -ENOTDIR;
    else if (was_directory && inode != replaced && !directory_empty(replaced))
        error = -ENOTEMPTY;
    if (!error && inode != replaced) {
        operation_begin();
        if (replaced)
            error = directory_unlink(parent[1], name[1], length[1]);
        if (!error)
            error = directory_link(parent[1], name[1], length[1], inode);
        if (!error)
            error = directory_unlink(parent[0], name[0], length[0]);
        operation_end();
    }
    struct inode *held[] = {parent[0], parent[1], inode, replaced};
    for (u32 i = 0; i < ARRAY_LENGTH(held); i++)
        if (held[i])
            inode_release(held[i]);
    return error;
}

int sys_renameat2(u32 from_directory, u32 from_address, u32 to_directory, u32 to_address, u32 flags)
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
    struct inode *from_start = start(from_directory, from), *to_start = start(to_directory, to);
    int error = IS_ERR(from_start) || IS_ERR(to_start)
                    ? -EBADF
                    : rename_paths(from_start, from, to_start, to, flags);
    heap_free(to);
    heap_free(from);
    return error;
}

int sys_renameat(u32 from_directory, u32 from, u32 to_directory, u32 to)
{
    return sys_renameat2(from_directory, from, to_directory, to, 0);
}

int sys_rename(u32 from, u32 to)
{
    return sys_renameat(AT_CWD, from, AT_CWD, to);
}

/* ---- working directory, modes, links --------------------------------------------------------------- */

int sys_chdir(u32 address)
{
    struct process *me = current_process();
    struct inode *inode = lookup_at(AT_CWD, address, 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode) ? inode_allow(inode, MAY_EXECUTE) : -ENOTDIR;
    if (error) {
        inode_release(inode);
        return error;
    }
    inode_release(me->fs->cwd);
    me->fs->cwd = inode;
    return 0;
}

int sys_getcwd(u32 buffer, u32 bytes)
{
    char *path = heap_allocate(PATH_LIMIT);
    if (!path)
        return -ENOMEM;
    int length = path_of(current_process()->fs->cwd, path, MIN(bytes, (u32)PATH_LIMIT));
    if (length > 0 && copy_to_user((void *)buffer, path, (u32)length))
        length = -EFAULT;
    heap_free(path);
    return length;
}

int sys_umask(u32 mask)
{
    u32 old = current_process()->fs->umask;
    current_process()->fs->umask = mask & 0777;
    return (int)old;
}

int sys_fchmodat(u32 directory, u32 address, u32 mode)
{
    struct inode *inode = lookup_at(directory, address, 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = inode_change_mode(inode, mode);
    inode_release(inode);
    return error;
}

int sys_chmod(u32 address, u32 mode)
{
    return sys_fchmodat(AT_CWD, address, mode);
}

int sys_fchownat(u32 directory, u32 address, u32 uid, u32 gid, u32 flags)
{
    char first = 1;
    if (flags & ~(AT_NO_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (flags & AT_EMPTY_PATH && take_user(first, address))
        return -EFAULT;
    struct inode *inode =
        first ? lookup_at(directory, address, flags & AT_NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0)
              : descriptor_inode(directory);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = inode_change_owner(inode, uid, gid);
    if (first)
        inode_release(inode);
    return error;
}

int sys_chown32(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, 0);
}

int sys_lchown32(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, AT_NO_FOLLOW);
}

/* The calls with 16-bit numbers, of which -1 means "as it is". */
static u32 wide_id(u32 id)
{
    return (id & 0xffff) == 0xffff ? ~0u : id & 0xffff;
}

int sys_chown16(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), 0);
}

int sys_lchown16(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), AT_NO_FOLLOW);
}

int sys_fchown16(u32 descriptor, u32 uid, u32 gid)
{
    return sys_fchown32(descriptor, wide_id(uid), wide_id(gid));
}

int sys_truncate64(u32 address, u32 low, u32 high)
{
    struct inode *inode = lookup_at(AT_CWD, address, 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode)                         ? -EISDIR
                : (inode->mode & MODE_TYPE) != MODE_REGULAR ? -EINVAL
                : high & 0x80000000                         ? -EINVAL
                : high                                      ? -EFBIG
                                                            : inode_allow(inode, MAY_WRITE);
    if (!error)
        error = inode_resize(inode, low);
    if (!error)
        inode_contents_change(inode);
    inode_release(inode);
    return error;
}

int sys_faccessat2(u32 directory, u32 address, u32 mode, u32 flags)
{
    const u32 effective = 0x200; /* AT_EACCESS */
    if (mode & ~7u || flags & ~(effective | AT_NO_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    struct inode *inode =
        lookup_at(directory, address, flags & AT_NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = flags & effective ? inode_allow(inode, mode) : inode_allow_real(inode, mode);
    if (!error && mode & MAY_WRITE && inode->mount && inode->mount->read_only)
        error = -EROFS;
    inode_release(inode);
    return error;
}

int sys_faccessat(u32 directory, u32 address, u32 mode)
{
    return sys_faccessat2(directory, address, mode, 0);
}

int sys_truncate(u32 address, u32 size)
{
    return sys_truncate64(address, size, size & 0x80000000 ? ~0u : 0);
}

int sys_mknodat(u32 directory, u32 address, u32 mode, u32 device)
{
    u32 type = mode & MODE_TYPE ? mode & MODE_TYPE : MODE_REGULAR;
    if (type == MODE_DIRECTORY)
        return -EPERM;
    if (type != MODE_REGULAR && type != MODE_CHARACTER && type != MODE_BLOCK && type != MODE_FIFO)
        return -EINVAL;
    if ((type == MODE_CHARACTER || type == MODE_BLOCK) && !is_privileged())
        return -EPERM;
    struct inode *inode =
        make_at(directory, address, type | (mode & 07777 & ~current_process()->fs->umask));
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    if (type != MODE_FIFO)
        inode->device = device & 0xffff;
    inode_release(inode);
    return 0;
}

int sys_mknod(u32 address, u32 mode, u32 device)
{
    return sys_mknodat(AT_CWD, address, mode, device);
}

int sys_access(u32 address, u32 mode)
{
    return sys_faccessat(AT_CWD, address, mode);
}

/* `room` has PATH_LIMIT bytes. */
static int read_link(struct inode *inode, char *room, u32 buffer, u32 bytes)
{
    if ((inode->mode & MODE_TYPE) != MODE_LINK)
        return -EINVAL;
    const char *target = inode->target;
    if (inode->fs && inode->fs->follow) {
        int error = proc_link_text(inode, room, PATH_LIMIT);
        if (error < 0)
            return error;
        target = room;
    }
    u32 n = MIN(bytes, (u32)strlen(target));
    return copy_to_user((void *)buffer, target, n) ? -EFAULT : (int)n;
}

int sys_readlinkat(u32 directory, u32 address, u32 buffer, u32 bytes)
{
    if ((s32)bytes <= 0)
        return -EINVAL;
    char *path = take_path(address);
    if (IS_ERR(path))
        return PTR_ERR(path);
    const struct process *me = current_process();
    struct inode *from = start(directory, path);
    int result;
    if (is_self_exe(path)) {
        u32 n = MIN(bytes, (u32)strlen(me->leader->program_path));
        result = copy_to_user((void *)buffer, me->leader->program_path, n) ? -EFAULT : (int)n;
    } else {
        struct inode *inode = IS_ERR(from) ? from : path_lookup(from, path, LOOKUP_NO_FOLLOW);
        if (IS_ERR(inode)) {
            result = PTR_ERR(inode);
        } else {
            result = read_link(inode, path, buffer, bytes);
            inode_release(inode);
        }
    }
    heap_free(path);
    return result;
}

int sys_readlink(u32 address, u32 buffer, u32 bytes)
{
    return sys_readlinkat(AT_CWD, address, buffer, bytes);
}
