/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux.h - the few i386 Linux system calls that init makes, without a C library
 *
 * EAX = number, EBX, ECX, EDX, ESI = arguments, int $0x80; a result in -4095..-1 is minus an error
 * number. Numbers are those of <asm/unistd_32.h>.
 */
#ifndef XENOLITH_INIT_LINUX_H
#define XENOLITH_INIT_LINUX_H

#define SYS_EXIT        1
#define SYS_FORK        2
#define SYS_READ        3
#define SYS_WRITE       4
#define SYS_OPEN        5
#define SYS_CLOSE       6
#define SYS_EXECVE      11
#define SYS_CHDIR       12
#define SYS_GETPID      20
#define SYS_SYNC        36
#define SYS_KILL        37
#define SYS_PIPE        42
#define SYS_IOCTL       54
#define SYS_FCNTL       55
#define SYS_DUP2        63
#define SYS_SETSID      66
#define SYS_SIGACTION   67
#define SYS_TIME_OF_DAY 78
#define SYS_REBOOT      88
#define SYS_WAIT4       114
#define SYS_NANOSLEEP   162

#define ERROR_INTERRUPTED (-4) /* EINTR */

#define OPEN_READ_WRITE 2
#define OPEN_NONBLOCK   04000
#define FCNTL_SET_FLAGS 4 /* F_SETFL */
#define TIOCSCTTY       0x540e
#define TIOCSWINSZ      0x5414

#define REBOOT_MAGIC1    0xfee1dead
#define REBOOT_MAGIC2    672274793
#define REBOOT_POWER_OFF 0x4321fedc
#define REBOOT_RESTART   0x01234567

#define SIGNAL_USR1 10
#define SIGNAL_USR2 12
#define SIGNAL_TERM 15

struct linux_sigaction {
    void (*handler)(int signal);
    unsigned long mask, flags;
    void (*restorer)(void);
};

struct linux_timespec {
    long seconds, nanoseconds;
};

/* Makes system call `number`; unused arguments are 0. Returns the kernel's result. */
static inline long linux_call(long number, long a, long b, long c, long d)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d)
                     : "memory");
    return result;
}

#endif
