/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interface.h - the hypervisor's public headers, as the control program uses them
 *
 * Structures have the sizes of the 32-bit interface only when compiled for i386.
 */
#ifndef XENOLITH_XL_INTERFACE_H
#define XENOLITH_XL_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ 0x00040e00
#endif
#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/elfnote.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/sysctl.h>

#include "workloads/dom0/xl/guest_memory.h"

_Static_assert(XL_HOLE_START == HYPERVISOR_VIRT_START, "compile for i386");

#endif
