/* SPDX-License-Identifier: GPL-2.0-only */
/* console_io.c - domains' text on the serial line */
#include "hv/include/console.h"
#include "hv/include/errors.h"
#include "hv/include/hypercall.h"
#include "hv/include/lib.h"
#include "hv/include/operation.h"
#include "hv/include/arch/uaccess.h"

/*
 * Domain 0's text goes out as it comes. The others' is collected into lines, so that they do not
 * mix, and told apart by a prefix: "(dN) ", or "(dN)+" where the line goes on that was too long to
 * be kept whole. What is not printable is dropped.
 */
static void console_line(struct domain *domain)
{
    char line[sizeof(domain->console_line) + 16];
    int length =
        format(line, sizeof(line), "(d%u)%c", domain->id, domain->console_goes_on ? '+' : ' ');

    memcpy(line + length, domain->console_line, domain->console_length);
    length += domain->console_length;
    domain->console_goes_on = line[length - 1] != '\n';
    if (domain->console_goes_on)
        line[length++] = '\n';
    console_write(line, (size_t)length);
    domain->console_length = 0;
}

void console_end_line(struct domain *domain)
{
    if (domain->console_length > 0)
        console_line(domain);
}

static void console_from(struct domain *domain, const char *text, unsigned length)
{
    if (domain->id == 0) {
        console_pass_on(text, length);
        return;
    }
    for (unsigned i = 0; i < length; i++) {
        char c = text[i];

        if (c != '\n' && c != '\t' && (c < ' ' || c > '~'))
            continue;
        domain->console_line[domain->console_length++] = c;
        if (c == '\n' || domain->console_length == sizeof(domain->console_line))
            console_line(domain);
    }
}

long do_console_io(const unsigned long *args)
{
    struct domain *domain = current_domain();
    unsigned long count = args[1], done;
    char *guest = (char *)args[2];
    char buffer[128];

    if (!operation_begin(__HYPERVISOR_console_io, args[0]))
        return not_implemented();
    switch (args[0]) {
    case CONSOLEIO_write:
        if (count > 0x7fffffff)
            return -EINVAL;
        for (done = 0; done < count;) {
            unsigned part = (unsigned)MIN(count - done, sizeof(buffer));

            if (copy_from_guest(buffer, guest + done, part))
                return -EFAULT;
            console_from(domain, buffer, part);
            done += part;
            if (done < count && hypercall_should_yield()) {
                unsigned long rest[3] = {args[0], count - done, (unsigned long)guest + done};

                return hypercall_continue(rest, 3);
            }
        }
        return 0;
    case CONSOLEIO_read:
        if (!domain->privileged)
            return -EPERM;
        for (done = 0; done < count; done++) {
            char byte;

            if (!console_read(&byte))
                break;
            if (copy_to_guest(guest + done, &byte, 1))
                return -EFAULT;
        }
        return (long)done;
    default:
        return not_implemented();
    }
}
