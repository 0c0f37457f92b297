/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - the xenolith command: which command, or help */
#include "sim/account/result.h"
#include "sim/cli/commands.h"
#include "sim/cli/completion.h"
#include "sim/cli/setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *synopsis, *summary;
    command_function *function;
    int (*watch)(const struct options *options, command_function *command);
} commands[COMMAND_COUNT] = {
    [COMMAND_BOOT] = {"boot",
                      "KERNEL [\"ARGUMENTS\"] [--module FILE [\"ARGUMENTS\"]]... [OPTION]...",
                      "boots a Multiboot image; its serial port is the terminal", command_boot},
    [COMMAND_STEP] =
        {"step",
         "KERNEL [\"ARGUMENTS\"] [--module FILE [\"ARGUMENTS\"]]... [--script FILE|--gdb PORT] "
         "[OPTION]...",
         "boots an image, runs to crossings, calls, switches and instructions, and "
         "shows what happens there",
         command_step},
    [COMMAND_VIEW] = {"view",
                      "KERNEL [\"ARGUMENTS\"] [--module FILE [\"ARGUMENTS\"]]... [OPTION]...",
                      "the same in a window: rings, domains over time, code and counts",
                      command_view},
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
    [COMMAND_LAB] = {"lab", "EXPERIMENT [OPTION]...",
                     "runs every point of an experiment and prints it beside the published ones",
                     command_lab},
    [COMMAND_EXPLAIN] = {"explain", "FILE.json... [OPTION]...",
                         "shows where the cycles of a run went, or those of several, side by side",
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
    [COMMAND_TRACE] = {"trace", "[boot|run|shell|guest] [WORD|OPTION OF THAT]... [OPTION]...",
                       "does the same, and writes down every crossing, call, switch, fault, "
                       "interrupt and request",
                       .watch = command_trace},
    [COMMAND_PROFILE] = {"profile", "[boot|run|shell|guest] [WORD|OPTION OF THAT]... [OPTION]...",
                         "does the same, and says where all cycles went, by function and by line",
                         .watch = command_profile},
    [COMMAND_GATE] = {"gate", "FILE [BENCHMARK]... [OPTION]...",
                      "runs benchmarks and holds them against their baselines", command_gate},
    [COMMAND_BISECT] = {"bisect", "--build COMMAND GOOD BAD FILE:BENCHMARK [OPTION]...",
                        "names the commit that moved a benchmark", command_bisect},
    [COMMAND_BUNDLE] = {"bundle", "RESULT.json ARCHIVE.tar.gz",
                        "packs a result with all that it came from", command_bundle},
    [COMMAND_REPLAY] = {"replay", "ARCHIVE.tar.gz",
                        "runs a packed result again and says whether it is the same, byte for byte",
                        command_replay},
};

/* How a command is called, and what for. */
static void synopsis(FILE *out, int command)
{
    char line[256];

    snprintf(line, sizeof(line), "xenolith %s %s", commands[command].name,
             commands[command].synopsis);
    options_wrapped(out, line, 2);
    options_wrapped(out, commands[command].summary, 8);
}

static void usage(FILE *out)
{
    fprintf(out,
            "xenolith simulates a PC, a hypervisor and its guests, and counts every cycle.\n\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        synopsis(out, i);
    fprintf(out, "  xenolith help COMMAND (or COMMAND -h)\n"
                 "        the options of one command; help counters: what a result holds;\n"
                 "        help schema: the same as a JSON Schema; help bash, help zsh: what\n"
                 "        completes command lines there\n"
                 "  xenolith version (or -V)\n"
                 "        the version, the revision, and the libraries in it\n"
                 "\nManuals: xenolith(1) and, for Domain 0's control program, xl(1).\n");
}

static int find_command(const char *word)
{
    for (int i = 0; i < COMMAND_COUNT; i++)
        if (!strcmp(word, commands[i].name))
            return i;
    return -1;
}

/* Completions of a shell's, from the tables. */
static void complete(const char *shell)
{
    struct completion words[COMMAND_COUNT];

    for (int i = 0; i < COMMAND_COUNT; i++)
        words[i] = (struct completion){commands[i].name, commands[i].summary};
    (strcmp(shell, "zsh") ? completion_bash : completion_zsh)(words, stdout);
}

/* Output that was lost (a full disk) is a failure, whatever came of the command. */
static int conclude(int status, int lost)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    say("cannot write all of the output: %s", errno ? strerror(errno) : "a write failed");
    return lost;
}

/* What runs machines, and so can be watched. */
static bool is_watched(int command)
{
    return command == COMMAND_BOOT || command == COMMAND_RUN || command == COMMAND_SHELL ||
           command == COMMAND_GUEST;
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
    if (!strcmp(argv[0], "bash") || !strcmp(argv[0], "zsh")) {
        complete(argv[0]);
        return 0;
    }
    if (command < 0) {
        say("there is no command %s; see xenolith --help", argv[0]);
        return EXIT_BAD_INPUT;
    }
    if (!scdoc) {
        synopsis(stdout, command);
        putchar('\n');
    }
    options_help((enum command)command, scdoc, stdout);
    return 0;
}

/* A command that may watch another one, with its words behind it. */
static int obey(int command, int argc, char *const argv[])
{
    static struct options options;
    enum command second = COMMAND_COUNT;
    char name[16], *const names[] = {name}, why[256];
    int status;

    snprintf(name, sizeof(name), "%s", commands[command].name);
    if (commands[command].watch) {
        int watched = argc > 0 ? find_command(argv[0]) : -1;

        second = (enum command)command;
        command = is_watched(watched) ? watched : COMMAND_BOOT;
        argc -= is_watched(watched);
        argv += is_watched(watched);
    }
    if (!options_parse(&options, (enum command)command, second, argc, argv, why, sizeof(why))) {
        say("%s; see xenolith help %s", why, name);
        return EXIT_BAD_INPUT;
    }
    if (options.help)
        return conclude(help(1, names), EXIT_RUN_FAILED);
    status = second == COMMAND_COUNT ? commands[command].function(&options)
                                     : commands[second].watch(&options, commands[command].function);
    return conclude(status, command == COMMAND_SHELL ? EXIT_NO_STATUS : EXIT_RUN_FAILED);
}

int main(int argc, char *argv[])
{
    int command;

    if (argc < 2) {
        usage(stderr);
        return EXIT_BAD_INPUT;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        usage(stdout);
        return conclude(0, EXIT_RUN_FAILED);
    }
    if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        command_version(stdout);
        return conclude(0, EXIT_RUN_FAILED);
    }
    if (!strcmp(argv[1], "help"))
        return conclude(help(argc - 2, argv + 2), EXIT_RUN_FAILED);
    command = find_command(argv[1]);
    if (command < 0) {
        say("there is no command %s; see xenolith --help", argv[1]);
        return EXIT_BAD_INPUT;
    }
    return obey(command, argc - 2, argv + 2);
}
