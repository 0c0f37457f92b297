/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface's error numbers, by the name that C gives them (values from xen/errno.h). */
#ifndef TESTS_GUEST_KIT_ERRNO_H
#define TESTS_GUEST_KIT_ERRNO_H

#define XEN_ERRNO(name, value) name = value,
enum {
#include <xen/errno.h>
};

#endif
