/* SPDX-License-Identifier: GPL-2.0-only */
/* files.h - mappings of files, file systems, /proc */
#ifndef GUESTOS_TESTS_FILES_H
#define GUESTOS_TESTS_FILES_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

int wait_for(pid_t pid); /* the status of a child that has ended; -1 */
/* mmap() of so many pages, anywhere, from the beginning of the file. */
char *map(size_t pages, int protection, int flags, int fd);
/* A file of pages whose first byte is their number; its descriptor. */
int numbered_file(const char *path, int pages);
/* Whether a file has this text and no more; makes such a file. */
bool text_is(const char *path, const char *text);
bool put(const char *path, const char *text);
/* Whether a call returned -1 with this error. */
bool fails(int result, int error);

/* ext2.c: copies an image of mke2fs to a RAM disk; what is zero there is zero here. */
bool load_disk(const char *image, const char *disk);

/* mapping.c */
const char *test_mremap(void);
const char *test_map_parts(void);
const char *test_map_beyond_end(void);
const char *test_map_rights(void);
const char *test_shared_between_processes(void);

/* names.c */
const char *test_open_flags(void);
const char *test_links(void);
const char *test_rename(void);
const char *test_sparse(void);
const char *test_many_names(void);
const char *test_attributes(void);
const char *test_mapped_writes(void);
const char *test_sendfile(void);
const char *test_copy_range(void);
const char *test_locks(void);

/* remount.c */
const char *test_remount(void);
const char *test_remount_ext2(void);

/* splice.c */
const char *test_pipe_sizes(void);
const char *test_splice(void);
const char *test_tee(void);

/* sys.c */
const char *test_sys(void);
const char *test_log(void);
const char *test_file_limit(void);
const char *test_seek_devices(void);
const char *test_io_priority(void);
const char *test_seals(void);
const char *test_terminal_of_user(void);

/* proc.c */
const char *test_proc_time(void);
const char *test_proc_memory(void);
const char *test_proc(void);
const char *test_shared_names(void);
const char *test_mount(void);

/* ext2.c */
const char *test_ext2_stays(void);
const char *test_ext2_full(void);

#endif
