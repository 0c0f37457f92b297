/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * press.c - sits at a PC in QEMU: presses keys, and looks at the screen
 *
 *   press SCRIPT QEMU ARGUMENTS...
 *
 * runs QEMU with its monitor on a pipe. The screen is VGA's text memory, 80 x 25 cells, as the
 * machine has it. Lines of the script:
 *
 *   see TEXT      wait until a row of the screen has TEXT
 *   clear TEXT    wait until no row has it
 *   colour N TEXT the same as `see`, and its first cell has VGA's attribute N, hexadecimal
 *   type TEXT     presses the keys that type it; \r is Enter
 *   press KEY     a key by QEMU's name, as ctrl-c
 *   picture FILE  the screen, as QEMU draws it (PNG)
 *   end STATUS    QEMU must end by itself with this status
 *
 * Exit status 0, or 1 with one sentence, and the screen, about the first line that did not come
 * true within LIMIT seconds of the host's time.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT   90
#define ROWS    25
#define COLUMNS 80

static pid_t pid;
static int to_monitor, from_monitor;
static char memory_file[64];
static uint16_t cells[ROWS][COLUMNS];

static _Noreturn void give_up(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fprintf(stderr, "; the screen:\n");
    for (int row = 0; row < ROWS; row++) {
        for (int column = 0; column < COLUMNS; column++) {
            char c = (char)cells[row][column];

            fputc(c >= ' ' && c <= '~' ? c : ' ', stderr);
        }
        fputc('\n', stderr);
    }
    kill(pid, SIGKILL);
    unlink(memory_file);
    exit(1);
}

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* ---- the monitor ----------------------------------------------------------------------------- */

/* Reads what the monitor says up to its prompt. False: QEMU has ended. */
static bool prompt(void)
{
    static const char mark[] = "(qemu) ";
    size_t matched = 0;
    time_t begun = seconds();
    char c;

    while (mark[matched]) {
        struct pollfd p = {.fd = from_monitor, .events = POLLIN};

        if (poll(&p, 1, 1000) == 0) {
            if (seconds() - begun >= LIMIT)
                give_up("QEMU's monitor does not answer");
            continue;
        }
        if (read(from_monitor, &c, 1) != 1)
            return false;
        matched = c == mark[matched] ? matched + 1 : c == mark[0];
    }
    return true;
}

static bool command(const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    int length = vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    return write(to_monitor, text, (size_t)length) == length && prompt();
}

/* ---- the screen ------------------------------------------------------------------------------ */

static void look(void)
{
    if (!command("pmemsave 0xb8000 %zu \"%s\"\n", sizeof(cells), memory_file))
        give_up("QEMU has ended");
    FILE *file = fopen(memory_file, "r");

    if (!file || fread(cells, sizeof(cells), 1, file) != 1)
        give_up("QEMU did not save the screen");
    fclose(file);
}

/* The attribute of the text's first cell; -1: it is nowhere. */
static int find(const char *text)
{
    size_t length = strlen(text);

    for (int row = 0; row < ROWS; row++) {
        for (size_t column = 0; column + length <= COLUMNS; column++) {
            size_t i = 0;

            while (i < length && (char)cells[row][column + i] == text[i])
                i++;
            if (i == length)
                return cells[row][column] >> 8;
        }
    }
    return -1;
}

static void wait_until(const char *text, bool there, int attribute)
{
    time_t begun = seconds();

    for (look(); (find(text) >= 0) != there; look()) {
        if (seconds() - begun >= LIMIT)
            give_up("\"%s\" %s", text, there ? "did not appear" : "stayed");
        usleep(100000);
    }
    if (attribute >= 0 && find(text) != attribute)
        give_up("\"%s\" has attribute %02x, not %02x", text, find(text), attribute);
}

/* ---- the keyboard ---------------------------------------------------------------------------- */

static void press(const char *key)
{
    if (!command("sendkey %s 20\n", key))
        give_up("QEMU has ended");
    usleep(50000); /* until it is up again */
}

static void type(const char *text)
{
    static const struct {
        char c;
        const char *key;
    } keys[] = {{' ', "spc"},
                {'-', "minus"},
                {'=', "equal"},
                {'/', "slash"},
                {'.', "dot"},
                {',', "comma"},
                {';', "semicolon"},
                {'\'', "apostrophe"},
                {'|', "shift-backslash"},
                {'_', "shift-minus"},
                {'>', "shift-dot"},
                {'<', "shift-comma"},
                {'&', "shift-7"},
                {'*', "shift-8"},
                {'\r', "ret"},
                {'"', "shift-apostrophe"},
                {'\\', "backslash"},
                {'[', "bracket_left"}};

    for (; *text; text++) {
        char name[16] = {*text};

        if (*text >= 'A' && *text <= 'Z')
            snprintf(name, sizeof(name), "shift-%c", *text | 0x20);
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
            if (keys[i].c == *text)
                snprintf(name, sizeof(name), "%s", keys[i].key);
        press(name);
    }
}

/* \r, and \\. */
static void unescape(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++)
        *to++ = *from == '\\' && from[1] ? (*++from == 'r' ? '\r' : *from) : *from;
    *to = '\0';
}

/* ---- the script ------------------------------------------------------------------------------ */

static void wait_for_end(int expected)
{
    time_t begun = seconds();
    int status;

    for (; waitpid(pid, &status, WNOHANG) == 0; usleep(100000)) {
        if (seconds() - begun >= LIMIT) {
            look();
            give_up("the machine did not end");
        }
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != expected)
        give_up("QEMU's status was %d, not %d",
                WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), expected);
}

static void carry_out(const char *word, char *text)
{
    unescape(text);
    if (!strcmp(word, "see"))
        wait_until(text, true, -1);
    else if (!strcmp(word, "clear"))
        wait_until(text, false, -1);
    else if (!strcmp(word, "colour") && strlen(text) > 3)
        wait_until(text + 3, true, (int)strtol(text, NULL, 16));
    else if (!strcmp(word, "type"))
        type(text);
    else if (!strcmp(word, "press"))
        press(text);
    else if (!strcmp(word, "picture"))
        command("screendump \"%s\" -f png\n", text);
    else if (!strcmp(word, "end"))
        wait_for_end(atoi(text));
    else
        give_up("there is no \"%s\" in scripts", word);
}

static void start(char **words)
{
    int input[2], output[2];
    char *arguments[64];
    int count = 0;

    if (pipe(input) || pipe(output))
        exit(2);
    while (words[count] && count < 58) {
        arguments[count] = words[count];
        count++;
    }
    arguments[count++] = "-display";
    arguments[count++] = "none";
    arguments[count++] = "-monitor";
    arguments[count++] = "stdio";
    arguments[count] = NULL;
    pid = fork();
    if (pid == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        close(input[1]);
        close(output[0]);
        execvp(arguments[0], arguments);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    to_monitor = input[1];
    from_monitor = output[0];
}

int main(int argc, char **argv)
{
    char line[1024];
    FILE *script;

    if (argc < 3 || !(script = fopen(argv[1], "r"))) {
        fprintf(stderr, "usage: press SCRIPT QEMU ARGUMENTS...\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    snprintf(memory_file, sizeof(memory_file), "/tmp/press-%ld", (long)getpid());
    start(argv + 2);
    if (!prompt())
        give_up("QEMU did not start");
    while (fgets(line, sizeof(line), script)) {
        char *text = strchr(line, ' ') ? strchr(line, ' ') + 1 : line;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0' || text == line)
            continue;
        text[-1] = '\0';
        carry_out(line, text);
    }
    unlink(memory_file);
    return 0;
}
