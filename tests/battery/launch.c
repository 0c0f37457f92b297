/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * launch.c - stands in for every program of the root file system on the build host
 *
 * The host's kernel need not be able to run i386 programs: user-mode emulation does. Links named
 * like the programs (the folder bin beside this program) lead here. The program of that name in the
 * root file system's tree is run by the emulator with the same arguments; libraries and /etc are
 * the tree's.
 *
 * A program that runs itself again, through /proc/self/exe, makes the emulator execute the file it
 * was started from, which such a kernel cannot. So it is told the link's name, and the program
 * itself is what execfd.c makes it load.
 */
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 4096
#define DESCRIPTOR 100 /* where programs do not look */

/*
 * The program: in the first folder of the machine's PATH that has it. Returns a descriptor or -1.
 */
static int open_program(const char *tree, const char *name)
{
    static const char *const folders[] = {"bin", "sbin", "usr/bin"};
    char path[3 * PATH_BYTES];

    for (unsigned i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        int file;

        snprintf(path, sizeof(path), "%s/%s/%s", tree, folders[i], name);
        file = open(path, O_RDONLY);
        if (file >= 0)
            return file;
    }
    return -1;
}

int main(int argc, char **argv)
{
    char here[PATH_BYTES] = "", tree[2 * PATH_BYTES], link[2 * PATH_BYTES], preload[2 * PATH_BYTES];
    char number[16];
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *emulator[] = {EMULATOR,         "-L", tree,    "-U", "LD_PRELOAD", "-U",
                              "BATTERY_EXECFD", "-0", argv[0], link, NULL};
    size_t count = sizeof(emulator) / sizeof(emulator[0]) - 1;
    const char **words = calloc(count + (size_t)argc + 1, sizeof(*words));
    int program;

    if (!words || readlink("/proc/self/exe", here, sizeof(here) - 1) < 0)
        return 126;
    dirname(here);
    snprintf(tree, sizeof(tree), "%s/../root/tree", here);
    snprintf(link, sizeof(link), "%s/bin/%s", here, name);
    snprintf(preload, sizeof(preload), "%s/execfd.so", here);
    program = open_program(tree, name);
    if (program < 0) {
        fprintf(stderr, "%s: not in the root file system\n", name);
        return 127;
    }
    dup2(program, DESCRIPTOR);
    close(program);
    snprintf(number, sizeof(number), "%d", DESCRIPTOR);
    setenv("BATTERY_EXECFD", number, 1);
    setenv("LD_PRELOAD", preload, 1);
    memcpy(words, emulator, count * sizeof(*words));
    for (int i = 1; i < argc; i++)
        words[count + (size_t)i - 1] = argv[i];
    execv(EMULATOR, (char *const *)words);
    perror(EMULATOR);
    return 126;
}
