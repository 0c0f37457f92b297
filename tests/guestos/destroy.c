/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * destroy.c - Domain 0's init, which destroys domains that are reading a disk: COUNT of them
 *
 * Each domain (disk.c with the word `read`) reads without end, so that a transfer into its memory
 * is nearly always under way when it goes, at a moment of a seeded sequence. The hypervisor's audit
 * at the end counts what is left.
 */
#include "tests/guestos/verdict.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char *const words[])
{
    pid_t child = fork();
    int status = -1;

    if (child == 0) {
        execv(words[0], words);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

static int one(unsigned *seed)
{
    static char *const create[] = {"/sbin/xl",
                                   "create",
                                   "name=victim",
                                   "memory=8",
                                   "kernel=/boot/kernel-xen.elf",
                                   "ramdisk=/boot/disk.cpio",
                                   "extra=quiet init=/sbin/init -- xvda read",
                                   "disk=phy:hda,xvda,r",
                                   NULL};
    static char *const destroy[] = {"/sbin/xl", "destroy", "victim", NULL};

    if (run(create))
        return 1;
    *seed = *seed * 1103515245 + 12345;
    usleep(20000 + (*seed >> 8) % 60000);
    return run(destroy) != 0;
}

int main(int count, char **word)
{
    static char *const xend[] = {"/sbin/xend", NULL};
    unsigned rounds = count > 1 ? (unsigned)atoi(word[1]) : 10, seed = 1;
    int failed = run(xend) != 0;

    for (unsigned i = 0; i < rounds && !failed; i++)
        failed = one(&seed);
    failed = verdict("", "domains destroyed while they read", failed ? "one could not be" : NULL);
    return conclude("destroy", failed);
}
