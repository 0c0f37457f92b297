/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execfd.c - lets the emulator load a program that is not the file it was named
 *
 * A program that runs itself again, through /proc/self/exe, makes user-mode emulation execute the
 * file it was started from, which this host's kernel cannot. So the emulator is told a launcher's
 * name, and the program itself as AT_EXECFD, the open file that a kernel would hand to an
 * interpreter (getauxval(3)). Preloaded into the emulator only.
 */
#include <stdlib.h>
#include <sys/auxv.h>

/* The C library's own, under its other name. */
unsigned long __getauxval(unsigned long type);

unsigned long getauxval(unsigned long type)
{
    const char *descriptor = getenv("BATTERY_EXECFD");

    if (type == AT_EXECFD && descriptor)
        return strtoul(descriptor, NULL, 10);
    return __getauxval(type);
}
