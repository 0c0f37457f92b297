/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * path_name.c - from an inode to a path
 *
 * A directory knows its parent, which knows its name: its path is found from the end to the front.
 * Files do not know who lists them: their absolute path is the one by which somebody reached them,
 * with its links followed.
 */
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

/* Puts text in front of what the buffer holds from *at on. */
static bool put_before(char *buffer, uint32_t *at, const char *text)
{
    uint32_t length = strlen(text);

    if (length > *at)
        return false;
    *at -= length;
    memcpy(buffer + *at, text, length);
    return true;
}

int path_of(struct inode *directory, char *buffer, uint32_t size)
{
    /* Built from the end, then moved to the front. */
    const struct inode *root = path_root();
    uint32_t at = size;

    if (size < 2)
        return -ERANGE;
    buffer[--at] = '\0';
    while (directory != root && (directory = mount_up(directory)) != root_inode) {
        struct directory_item item;
        uint32_t cookie = 0;
        int found;

        while ((found = directory_next(directory->parent, &cookie, &item)) > 0 &&
               item.number != directory->number)
            ;
        if (found <= 0 || directory->parent == directory)
            return found < 0 ? found : -ENOENT;
        if (!put_before(buffer, &at, item.name) || !put_before(buffer, &at, "/"))
            return -ERANGE;
        directory = directory->parent;
    }
    if ((!buffer[at] && !put_before(buffer, &at, "/")) ||
        (directory != root && !put_before(buffer, &at, "(unreachable)")))
        return -ERANGE;
    memmove(buffer, buffer + at, size - at);
    return (int)(size - at);
}

/* ---- of a file, by the way it was reached ---------------------------------------------------- */

static char *copy_of(const char *text)
{
    uint32_t bytes = strlen(text) + 1;
    char *copy = heap_allocate(bytes);

    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* directory + "/" + name; NULL: no memory, or too long. */
static char *path_in(struct inode *directory, const char *name, size_t length)
{
    char *path = heap_allocate(PATH_LIMIT), *result = NULL;
    int used = path ? path_of(directory, path, PATH_LIMIT) : -1;

    if (used == 2) /* the root: its slash is there */
        used = 1;
    if (used > 0 && (uint32_t)used + length + 1 <= PATH_LIMIT) {
        path[used - 1] = '/';
        memcpy(path + used, name, length);
        path[(uint32_t)used + length] = '\0';
        result = copy_of(path);
    }
    heap_free(path);
    return result;
}

/*
 * One link further, to where `from` becomes the folder: the path, or in *target where a link leads;
 * or neither.
 */
static char *step_to(struct inode **from, const char *path, char **target)
{
    const char *name;
    size_t length;
    char *result = NULL;
    struct inode *parent = path_parent(*from, path, &name, &length);

    *target = NULL;
    if (IS_ERR(parent))
        return NULL;
    struct inode *inode = directory_lookup(parent, name, length);
    if (inode && !IS_ERR(inode)) {
        if ((inode->mode & MODE_TYPE) != MODE_LINK)
            result = path_in(parent, name, length);
        else if (!inode->inode_ops->follow)
            *target = copy_of(inode->target);
        inode_release(inode);
    }
    inode_release(*from);
    *from = parent;
    return result;
}

char *path_absolute(struct inode *from, const char *path)
{
    char *at = copy_of(path), *target, *result = NULL;

    inode_hold(from);
    for (int links = 0; at && !result && links <= LINKS_FOLLOWED; links++) {
        result = step_to(&from, at, &target);
        heap_free(at);
        at = target;
    }
    heap_free(at);
    inode_release(from);
    return result ? result : copy_of(path);
}
