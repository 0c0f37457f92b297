/* SPDX-License-Identifier: GPL-2.0-only */
/* control.h - what domctl and sysctl share. Include after <xen/domctl.h>. */
#ifndef HV_CONTROL_H
#define HV_CONTROL_H

#include "hv/include/domain.h"
#include "hv/include/arch/spinlock.h"

extern struct spinlock domctl_lock; /* the set of domains; one control operation at a time */

struct xen_domctl_getdomaininfo;
/* What XEN_DOMCTL_getdomaininfo tells of a domain, the time that it runs just now included. */
void domain_info(const struct domain *domain, struct xen_domctl_getdomaininfo *info);

#endif
