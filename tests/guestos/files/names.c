/* SPDX-License-Identifier: GPL-2.0-only */
/* names.c - what any file system must do; tried on each */
#include "tests/guestos/files/files.h"

const char *test_open_flags(void)
{
    int fd = open("x", O_RDWR | O_CREAT | O_EXCL, 0644);

    if (fd < 0 || !fails(open("x", O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST))
        return "O_EXCL";
    write(fd, "abc", 3);
    int again = open("x", O_WRONLY | O_APPEND);
    lseek(again, 0, SEEK_SET);
    write(again, "def", 3);
    if (!text_is("x", "abcdef"))
        return "O_APPEND";
    close(again);
    struct stat st;
    again = open("x", O_WRONLY | O_TRUNC);
    if (close(again) || fstat(fd, &st) || st.st_size)
        return "O_TRUNC";
    put("x", "12345");
    char four[4] = "";
    if (ftruncate(fd, 2) || !text_is("x", "12") || truncate("x", 4) || pread(fd, four, 4, 0) != 4 ||
        memcmp(four, "12\0\0", 4))
        return "truncate";
    close(fd);
    return fails(open("x/y", O_RDONLY), ENOTDIR) || !unlink("x") ? NULL : "a file as directory";
}

const char *test_links(void)
{
    struct stat s;
    char target[100] = "", deep[100];

    put("a", "one");
    if (link("a", "b") || stat("b", &s) || s.st_nlink != 2)
        return "link";
    memset(deep, 'd', 99);
    deep[99] = 0;
    if (symlink("b", "s") || !text_is("s", "one") || symlink(deep, "long") ||
        readlink("long", target, sizeof(target)) != 99 || memcmp(target, deep, 99))
        return "symlink";
    if (symlink("loop", "loop") || !fails(open("loop", O_RDONLY), ELOOP))
        return "a loop of links";
    if (unlink("a") || !text_is("b", "one") || stat("b", &s) || s.st_nlink != 1)
        return "unlink of one of two";
    int fd = open("b", O_RDONLY);
    char c = 0;
    if (unlink("b") || read(fd, &c, 1) != 1 || c != 'o' || fstat(fd, &s) || s.st_nlink)
        return "an unlinked file that is open";
    close(fd);
    return unlink("s") || unlink("long") || unlink("loop") ? "unlink" : NULL;
}

const char *test_rename(void)
{
    mkdir("d1", 0755);
    mkdir("d2", 0755);
    put("d1/f", "first");
    put("d2/g", "second");
    if (rename("d1/f", "d2/g") || !text_is("d2/g", "first") || !access("d1/f", F_OK))
        return "over another file";
    if (!fails(rename("d1", "d2"), ENOTEMPTY) || !fails(rename("d2/g", "d1"), EISDIR) ||
        !fails(rename("d2", "d2/inside"), EINVAL))
        return "what must fail";
    if (rename("d2", "d1/d3") || !text_is("d1/d3/g", "first"))
        return "a directory";
    char path[100];
    struct stat up, d1;
    if (chdir("d1/d3") || !getcwd(path, sizeof(path)) || !strstr(path, "/d1/d3") ||
        stat("..", &up) || stat("../../d1", &d1) || up.st_ino != d1.st_ino || chdir("../.."))
        return "the parent of a moved directory";
    if (stat("d1", &d1) || d1.st_nlink != 3)
        return "the number of links of a directory";
    return unlink("d1/d3/g") || rmdir("d1/d3") || rmdir("d1") ? "rmdir" : NULL;
}

const char *test_sparse(void)
{
    struct stat s;
    int fd = open("sparse", O_RDWR | O_CREAT, 0644);
    char c = 1;

    if (pwrite(fd, "end", 3, 50 << 20) != 3 || fstat(fd, &s) || s.st_size != (50 << 20) + 3 ||
        s.st_blocks > 64)
        return "a hole takes room";
    for (off_t at = 0; at < 50 << 20; at += 1 << 20)
        if (pread(fd, &c, 1, at) != 1 || c)
            return "a hole is not zero";
    if (fstat(fd, &s) || s.st_blocks > 64)
        return "reading fills a hole";
    close(fd);
    return unlink("sparse") ? "unlink" : NULL;
}

const char *test_many_names(void)
{
    char name[32];
    int seen = 0;

    mkdir("many", 0755);
    for (int i = 0; i < 300; i++) {
        sprintf(name, "many/file-number-%d", i);
        if (!put(name, name))
            return "cannot make them";
    }
    for (int i = 0; i < 300; i += 3) {
        sprintf(name, "many/file-number-%d", i);
        unlink(name);
    }
    DIR *d = opendir("many");
    for (struct dirent *e; (e = readdir(d));)
        seen += e->d_name[0] == 'f';
    closedir(d);
    if (seen != 200 || !text_is("many/file-number-299", "many/file-number-299"))
        return "names are lost";
    for (int i = 0; i < 300; i++) {
        sprintf(name, "many/file-number-%d", i);
        unlink(name);
    }
    return rmdir("many") ? "rmdir" : NULL;
}

const char *test_attributes(void)
{
    struct stat s;

    put("attr", "x");
    struct timespec t[2] = {{1000, 0}, {1234567890, 0}};
    if (chmod("attr", 06751) || chown("attr", 3, 4) || stat("attr", &s) ||
        (s.st_mode & 07777) != 0751)
        return "a new owner keeps the old one's set-user-ID bit";
    if (chmod("attr", 04751) || utimensat(AT_FDCWD, "attr", t, 0) || stat("attr", &s) ||
        (s.st_mode & 07777) != 04751 || s.st_uid != 3 || s.st_gid != 4 || s.st_mtime != 1234567890)
        return "they do not stay";
    int fd = open("attr", O_WRONLY);
    if (write(fd, "y", 1) != 1 || fstat(fd, &s) || (s.st_mode & 07777) != 04751)
        return "root's write takes the set-user-ID bit away";
    pid_t writer = fork();
    if (!writer)
        _exit(setgid(4) || setuid(3) || write(fd, "z", 1) != 1);
    int status;
    if (waitpid(writer, &status, 0) != writer || status || fstat(fd, &s) ||
        (s.st_mode & 07777) != 0751)
        return "another's write leaves it";
    close(fd);
    umask(027);
    close(open("masked", O_WRONLY | O_CREAT, 0666));
    umask(022);
    return stat("masked", &s) || (s.st_mode & 0777) != 0640 || unlink("masked") || unlink("attr")
               ? "umask"
               : NULL;
}

const char *test_mapped_writes(void)
{
    int fd = numbered_file("mapped", 40);
    char *p = map(40, PROT_READ | PROT_WRITE, MAP_SHARED, fd), c = 0;

    for (int i = 0; i < 40; i++)
        p[i * PAGE + 1] = (char)(i + 50);
    if (fsync(fd) || msync(p, 40 * PAGE, MS_SYNC) || !fails(msync(p + 1, PAGE, MS_SYNC), EINVAL))
        return "fsync or msync";
    p[3 * PAGE + 2] = 7;
    if (pread(fd, &c, 1, 3 * PAGE + 2) != 1 || c != 7 || pread(fd, &c, 1, 39 * PAGE + 1) != 1 ||
        c != 39 + 50 || pread(fd, &c, 1, 39 * PAGE) != 1 || c != 39)
        return "contents";
    munmap(p, 40 * PAGE);
    close(fd);
    return unlink("mapped") ? "unlink" : NULL;
}

const char *test_sendfile(void)
{
    int from = numbered_file("from", 5), to = open("to", O_RDWR | O_CREAT, 0644), end[2];
    off_t at = PAGE;
    char c[2] = "";

    if (sendfile(to, from, &at, 100 * PAGE) != 4 * PAGE || at != 5 * PAGE ||
        pread(to, c, 1, 2 * PAGE) != 1 || c[0] != 3)
        return "to a file";
    lseek(from, 4 * PAGE, SEEK_SET);
    if (pipe(end) || sendfile(end[1], from, NULL, 1) != 1 || read(end[0], c, 1) != 1 || c[0] != 4)
        return "to a pipe";
    close(from), close(to), close(end[0]), close(end[1]);
    return unlink("from") || unlink("to") ? "unlink" : NULL;
}

const char *test_copy_range(void)
{
    int from = numbered_file("from", 5), to = open("to", O_RDWR | O_CREAT, 0644), end[2];
    int append = open("to", O_WRONLY | O_APPEND);
    off64_t at = PAGE, to_at = 10;
    char c = 0;

    lseek(from, 0, SEEK_SET);
    if (copy_file_range(from, &at, to, &to_at, 100 * PAGE, 0) != 4 * PAGE || at != 5 * PAGE ||
        to_at != 10 + 4 * PAGE || pread(to, &c, 1, 10 + 2 * PAGE) != 1 || c != 3 ||
        lseek(to, 0, SEEK_CUR) || lseek(from, 0, SEEK_CUR))
        return "at places";
    lseek(from, 2 * PAGE, SEEK_SET);
    if (copy_file_range(from, NULL, to, NULL, 5, 0) != 5 || lseek(to, 0, SEEK_CUR) != 5 ||
        lseek(from, 0, SEEK_CUR) != 2 * PAGE + 5 || pread(to, &c, 1, 0) != 1 || c != 2)
        return "at the files' positions";
    at = 5 * PAGE;
    if (copy_file_range(from, &at, to, NULL, 5, 0))
        return "from the end";
    at = to_at = 0;
    if (!fails((int)copy_file_range(to, &at, to, &to_at, 5, 0), EINVAL) || pipe(end) ||
        !fails((int)copy_file_range(from, NULL, end[1], NULL, 5, 0), EINVAL) ||
        !fails((int)copy_file_range(from, NULL, append, NULL, 5, 0), EBADF) ||
        !fails((int)copy_file_range(from, NULL, to, NULL, 5, 1), EINVAL))
        return "what is no copy";
    close(from), close(to), close(append), close(end[0]), close(end[1]);
    return unlink("from") || unlink("to") ? "unlink" : NULL;
}

const char *test_locks(void)
{
    int fd = open("locked", O_RDWR | O_CREAT, 0644);
    struct flock lock = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};

    if (fcntl(fd, F_SETLK, &lock))
        return "cannot lock";
    pid_t pid = fork();
    if (!pid) {
        int mine = open("locked", O_RDWR);
        struct flock same = lock, beside = {.l_type = F_WRLCK, .l_start = 20, .l_len = 5};

        if (!fails(fcntl(mine, F_SETLK, &same), EAGAIN) || fcntl(mine, F_SETLK, &beside))
            _exit(1);
        same.l_type = F_RDLCK;
        if (fcntl(mine, F_GETLK, &same) || same.l_pid != getppid() || same.l_start != 10)
            _exit(2);
        same = lock;
        _exit(fcntl(mine, F_SETLKW, &same) ? 3 : 0);
    }
    usleep(50000);
    lock.l_type = F_UNLCK;
    fcntl(fd, F_SETLK, &lock);
    int status = wait_for(pid);
    int other = open("locked", O_RDONLY);
    if (flock(fd, LOCK_EX) || !fails(flock(other, LOCK_SH | LOCK_NB), EAGAIN))
        return "flock";
    close(other);
    close(fd);
    unlink("locked");
    return status ? "another process" : NULL;
}
