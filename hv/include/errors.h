/* SPDX-License-Identifier: GPL-2.0-only */
/* errors.h - the interface's error numbers (xen/errno.h) under their usual names; status */
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

/*
 * What may fail and has nothing else to say returns a status: 0, or one of these numbers negative;
 * or, where it is done in pieces and says so, AGAIN: it wants to be called again, for the next one.
 * A hypercall's handler returns long, as the interface wants it: a count, or -Exxx.
 */
typedef int status;
#define AGAIN 1

#endif
