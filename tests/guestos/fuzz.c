/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fuzz.c - system calls with semi-valid arguments, seeded: the kernel must stay sound
 *
 * Each round forks a child that makes a few hundred calls with arguments drawn from small numbers,
 * descriptors, addresses of pages with known contents, edges of the address space and noise;
 * whatever happens to the child is fine. Afterwards the parent, the kernel's memory and a fresh
 * child must be as before. Calls that end the machine or sleep for long are left out.
 */
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS_A_ROUND 300

static uint32_t seed;

static uint32_t draw(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % limit;
}

static char *area; /* 16 pages: data, strings, pointers into itself */

static uint32_t argument(void)
{
    static const uint32_t edges[] = {
        0,      1,          0xffffffff, 0x7fffffff, 0x80000000, 4095,       4096,
        4097,   0xbfffffff, 0xc0000000, 0xbffff000, 0xc0100000, 0xf5800000, 0xfffff000,
        0x1000, 0x10000,    0xfffffff0, 0x08048000, 0xb7000000, 0xffffff9c,
    };

    switch (draw(6)) {
    case 0:
        return draw(16);
    case 1:
        return edges[draw(sizeof(edges) / sizeof(edges[0]))];
    case 2:
        return (uint32_t)area + draw(16) * 4096 + draw(64) * 4;
    case 3:
        return (uint32_t)area + draw(16) * 4096 + 4090;
    case 4:
        return 1u << draw(32);
    default:
        return draw(0xffffffff);
    }
}

static const uint16_t numbers[] = {
    3,
    4,
    5,
    6,
    8,
    9,
    10,
    12,
    13,
    15,
    19,
    20,
    24,
    33,
    38,
    39,
    40,
    41,
    42,
    43,
    45,
    54,
    55,
    57,
    60,
    63,
    64,
    75,
    76,
    77,
    78,
    83,
    85,
    90,
    91,
    116,
    118,
    122,
    125,
    132,
    140,
    144,
    145,
    146,
    147,
    150,
    151,
    158,
    172,
    174,
    175,
    176,
    180,
    181,
    183,
    191,
    192,
    194,
    195,
    196,
    197,
    199,
    219,
    220,
    221,
    224,
    242,
    243,
    258,
    265,
    266,
    295,
    300,
    305,
    307,
    311,
    330,
    331,
    340,
    355,
    383,
    386,
    403,
    406,
    11,
    114,
    17,
    500,
    0xffff,
    90,
    192,
    91,
    125,
    45,
    150,
    /* threads, futexes, named pipes: clone() shares what its flags say, and may begin anywhere */
    120,
    120,
    240,
    240,
    244,
    270,
    297,
    14,
    311,
    312,
    177,
    421,
    422,
    96,
    97,
};

static void call(uint32_t n, const uint32_t a[6])
{
    static uint32_t sixth; /* by its address: the stack pointer moves below */
    uint32_t result;

    sixth = a[5];
    __asm__ volatile("pushl %%ebp\n\tmovl %7, %%ebp\n\tint $0x80\n\tpopl %%ebp"
                     : "=a"(result)
                     : "0"(n), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), "m"(sixth)
                     : "memory");
}

static void child(void)
{
    static const char *const texts[] = {"/tmp/a", "/tmp",      "/dev/null", "/proc/self/exe",
                                        "x/../y", "/tmp/a/b",  "",          "/dev/zero",
                                        ".",      "/sbin/init"};

    for (uint32_t i = 0; i < 16; i++)
        for (uint32_t j = 0; j < 64; j++)
            ((uint32_t *)(area + i * 4096))[j] = argument();
    for (uint32_t i = 0; i < 8; i++)
        strcpy(area + i * 4096 + draw(32) * 4, texts[draw(sizeof(texts) / sizeof(texts[0]))]);
    for (int i = 0; i < CALLS_A_ROUND; i++) {
        uint32_t n = numbers[draw(sizeof(numbers) / sizeof(numbers[0]))], a[6];

        for (int j = 0; j < 6; j++)
            a[j] = argument();
        if (n == 4 || n == 146) /* not onto the console */
            a[0] = 3 + draw(8);
        if (n == 158 || n == 114)
            a[2] |= 1;
        call(n, a);
    }
}

/*
 * Children make files under whatever names they find in their memory, times and process numbers
 * among them: they go after each pass, so that what is missing then is lost.
 */
static int remove_file(const char *path, const struct stat *s, int type, struct FTW *place)
{
    static const char *const kept[] = {"/", "/dev", "/proc", "/tmp", "/sbin", "/sbin/init"};

    (void)s, (void)place;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (!strcmp(path, kept[i]))
            return 0;
    if (strncmp(path, "/dev/", 5) && strncmp(path, "/proc/", 6))
        (void)(type == FTW_DP ? rmdir(path) : unlink(path));
    return 0;
}

/* Every round from a seed of its own, so that two passes make the same calls. */
static void pass(int rounds)
{
    for (int round = 0; round < rounds; round++) {
        seed = 0x9e3779b9u * (uint32_t)(round + 1) | 1;
        pid_t pid = fork();
        if (pid < 0)
            break;
        if (!pid) {
            /* Output of children goes nowhere, and what they fork is theirs. */
            for (int i = 0; i < 8; i++)
                close(i);
            setpgid(0, 0);
            child();
            _exit(0);
        }
        int status;
        struct timespec t = {0, 1000000};
        for (int wait = 0; waitpid(pid, &status, WNOHANG) == 0; wait++) {
            nanosleep(&t, NULL);
            if (wait > 3)
                kill(pid, SIGKILL);
        }
        kill(-pid, SIGKILL);
    }
    struct timespec t = {0, 100000000};
    nanosleep(&t, NULL);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    nftw("/", remove_file, 16, FTW_PHYS | FTW_MOUNT | FTW_DEPTH);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 40, passes = argc > 2 ? atoi(argv[2]) : 3;
    struct sysinfo info;
    unsigned long free_kb = 0;

    area = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(area, 0, 16 * 4096);
    for (int i = 0; i < passes; i++) {
        pass(rounds);
        sysinfo(&info);
        printf("pass %d: %lu kB free, %d processes\n", i + 1, info.freeram / 1024, info.procs);
        /*
         * The first pass brings in what stays: pages of this program, and places in tables that
         * have grown.
         */
        if (i > 1 && info.freeram / 1024 != free_kb) {
            printf("FAIL fuzz: memory is lost\n");
            return 1;
        }
        free_kb = info.freeram / 1024;
    }
    if (info.procs != 1) {
        printf("FAIL fuzz: a process is left over\n");
        return 1;
    }
    printf("PASS %d rounds\nfuzz: all passed\n", rounds * passes);
    return 0;
}
