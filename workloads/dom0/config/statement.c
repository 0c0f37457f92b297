/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/config/statement.h"

#include <ctype.h>
#include <string.h>

static void pass_comment(struct statement_source *s)
{
    s->text += strcspn(s->text, "\n");
}

/* Over spaces and a comment, within a line. */
static void pass_spaces(struct statement_source *s)
{
    s->text += strspn(s->text, " \t\r");
    if (*s->text == '#')
        pass_comment(s);
}

/* Over all that lies between statements. */
static void pass_between(struct statement_source *s)
{
    for (;; s->text++) {
        pass_spaces(s);
        if (*s->text == '\n')
            s->line++;
        else if (*s->text != ';')
            return;
    }
}

static bool add(struct statement *st, size_t *used, const char *text, size_t length)
{
    if (*used + length >= sizeof(st->value))
        return false;
    memcpy(st->value + *used, text, length);
    *used += length;
    st->value[*used] = '\0';
    return true;
}

/* A text in quotes, which must end in its line; with the quotes or without. */
static const char *quoted(struct statement_source *s, struct statement *st, size_t *used, bool keep)
{
    size_t length = strcspn(s->text + 1, *s->text == '"' ? "\"\n" : "'\n");

    if (s->text[1 + length] != *s->text)
        return "its quotes are not closed in this line";
    if (!add(st, used, keep ? s->text : s->text + 1, keep ? length + 2 : length))
        return "it is too long";
    s->text += length + 2;
    return NULL;
}

/* A list as one line: what separates its texts is a space. */
static const char *list(struct statement_source *s, struct statement *st)
{
    size_t used = 0;
    const char *wrong = NULL;

    while (!wrong && *s->text && *s->text != ']') {
        if (*s->text == '"' || *s->text == '\'') {
            wrong = quoted(s, st, &used, true);
            continue;
        }
        if (*s->text == '#') {
            pass_comment(s);
            continue;
        }
        s->line += *s->text == '\n';
        if (!add(st, &used, isspace((unsigned char)*s->text) ? " " : s->text, 1))
            wrong = "it is too long";
        s->text++;
    }
    if (wrong)
        return wrong;
    if (!*s->text)
        return "its list has no end";
    s->text++;
    return add(st, &used, "]", 1) ? NULL : "it is too long";
}

static const char *words(struct statement_source *s, struct statement *st)
{
    size_t used = 0, length = strcspn(s->text, "#;\n"), kept = length;

    while (kept && isspace((unsigned char)s->text[kept - 1]))
        kept--;
    if (!add(st, &used, s->text, kept))
        return "it is too long";
    s->text += length;
    return NULL;
}

static const char *read_value(struct statement_source *s, struct statement *st)
{
    const char *wrong;
    size_t used = 0;

    s->text += strspn(s->text, " \t\r");
    st->value[0] = '\0';
    if (*s->text == '[')
        wrong = list(s, st);
    else if (*s->text == '"' || *s->text == '\'')
        wrong = quoted(s, st, &used, false);
    else
        return words(s, st);
    if (wrong)
        return wrong;
    pass_spaces(s);
    return *s->text && *s->text != '\n' && *s->text != ';' ? "something follows its value" : NULL;
}

static bool is_key(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static const char *read_key(struct statement_source *s, struct statement *st)
{
    size_t length = 0;

    while (is_key(s->text[length]))
        length++;
    if (length == 0 || length >= sizeof(st->key))
        return "it is not KEY = VALUE";
    memcpy(st->key, s->text, length);
    st->key[length] = '\0';
    s->text += length;
    s->text += strspn(s->text, " \t\r");
    st->adds = s->text[0] == '+' && s->text[1] == '=';
    s->text += st->adds;
    if (*s->text != '=')
        return "it is not KEY = VALUE";
    s->text++;
    return NULL;
}

enum statement_result statement_next(struct statement_source *source, struct statement *statement,
                                     const char **wrong)
{
    pass_between(source);
    if (!*source->text)
        return STATEMENT_NONE;
    statement->line = source->line;
    *wrong = read_key(source, statement);
    if (!*wrong)
        *wrong = read_value(source, statement);
    return *wrong ? STATEMENT_WRONG : STATEMENT_READ;
}
