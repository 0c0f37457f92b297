/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * links_words.c - the dictionary: words made of syllables, expressions read from text, a tree
 *
 * Links: D determiner to noun, A adjective to noun, S subject to verb, O verb to object, M noun to
 * its preposition, J preposition to its noun, R noun to a relative word, B that word to its verb, E
 * adverb to verb, V verb to preposition; C, G, I, L, N, P, T rarer ones, for which most sentences
 * have no partner. A noun has some two hundred disjuncts.
 */
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/links.h"
#include "workloads/cint/program.h"

#define PARTS_MOST 40 /* of an expression: connectors, operators, what may be absent */

struct class
{
    const char *expression;
    unsigned share; /* of 64 */
    const char *ending;
};

static const struct class classes[WORD_CLASSES] = {
    [CLASS_DETERMINER] = {"{N-} & D+", 1, ""},
    [CLASS_ADJECTIVE] = {"{@E-} & {T-} & (A+ or (P- & {@V+}))", 12, "ic"},
    [CLASS_NOUN] = {"{@A-} & {D-} & {@M+} & {R+ or G+} & {C+} & (S+ or (O- & {L+}) or J- or I- or "
                    "C- or (T+ & {N+}))",
                    24, "er"},
    [CLASS_NAME] = {"{@A-} & {@M+} & {R+ or G+} & {C+} & (S+ or (O- & {L+}) or J- or I- or C-)", 4,
                    "us"},
    [CLASS_PREPOSITION] = {"(M- or V- or L-) & (J+ or (R+ & {E-}))", 2, "o"},
    [CLASS_RELATIVE] = {"(R- or C-) & (B+ or (S+ & {G-}))", 1, "at"},
    [CLASS_TRANSITIVE] = {"{@E-} & (S- or B- or (G- & {N-})) & {I+} & O+ & {@V+} & {@E+}", 12,
                          "es"},
    [CLASS_INTRANSITIVE] = {"{@E-} & (S- or B- or G-) & {P+ or T+} & {@V+} & {@E+}", 4, "ins"},
    [CLASS_ADVERB] = {"E+ or (E- & {@V+})", 4, "ly"},
};

static unsigned class_words(enum word_class class, unsigned words)
{
    unsigned count = words * classes[class].share / 64;

    return count ? count : 1;
}

/* A class's letter, a number in syllables, the class's ending: no two classes share a word. */
void make_word(char word[WORD_MOST], enum word_class class, uint32_t number, unsigned words)
{
    static const char consonants[] = "bdfgklmnprstvz", vowels[] = "aeiou";
    uint32_t spread = number % class_words(class, words) * 2654435761u ^ (uint32_t) class * 40503u;
    size_t length = 0;

    word[length++] = consonants[class];
    word[length++] = vowels[spread % 5];
    for (spread /= 5; spread && length < WORD_MOST - 8; spread /= 5) {
        word[length++] = consonants[spread % 14];
        spread /= 14;
        word[length++] = vowels[spread % 5];
    }
    strcpy(word + length, classes[class].ending);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static const struct expression *new_expression(struct dictionary *d, struct expression e)
{
    d->expressions[d->expression_count] = e;
    return &d->expressions[d->expression_count++];
}

static void skip_spaces(const char **text)
{
    while (**text == ' ')
        ++*text;
}

static const struct expression *read_sum(struct dictionary *d, const char **text);

/* NAME with + or -, @ before it for several; or an expression in () or {}. NULL: neither. */
static const struct expression *read_operand(struct dictionary *d, const char **text)
{
    const struct expression *inner;

    skip_spaces(text);
    if (**text == '(' || **text == '{') {
        char end = *(*text)++ == '(' ? ')' : '}';

        inner = read_sum(d, text);
        skip_spaces(text);
        if (!inner || *(*text)++ != end)
            return NULL;
        if (end == ')')
            return inner;
        const struct expression *none =
            new_expression(d, (struct expression){.kind = EXPRESSION_NONE});

        return new_expression(d, (struct expression){.kind = EXPRESSION_OR, .a = none, .b = inner});
    }
    bool several = **text == '@';

    *text += several;
    char name = (*text)[0], direction = name ? (*text)[1] : '\0';

    if (name < 'A' || name > 'Z' || (direction != '+' && direction != '-'))
        return NULL;
    *text += 2;
    return new_expression(d, (struct expression){.kind = EXPRESSION_CONNECTOR,
                                                 .name = name,
                                                 .right = direction == '+',
                                                 .several = several});
}

static const struct expression *read_product(struct dictionary *d, const char **text)
{
    const struct expression *e = read_operand(d, text);

    for (skip_spaces(text); e && **text == '&'; skip_spaces(text)) {
        ++*text;
        const struct expression *next = read_operand(d, text);

        e = next ? new_expression(d, (struct expression){.kind = EXPRESSION_AND, .a = e, .b = next})
                 : NULL;
    }
    return e;
}

static const struct expression *read_sum(struct dictionary *d, const char **text)
{
    const struct expression *e = read_product(d, text);

    for (skip_spaces(text); e && (*text)[0] == 'o' && (*text)[1] == 'r'; skip_spaces(text)) {
        *text += 2;
        const struct expression *next = read_product(d, text);

        e = next ? new_expression(d, (struct expression){.kind = EXPRESSION_OR, .a = e, .b = next})
                 : NULL;
    }
    return e;
}

/* ---- the tree -------------------------------------------------------------------------------- */

struct word *dictionary_find(const struct dictionary *d, const char *letters)
{
    struct word *w = d->root;
    int order;

    while (w && (order = strcmp(letters, w->letters)) != 0)
        w = order < 0 ? w->before : w->after;
    return w;
}

/* Adds a word, unless it is there; false: its expression makes no sense. */
static bool add_word(struct dictionary *d, const char *letters, const char *text)
{
    struct word **at = &d->root, *w;

    while (*at) {
        int order = strcmp(letters, (*at)->letters);

        if (order == 0)
            return true;
        at = order < 0 ? &(*at)->before : &(*at)->after;
    }
    w = &d->pool[d->words++];
    memset(w, 0, sizeof(*w));
    strcpy(w->letters, letters);
    w->expression = read_sum(d, &text);
    *at = w;
    return w->expression && *text == '\0';
}

bool dictionary_read(struct dictionary *d, unsigned words)
{
    unsigned most = 0, longest = 0;

    for (unsigned class = 0; class < WORD_CLASSES; class ++) {
        unsigned count = class_words(class, words);

        most += count;
        longest = count > longest ? count : longest;
    }
    d->pool = malloc(most * sizeof(d->pool[0]));
    d->expressions = malloc(most * PARTS_MOST * sizeof(d->expressions[0]));
    if (!d->pool || !d->expressions)
        return false;
    for (unsigned number = 0; number < longest; number++) /* the classes' words side by side */
        for (unsigned class = 0; class < WORD_CLASSES; class ++) {
            char letters[WORD_MOST];

            make_word(letters, class, number, words);
            if (number < class_words(class, words) &&
                !add_word(d, letters, classes[class].expression))
                return false;
        }
    return true;
}
