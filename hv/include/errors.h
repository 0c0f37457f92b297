/* SPDX-License-Identifier: GPL-2.0-only */
/* errors.h - the interface's error numbers (xen/errno.h) under their usual names */
#ifndef HV_ERRORS_H
#define HV_ERRORS_H

#if __STDC_HOSTED__
#include <errno.h>
#else
#include "hv/include/types.h"
#define XEN_ERRNO(name, value) name = value,
enum {
#include <xen/errno.h>
};
#endif

#endif
