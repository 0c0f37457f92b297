/* SPDX-License-Identifier: GPL-2.0-only */
/* remount.c - file systems that become read-only, and writable again */
#include "tests/guestos/files/files.h"

#define RO (MS_REMOUNT | MS_RDONLY)

static const char *refused(void)
{
    struct timespec now[2] = {{.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_NOW}};

    if (!fails(open("kept", O_WRONLY), EROFS) ||
        !fails(open("new", O_WRONLY | O_CREAT, 0600), EROFS))
        return "open";
    if (!fails(mkdir("d", 0700), EROFS) || !fails(unlink("kept"), EROFS) ||
        !fails(rename("kept", "other"), EROFS) || !fails(link("kept", "other"), EROFS) ||
        !fails(symlink("kept", "other"), EROFS))
        return "names";
    if (!fails(chmod("kept", 0600), EROFS) || !fails(chown("kept", 1, 1), EROFS) ||
        !fails(truncate("kept", 0), EROFS) || !fails(utimensat(AT_FDCWD, "kept", now, 0), EROFS) ||
        !fails(access("kept", W_OK), EROFS))
        return "what files are";
    return text_is("kept", "kept") ? NULL : "reading";
}

/* The mount is the working directory, and nothing of it is open. */
static const char *try_remount(const char *where)
{
    const char *wrong;

    if (!put("kept", "kept"))
        return "a file";
    int fd = open("kept", O_RDWR);
    if (!fails(mount(NULL, where, NULL, RO, NULL), EBUSY))
        return "read-only while a file is open for writing";
    char *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED || !fails(mount(NULL, where, NULL, RO, NULL), EBUSY))
        return "read-only while a file is mapped for writing";
    munmap(mapped, PAGE);
    if (mount(NULL, where, NULL, RO, NULL))
        return "read-only";
    if ((wrong = refused()))
        return wrong;
    if (mount(NULL, where, NULL, MS_REMOUNT, NULL) || !put("new", "new") ||
        !text_is("new", "new") || unlink("new") || !text_is("kept", "kept"))
        return "writable again";
    return unlink("kept") ? "unlink" : NULL;
}

static const char *try_at(const char *where, const char *source, const char *type)
{
    mkdir(where, 0755);
    if (mount(source, where, type, 0, NULL) || chdir(where))
        return "mount";
    const char *wrong = try_remount(where);
    if (chdir("/") || (strcmp(type, "tmpfs") && umount(where)))
        return wrong ? wrong : "umount";
    return wrong;
}

const char *test_remount(void)
{
    if (!fails(mount(NULL, "/tmp", NULL, RO, NULL), EINVAL))
        return "what is no mount";
    return try_at("/tmp/remounted", "none", "tmpfs");
}

const char *test_remount_ext2(void)
{
    const char *wrong = try_at("/tmp/e2", "/dev/ram1", "ext2");

    if (wrong)
        return wrong;
    if (mount("/dev/ram1", "/tmp/e2", "ext2", MS_RDONLY, NULL) ||
        !fails(open("/tmp/e2/x", O_WRONLY | O_CREAT, 0600), EROFS))
        return "mounted read-only";
    if (mount(NULL, "/tmp/e2", NULL, MS_REMOUNT, NULL) || !put("/tmp/e2/x", "x"))
        return "then writable";
    /* A file without a name that is open could not end. */
    int fd = open("/tmp/e2/x", O_RDONLY);
    if (unlink("/tmp/e2/x") || !fails(mount(NULL, "/tmp/e2", NULL, RO, NULL), EBUSY))
        return "a file without a name";
    close(fd);
    return mount(NULL, "/tmp/e2", NULL, RO, NULL) || umount("/tmp/e2") ? "the end" : NULL;
}
