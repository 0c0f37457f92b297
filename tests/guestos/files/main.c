/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - see files.h; what any file system must do is tried in memory and on a volume of ext2 */
#include "tests/guestos/files/files.h"
#include "tests/guestos/verdict.h"

int wait_for(pid_t pid)
{
    int status = -1;

    return waitpid(pid, &status, 0) == pid ? status : -1;
}

char *map(size_t pages, int protection, int flags, int fd)
{
    return mmap(NULL, pages * PAGE, protection, flags, fd, 0);
}

/* A file of pages whose first byte is their number. */
int numbered_file(const char *path, int pages)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[PAGE] = "";

    for (int i = 0; i < pages; i++) {
        page[0] = (char)i;
        if (write(fd, page, PAGE) != PAGE)
            return -1;
    }
    return fd;
}

bool text_is(const char *path, const char *text)
{
    char buffer[256] = "";
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buffer, sizeof(buffer) - 1);

    close(fd);
    return n == (ssize_t)strlen(text) && !strcmp(buffer, text);
}

bool put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    return !close(fd) && done;
}

bool fails(int result, int error)
{
    return result == -1 && errno == error;
}

static const struct test tests[] = {
    {"mremap", test_mremap},
    {"parts of a mapped file", test_map_parts},
    {"a mapping beyond the end of its file", test_map_beyond_end},
    {"rights of mapped files", test_map_rights},
    {"shared files between processes", test_shared_between_processes},
    {"/proc", test_proc},
    {"/dev/shm", test_shared_names},
    {"time in /proc", test_proc_time},
    {"memory in /proc", test_proc_memory},
    {"mount", test_mount},
    {"/sys", test_sys},
    {"what the kernel has said", test_log},
    {"limit of files", test_file_limit},
    {"seeking on devices", test_seek_devices},
    {"priorities for devices", test_io_priority},
    {"seals", test_seals},
    {"a user's terminal", test_terminal_of_user},
    {"mounts become read-only", test_remount},
    {"sizes of pipes", test_pipe_sizes},
    {"splice", test_splice},
    {"tee and vmsplice", test_tee},
};

static const struct test file_tests[] = {
    {"flags of open", test_open_flags},
    {"links", test_links},
    {"rename", test_rename},
    {"sparse files", test_sparse},
    {"many names", test_many_names},
    {"attributes", test_attributes},
    {"mapped writes", test_mapped_writes},
    {"sendfile", test_sendfile},
    {"copy_file_range", test_copy_range},
    {"locks", test_locks},
};

/* In a directory of the file system that is tried. */
static int try_files(const char *where, const char *directory)
{
    int failed = 0;

    if (chdir(directory))
        return verdict(where, "", "cannot work there");
    for (unsigned i = 0; i < sizeof(file_tests) / sizeof(file_tests[0]); i++)
        failed += verdict(where, file_tests[i].name, file_tests[i].function());
    return chdir("/") ? verdict(where, "", "cannot go back") : failed;
}

static int try_ext2(void)
{
    static const char where[] = "ext2: ";

    mkdir("/tmp/e", 0755);
    if (!load_disk("/disk.img", "/dev/ram1") || mount("/dev/ram1", "/tmp/e", "ext2", 0, NULL))
        return verdict(where, "mount", "cannot mount");
    int failed = try_files(where, "/tmp/e");
    failed += verdict(where, "contents stay", test_ext2_stays());
    failed += verdict(where, "a full disk", test_ext2_full());
    failed += verdict(where, "umount", umount("/tmp/e") ? "busy" : NULL);
    return failed + verdict(where, "becomes read-only", test_remount_ext2());
}

int main(void)
{
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), NULL);

    failed += try_files("tmpfs: ", "/tmp");
    if (!access("/disk.img", F_OK))
        failed += try_ext2();
    return conclude("files", failed);
}
