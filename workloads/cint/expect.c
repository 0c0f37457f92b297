/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * expect.c - runs every program at every size on the build host and prints expected.h
 *
 * Compiled for the host's own word size, so that agreement with the i386 executables is not
 * agreement of a compiler with itself.
 */
#include <stdio.h>

#include "workloads/cint/program.h"

static const struct program *const programs[] = {
    &pack_program,   &netopt_program, &algebra_program, &othello_program,
    &anneal_program, &chess_program,  &rays_program,    &links_program};

/* Prints the digests of one program at one size. Returns whether all units passed. */
static int print_size(const struct program *program, enum input_size size)
{
    void *state = program->open(size);

    printf("        {");
    for (unsigned k = 0; state && k < PROGRAM_UNITS; k++) {
        uint32_t digest = program->unit(state, k);

        printf("%s0x%08x", k ? ", " : "", digest);
        if (digest == 0)
            state = NULL;
    }
    printf("},\n");
    if (!state)
        fprintf(stderr, "expect: %s failed its own check at size %d\n", program->name, size);
    return state != NULL;
}

int main(void)
{
    int good = 1;

    printf("/* Made by workloads/cint/expect.c on the build host. */\n"
           "static const struct expected_units expected[] = {\n");
    for (unsigned i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        printf("    {\"%s\", {\n", programs[i]->name);
        for (int size = 0; size < INPUT_SIZES; size++)
            good &= print_size(programs[i], size);
        printf("    }},\n");
    }
    printf("};\n");
    return !good;
}
