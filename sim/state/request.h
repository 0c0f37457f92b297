/* SPDX-License-Identifier: GPL-2.0-only */
/* request.h - what the command line says of saved states: --save FILE --at TIME, --load FILE */
#ifndef XENOLITH_SIM_STATE_REQUEST_H
#define XENOLITH_SIM_STATE_REQUEST_H

#include "sim/account/result.h"
#include "sim/state/state.h"

struct state_request {
    const char *save, *load; /* "": not wanted */
    uint64_t at;             /* cycle at which the state is saved; EVENT_NEVER: no more */
    char *identity;
    struct archive archive; /* of what is loaded, until the account has its part */
    bool failed;            /* it could not be saved, which was said */
};

/*
 * Reads the options, once the machine and its images are known; `more` is what else whoever loads
 * must say again, as lines of name=value. False with one sentence in `why` (SETUP_WHY_BYTES).
 */
bool state_request_open(struct state_request *state, const struct result_request *request,
                        const char *more, char *why);
void state_request_close(struct state_request *state);

/* After a run: false if what was to be saved is not; that the time never came is said here. */
bool state_request_end(struct state_request *state);

/* machine_boot(), or the machine's part of what is loaded. */
bool state_request_boot(struct state_request *state, struct machine *machine,
                        const struct boot_images *images, char *why);

/* The counts' part of it, after account_attach(); nothing if nothing is loaded. */
bool state_request_account(struct state_request *state, struct account *account, char *why);

/* The same for who shows the console as it comes, line by line: the line that was not over goes on.
 * False, having said why. */
bool state_request_begin(struct state_request *state, struct account *account);

/* machine_run(), with the saving in between. */
enum machine_end state_request_run(struct state_request *state, struct account *account,
                                   uint64_t until);

/* For who runs in steps of its own: stops at or after state->at; saves if its time has come, and
 * says so if it cannot. */
void state_request_look(struct state_request *state, struct account *account);

#endif
