/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * links_parse.c - disjuncts of a sentence, pruning, counting of linkages, and one of them drawn
 *
 * count_between() is Sleator and Temperley's: of two words and what is left of their lists towards
 * each other, the word whose link with either is the longest cuts the stretch in two, which know
 * nothing of each other. Lists begin with the connector that links farthest.
 */
#include <stdlib.h>
#include <string.h>

#include "workloads/cint/links.h"
#include "workloads/cint/program.h"

bool pools_open(struct pools *p)
{
    p->disjunct = malloc(DISJUNCTS_MOST * sizeof(p->disjunct[0]));
    p->connector = malloc(CONNECTORS_MOST * sizeof(p->connector[0]));
    p->result = calloc(RESULT_SLOTS, sizeof(p->result[0]));
    return p->disjunct && p->connector && p->result;
}

void pools_clear(struct pools *p)
{
    p->disjuncts = p->connectors = p->results = 0;
    p->first = p->sentences + 1;
    p->full = false;
}

/* ---- disjuncts ------------------------------------------------------------------------------- */

static struct disjunct *new_disjunct(struct pools *p, const struct connector *left,
                                     const struct connector *right, struct disjunct *next)
{
    if (p->disjuncts == DISJUNCTS_MOST) {
        p->full = true;
        return next;
    }
    struct disjunct *d = &p->disjunct[p->disjuncts++];

    *d = (struct disjunct){.next = next, .left = left, .right = right};
    return d;
}

static const struct connector *new_connector(struct pools *p, char name, bool several,
                                             const struct connector *next)
{
    if (p->connectors == CONNECTORS_MOST) {
        p->full = true;
        return next;
    }
    struct connector *c = &p->connector[p->connectors++];

    *c = (struct connector){next, name, several};
    return c;
}

/* A copy of `far`, followed by `near`. */
static const struct connector *join(struct pools *p, const struct connector *far,
                                    const struct connector *near)
{
    return far ? new_connector(p, far->name, far->several, join(p, far->next, near)) : near;
}

/* All disjuncts of an expression. Its depth is that of the dictionary's text. */
static struct disjunct *expand(struct pools *p, const struct expression *e)
{
    struct disjunct *first, *second, *all = NULL;

    switch (e->kind) {
    case EXPRESSION_NONE:
        return new_disjunct(p, NULL, NULL, NULL);
    case EXPRESSION_CONNECTOR:
        if (e->right)
            return new_disjunct(p, NULL, new_connector(p, e->name, e->several, NULL), NULL);
        return new_disjunct(p, new_connector(p, e->name, e->several, NULL), NULL, NULL);
    case EXPRESSION_OR:
        first = expand(p, e->a);
        second = expand(p, e->b);
        for (all = first; first && first->next;)
            first = first->next;
        if (first)
            first->next = second;
        return all ? all : second;
    case EXPRESSION_AND:
        first = expand(p, e->a);
        second = expand(p, e->b);
        for (const struct disjunct *a = first; a; a = a->next)
            for (const struct disjunct *b = second; b; b = b->next)
                all = new_disjunct(p, join(p, b->left, a->left), join(p, b->right, a->right), all);
        return all;
    }
    return NULL;
}

/* ---- pruning --------------------------------------------------------------------------------- */

static uint32_t names_of(const struct connector *c)
{
    uint32_t names = 0;

    for (; c; c = c->next)
        names |= 1u << (c->name - 'A');
    return names;
}

/* Drops a word's disjuncts whose connectors to one side have no partner there; the names that the
 * rest offer to the other side. */
static uint32_t prune_word(struct disjunct **list, uint32_t partners, bool left, bool *changed)
{
    uint32_t offered = 0;

    while (*list) {
        const struct disjunct *d = *list;

        if (names_of(left ? d->left : d->right) & ~partners) {
            *list = d->next;
            *changed = true;
        } else {
            offered |= names_of(left ? d->right : d->left);
            list = &(*list)->next;
        }
    }
    return offered;
}

/* Lists a word's disjuncts by the names that their own lists begin with. */
static void sort_by_names(struct sentence *s, unsigned word)
{
    memset(s->by_left[word], 0, sizeof(s->by_left[word]));
    memset(s->by_right[word], 0, sizeof(s->by_right[word]));
    for (struct disjunct *d = s->disjuncts[word]; d; d = d->next) {
        if (d->left) {
            d->same_left = s->by_left[word][d->left->name - 'A'];
            s->by_left[word][d->left->name - 'A'] = d;
        }
        if (d->right) {
            d->same_right = s->by_right[word][d->right->name - 'A'];
            s->by_right[word][d->right->name - 'A'] = d;
        }
    }
}

bool sentence_prune(struct sentence *s)
{
    bool changed = true;

    while (changed) {
        uint32_t offered = 0;

        changed = false;
        for (unsigned w = 0; w < s->words; w++)
            offered |= prune_word(&s->disjuncts[w], offered, true, &changed);
        offered = 0;
        for (unsigned w = s->words; w-- > 0;)
            offered |= prune_word(&s->disjuncts[w], offered, false, &changed);
    }
    for (unsigned w = 0; w < s->words; w++)
        sort_by_names(s, w);
    return !s->pools->full;
}

bool sentence_read(struct sentence *s, struct pools *pools, const struct dictionary *d)
{
    char *at = s->text;

    s->pools = pools;
    s->number = ++pools->sentences;
    s->words = 0;
    while (*at) {
        char *end = strchr(at, ' ');

        if (!end || s->words == SENTENCE_WORDS)
            return false;
        *end = '\0';
        struct word *word = dictionary_find(d, at);

        if (!word)
            return false;
        word->uses++;
        s->word[s->words] = word;
        s->disjuncts[s->words++] = expand(pools, word->expression);
        at = end + 1;
    }
    return s->words > 0 && !pools->full;
}

/* ---- counting -------------------------------------------------------------------------------- */

static bool match(const struct connector *a, const struct connector *b)
{
    return a && b && a->name == b->name;
}

/* The slot that has a result, or the empty one where it belongs; NULL if all are taken. */
static struct result *find_result(struct sentence *s, unsigned from, unsigned to,
                                  const struct connector *left, const struct connector *right)
{
    uint32_t l = left ? (uint32_t)(left - s->pools->connector) + 1 : 0;
    uint32_t r = right ? (uint32_t)(right - s->pools->connector) + 1 : 0;
    uint32_t hash = (l * 0x9e3779b1u ^ r * 0x85ebca6bu ^ (from << 6 | to) * 0xc2b2ae35u);

    hash ^= hash >> 15;
    for (uint32_t i = 0; i < RESULT_SLOTS; i++) {
        struct result *e = &s->pools->result[(hash + i) & (RESULT_SLOTS - 1)];

        if (e->sentence < s->pools->first || (e->sentence == s->number && e->left == left &&
                                              e->right == right && e->from == from && e->to == to))
            return e;
    }
    return NULL;
}

static uint32_t count_between(struct sentence *s, unsigned from, unsigned to,
                              const struct connector *left, const struct connector *right);

/* What is left of two lists after a link of their heads: four ways, if both may link again. */
static unsigned rests_of(const struct connector *a, const struct connector *b,
                         const struct connector *rest[4][2])
{
    unsigned count = 0;

    for (int again = 0; again < 4; again++)
        if ((!(again & 1) || a->several) && (!(again & 2) || b->several)) {
            rest[count][0] = again & 1 ? a : a->next;
            rest[count++][1] = again & 2 ? b : b->next;
        }
    return count;
}

static uint32_t count_linked(struct sentence *s, unsigned from, unsigned to,
                             const struct connector *a, const struct connector *b)
{
    const struct connector *rest[4][2];
    uint32_t sum = 0;

    if (!match(a, b))
        return 0;
    for (unsigned i = rests_of(a, b, rest); i-- > 0;)
        sum += count_between(s, from, to, rest[i][0], rest[i][1]);
    return sum;
}

/* Linkages in which word w is linked with `left`, and with `right` or not. */
static uint32_t count_by_left(struct sentence *s, unsigned from, unsigned w, unsigned to,
                              const struct connector *left, const struct connector *right)
{
    uint32_t sum = 0;

    for (const struct disjunct *d = s->by_left[w][left->name - 'A']; d; d = d->same_left) {
        uint32_t before = count_linked(s, from, w, left, d->left);

        if (before)
            sum += before * (count_linked(s, w, to, d->right, right) +
                             count_between(s, w, to, d->right, right));
    }
    return sum;
}

/* Linkages in which word w is linked with `right` and nothing is left of the other list. */
static uint32_t count_by_right(struct sentence *s, unsigned from, unsigned w, unsigned to,
                               const struct connector *right)
{
    uint32_t sum = 0;

    for (const struct disjunct *d = s->by_right[w][right->name - 'A']; d; d = d->same_right) {
        uint32_t after = count_linked(s, w, to, d->right, right);

        if (after)
            sum += after * count_between(s, from, w, NULL, d->left);
    }
    return sum;
}

static uint32_t count_between(struct sentence *s, unsigned from, unsigned to,
                              const struct connector *left, const struct connector *right)
{
    uint32_t sum = 0;

    if (to == from + 1)
        return !left && !right;
    if (!left && !right)
        return 0;
    const struct result *known = find_result(s, from, to, left, right);

    if (known && known->sentence == s->number)
        return known->count;
    for (unsigned w = from + 1; w < to; w++)
        if (left)
            sum += count_by_left(s, from, w, to, left, right);
        else
            sum += count_by_right(s, from, w, to, right);
    struct result *e = find_result(s, from, to, left, right); /* others may have come since */

    if (e) {
        *e = (struct result){left, right, s->number, sum, (uint16_t)from, (uint16_t)to};
        s->pools->results++;
    } else {
        s->pools->full = true;
    }
    return sum;
}

uint32_t sentence_count(struct sentence *s)
{
    uint32_t sum = 0;

    for (const struct disjunct *d = s->disjuncts[0]; d; d = d->next)
        if (!d->left)
            sum += count_between(s, 0, s->words, d->right, NULL);
    return s->pools->full ? 0 : sum;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void draw_between(struct linkage *l, struct sentence *s, unsigned from, unsigned to,
                         const struct connector *left, const struct connector *right);

/* Draws the link of two heads, and what lies below it. */
static void draw_linked(struct linkage *l, struct sentence *s, unsigned from, unsigned to,
                        const struct connector *a, const struct connector *b)
{
    const struct connector *rest[4][2];
    unsigned count = rests_of(a, b, rest), i = 0;

    if (l->count == LINKS_MOST)
        return;
    l->link[l->count].left = (uint16_t)from;
    l->link[l->count].right = (uint16_t)to;
    l->link[l->count++].name = a->name;
    while (i < count && !count_between(s, from, to, rest[i][0], rest[i][1]))
        i++;
    if (i < count)
        draw_between(l, s, from, to, rest[i][0], rest[i][1]);
}

static void draw_between(struct linkage *l, struct sentence *s, unsigned from, unsigned to,
                         const struct connector *left, const struct connector *right)
{
    for (unsigned w = from + 1; w < to; w++)
        for (const struct disjunct *d = s->disjuncts[w]; d; d = d->next) {
            uint32_t before = count_linked(s, from, w, left, d->left),
                     after = count_linked(s, w, to, d->right, right);
            bool apart = count_between(s, w, to, d->right, right) != 0;

            if (before && (after || apart)) {
                l->chosen[w] = d;
                draw_linked(l, s, from, w, left, d->left);
                if (after)
                    draw_linked(l, s, w, to, d->right, right);
                else
                    draw_between(l, s, w, to, d->right, right);
                return;
            }
            if (!left && after && count_between(s, from, w, NULL, d->left)) {
                l->chosen[w] = d;
                draw_between(l, s, from, w, NULL, d->left);
                draw_linked(l, s, w, to, d->right, right);
                return;
            }
        }
}

bool linkage_draw(struct linkage *l, struct sentence *s)
{
    memset(l, 0, sizeof(*l));
    for (const struct disjunct *d = s->disjuncts[0]; d; d = d->next)
        if (!d->left && count_between(s, 0, s->words, d->right, NULL)) {
            l->chosen[0] = d;
            draw_between(l, s, 0, s->words, d->right, NULL);
            return true;
        }
    return false;
}

/* ---- the counter-check ----------------------------------------------------------------------- */

/* Whether a word's links to one side, farthest first, are what its list says. */
static bool list_used(const struct linkage *l, unsigned word, const struct connector *c,
                      bool to_left)
{
    char name[LINKS_MOST];
    unsigned count = 0;

    for (unsigned i = 0; i < SENTENCE_WORDS; i++) {
        unsigned other = to_left ? i : SENTENCE_WORDS - 1 - i;

        for (unsigned j = 0; j < l->count; j++)
            if ((to_left ? l->link[j].right : l->link[j].left) == word &&
                (to_left ? l->link[j].left : l->link[j].right) == other)
                name[count++] = l->link[j].name;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!c || name[i] != c->name)
            return false;
        if (!c->several || i + 1 == count || name[i + 1] != c->name)
            c = c->next;
    }
    return !c;
}

bool linkage_holds(const struct linkage *l, const struct sentence *s)
{
    uint8_t group[SENTENCE_WORDS];

    for (unsigned w = 0; w < s->words; w++) {
        const struct disjunct *d = l->chosen[w];

        group[w] = (uint8_t)w;
        if (!d || !list_used(l, w, d->left, true) || !list_used(l, w, d->right, false))
            return false;
    }
    for (unsigned i = 0; i < l->count; i++) {
        unsigned left = l->link[i].left, right = l->link[i].right, old = group[right];

        for (unsigned j = 0; j < l->count; j++)
            if (l->link[j].left > left && l->link[j].left < right && l->link[j].right > right)
                return false;
        for (unsigned w = 0; w < s->words; w++)
            if (group[w] == old)
                group[w] = group[left];
    }
    for (unsigned w = 1; w < s->words; w++)
        if (group[w] != group[0])
            return false;
    return true;
}
