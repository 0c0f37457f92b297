/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * twins.c - frames of equal content, which share the translations of their code
 *
 * 128 domains run 128 copies of one kernel and of one program. Translating a page of code costs a
 * hundred times what running it once does, and the translations of a domain fill some 6 MB. So
 * translated code hangs on what a page contains, not on where it lies: the content is a *text*,
 * frames of the same content are *twins* that share it, and the translator is given the text's
 * number in place of the frame's (unicorn_code.c).
 *
 * Rules
 *   - A frame gets a text when code is first fetched from it. Equal means compared byte by byte;
 *     the hash only finds the candidate. A text keeps a copy of its content, so it does not matter
 *     whether any frame still has it: a program that is started again finds its translations.
 *   - While a frame has a text its stores are watched. Before the first one the frame leaves: its
 *     content is about to differ. The text and its other frames are not concerned.
 *   - Nothing of a frame may be in a translation, or in its record when it runs: the real frame of
 *     a fetch is looked up when somebody asks (the caches of the full model do).
 *
 * A page that holds both code and data in use would leave, be read again and be translated again at
 * every turn. It is recognised by its difference from the text it had before: a frame that was
 * given to another use differs in most words, one that is patched in few. After a few such turns
 * the frame is left alone: it keeps translations of its own, and a store drops only those that it
 * hits, until none is left. So is a frame for which there is no room in the table, which is bounded
 * because guests decide what is entered.
 *
 * None of this can be seen in a result. Blocks begin and end where they would without it.
 */
#include "cpu/engine/twins.h"

#include <stdlib.h>
#include <string.h>

typedef uint64_t word __attribute__((may_alias));

enum { PAGE = 4096, WORDS = PAGE / 8 };
enum { TEXTS = 1 << 14, BUCKETS = 1 << 14, BUCKET_DEPTH = 8 };
enum { PATCH_WORDS = WORDS / 4, PATIENCE = 3 };

struct text {
    uint64_t hash;
    uint32_t next; /* in its bucket, 0: the last */
};

struct frame {
    uint32_t text;
    uint32_t before; /* the text that it left last, or TWINS_NONE */
    uint8_t patched; /* how many new texts it brought that differ little from its last */
};

struct twins {
    const uint8_t *ram;
    uint32_t frames, texts; /* texts: the last one's number */
    struct frame *frame;
    struct text *text;
    word (*content)[WORDS]; /* by text */
    uint32_t bucket[BUCKETS];
};

struct twins *twins_open(const uint8_t *ram, uint32_t ram_bytes)
{
    struct twins *twins = calloc(1, sizeof(*twins));

    if (!twins)
        return NULL;
    twins->ram = ram;
    twins->frames = ram_bytes / PAGE;
    twins->frame = calloc(twins->frames, sizeof(*twins->frame));
    twins->text = calloc(TEXTS + 1, sizeof(*twins->text));
    twins->content = calloc(TEXTS + 1, sizeof(*twins->content)); /* touched as texts come */
    if (!twins->frame || !twins->text || !twins->content) {
        twins_close(twins);
        return NULL;
    }
    return twins;
}

void twins_close(struct twins *twins)
{
    if (!twins)
        return;
    free(twins->frame);
    free(twins->text);
    free(twins->content);
    free(twins);
}

uint32_t twins_text(const struct twins *twins, uint32_t frame)
{
    return twins->frame[frame].text;
}

uint32_t twins_texts(const struct twins *twins)
{
    return twins->texts;
}

/* Four sums side by side, for the host's sake; each step can be undone, so no word is lost. */
static uint64_t hash_of(const word *page)
{
    uint64_t lane[4] = {1, 2, 3, 4};

    for (unsigned i = 0; i < WORDS; i += 4)
        for (unsigned k = 0; k < 4; k++) {
            lane[k] = (lane[k] ^ page[i + k]) * UINT64_C(0x9e3779b97f4a7c15);
            lane[k] ^= lane[k] >> 29;
        }
    for (unsigned k = 1; k < 4; k++)
        lane[0] = (lane[0] ^ lane[k]) * UINT64_C(0x9e3779b97f4a7c15) + (lane[0] >> 31);
    return lane[0] ^ lane[0] >> 32;
}

static bool is_patch(const word *before, const word *now)
{
    unsigned different = 0;

    for (unsigned i = 0; i < WORDS; i++)
        different += before[i] != now[i];
    return different <= PATCH_WORDS;
}

uint32_t twins_join(struct twins *twins, uint32_t frame)
{
    const word *page = (const void *)(twins->ram + (size_t)frame * PAGE);
    struct frame *f = &twins->frame[frame];
    uint64_t hash = hash_of(page);
    uint32_t *bucket = &twins->bucket[hash % BUCKETS];
    unsigned depth = 0;

    for (uint32_t i = *bucket; i; i = twins->text[i].next, depth++)
        if (twins->text[i].hash == hash && memcmp(twins->content[i], page, PAGE) == 0)
            return f->text = i;

    if (f->before != TWINS_NONE && is_patch(twins->content[f->before], page))
        f->patched++;
    else
        f->patched = 0;
    if (f->patched > PATIENCE || twins->texts == TEXTS || depth == BUCKET_DEPTH)
        return f->text = TWINS_ALONE;

    uint32_t text = ++twins->texts;

    memcpy(twins->content[text], page, PAGE);
    twins->text[text] = (struct text){.hash = hash, .next = *bucket};
    *bucket = text;
    return f->text = text;
}

void twins_leave(struct twins *twins, uint32_t frame)
{
    twins->frame[frame].before = twins->frame[frame].text;
    twins->frame[frame].text = TWINS_NONE;
}

void twins_settle(struct twins *twins, uint32_t frame)
{
    twins->frame[frame] = (struct frame){0};
}

void twins_forget(struct twins *twins)
{
    memset(twins->frame, 0, twins->frames * sizeof(*twins->frame));
    memset(twins->bucket, 0, sizeof(twins->bucket));
    twins->texts = 0;
}
