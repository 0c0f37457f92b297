/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_profile.c - `xenolith profile [boot|run|shell|guest] ...`: the same, with a profile
 */
#include "sim/cli/commands.h"
#include "sim/profile/profile.h"

#include <stdlib.h>
#include <string.h>

static const struct profile_form *const forms[] = {&profile_table, &profile_folded,
                                                   &profile_callgrind};

static bool read_request(struct profile *profile, const struct options *options, char *why)
{
    const char *form = option_value(options, OPT_PROFILE_FORM);

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (!strcmp(forms[i]->name, form))
            profile->form = forms[i];
    if (!profile->form) {
        snprintf(why, SETUP_WHY_BYTES, "--form %s: must be table, folded or callgrind", form);
        return false;
    }
    profile->grain =
        option_given(options, OPT_PROFILE_EXACT) ? CPU_GRAIN_INSTRUCTION : CPU_GRAIN_BLOCK;
    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_PROFILE_SYMBOLS &&
            !code_add_program(&profile->code, options->given[i].value, why, SETUP_WHY_BYTES))
            return false;
    profile->out = stderr;
    if (!option_given(options, OPT_PROFILE_OUT))
        return true;
    if (!result_file_open(&profile->file, option_value(options, OPT_PROFILE_OUT), why,
                          SETUP_WHY_BYTES))
        return false;
    profile->out = profile->file.out;
    return true;
}

int command_profile(const struct options *options, command_function *command)
{
    struct profile *profile = calloc(1, sizeof(*profile));
    struct watcher watcher = {profile, profile_begin, profile_end};
    char why[SETUP_WHY_BYTES] = "no memory for a profile";
    int status = EXIT_BAD_INPUT;

    if (profile && read_request(profile, options, why)) {
        watch_with(&watcher);
        status = command(options);
        watch_with(NULL);
    } else {
        say("%s", why);
    }
    if (profile)
        result_file_drop(&profile->file);
    free(profile);
    return status;
}
