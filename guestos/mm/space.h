/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * space.h - a program's address space
 *
 * A space is a sorted list of areas (what may be there) and a page table (what is there now).
 * Pages come on first touch. A private page is shared between forked spaces, read-only, until one
 * of them writes: the frame's reference count tells whether a copy is needed. Pages of files
 * are the files' own pages, mapped in place and copied when a private area is written to.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. A live table is changed only for the
 * current space, or for one that no other processor runs in (guestos/arch.h).
 */
#ifndef GUESTOS_SPACE_H
#define GUESTOS_SPACE_H

#include "guestos/arch.h"

struct inode;
struct mount;

#define PROT_READ  1u
#define PROT_WRITE 2u
#define PROT_EXEC  4u

#define AREA_SHARED   1u /* writes go to the file (or to all who share it) */
#define AREA_GROWS    2u /* a stack: extends downwards when touched below */
#define AREA_FOREIGN  4u /* frames of others, placed by a device; not inherited by fork */
#define AREA_NO_WRITE 8u /* shared, of a file opened for reading: mprotect() cannot allow writing */

struct area {
    struct area *next;
    uint32_t start, end; /* page aligned */
    uint32_t protection, flags;
    struct inode *file; /* NULL: anonymous, zero-filled */
    uint32_t file_page; /* page of the file at `start` */
};

struct space {
    struct space *next; /* of all */
    struct pagetable table;
    struct area *areas;
    uint32_t break_start, break_end;
    uint32_t arguments_start, arguments_end; /* the strings on the stack, for /proc */
    uint32_t users;  /* processes: several share it after vfork() or clone() */
    uint64_t serial; /* no two have the same, whenever they live */
};

#define STACK_TOP   0xBFFFF000u /* end of the first stack page */
#define STACK_LIMIT (8u << 20)
#define MAP_BASE    0xB7000000u /* mmap() without a wish looks downwards from here */
#define LOWEST_USER 0x00010000u

struct space *space_create(void); /* NULL: no memory */
void space_release(struct space *space);
/* A copy for fork(), whose table is not live yet; `from` is the current space. NULL: no memory. */
struct space *space_clone(struct space *from);

/* Whether a program maps this file, or one of this mount, shared, and may write to it. */
bool spaces_may_write_file(const struct inode *file);
bool spaces_may_write(const struct mount *mount);

struct area *space_area(const struct space *space, uint32_t address); /* NULL: not in any */

/*
 * Whether the current process's limit allows so many bytes more, of which those in [start, end)
 * take the place of others.
 */
bool space_may_grow(const struct space *space, uint32_t bytes, uint32_t start, uint32_t end);
/*
 * Memory of the process's own that it can write to, and whether its limit allows so many bytes
 * more.
 */
bool area_is_data(const struct area *area);
bool space_may_have_data(const struct space *space, uint32_t bytes);
/* Adds an area at exactly this place, replacing what is there. 0 or -Exxx. Holds the file. */
int space_map(struct space *space, const struct area *area);
int space_unmap(struct space *space, uint32_t start, uint32_t bytes);
int space_protect(struct space *space, uint32_t start, uint32_t bytes, uint32_t protection);
/* Forgets private pages: the next touch brings in fresh ones (MADV_DONTNEED). */
int space_discard(struct space *space, uint32_t start, uint32_t bytes);
/*
 * The file has become shorter: nobody has pages from `first` on any more, not even copies of them.
 */
void spaces_forget_file(const struct inode *file, uint32_t first);
/* An unused range of this size, below MAP_BASE; 0: none. */
uint32_t space_find(const struct space *space, uint32_t bytes);
/* Resizes and moves part of an area (mremap): the address, or -Exxx. FIXED: to `wanted`. remap.c */
#define REMAP_MAY_MOVE 1u
#define REMAP_FIXED    2u
int space_remap(struct space *space, uint32_t address, uint32_t old_bytes, uint32_t new_bytes,
                uint32_t flags, uint32_t wanted);
/* Brings in all pages of a range (mlock, MAP_POPULATE). */
int space_populate(struct space *space, uint32_t start, uint32_t bytes);

enum fault_result { FAULT_DONE, FAULT_NO_AREA, FAULT_NO_RIGHT, FAULT_NO_MEMORY, FAULT_NO_FILE };

/* Brings in the page at `address` for reading or writing. */
enum fault_result space_fault(struct space *space, uint32_t address, bool write);
/* For a debugger's write, where the program itself may not: a copy of its own is brought in. */
enum fault_result space_fault_forced(struct space *space, uint32_t address);

/* Writes into a space that is not live yet, by way of its pages. 0, -EFAULT, -ENOMEM. */
int space_write(struct space *space, uint32_t address, const void *data, uint32_t bytes);

#endif
