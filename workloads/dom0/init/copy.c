/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/init/copy.h"

#include "include/xenolith/announce.h"
#include "workloads/dom0/init/linux.h"
#include "workloads/dom0/init/start.h"

#define WORDS      "/etc/copy"
#define WORDS_MOST 256

static char text[8192];
static char *words[WORDS_MOST + 1];

static void cpuid(unsigned leaf, unsigned argument, unsigned r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "0"(leaf), "2"(argument));
}

static void announce(unsigned leaf, unsigned argument)
{
    unsigned r[4];

    cpuid(ANNOUNCE_LEAF_SIGNATURE, 0, r);
    if (r[1] == ANNOUNCE_SIGNATURE_EBX && r[2] == ANNOUNCE_SIGNATURE_ECX &&
        r[3] == ANNOUNCE_SIGNATURE_EDX && r[0] >= leaf)
        cpuid(leaf, argument, r);
}

/* The word at *at, which moves behind it; NULL: there is none. */
static char *next_word(long *at, long used)
{
    char *word = text + *at;

    if (*at >= used)
        return NULL;
    while (*at < used && text[*at])
        ++*at;
    ++*at;
    return word;
}

/* The words of the last kind that begins at this number or below. */
static long take_words(long used, long number, char *digits)
{
    long at = 0, count = 0;
    char *first;

    while ((first = next_word(&at, used)) && parse_number(first) <= number) {
        long words_here = parse_number(next_word(&at, used));

        if (words_here < 0)
            return 0;
        for (count = 0; count < words_here && count < WORDS_MOST; count++) {
            char *word = next_word(&at, used);

            words[count] = word && word[0] == '%' && word[1] == 'n' && !word[2] ? digits : word;
        }
    }
    words[count] = NULL;
    return count;
}

static bool read_words(long number, char *digits)
{
    long file = linux_call(SYS_OPEN, (long)WORDS, 0, 0, 0);
    long used = 0, got;

    if (file < 0)
        return fail(WORDS, "cannot be opened, error ", -file);
    while ((got = linux_call(SYS_READ, file, (long)(text + used), (long)sizeof(text) - 1 - used,
                             0)) > 0)
        used += got;
    linux_call(SYS_CLOSE, file, 0, 0, 0);
    return take_words(used, number, digits) > 0 || fail(WORDS, "names no program for ", number);
}

static void sleep_until(long time)
{
    long now[2]; /* seconds, microseconds */

    while (linux_call(SYS_TIME_OF_DAY, (long)now, 0, 0, 0) == 0 && now[0] < time) {
        struct linux_timespec left = {time - now[0] - 1, (1000000 - now[1]) * 1000};

        if (now[1] == 0)
            left = (struct linux_timespec){time - now[0], 0};
        linux_call(SYS_NANOSLEEP, (long)&left, 0, 0, 0);
    }
}

/* One run of the program; its wait status. */
static long run_once(long number)
{
    long pid = linux_call(SYS_FORK, 0, 0, 0, 0), status;

    if (pid == 0) {
        announce(ANNOUNCE_LEAF_COPY_BEGIN, (unsigned)number);
        execute(words);
    }
    if (pid < 0)
        fail(words[0], "no process for it, error ", -pid);
    status = pid < 0 ? 127 << 8 : wait_for(pid);
    announce(ANNOUNCE_LEAF_COPY_END, (unsigned)number | ((unsigned)status & 0xffff) << 16);
    return status;
}

bool copy_run(long number, long time, bool repeat)
{
    char digits[12];
    long status;

    if (number < 0 || time < 0)
        return fail("copy", "wants two numbers, not ", 0);
    if (!read_words(number, write_number(digits, number)))
        return false;
    announce(ANNOUNCE_LEAF_COPY_READY, (unsigned)number);
    sleep_until(time);
    do
        status = run_once(number);
    while (repeat && status == 0);
    return status == 0 || fail(words[0], "ended with wait status ", status);
}
