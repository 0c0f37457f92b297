/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/completion.h"

#include <string.h>

/* What an argument is, by the word that options.def has for it. */
static bool is_file(const struct option_row *row)
{
    return !strncmp(row->argument, "FILE", 4);
}

static bool is_folder(const struct option_row *row)
{
    return !strcmp(row->argument, "DIR") || !strcmp(row->argument, "FOLDER");
}

static bool is_choice(const struct option_row *row)
{
    return strchr(row->argument, '|') != NULL;
}

/* "a|b" as "a b". */
static void put_choices(const char *argument, FILE *out)
{
    for (; *argument; argument++)
        fputc(*argument == '|' ? ' ' : *argument, out);
}

static bool takes(const struct option_row *row, int command)
{
    return row->commands >> command & 1;
}

/* ---- bash ------------------------------------------------------------------------------------ */

/* The arm of a command's case: by the word before, choices, files or folders; else its options. */
static void bash_command(const char *name, int command, FILE *out)
{
    fprintf(out, "    %s)\n        case $previous in\n", name);
    for (int i = 0; i < OPT_COUNT; i++) {
        const struct option_row *row = option_row((enum option)i);

        if (!takes(row, command) || !*row->argument)
            continue;
        fprintf(out, "        --%s) ", row->name);
        if (is_choice(row)) {
            fprintf(out, "COMPREPLY=($(compgen -W '");
            put_choices(row->argument, out);
            fprintf(out, "' -- \"$word\")); return ;;\n");
        } else if (is_file(row) || is_folder(row)) {
            fprintf(out,
                    "compopt -o filenames; COMPREPLY=($(compgen -%s -- \"$word\")); return ;;\n",
                    is_file(row) ? "f" : "d");
        } else {
            fprintf(out, "return ;;\n");
        }
    }
    fprintf(out, "        esac\n        options='--help");
    for (int i = 0; i < OPT_COUNT; i++)
        if (takes(option_row((enum option)i), command))
            fprintf(out, " --%s", option_row((enum option)i)->name);
    fprintf(out, "' ;;\n");
}

void completion_bash(const struct completion *commands, FILE *out)
{
    fprintf(out, "# SPDX-License-Identifier: GPL-2.0-only\n"
                 "# bash completion for xenolith, made by `xenolith help bash`\n"
                 "_xenolith()\n{\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} "
                 "options=\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        COMPREPLY=($(compgen -W 'help version");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, " %s", commands[i].name);
    fprintf(out, "' -- \"$word\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (int i = 0; i < COMMAND_COUNT; i++)
        bash_command(commands[i].name, i, out);
    fprintf(out, "    help) options='counters schema bash zsh");
    for (int i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, " %s", commands[i].name);
    fprintf(out, "' ;;\n    esac\n"
                 "    if [ -n \"$options\" ] && { [ \"${COMP_WORDS[1]}\" = help ] || "
                 "[ \"${word#-}\" != \"$word\" ]; }; then\n"
                 "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
                 "    else\n"
                 "        compopt -o filenames\n"
                 "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
                 "    fi\n}\ncomplete -F _xenolith xenolith\n");
}

/* ---- zsh ------------------------------------------------------------------------------------- */

/* Text for within '...[...]:...' of _arguments: without what ends that. */
static void put_zsh(const char *text, FILE *out)
{
    for (; *text; text++)
        if (*text == '\'')
            fprintf(out, "'\\''");
        else if (strchr("[]:\\", *text))
            fprintf(out, "\\%c", *text);
        else
            fputc(*text, out);
}

static void zsh_option(const struct option_row *row, FILE *out)
{
    fprintf(out, " \\\n            '*--%s[", row->name);
    put_zsh(row->help, out);
    fputc(']', out);
    if (*row->argument) {
        fputc(':', out);
        put_zsh(row->argument, out);
        fputc(':', out);
        if (is_choice(row)) {
            fputc('(', out);
            put_choices(row->argument, out);
            fputc(')', out);
        } else if (is_file(row)) {
            fprintf(out, "_files");
        } else if (is_folder(row)) {
            fprintf(out, "_files -/");
        }
    }
    fputc('\'', out);
}

void completion_zsh(const struct completion *commands, FILE *out)
{
    fprintf(out, "#compdef xenolith\n"
                 "# SPDX-License-Identifier: GPL-2.0-only\n"
                 "# zsh completion for xenolith, made by `xenolith help zsh`\n"
                 "_xenolith() {\n"
                 "    local -a commands=(\n"
                 "        'help:the options of one command'\n"
                 "        'version:the version, the revision, and the libraries in it'\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "        '%s:", commands[i].name);
        put_zsh(commands[i].summary, out);
        fprintf(out, "'\n");
    }
    fprintf(out, "    )\n"
                 "    if (( CURRENT == 2 )); then\n"
                 "        _describe command commands\n"
                 "        return\n"
                 "    fi\n"
                 "    local command=$words[2]\n"
                 "    shift words\n"
                 "    (( CURRENT-- ))\n"
                 "    case $command in\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(out, "    %s)\n        _arguments '(-h --help)'{-h,--help}'[shows the options]'",
                commands[i].name);
        for (int j = 0; j < OPT_COUNT; j++)
            if (takes(option_row((enum option)j), i))
                zsh_option(option_row((enum option)j), out);
        fprintf(out, " \\\n            '*:file:_files' ;;\n");
    }
    fprintf(out, "    help) _describe command commands ;;\n"
                 "    esac\n}\n_xenolith \"$@\"\n");
}
