/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tree.h - the parts of /proc
 *
 * names.c: the names of what does not change, by directory. link.c: where links lead.
 * proc.c: looking up, listing, reading, mounting. text.c: what files say.
 *
 * An inode's `kind` says what it is: the index of a name, or one of the kinds below; its `pid`
 * whose directory it is in (0: nobody's). Both make its number.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_PROC_TREE_H
#define GUESTOS_PROC_TREE_H

#include "guestos/fs/filesystem.h"
#include "guestos/fs/proc/text.h"

#define PRIVCMD (10u << 8 | 61) /* the Xen port's device; elsewhere there is none and no xen/ */

enum proc_place {
    IN_ROOT = 1,
    IN_PROCESS = 2,
    IN_XEN = 4,
    IN_SYS = 8,
    IN_KERNEL = 16,
    IN_FS = 32,
    IN_VM = 64,
    IN_NET = 128,
};

struct proc_name {
    const char *name;
    uint32_t mode, places; /* places: enum proc_place, any of them */
    uint32_t inside;       /* of a directory: which place it is */
    bool of_space; /* tells of a program's memory: to who may look into it when it is opened */
    /* What a regular file says: what a function writes, a word, or a number. */
    void (*text)(struct text *text, const struct process *process);
    const char *word;
    uint32_t number;
};

/* The names that something besides their text depends on; the others follow them. */
enum {
    PROC_SELF,
    PROC_EXE,
    PROC_CWD,
    PROC_ROOT,
    PROC_DESCRIPTORS_OF,
    PROC_SYS,
    PROC_SYS_KERNEL,
    PROC_SYS_FS,
    PROC_SYS_VM,
    PROC_NET,
    PROC_XEN,
    PROC_XEN_PRIVCMD,
    PROC_TEXTS,
};
/* Kinds that are no index of a name. */
enum { PROC_KIND_ROOT = 100, PROC_KIND_PROCESS, PROC_KIND_DESCRIPTOR = 0x1000 };

extern const struct proc_name proc_names[];
extern const uint32_t proc_names_count;
/* Whether a directory has proc_names[index]. */
bool proc_is_in(const struct inode *directory, uint32_t index);

/* proc.c: a new inode, held; ERR_PTR(-ENOMEM). */
struct inode *proc_make(struct inode *directory, uint32_t pid, uint32_t kind, uint32_t mode);
extern struct mount *proc_mounted; /* NULL: /proc is not mounted */

/* link.c: inode_ops' follow(). */
struct inode *proc_follow(struct inode *link);
/* Whether the current process may know where it leads. */
bool proc_link_is_open(const struct inode *link);
/* The path a link shows, or nothing if it leads nowhere. */
void proc_link_show(const struct inode *link, char *buffer, uint32_t size);

#endif
