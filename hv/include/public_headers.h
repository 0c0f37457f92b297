/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * public_headers.h - the interface's own headers (package libxen-dev)
 *
 * They expect the fixed-width types to exist already.
 */
#ifndef HV_PUBLIC_HEADERS_H
#define HV_PUBLIC_HEADERS_H

#include "hv/include/types.h"

#include <xen/xen.h>
#include <xen/callback.h>
#include <xen/elfnote.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

typedef struct cpu_user_regs cpu_regs;

/* The ring that an interrupted context ran in. */
#define RING_OF(regs) ((regs)->cs & 3)

#endif
