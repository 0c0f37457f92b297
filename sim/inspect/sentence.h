/* SPDX-License-Identifier: GPL-2.0-only */
/* sentence.h - the length of what is said about a stop */
#ifndef XENOLITH_SIM_INSPECT_SENTENCE_H
#define XENOLITH_SIM_INSPECT_SENTENCE_H

#define INSPECT_SENTENCE 512

#endif
