/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - the xenolith command: which command, or help */
#include "sim/account/result.h"
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *synopsis, *summary;
    int (*function)(const struct options *options);
} commands[COMMAND_COUNT] = {
    [COMMAND_BOOT] = {"boot",
                      "KERNEL [\"ARGUMENTS\"] [--module FILE [\"ARGUMENTS\"]]... [OPTION]...",
                      "boots a Multiboot image; its serial port is the terminal", command_boot},
    [COMMAND_STEP] = {"step",
                      "KERNEL [\"ARGUMENTS\"] [--module FILE [\"ARGUMENTS\"]]... --script FILE "
                      "[OPTION]...",
                      "boots an image, runs to crossings, calls, switches and instructions, and "
                      "shows what happens there",
                      command_step},
    [COMMAND_RUN] = {"run", "[OPTION]...",
                     "measures copies of a workload, in domains or as processes", command_run},
    [COMMAND_SHELL] = {"shell", "[--command COMMAND] [OPTION]...",
                       "runs a command, or a terminal, on a file system of Debian's executables",
                       command_shell},
    [COMMAND_GUEST] = {"guest",
                       "KERNEL [--ramdisk FILE] [--extra ARGUMENTS] [--memory SIZE] [OPTION]...",
                       "boots any paravirtual kernel as an ordinary domain; its console is the "
                       "terminal",
                       command_guest},
    [COMMAND_LAB] = {"lab", "EXPERIMENT.ini [OPTION]...",
                     "runs every point of an experiment and draws its figure", command_lab},
    [COMMAND_EXPLAIN] = {"explain", "FILE.json [OPTION]...", "shows where the cycles of a run went",
                         command_explain},
    [COMMAND_COVERAGE] = {"coverage", "[FILE.json]...",
                          "lists every operation of the paravirtual interface: exercised by these "
                          "runs, implemented, or absent",
                          command_coverage},
    [COMMAND_COMPARE] = {"compare", "OLD NEW [OPTION]...",
                         "shows what differs between two results, or two folders of them",
                         command_compare},
    [COMMAND_DB] = {"db", "FILE add|list|names|select|export [WORD]... [OPTION]...",
                    "adds results to a data base, and reads from it", command_db},
};

static void usage(FILE *out)
{
    fprintf(out,
            "xenolith simulates a PC, a hypervisor and its guests, and counts every cycle.\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  xenolith %s %s\n        %s\n", commands[i].name, commands[i].synopsis,
                commands[i].summary);
    fprintf(out, "  xenolith help COMMAND\n        the options of one command; help counters: what "
                 "a result holds; help schema: the same as a JSON Schema\n"
                 "  xenolith --version\n");
}

static int find_command(const char *word)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(word, commands[i].name))
            return i;
    return -1;
}

static int help(int argc, char *const argv[])
{
    int command = argc > 0 ? find_command(argv[0]) : -1;
    bool scdoc = argc > 1 && !strcmp(argv[1], "--scdoc");

    if (argc == 0) {
        usage(stdout);
        return 0;
    }
    if (!strcmp(argv[0], "counters")) {
        result_describe(stdout);
        return 0;
    }
    if (!strcmp(argv[0], "schema")) {
        result_schema(stdout);
        return 0;
    }
    if (command < 0) {
        say("there is no command %s; see xenolith --help", argv[0]);
        return EXIT_BAD_INPUT;
    }
    if (!scdoc)
        printf("xenolith %s %s\n%s\n\n", commands[command].name, commands[command].synopsis,
               commands[command].summary);
    options_help((enum command)command, scdoc, stdout);
    return 0;
}

/* Output that was lost (a full disk) is a failure, whatever came of the command. */
static int conclude(int status, int lost)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    say("cannot write all of the output: %s", errno ? strerror(errno) : "a write failed");
    return lost;
}

int main(int argc, char *argv[])
{
    struct options options;
    char why[256];
    int command;

    if (argc < 2) {
        usage(stderr);
        return EXIT_BAD_INPUT;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        usage(stdout);
        return conclude(0, EXIT_RUN_FAILED);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("xenolith %s\n", XENOLITH_VERSION);
        return conclude(0, EXIT_RUN_FAILED);
    }
    if (!strcmp(argv[1], "help"))
        return conclude(help(argc - 2, argv + 2), EXIT_RUN_FAILED);
    command = find_command(argv[1]);
    if (command < 0) {
        say("there is no command %s; see xenolith --help", argv[1]);
        return EXIT_BAD_INPUT;
    }
    if (argc > 2 && !strcmp(argv[2], "--help"))
        return conclude(help(1, argv + 1), EXIT_RUN_FAILED);
    if (!options_parse(&options, (enum command)command, argc - 2, argv + 2, why, sizeof(why))) {
        say("%s; see xenolith help %s", why, argv[1]);
        return EXIT_BAD_INPUT;
    }
    return conclude(commands[command].function(&options),
                    command == COMMAND_SHELL ? EXIT_NO_STATUS : EXIT_RUN_FAILED);
}
