/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file.h - open files and the table of descriptors
 *
 * An open file has an inode, a position and flags, and is shared by dup() and fork(). What it can
 * do is in its file_ops; a missing operation fails with the error Linux gives. Buffers are user
 * addresses: operations copy with copy_to_user() and friends, and may sleep.
 *
 * Lock: the kernel's, at every call. What may sleep: file_open() (a named pipe waits for its other
 * end), and the operations read, write and open. close() may not: it is called where any
 * last reference goes. After a sleep the table of descriptors may have changed; files_get() keeps
 * a file for the system call.
 */
#ifndef GUESTOS_FILE_H
#define GUESTOS_FILE_H

#include "guestos/arch.h"
#include "guestos/fs/inode.h"

struct file;
struct area;

struct file_ops {
    int (*read)(struct file *file, void *to, uint32_t bytes, uint32_t *position);
    int (*write)(struct file *file, const void *from, uint32_t bytes, uint32_t *position);
    int (*ioctl)(struct file *file, uint32_t request, uint32_t argument);
    int (*map)(struct file *file, struct area *area); /* may change the area's kind */
    int (*open)(struct file *file);                   /* 0 or -Exxx; may wait */
    void (*close)(struct file *file);                 /* the last reference is going */
    uint32_t (*poll)(struct file *file);              /* POLLIN, POLLOUT ... now */
    uint32_t *(*changes)(
        struct file *file); /* how often that may have changed; NULL: not counted */
    /* Bytes of the kernel's memory that are there for this open file; NULL: hardly any. */
    uint32_t (*memory)(const struct file *file);
    bool stream;       /* has no position: seeking fails with ESPIPE */
    bool stands_still; /* seeking leads to 0 always, as on /dev/null */
    const char *name;  /* of those without a type: what /proc calls them */
};

#define OPEN_ACCESS    3u
#define OPEN_READ      0u
#define OPEN_WRITE     1u
#define OPEN_BOTH      2u
#define OPEN_CREATE    0100u
#define OPEN_EXCLUSIVE 0200u
#define OPEN_TRUNCATE  01000u
#define OPEN_APPEND    02000u
#define OPEN_NONBLOCK  04000u
#define OPEN_ASYNC     020000u /* signal/async.h */
#define OPEN_DIRECTORY 0200000u
#define OPEN_NO_FOLLOW 0400000u
#define OPEN_CLOEXEC   02000000u
#define OPEN_PATH      010000000u /* stands for a place in the tree: cannot be read or written */

struct file {
    uint32_t references;
    struct inode *inode;
    const struct file_ops *ops;
    uint32_t flags; /* OPEN_* */
    uint32_t position;
    void *data;       /* the operations' own */
    uint32_t watches; /* by how many epoll files it is watched */
};

/* The most a process can have: Linux's hard limit at boot. Its soft one is a quarter. */
#define DESCRIPTORS 4096

struct file_table { /* shared by CLONE_FILES */
    uint32_t users;
    uint32_t slots;          /* a power of two; grows up to DESCRIPTORS */
    struct file **file;      /* slots of them; NULL: free */
    uint32_t *close_on_exec; /* a bit for each slot */
};

extern const struct file_ops regular_ops, directory_ops, place_ops;

/* Opens an inode (holding it): the file, or ERR_PTR(-Exxx). */
struct file *file_open(struct inode *inode, uint32_t flags);
/* The same with operations of the caller's choice. */
struct file *file_create(struct inode *inode, const struct file_ops *ops, uint32_t flags);
/* Whether a file may become so long: 0, or SIGXFSZ is sent and -EFBIG (setrlimit(2)). */
int file_allow_size(const struct inode *inode, uint32_t size);
void file_hold(struct file *file);
void file_release(struct file *file);
static inline bool file_readable(const struct file *file)
{
    return (file->flags & OPEN_ACCESS) != OPEN_WRITE;
}
static inline bool file_writable(const struct file *file)
{
    return (file->flags & OPEN_ACCESS) != OPEN_READ;
}

struct file_table *files_create(void); /* NULL: no memory */
struct file_table *files_clone(const struct file_table *from);
void files_share(struct file_table *table); /* one more user */
void files_release(struct file_table *table);
void files_close_on_exec(struct file_table *table);
/* NULL: not open, or no table. */
struct file *files_at(const struct file_table *table, uint32_t descriptor);
/* Of a descriptor that is open. */
bool files_closes_on_exec(const struct file_table *table, uint32_t descriptor);
void files_set_close_on_exec(struct file_table *table, uint32_t descriptor, bool close);

/* The current process's descriptors. */
struct file *files_get(int descriptor); /* NULL: not open; not the caller's to release */
/*
 * The same, also if it was opened with OPEN_PATH: for what concerns the descriptor or where it
 * leads.
 */
struct file *files_get_any(int descriptor);
/*
 * files_get() sees to it that another thread's close() leaves the file alone until the system call
 * ends, for up to PIN_LIMIT files. Who looks at many, and does not sleep between finding and using
 * one:
 */
struct file *files_peek(int descriptor);
void files_unpin(void);     /* the system call ends */
uint32_t files_limit(void); /* descriptors are below it */
/* Takes over the caller's reference. Lowest free descriptor from `lowest` on; -EMFILE, -ENOMEM: the
 * reference is still the caller's. */
int files_install(struct file *file, int lowest, bool close_on_exec);
/* The same at the lowest of all; where there is none the reference is given up. */
int files_give(struct file *file, bool close_on_exec);
int files_close(int descriptor);

/* Device files by name, for /dev and for cpio's device nodes. */
void device_add(const char *path, uint32_t mode, uint32_t number, const struct file_ops *ops);
/* All minor numbers of a major one; names are the prefix and the minor. */
void device_add_major(const char *prefix, uint32_t major, const struct file_ops *ops);
const struct file_ops *device_ops(uint32_t number); /* NULL: unknown */
/* The name of a device; its length with NUL, or -ENOENT. */
int device_path(uint32_t number, char *buffer, uint32_t size);
void devices_init(void);

/*
 * The root file system. `root` is "ram0": ext2 on the ramdisk, where it stays. Another disk's name:
 * ext2 on that. "": in memory. The ramdisk, or what is behind the volume in it, is a cpio archive
 * that is unpacked into the root file system (a broken one is reported and unpacked as far as it
 * goes). Returns how many bytes of the ramdisk remain in use.
 */
uint32_t root_init(uint8_t *ramdisk, uint32_t bytes, const char *root);

#endif
