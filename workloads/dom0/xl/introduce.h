/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * introduce.h - a domain's place in the store
 */
#ifndef XENOLITH_XL_INTRODUCE_H
#define XENOLITH_XL_INTRODUCE_H

#include "workloads/dom0/xl/builder.h"

/*
 * Writes what the store says about a new domain, below /local/domain/N and /vm, and introduces it,
 * so that its rings are served. Without a store (nobody runs xend) nothing is done. Returns 0, or
 * -1 after saying what was wrong.
 */
int introduce_domain(const struct domain_plan *plan, const struct built_domain *built);

/* Removes it; before the domain is destroyed. */
void withdraw_domain(unsigned domain);

#endif
