/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hog: takes all the memory there is, touches it, loses it, and begins again
 *
 * A child takes memory until there is none or it is killed for it; then comes the next child. What
 * the paper's section 4.4 lets one of its antisocial domains do.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE (256 << 10)
#define PAGE  4096

static void take_all(void)
{
    for (;;) {
        volatile char *piece =
            mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (piece == MAP_FAILED)
            return;
        for (int at = 0; at < PIECE; at += PAGE)
            piece[at] = 1;
    }
}

int main(void)
{
    for (;;) {
        pid_t child = fork();

        if (child == 0) {
            take_all();
            _exit(0);
        }
        if (child > 0)
            waitpid(child, NULL, 0);
    }
}
