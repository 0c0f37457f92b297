/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text.h - the texts of the files in /sys
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_SYSFS_TEXT_H
#define GUESTOS_SYSFS_TEXT_H

#include "guestos/kernel/types.h"

struct sys_text {
    char at[128];
    uint32_t used;
    unsigned processor, cache; /* whose directory the file is in */
};

uint32_t sys_caches(void); /* of one processor */

void sys_text_all(struct sys_text *t);
void sys_text_all_mask(struct sys_text *t);
void sys_text_none(struct sys_text *t);
void sys_text_last(struct sys_text *t);
void sys_text_zero(struct sys_text *t);
void sys_text_one(struct sys_text *t);
void sys_text_number(struct sys_text *t);
void sys_text_mask(struct sys_text *t);
void sys_text_level(struct sys_text *t);
void sys_text_type(struct sys_text *t);
void sys_text_size(struct sys_text *t);
void sys_text_line(struct sys_text *t);
void sys_text_ways(struct sys_text *t);
void sys_text_sets(struct sys_text *t);
void sys_text_distance(struct sys_text *t);
void sys_text_node_memory(struct sys_text *t);
void sys_text_hypervisor(struct sys_text *t);

#endif
