/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hypercall.h - the functions behind the hypercall table
 *
 * Each takes the arguments as the guest gave them and returns its result, or -Exxx. None trusts an
 * argument; a pointer is an address in the guest.
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include "hv/include/errors.h"
#include "hv/include/types.h"

#define HYPERCALL_ARGUMENTS 6
#define INTERFACE_VERSION   (4 << 16 | 17) /* as xen_version says it */

#define HYPERCALL(number, name, arguments, function) long function(const unsigned long *args);
#define ABSENT(number, name)
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT

/*
 * For operations on long lists: whether this processor, or its domain, has something more urgent to
 * do: an event to hear, a timer that is due. If so the caller stores what is left in its arguments
 * and asks for a continuation: the guest repeats the hypercall with those arguments as soon as it
 * runs again. The caller has done something first, and holds no lock but domctl_lock: interrupts
 * are taken now and then.
 */
bool hypercall_should_yield(void);

/* The present hypercall will be repeated with these arguments. The value to return. */
long hypercall_continue(const unsigned long *args, unsigned count);

/*
 * What iret returns, whose registers are the guest's own by then: there is no result to hand over.
 */
#define HYPERCALL_RESUMED (-0x7ffffffel)

/* An operation of a hypercall that does not exist here: counted, -ENOSYS. */
status not_implemented(void);

/* Writes the hypercall page's 128 stubs of 32 bytes. */
void hypercall_page_write(uint8_t *page);
/* The same in a frame of the domain's that could be mapped writable; -EACCES. Takes mm_lock. */
struct domain;
status hypercall_page_install(const struct domain *domain, uint32_t frame);

#endif
