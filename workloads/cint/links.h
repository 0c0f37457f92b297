/* SPDX-License-Identifier: GPL-2.0-only */
/* links.h - the parser's parts: dictionary (links_words.c), disjuncts, counting (links_parse.c) */
#ifndef XENOLITH_CINT_LINKS_H
#define XENOLITH_CINT_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_MOST       24 /* bytes */
#define SENTENCE_WORDS  16
#define TEXT_MOST       (SENTENCE_WORDS * WORD_MOST)
#define DISJUNCTS_MOST  24000u /* of a paragraph */
#define CONNECTORS_MOST 80000u
#define RESULT_SLOTS    8192u
#define LINKS_MOST      (2 * SENTENCE_WORDS)
#define NAMES           26 /* of connectors, 'A' to 'Z' */

enum word_class {
    CLASS_DETERMINER,
    CLASS_ADJECTIVE,
    CLASS_NOUN,
    CLASS_NAME,
    CLASS_PREPOSITION,
    CLASS_RELATIVE,
    CLASS_TRANSITIVE,
    CLASS_INTRANSITIVE,
    CLASS_ADVERB,
    WORD_CLASSES
};

/* ---- the dictionary -------------------------------------------------------------------------- */

enum expression_kind { EXPRESSION_CONNECTOR, EXPRESSION_AND, EXPRESSION_OR, EXPRESSION_NONE };

struct expression {
    enum expression_kind kind;
    char name;           /* of a connector */
    bool right, several; /* its direction; @ */
    const struct expression *a, *b;
};

/* An entry; the tree is ordered by the words' letters. */
struct word {
    struct word *before, *after;
    const struct expression *expression;
    uint32_t uses;
    char letters[WORD_MOST];
};

struct dictionary {
    struct word *root, *pool;
    struct expression *expressions;
    uint32_t words, expression_count;
};

/* A word of a class; the same for the same number modulo its class's share of `words`. */
void make_word(char word[WORD_MOST], enum word_class class, uint32_t number, unsigned words);
/* Reads a dictionary of so many words, entry by entry. False: no memory, or a syntax error. */
bool dictionary_read(struct dictionary *d, unsigned words);
/* The word with these letters, or NULL. */
struct word *dictionary_find(const struct dictionary *d, const char *letters);

/* ---- a sentence ------------------------------------------------------------------------------ */

struct connector {
    const struct connector *next; /* lists begin with what links farthest */
    char name;
    bool several;
};

struct disjunct {
    struct disjunct *next; /* of the same word */
    const struct disjunct *same_left,
        *same_right; /* the next whose list begins with the same name */
    const struct connector *left, *right;
};

/* How many linkages the words between two words have, given what is left of those words' lists. */
struct result {
    const struct connector *left, *right;
    uint32_t sentence; /* number of the sentence that wrote it */
    uint32_t count;
    uint16_t from, to;
};

/* What the sentences of a paragraph share. */
struct pools {
    struct disjunct *disjunct;
    struct connector *connector;
    struct result *result;
    uint32_t disjuncts, connectors, results;
    uint32_t sentences, first; /* all that were ever read; the paragraph's first */
    bool full;                 /* a pool or the table is */
};

struct sentence {
    struct pools *pools;
    char text[TEXT_MOST];
    unsigned words;
    uint32_t number;
    struct word *word[SENTENCE_WORDS];
    struct disjunct *disjuncts[SENTENCE_WORDS];
    const struct disjunct *by_left[SENTENCE_WORDS][NAMES], *by_right[SENTENCE_WORDS][NAMES];
};

bool pools_open(struct pools *pools);
/* Empties the pools for the next paragraph. */
void pools_clear(struct pools *pools);
/* Looks the text's words up and makes their disjuncts. False: an unknown word, or too many. */
bool sentence_read(struct sentence *s, struct pools *pools, const struct dictionary *d);
/* Drops disjuncts that can have no partners; lists the others by names. False: no room was left. */
bool sentence_prune(struct sentence *s);
/* How many linkages the sentence has, modulo 2^32; 0 too if there was no room. */
uint32_t sentence_count(struct sentence *s);

/* ---- a linkage ------------------------------------------------------------------------------- */

struct linkage {
    unsigned count;
    struct {
        uint16_t left, right; /* words */
        char name;
    } link[LINKS_MOST];
    const struct disjunct *chosen[SENTENCE_WORDS];
};

/* Draws the first linkage; false if there is none. */
bool linkage_draw(struct linkage *l, struct sentence *s);
/* Whether a linkage keeps the rules. */
bool linkage_holds(const struct linkage *l, const struct sentence *s);

#endif
