/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * main.c - sqlite: SQLite's library as Debian compiled it, and the least that makes it a program
 *
 *   sqlite DATABASE [SQL]...
 *
 * Runs each SQL argument in turn; without one, what standard input holds. A row is a line, values
 * are separated by "|", NULL is empty. The first error ends the program with status 1 and a
 * sentence. DATABASE may be :memory:. Three lines of input are not SQL, for tests of what survives
 * a crash:
 * ".pause" stops the process (SIGSTOP), ".kill" ends it by SIGKILL, ".changes" prints how many rows
 * the connection has changed.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

struct text {
    char *bytes;
    size_t used, room;
};

static void append(struct text *text, const char *more)
{
    size_t length = strlen(more);

    if (text->used + length + 1 > text->room) {
        text->room = (text->used + length + 1) * 2;
        text->bytes = realloc(text->bytes, text->room);
        if (!text->bytes) {
            fputs("sqlite: no memory for the statement\n", stderr);
            exit(1);
        }
    }
    memcpy(text->bytes + text->used, more, length + 1);
    text->used += length;
}

static int print_row(void *unused, int columns, char **values, char **names)
{
    (void)unused;
    (void)names;
    for (int i = 0; i < columns; i++)
        printf("%s%s", i ? "|" : "", values[i] ? values[i] : "");
    putchar('\n');
    return 0;
}

static bool run(sqlite3 *database, const char *sql)
{
    char *error = NULL;
    int result = sqlite3_exec(database, sql, print_row, NULL, &error);

    fflush(stdout);
    if (result != SQLITE_OK)
        fprintf(stderr, "sqlite: %s\n", error ? error : sqlite3_errstr(result));
    sqlite3_free(error);
    return result == SQLITE_OK;
}

/* True if the line was one of those that are not SQL. */
static bool run_word(sqlite3 *database, const char *line)
{
    if (!strcmp(line, ".pause\n"))
        raise(SIGSTOP);
    else if (!strcmp(line, ".kill\n"))
        raise(SIGKILL);
    else if (!strcmp(line, ".changes\n"))
        printf("%d\n", sqlite3_total_changes(database));
    else
        return false;
    return true;
}

static bool run_input(sqlite3 *database)
{
    struct text statement = {0};
    char *line = NULL;
    size_t room = 0;
    bool good = true;

    while (good && getline(&line, &room, stdin) > 0) {
        if (!statement.used && run_word(database, line))
            continue;
        append(&statement, line);
        if (sqlite3_complete(statement.bytes)) {
            good = run(database, statement.bytes);
            statement.used = 0;
        }
    }
    if (good && statement.used)
        good = run(database, statement.bytes);
    free(statement.bytes);
    free(line);
    return good;
}

int main(int argc, char **argv)
{
    sqlite3 *database;
    bool good = true;

    if (argc < 2) {
        fputs("usage: sqlite DATABASE [SQL]...\n", stderr);
        return 2;
    }
    if (sqlite3_open(argv[1], &database) != SQLITE_OK) {
        fprintf(stderr, "sqlite: %s: %s\n", argv[1], sqlite3_errmsg(database));
        sqlite3_close(database);
        return 1;
    }
    for (int i = 2; i < argc && good; i++)
        good = run(database, argv[i]);
    if (argc == 2)
        good = run_input(database);
    sqlite3_close(database);
    return good ? 0 : 1;
}
