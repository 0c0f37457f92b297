/* SPDX-License-Identifier: GPL-2.0-only */
/* audit.h - recounts the frames' uses */
#ifndef HV_AUDIT_H
#define HV_AUDIT_H

/* How many frames' counts are not what the page tables say; prints the first of them. */
unsigned audit_frames(void);

#endif
