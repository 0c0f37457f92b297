/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.c - the console as a file: /dev/console and /dev/tty
 *
 * Output goes to the port's console as it is written. There is no input yet: reading gives the
 * end of the file. Programs ask by TCGETS whether it is a terminal; it is one.
 */
#include "guestos/drivers/console.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

#define TCGETS     0x5401u /* asm-generic/ioctls.h */
#define TCSETS     0x5402u
#define TCSETSF    0x5404u
#define TIOCGWINSZ 0x5413u

struct termios { /* asm-generic/termbits.h */
    u32 input, output, control, local;
    u8 line, character[19];
};

struct window_size {
    u16 rows, columns, x, y;
};

static struct termios settings = {
    .input = 0x0500,   /* ICRNL IXON */
    .output = 0x0005,  /* OPOST ONLCR */
    .control = 0x00bf, /* B38400 CS8 CREAD */
    .local = 0x8a3b,   /* ISIG ICANON ECHO ECHOE ECHOK ECHOCTL ECHOKE IEXTEN */
    .character = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26},
};

static int console_read(struct file *file, void *to, u32 bytes, u32 *position)
{
    (void)file, (void)to, (void)bytes, (void)position;
    return 0;
}

static int console_write(struct file *file, const void *from, u32 bytes, u32 *position)
{
    (void)file, (void)position;
    char buffer[128];
    for (u32 done = 0; done < bytes;) {
        u32 n = MIN(bytes - done, (u32)sizeof buffer);
        if (copy_from_user(buffer, (const char *)from + done, n))
            return done ? (int)done : -EFAULT;
        arch_console_write(buffer, n);
        done += n;
    }
    return (int)bytes;
}

static int console_ioctl(struct file *file, u32 request, u32 argument)
{
    (void)file;
    const struct window_size size = {.rows = 25, .columns = 80};
    switch (request) {
    case TCGETS:
        return copy_to_user((void *)argument, &settings, sizeof settings) ? -EFAULT : 0;
    case TCSETS ... TCSETSF:
        return copy_from_user(&settings, (void *)argument, sizeof settings) ? -EFAULT : 0;
    case TIOCGWINSZ:
        return copy_to_user((void *)argument, &size, sizeof size) ? -EFAULT : 0;
    default:
        return -ENOTTY;
    }
}

static const struct file_ops console_ops = {
    .read = console_read,
    .write = console_write,
    .ioctl = console_ioctl,
    .stream = true,
};

void console_init(void)
{
    device_add("/dev/console", 0600, 5 << 8 | 1, &console_ops);
    device_add("/dev/tty", 0666, 5 << 8 | 0, &console_ops);
}
