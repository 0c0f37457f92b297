/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * terminal.c - a stepped machine on a terminal of at least 80 by 24 characters
 *
 * From the top: where the machine is; the three rings, that which runs marked; why it stopped;
 * registers; code; a pane of the user's choice; keys. On a wide terminal the pane stands beside the
 * code. A resize draws anew. Ctrl-C pauses a run and else asks for the end.
 */
#include "sim/view/faces.h"

#include <ctype.h>
#include <curses.h>
#include <inttypes.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LEAST_ROWS = 16, LEAST_COLUMNS = 60, WIDE = 132, CODE_COLUMNS = 76, REGISTER_ROWS = 5 };
enum { PAIR_RING0 = 1, PAIR_RING1, PAIR_RING3, PAIR_WRONG, PAIR_DIM };

struct screen {
    struct face *face;
    unsigned pane;
    unsigned scroll; /* of the pane, in lines */
    char walked[32]; /* what the pane of the walk walks; "": the code */
    char typed[128]; /* a command that is being typed */
    bool typing, help, leave;
};

static volatile sig_atomic_t interrupted, ended;

static void note_signal(int signal)
{
    interrupted = signal == SIGINT;
    ended = signal != SIGINT;
}

static int pair_of(unsigned ring)
{
    return ring == 0 ? PAIR_RING0 : ring == 3 ? PAIR_RING3 : PAIR_RING1;
}

/* What a guest chose may not move the cursor. */
static void put(int row, int column, int width, const char *text, size_t bytes)
{
    int used = 0;

    move(row, column);
    for (size_t i = 0; i < bytes && used < width; i++) {
        unsigned char c = (unsigned char)text[i];

        addch(c < ' ' || c >= 127 ? '?' : c);
        used++;
    }
    for (; used < width; used++)
        addch(' ');
}

/* Lines of `text` from number `first` on; returns how many it has. */
static unsigned put_lines(int row, int column, int rows, int width, const char *text,
                          unsigned first)
{
    unsigned number = 0;
    int used = 0;

    for (const char *line = text; *line; number++) {
        size_t bytes = strcspn(line, "\n");

        if (number >= first && used < rows)
            put(row + used++, column, width, line, bytes);
        line += bytes + (line[bytes] == '\n');
    }
    for (; used < rows; used++)
        put(row + used, column, width, "", 0);
    return number;
}

static void heading(int row, int column, int width, const char *title, const char *note)
{
    char text[160];

    snprintf(text, sizeof(text), " %s %s%s", title, note, *note ? " " : "");
    attron(A_BOLD);
    mvhline(row, column, ACS_HLINE, width);
    put(row, column + 1, (int)strlen(text) < width - 2 ? (int)strlen(text) : width - 2, text,
        strlen(text));
    attroff(A_BOLD);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void draw_rings(const struct face *face, int row, int columns)
{
    static const struct {
        unsigned ring;
        const char *name;
    } rings[] = {{3, "ring 3: programs"}, {1, "ring 1: the kernel"}, {0, "ring 0: the hypervisor"}};
    int width = columns / 3;

    for (unsigned i = 0; i < 3; i++) {
        bool here = pair_of(rings[i].ring) == pair_of(face->ring);
        int attributes = COLOR_PAIR(pair_of(rings[i].ring)) | (here ? A_REVERSE | A_BOLD : A_DIM);
        char text[64];

        snprintf(text, sizeof(text), "%s %s", here ? ">" : " ", rings[i].name);
        attron(attributes);
        put(row, (int)i * width, i == 2 ? columns - 2 * width : width, text, strlen(text));
        attroff(attributes);
    }
}

static void draw_top(const struct face *face, int columns)
{
    char text[512];

    snprintf(text, sizeof(text),
             " %s  processor %u  ring %u  %s   instruction %" PRIu64 "  cycle %" PRIu64, face->who,
             face->processor, face->ring, face->place, face->instructions, face->cycle);
    attron(A_REVERSE);
    put(0, 0, columns, text, strlen(text));
    attroff(A_REVERSE);
    draw_rings(face, 1, columns);
    attron(face->wrong ? COLOR_PAIR(PAIR_WRONG) | A_BOLD : A_BOLD);
    put(2, 0, columns, face->sentence, strlen(face->sentence));
    put(3, 0, columns, strlen(face->sentence) > (size_t)columns ? face->sentence + columns : "",
        strlen(face->sentence) > (size_t)columns ? strlen(face->sentence) - (size_t)columns : 0);
    attroff(COLOR_PAIR(PAIR_WRONG) | A_BOLD);
}

static void draw_pane(struct screen *screen, int row, int column, int rows, int width)
{
    const struct face_pane *pane = &face_panes[screen->pane];
    char command[64], titles[128] = "";
    const char *percent = strchr(pane->command, '%');
    unsigned lines;

    if (rows < 2)
        return;
    if (percent)
        snprintf(command, sizeof(command), "%.*s%s", (int)(percent - pane->command), pane->command,
                 *screen->walked ? screen->walked : "here");
    else
        snprintf(command, sizeof(command), "%s", pane->command);
    for (unsigned i = 0; i < face_pane_count; i++)
        snprintf(titles + strlen(titles), sizeof(titles) - strlen(titles), " %u%s%s", i + 1,
                 width > 70 ? " " : "", width > 70 ? face_panes[i].title : "");
    heading(row, column, width, pane->title, titles);
    lines = put_lines(row + 1, column, rows - 1, width, face_text(screen->face, command),
                      screen->scroll);
    if (screen->scroll && screen->scroll >= lines)
        screen->scroll = lines ? lines - 1 : 0;
}

static void draw_keys(const struct screen *screen, int row, int columns)
{
    char text[256] = "";

    if (screen->typing) {
        snprintf(text, sizeof(text), ":%s", screen->typed);
        put(row, 0, columns, text, strlen(text));
        put(row + 1, 0, columns, "a command of docs/stepping.md; Enter obeys, Esc drops it", 56);
        move(row, (int)strlen(text) < columns ? (int)strlen(text) : columns - 1);
        return;
    }
    for (unsigned i = 0; i < face_key_count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%c %s  ", face_keys[i].key,
                 face_keys[i].label);
    attron(COLOR_PAIR(PAIR_DIM));
    put(row, 0, columns, text, strlen(text));
    snprintf(text, sizeof(text), "%s",
             *screen->face->run ? "runs: any key pauses it"
                                : "CAPITALS go back  1-7 pane  PgUp PgDn  : command  m mark  "
                                  "? help  q end");
    put(row + 1, 0, columns, text, strlen(text));
    attroff(COLOR_PAIR(PAIR_DIM));
}

static void draw_help(int rows, int columns)
{
    static const char text[] =
        "s step       one instruction further         S  one back\n"
        "c crossing   to the next change of rings     C  to the last one\n"
        "h hypercall  ring 1 calls the hypervisor     H  back\n"
        "y syscall    ring 3 calls its kernel         Y  back\n"
        "w switch     another domain, or process      W  back\n"
        "e event      an event enters a domain        E  back\n"
        "u update     of a page-table entry           U  back\n"
        "r run        to a breakpoint or the end      R  to the last one\n"
        "\n"
        "1 crossing  2 stack  3 walk  4 domains  5 counters  6 timeline  7 marks\n"
        "m           names this place m1, m2, ...; :goto NAME comes back\n"
        ":           any command: break do_mmu_update, to time 10ms, walk 0x8048000\n"
        "q           ends the run here\n"
        "\n"
        "any key: back to the machine\n";

    erase();
    put_lines(1, 2, rows - 2, columns - 2, text, 0);
}

static void draw(struct screen *screen)
{
    int rows, columns, code_row = 4 + REGISTER_ROWS, left, bottom;
    char command[32];

    getmaxyx(stdscr, rows, columns);
    erase();
    if (rows < LEAST_ROWS || columns < LEAST_COLUMNS) {
        mvprintw(0, 0, "%dx%d is too small: %dx%d", columns, rows, LEAST_COLUMNS, LEAST_ROWS);
        refresh();
        return;
    }
    if (screen->help) {
        draw_help(rows, columns);
        refresh();
        return;
    }
    left = columns >= WIDE ? CODE_COLUMNS : columns;
    bottom = rows - 2;
    draw_top(screen->face, columns);
    put_lines(4, 0, REGISTER_ROWS, left, face_text(screen->face, "registers"), 0);
    if (columns >= WIDE) {
        heading(code_row, 0, left - 1, "code", "");
        snprintf(command, sizeof(command), "disassemble %d", bottom - code_row - 1);
        put_lines(code_row + 1, 0, bottom - code_row - 1, left - 1,
                  face_text(screen->face, command), 0);
        draw_pane(screen, 4, left, bottom - 4, columns - left);
    } else {
        int half = (bottom - code_row) / 2;

        heading(code_row, 0, left, "code", "");
        snprintf(command, sizeof(command), "disassemble %d", half - 1);
        put_lines(code_row + 1, 0, half - 1, left, face_text(screen->face, command), 0);
        draw_pane(screen, code_row + half, 0, bottom - code_row - half, left);
    }
    draw_keys(screen, bottom, columns);
    curs_set(screen->typing);
    refresh();
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void obey(struct screen *screen, const char *command)
{
    screen->scroll = 0;
    if (!strncmp(command, "walk ", 5)) {
        snprintf(screen->walked, sizeof(screen->walked), "%.31s", command + 5);
        screen->pane = 2;
        return;
    }
    for (unsigned i = 0; i < face_pane_count; i++)
        if (!strcmp(command, face_panes[i].title))
            screen->pane = i;
    if (screen->face->ended && strncmp(command, "back", 4) != 0 && strncmp(command, "goto", 4) != 0)
        return; /* nothing is ahead */
    face_begin(screen->face, command);
}

static void type(struct screen *screen, int key)
{
    size_t used = strlen(screen->typed);

    if (key == 27) {
        screen->typing = false;
    } else if (key == '\n' || key == '\r' || key == KEY_ENTER) {
        screen->typing = false;
        if (*screen->typed)
            obey(screen, screen->typed);
    } else if (key == KEY_BACKSPACE || key == 127 || key == 8) {
        if (used)
            screen->typed[used - 1] = '\0';
    } else if (key >= ' ' && key < 127 && used + 1 < sizeof(screen->typed)) {
        screen->typed[used] = (char)key;
        screen->typed[used + 1] = '\0';
    }
}

static void mark(struct screen *screen)
{
    static unsigned count;
    char command[32];

    snprintf(command, sizeof(command), "mark m%u", ++count);
    face_do(screen->face, command);
    if (!screen->face->wrong)
        snprintf(screen->face->sentence, sizeof(screen->face->sentence),
                 "this place is m%u: :goto m%u comes back", count, count);
}

static void press(struct screen *screen, int key)
{
    char command[64];

    if (screen->help)
        screen->help = false;
    else if (screen->typing)
        type(screen, key);
    else if (key >= '1' && key < '1' + (int)face_pane_count)
        screen->pane = (unsigned)(key - '1'), screen->scroll = 0;
    else if (key == KEY_NPAGE || key == KEY_DOWN)
        screen->scroll += key == KEY_DOWN ? 1 : 8;
    else if (key == KEY_PPAGE || key == KEY_UP)
        screen->scroll -= screen->scroll < (key == KEY_UP ? 1u : 8u) ? screen->scroll
                          : key == KEY_UP                            ? 1
                                                                     : 8;
    else if (key == ':')
        screen->typing = true, *screen->typed = '\0';
    else if (key == '?')
        screen->help = true;
    else if (key == 'q')
        screen->leave = true;
    else if (key == 'm')
        mark(screen);
    else if (key < 128 && isalpha(key) && face_key_command(key, command, sizeof(command)))
        obey(screen, command);
}

static void colours(void)
{
    if (!has_colors())
        return;
    start_color();
    use_default_colors();
    init_pair(PAIR_RING0, COLOR_YELLOW, -1);
    init_pair(PAIR_RING1, COLOR_CYAN, -1);
    init_pair(PAIR_RING3, COLOR_MAGENTA, -1);
    init_pair(PAIR_WRONG, COLOR_RED, -1);
    init_pair(PAIR_DIM, -1, -1);
}

bool face_terminal(struct face *face)
{
    struct screen screen = {.face = face};
    struct sigaction noted = {.sa_handler = note_signal};

    setlocale(LC_ALL, "");
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !newterm(NULL, stdout, stdin)) {
        fputs("xenolith: a machine is stepped on a terminal, or by a --script\n", stderr);
        return false;
    }
    sigaction(SIGINT, &noted, NULL);
    sigaction(SIGTERM, &noted, NULL);
    sigaction(SIGHUP, &noted, NULL);
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    set_escdelay(50);
    colours();
    face_do(face, "where");
    snprintf(face->sentence, sizeof(face->sentence), "the machine is about to start; ? is help");
    while (!screen.leave && !face->lost && !ended) {
        int key;

        draw(&screen);
        timeout(*face->run ? 0 : -1);
        key = getch();
        if (interrupted) {
            screen.leave = !*face->run && !screen.typing;
            interrupted = 0;
            face_pause(face);
            screen.typing = false;
        } else if (*face->run && key != ERR && key != KEY_RESIZE) {
            face_pause(face);
        } else if (*face->run) {
            face_go_on(face);
        } else if (key != ERR) {
            press(&screen, key);
        } else {
            screen.leave = true; /* the terminal is gone */
        }
    }
    endwin();
    return true;
}
