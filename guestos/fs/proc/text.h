/* SPDX-License-Identifier: GPL-2.0-only */
/* text.h - the texts of the files in /proc */
#ifndef GUESTOS_PROC_TEXT_H
#define GUESTOS_PROC_TEXT_H

#include "guestos/kernel/types.h"

#define TEXT_BYTES (4 * PAGE_SIZE) /* of any file; what is longer is cut */

struct process;

struct text {
    char *at;
    uint32_t used;
};

/* Adds what format.h makes of the rest. */
#define text_add(text, ...)                                                                        \
    do {                                                                                           \
        int n_ = format((text)->at + (text)->used, TEXT_BYTES - (text)->used, __VA_ARGS__);        \
        (text)->used = MIN((text)->used + (uint32_t)n_, TEXT_BYTES - 1);                           \
    } while (0)

/* Each adds a file's text; `p` is the process whose directory it is in, or who reads. */
void text_uptime(struct text *t, const struct process *p);
void text_loadavg(struct text *t, const struct process *p);
void text_meminfo(struct text *t, const struct process *p);
void text_mounts(struct text *t, const struct process *p);
void text_mountinfo(struct text *t, const struct process *p);
void text_filesystems(struct text *t, const struct process *p);
void text_version(struct text *t, const struct process *p);
void text_system_stat(struct text *t, const struct process *p);
void text_cpuinfo(struct text *t, const struct process *p);
void text_vmstat(struct text *t, const struct process *p);
void text_slabinfo(struct text *t, const struct process *p);
void text_stat(struct text *t, const struct process *p);
void text_statm(struct text *t, const struct process *p);
void text_status(struct text *t, const struct process *p);
void text_cmdline(struct text *t, const struct process *p);
void text_comm(struct text *t, const struct process *p);
void text_maps(struct text *t, const struct process *p);
void text_limits(struct text *t, const struct process *p);
/* net.c */
void text_net_dev(struct text *t, const struct process *p);
void text_net_route(struct text *t, const struct process *p);
void text_net_arp(struct text *t, const struct process *p);
void text_net_tcp(struct text *t, const struct process *p);
void text_net_udp(struct text *t, const struct process *p);
void text_net_raw(struct text *t, const struct process *p);

void text_number(struct text *t, uint32_t number);
void text_word(struct text *t, const char *word);

#endif
