/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * links.c - parsing of English-like sentences by a link grammar with a dictionary
 *
 * Link grammar (Sleator and Temperley, 1991): a word has connectors, some to its left, some to its
 * right; a sentence is grammatical if links between equal connectors, drawn above the words, do not
 * cross and use every connector of one disjunct of each word. The dictionary gives each word an
 * expression, as in "D- & {@A-} & (S+ or O-)": & for both, or for either, {} for may be absent, @
 * for one or more. Expressions are expanded to disjuncts, lists of left and of right connectors.
 *
 * A unit reads a few sentences: looks words up in a binary tree, expands expressions, drops
 * disjuncts whose connectors find no partner (pruning), then counts the linkages by dynamic
 * programming over pairs of words and what is left of their lists, with a table of results.
 *
 * Sentences are made by a phrase grammar that knows nothing of links. The unit's own checks: each
 * sentence has a linkage; the first one, read out of the table, is held against the rules:
 * every connector used, equal names, no crossing, all words connected.
 *
 * Memory at the medium size: 400 KB of dictionary, 250 KB of disjuncts and connectors, 190 KB of
 * results, all reached by pointers and hash values.
 */
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/links.h"
#include "workloads/cint/program.h"

struct links {
    unsigned sentences; /* of a unit */
    unsigned words;     /* of the dictionary */
    struct dictionary dictionary;
    struct pools pools;
    struct sentence *sentence;
    struct linkage linkage;
};

static const unsigned sentences_of[INPUT_SIZES] = {1, 6, 10};
static const unsigned words_of[INPUT_SIZES] = {600, 4000, 12000};

/* ---- sentences: made by phrases -------------------------------------------------------------- */

struct maker {
    const struct links *l;
    uint32_t seed;
    char *text;
    unsigned words;
};

static bool chance(struct maker *m, unsigned of_eight)
{
    return (random_next(&m->seed) >> 8 & 7) < of_eight;
}

static void say(struct maker *m, enum word_class class)
{
    char word[WORD_MOST];

    make_word(word, class, random_next(&m->seed) >> 4, m->l->words);
    strcat(m->text, word);
    strcat(m->text, " ");
    m->words++;
}

static void say_noun_phrase(struct maker *m, unsigned depth)
{
    if (chance(m, 1)) {
        say(m, CLASS_NAME);
        return;
    }
    say(m, CLASS_DETERMINER);
    while (m->words < 4 && chance(m, 3))
        say(m, CLASS_ADJECTIVE);
    say(m, CLASS_NOUN);
    if (depth < 2 && m->words < 4 && chance(m, 3)) {
        say(m, CLASS_PREPOSITION);
        say_noun_phrase(m, depth + 1);
    } else if (depth < 1 && chance(m, 2)) {
        say(m, CLASS_RELATIVE);
        say(m, CLASS_TRANSITIVE);
        say_noun_phrase(m, depth + 1);
    }
}

static void make_sentence(const struct links *l, char *text, uint32_t seed)
{
    struct maker m = {.l = l, .seed = seed, .text = text};

    m.text[0] = '\0';
    say_noun_phrase(&m, 0);
    if (chance(&m, 2))
        say(&m, CLASS_ADVERB);
    if (chance(&m, 6)) {
        say(&m, CLASS_TRANSITIVE);
        say_noun_phrase(&m, 0);
    } else {
        say(&m, CLASS_INTRANSITIVE);
    }
    while (m.words < SENTENCE_WORDS - 5 && chance(&m, 4)) {
        say(&m, CLASS_PREPOSITION);
        say_noun_phrase(&m, 2);
    }
}

/* ---- units ----------------------------------------------------------------------------------- */

static void *links_open(enum input_size size)
{
    struct links *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->sentences = sentences_of[size];
    l->words = words_of[size];
    l->sentence = calloc(l->sentences, sizeof(l->sentence[0]));
    return l->sentence && dictionary_read(&l->dictionary, l->words) && pools_open(&l->pools) ? l
                                                                                             : NULL;
}

/* Each step for the whole paragraph, as in a compiler's passes. */
static uint32_t links_unit(void *state, unsigned k)
{
    struct links *l = state;
    uint32_t digest = DIGEST_START;

    pools_clear(&l->pools);
    for (unsigned i = 0; i < l->sentences; i++)
        make_sentence(l, l->sentence[i].text, 1991 + (k * l->sentences + i) * 977);
    for (unsigned i = 0; i < l->sentences; i++)
        if (!sentence_read(&l->sentence[i], &l->pools, &l->dictionary))
            return 0;
    for (unsigned i = 0; i < l->sentences; i++)
        if (!sentence_prune(&l->sentence[i]))
            return 0;
    for (unsigned i = 0; i < l->sentences; i++) {
        uint32_t count = sentence_count(&l->sentence[i]);

        if (!count)
            return 0;
        digest = digest_add(digest, count);
    }
    for (unsigned i = 0; i < l->sentences; i++) {
        if (!linkage_draw(&l->linkage, &l->sentence[i]) ||
            !linkage_holds(&l->linkage, &l->sentence[i]))
            return 0;
        for (unsigned j = 0; j < l->linkage.count; j++)
            digest = digest_add(digest, l->linkage.link[j].left << 16 | l->linkage.link[j].right);
    }
    return digest;
}

const struct program links_program = {
    .name = "links",
    .summary = "parsing of sentences by a link grammar with a dictionary",
    .open = links_open,
    .unit = links_unit,
    .phase = 8,
    .worth = 346,
};
