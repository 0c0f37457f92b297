/* SPDX-License-Identifier: GPL-2.0-only */
/* protocol.h - what engine and face send each other; see engine.h */
#ifndef XENOLITH_SIM_INSPECT_PROTOCOL_H
#define XENOLITH_SIM_INSPECT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/inspect/sentence.h"

#define COMMAND_MOST 4096

/* A command is its number of bytes and they; none: there are no more. An answer is this and its
 * text, or only whose process the engine is now. */
struct answer {
    uint32_t pid, is_answer, good, text_bytes;
    char why[INSPECT_SENTENCE];
};

/* Sends or receives all of it. False: the other end is gone. */
bool protocol_move(int fd, void *bytes, size_t count, bool writing);

#endif
