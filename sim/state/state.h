/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.h - saved states: a machine and its counts in a file, and a run that goes on from there
 *
 * A run that saves and goes on has the results of one that does not; a run that loads has those of
 * one that came to that cycle by itself. What the machine is, its configuration and its images, is
 * not restored but held against what the command line says now.
 */
#ifndef XENOLITH_SIM_STATE_H
#define XENOLITH_SIM_STATE_H

#include "sim/account/account.h"
#include "sim/state/archive.h"

/*
 * Saves a machine between runs. `identity` is text, lines of name=value, that whoever loads must
 * give again. False with one sentence in `why` (SAVED_WHY_BYTES), and no file: the machine has
 * ended, a device has no table, the disk is full.
 */
bool state_save(const char *path, const char *identity, struct machine *machine,
                struct account *account, char *why);

/*
 * Loads in two steps, for the account is attached in between: state_load_machine() instead of
 * machine_boot(), then state_load_account(), which also ends the archive. False with one sentence
 * in `why`; the machine cannot run then.
 */
bool state_load_machine(struct archive *archive, const char *path, const char *identity,
                        struct machine *machine, char *why);
bool state_load_account(struct archive *archive, struct account *account, char *why);

/* The passes alone, over whatever moves bytes: for tests. */
void state_machine_saved(struct saved *saved, const char *identity, struct machine *machine);

#endif
