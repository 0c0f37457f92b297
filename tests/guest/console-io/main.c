/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console_io: text goes out whole, no input gives 0 characters, and the errors of the two
 * commands.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static const char line[] = "a line in two parts\n";

    expect(HYPERCALL(console_io, CONSOLEIO_write, 10, line), 0);
    expect(HYPERCALL(console_io, CONSOLEIO_write, sizeof(line) - 11, line + 10), 0);
    expect(HYPERCALL(console_io, CONSOLEIO_write, 0, line), 0);
    expect(HYPERCALL(console_io, CONSOLEIO_write, 0, NULL), 0);

    char long_line[600];
    memset(long_line, '=', sizeof(long_line));
    long_line[sizeof(long_line) - 1] = '\n';
    expect(HYPERCALL(console_io, CONSOLEIO_write, sizeof(long_line), long_line), 0);

    static const char both[] = "an end of its own\r\n";
    expect(HYPERCALL(console_io, CONSOLEIO_write, sizeof(both) - 1, both), 0);

    expect(HYPERCALL(console_io, CONSOLEIO_write, 4, 0xFFFFFFF0), -EFAULT);
    expect(HYPERCALL(console_io, CONSOLEIO_write, 4, 0x1000), -EFAULT);
    char input[16];
    expect(HYPERCALL(console_io, CONSOLEIO_read, sizeof(input), input), privileged ? 0 : -EPERM);
    expect(HYPERCALL(console_io, 2, 0, NULL), -ENOSYS);
    expect(HYPERCALL(console_io, 99, 4, line), -ENOSYS);
}
