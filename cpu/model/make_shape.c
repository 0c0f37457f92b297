/* SPDX-License-Identifier: GPL-2.0-only */
/* make_shape.c - writes the constant `usual_shape` from a machine file when xenolith is built */
#include "cpu/model/shape.h"

#include <stdio.h>

static void print(const char *path, const struct shape *shape)
{
    printf("/* Made from %s by cpu/model/make_shape.c. */\n", path);
    printf("static const struct shape usual_shape = {\n");
#define FIELD(name) printf("    .%s = %u,\n", #name, shape->name);
    SHAPE_FIELDS(FIELD)
#undef FIELD
    printf("};\n");
}

int main(int count, char **word)
{
    struct machine_costs costs;
    char why[512] = "usage: make-shape MACHINE.ini";

    if (count != 2 || !costs_read(&costs, word[1], why, sizeof(why)) ||
        !costs_check(&costs, why, sizeof(why))) {
        fprintf(stderr, "make-shape: %s\n", why);
        return 1;
    }
    struct shape shape = shape_of(&costs);

    print(word[1], &shape);
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
