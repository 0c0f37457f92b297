/* SPDX-License-Identifier: GPL-2.0-only */
/* paint.c - see window.h */
#include "sim/view/window.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 8, BUTTON_ROWS = 2, BAND_LINES = 2, LANE_MOST = 26, LANE_LEAST = 3, CELL = 13 };
enum { CONTEXT_IDLE = 0xffff, CONTEXT_BOOT = 0xfffe };

static void say(struct window *w, int x, int y, int width, enum colour colour, const char *text)
{
    draw_text(&w->draw, x, y, width, colour, text, strlen(text));
}

static void add_target(struct window *w, SDL_Rect area, int key)
{
    if (w->targets < TARGETS_MOST)
        w->target[w->targets++] = (struct target){area, key};
}

/* A pane with its title; returns the area inside. */
static SDL_Rect pane(struct window *w, SDL_Rect area, const char *title)
{
    int line = w->draw.letter_height + 4;

    draw_fill(&w->draw, area, COLOUR_PANE);
    draw_frame(&w->draw, area, COLOUR_LINE);
    say(w, area.x + MARGIN, area.y + 3, area.w - 2 * MARGIN, COLOUR_DIM, title);
    return (SDL_Rect){area.x + MARGIN, area.y + line + 2, area.w - 2 * MARGIN, area.h - line - 6};
}

static enum colour ring_colour(unsigned ring)
{
    return ring == 0 ? COLOUR_RING0 : ring == 3 ? COLOUR_RING3 : COLOUR_RING1;
}

/* Of the rings' classes in a lane. */
static enum colour lane_colour(unsigned ring)
{
    return ring == 0 ? COLOUR_RING0 : ring == 1 ? COLOUR_RING1 : COLOUR_RING3;
}

/* ---- top ------------------------------------------------------------------------------------- */

static int paint_top(struct window *w)
{
    const struct face *face = w->face;
    int line = w->draw.letter_height;
    char text[512];

    draw_fill(&w->draw, (SDL_Rect){0, 0, w->width, 2 * line + 14}, COLOUR_MARKED);
    snprintf(text, sizeof(text),
             "%s   processor %u   ring %u   %s      instruction %" PRIu64 "   cycle %" PRIu64,
             face->who, face->processor, face->ring, face->place, face->instructions, face->cycle);
    say(w, MARGIN, 5, w->width - 2 * MARGIN, COLOUR_TEXT, text);
    say(w, MARGIN, 7 + line, w->width - 2 * MARGIN, face->wrong ? COLOUR_WRONG : COLOUR_TEXT,
        face->sentence);
    return 2 * line + 14;
}

/* ---- rings ----------------------------------------------------------------------------------- */

static void paint_rings(struct window *w, SDL_Rect area)
{
    static const struct {
        unsigned ring;
        const char *name;
    } bands[] = {{3, "ring 3   programs"},
                 {1, "ring 1   the domain's kernel"},
                 {0, "ring 0   the hypervisor, or the bare kernel"}};
    int height = area.h / 3;

    for (unsigned i = 0; i < 3; i++) {
        enum colour colour = ring_colour(bands[i].ring);
        bool here = ring_colour(w->face->ring) == colour;
        SDL_Rect band = {area.x, area.y + (int)i * height, area.w, height - 3};

        draw_fill(&w->draw, band, here ? COLOUR_MARKED : COLOUR_PANE);
        draw_fill(&w->draw, (SDL_Rect){band.x, band.y, here ? 12 : 5, band.h}, colour);
        draw_frame(&w->draw, band, here ? colour : COLOUR_LINE);
        say(w, band.x + 20, band.y + 4, band.w - 28, here ? COLOUR_TEXT : COLOUR_DIM,
            bands[i].name);
        if (here) {
            char text[256];

            snprintf(text, sizeof(text), "> %s, %s", w->face->place, w->face->who);
            say(w, band.x + 20, band.y + 4 + w->draw.letter_height, band.w - 28, colour, text);
        }
    }
}

/* ---- lanes ----------------------------------------------------------------------------------- */

void paint_span(const struct window *w, uint64_t *first, uint64_t *span)
{
    uint64_t all = w->lanes.width * (w->lanes.known ? w->lanes.known : 1);

    *first = w->span ? w->first : 0;
    *span = w->span ? w->span : all ? all : 1;
}

/* A picture of the lanes, a pixel a word. */
struct canvas {
    uint32_t *pixel;
    int width, height;
    uint32_t colour[LANES_RINGS];
};

/* A column of a lane, from `top` down: its share of each ring, ring 0 below. */
static void paint_column(const struct window *w, struct canvas *canvas,
                         const struct view_lane *lane, int x, int top, int height, uint64_t from,
                         uint64_t to)
{
    uint64_t sum[LANES_RINGS] = {0}, width = w->lanes.width, all = 0, whole;
    unsigned first = (unsigned)(from / width), last = (unsigned)((to - 1) / width);
    int y = top + height;

    for (unsigned bin = first; bin <= last && bin < w->lanes.known; bin++)
        for (unsigned ring = 0; ring < LANES_RINGS; ring++) {
            sum[ring] += lane->cycles[bin][ring];
            all += lane->cycles[bin][ring];
        }
    if (!all)
        return;
    whole = (last - first + 1) * width;
    whole = all > whole ? all : whole;
    for (unsigned ring = 0; ring < LANES_RINGS; ring++) {
        int part = (int)(sum[ring] * (uint64_t)height / whole);

        for (part = !part && sum[ring] == all ? 1 : part; part > 0 && y > top; part--)
            canvas->pixel[--y * canvas->width + x] = canvas->colour[ring];
    }
}

static void paint_axis(struct window *w, SDL_Rect area, uint64_t first, uint64_t span)
{
    char text[64];
    int letters = 16 * w->draw.letter_width;

    for (int x = 0; x + letters < area.w; x += letters + 24) {
        uint64_t cycle = first + span * (uint64_t)x / (uint64_t)area.w;

        snprintf(text, sizeof(text), "|%.4g M cycles", (double)cycle / 1e6);
        say(w, area.x + x, area.y, letters + 8, COLOUR_DIM, text);
    }
}

/* Whether a lane is somebody's whom the user wants to see. */
static bool shown(const struct view_lane *lane)
{
    return lane->id != CONTEXT_IDLE;
}

static unsigned lanes_shown(const struct window *w)
{
    unsigned count = 0;

    for (unsigned i = 0; i < w->lanes.count; i++)
        count += shown(w->lanes.lane[i]);
    return count;
}

static void paint_cursor(struct window *w, SDL_Rect area, uint64_t first, uint64_t span)
{
    uint64_t now = w->face->cycle;

    if (now < first || now > first + span)
        return;
    draw_fill(
        &w->draw,
        (SDL_Rect){area.x + (int)((now - first) * (uint64_t)area.w / span), area.y, 2, area.h},
        COLOUR_TEXT);
}

/* Every lane, `height` pixels each, as far as there is room. */
static void paint_picture(struct window *w, struct canvas *canvas, int height, uint64_t first,
                          uint64_t span)
{
    uint32_t ground = draw_pixel(&w->draw, COLOUR_GROUND), pane = draw_pixel(&w->draw, COLOUR_PANE);
    int bar = height > 6 ? height - 3 : height - 1, row = 0;
    unsigned number = 0;

    for (int i = 0; i < canvas->width * canvas->height; i++)
        canvas->pixel[i] = pane;
    for (unsigned i = 0; i < w->lanes.count && row + height <= canvas->height; i++) {
        if (!shown(w->lanes.lane[i]) || number++ < w->lane_first)
            continue;
        for (int k = 0; k < bar * canvas->width; k++)
            canvas->pixel[row * canvas->width + k] = ground;
        for (int x = 0; x < canvas->width; x++) {
            uint64_t from = first + span * (uint64_t)x / (uint64_t)canvas->width,
                     to = first + span * (uint64_t)(x + 1) / (uint64_t)canvas->width;

            paint_column(w, canvas, w->lanes.lane[i], x, row, bar, from, to > from ? to : from + 1);
        }
        row += height;
    }
}

/* Names where they fit, and of the lane below the pointer. */
static void paint_names(struct window *w, SDL_Rect times, int x, int names, int height)
{
    unsigned number = 0;
    int row = 0;

    for (unsigned i = 0; i < w->lanes.count && row + height <= times.h; i++) {
        int y = times.y + row;
        bool below = w->pointer_y >= y && w->pointer_y < y + height && w->pointer_x >= x &&
                     w->pointer_x < times.x + times.w;

        if (!shown(w->lanes.lane[i]) || number++ < w->lane_first)
            continue;
        if (height >= w->draw.letter_height || below)
            say(w, x, y + (height - w->draw.letter_height) / 2, names, COLOUR_TEXT,
                w->lanes.lane[i]->name);
        row += height;
    }
}

static void paint_lanes(struct window *w, SDL_Rect area)
{
    SDL_Rect inside = pane(w, area,
                           "who ran, in which ring, over time    wheel zooms, drag moves, click "
                           "goes there, 0 shows all");
    int names = 12 * w->draw.letter_width, axis = w->draw.letter_height + 2;
    SDL_Rect times = {inside.x + names, inside.y, inside.w - names, inside.h - axis};
    unsigned count = lanes_shown(w);
    int height = count ? times.h / (int)count : LANE_MOST;
    struct canvas canvas = {.width = times.w, .height = times.h};
    uint64_t first, span;

    if (times.w <= 0 || times.h <= 0)
        return;
    height = height > LANE_MOST ? LANE_MOST : height < LANE_LEAST ? LANE_LEAST : height;
    paint_span(w, &first, &span);
    w->lanes_area = times;
    for (unsigned ring = 0; ring < LANES_RINGS; ring++)
        canvas.colour[ring] = draw_pixel(&w->draw, lane_colour(ring));
    canvas.pixel = malloc((size_t)times.w * (size_t)times.h * sizeof(*canvas.pixel));
    if (canvas.pixel && w->lanes.width) {
        paint_picture(w, &canvas, height, first, span);
        draw_pixels(&w->draw, times, canvas.pixel);
    }
    free(canvas.pixel);
    paint_names(w, times, inside.x, names, height);
    paint_cursor(w, times, first, span);
    paint_axis(w, (SDL_Rect){times.x, times.y + times.h + 2, times.w, axis}, first, span);
}

/* ---- the grid -------------------------------------------------------------------------------- */

/* A square a domain: filled by what it had of the last bins, in the ring that had most of them. */
static void paint_grid(struct window *w, SDL_Rect area)
{
    SDL_Rect inside = pane(w, area, "domains: lately in ring");
    static const struct {
        enum colour colour;
        const char *name;
    } legend[] = {{COLOUR_RING0, "0"}, {COLOUR_RING1, "1"}, {COLOUR_RING3, "3"}};
    int x = area.x + MARGIN + 24 * w->draw.letter_width, at_x = 0, at_y = 0;
    uint64_t now = w->lanes.width ? w->face->cycle / w->lanes.width : 0;

    for (unsigned i = 0; i < 3; i++) {
        draw_fill(&w->draw, (SDL_Rect){x, area.y + 5, 10, 10}, legend[i].colour);
        say(w, x + 14, area.y + 3, 20, COLOUR_DIM, legend[i].name);
        x += 34;
    }
    for (unsigned i = 0; i < w->lanes.count; i++) {
        const struct view_lane *lane = w->lanes.lane[i];
        SDL_Rect cell = {inside.x + at_x, inside.y + at_y, CELL, CELL};
        uint64_t most = 0;
        unsigned which = 0;

        if (!shown(lane) || lane->id == CONTEXT_BOOT)
            continue;
        draw_fill(&w->draw, cell, COLOUR_GROUND);
        for (unsigned ring = 0; ring < LANES_RINGS; ring++) {
            uint64_t sum = 0;

            for (uint64_t bin = now > 3 ? now - 3 : 0; bin <= now && bin < LANES_BINS; bin++)
                sum += lane->cycles[bin][ring];
            if (sum > most) {
                most = sum;
                which = ring;
            }
        }
        if (most)
            draw_fill(&w->draw, (SDL_Rect){cell.x + 2, cell.y + 2, CELL - 4, CELL - 4},
                      which == 0   ? COLOUR_RING0
                      : which == 1 ? COLOUR_RING1
                                   : COLOUR_RING3);
        draw_frame(&w->draw, cell, strcmp(lane->name, w->face->who) ? COLOUR_LINE : COLOUR_TEXT);
        at_x += CELL + 3;
        if (at_x + CELL > inside.w) {
            at_x = 0;
            at_y += CELL + 3;
        }
        if (at_y + CELL > inside.h)
            break;
    }
}

/* ---- right ----------------------------------------------------------------------------------- */

static void paint_tabs(struct window *w, SDL_Rect area)
{
    int x = area.x + MARGIN;

    for (unsigned i = 0; i < face_pane_count; i++) {
        int width = ((int)strlen(face_panes[i].title) + 3) * w->draw.letter_width;
        SDL_Rect tab = {x, area.y + 1, width, w->draw.letter_height + 5};
        char text[32];

        snprintf(text, sizeof(text), "%u %s", i + 1, face_panes[i].title);
        if (i == w->pane)
            draw_fill(&w->draw, tab, COLOUR_MARKED);
        say(w, x + w->draw.letter_width / 2, area.y + 3, width,
            i == w->pane ? COLOUR_TEXT : COLOUR_DIM, text);
        add_target(w, tab, '1' + (int)i);
        x += width + 4;
    }
}

static void paint_right(struct window *w, SDL_Rect area)
{
    int line = w->draw.letter_height, registers = 6 * line + 12;
    int code = (area.h - registers) * 45 / 100;
    const struct face_pane *lower = &face_panes[w->pane];
    const char *percent = strchr(lower->command, '%');
    char command[64];
    SDL_Rect inside;
    unsigned lines;

    inside = pane(w, (SDL_Rect){area.x, area.y, area.w, registers},
                  "registers    * changed since the last stop");
    draw_lines(&w->draw, inside, COLOUR_TEXT, face_text(w->face, "registers"), 0);
    inside = pane(w, (SDL_Rect){area.x, area.y + registers + 4, area.w, code}, "code");
    snprintf(command, sizeof(command), "disassemble %d", inside.h / line > 0 ? inside.h / line : 1);
    draw_fill(&w->draw, (SDL_Rect){inside.x - 4, inside.y, inside.w + 8, line}, COLOUR_MARKED);
    draw_lines(&w->draw, inside, COLOUR_TEXT, face_text(w->face, command), 0);
    area.y += registers + code + 8;
    area.h -= registers + code + 8;
    inside = pane(w, area, "");
    paint_tabs(w, area);
    if (percent)
        snprintf(command, sizeof(command), "%.*s%s", (int)(percent - lower->command),
                 lower->command, *w->walked ? w->walked : "here");
    else
        snprintf(command, sizeof(command), "%s", lower->command);
    lines = draw_lines(&w->draw, inside, COLOUR_TEXT, face_text(w->face, command), w->scroll);
    if (w->scroll && w->scroll >= lines)
        w->scroll = lines ? lines - 1 : 0;
}

/* ---- bottom ---------------------------------------------------------------------------------- */

static int button(struct window *w, int x, int y, const char *text, int key, bool marked)
{
    int width = ((int)strlen(text) + 2) * w->draw.letter_width;
    SDL_Rect area = {x, y, width, w->draw.letter_height + 8};

    draw_fill(&w->draw, area, marked ? COLOUR_MARKED : COLOUR_PANE);
    draw_frame(&w->draw, area, COLOUR_LINE);
    say(w, x + w->draw.letter_width, y + 4, width, COLOUR_TEXT, text);
    add_target(w, area, key);
    return width + 5;
}

static void paint_bottom(struct window *w, int y)
{
    int row = w->draw.letter_height + 12, x = MARGIN + 9 * w->draw.letter_width;
    char text[160];

    say(w, MARGIN, y + 4, 200, COLOUR_DIM, "forwards");
    say(w, MARGIN, y + row + 4, 200, COLOUR_DIM, "back");
    for (unsigned i = 0; i < face_key_count; i++) {
        int width;
        char key = face_keys[i].key;
        bool running = key == 'r' && *w->face->run;

        snprintf(text, sizeof(text), "%c %s", key, running ? "pause" : face_keys[i].label);
        width = button(w, x, y, text, key, running);
        snprintf(text, sizeof(text), "%c %s", key - 'a' + 'A', face_keys[i].label);
        button(w, x, y + row, text, key - 'a' + 'A', false);
        x += width + (running ? w->draw.letter_width : 0);
    }
    x += 12;
    button(w, x, y, ": command", ':', w->typing);
    x += button(w, x, y + row, "m mark", 'm', false) + 3 * w->draw.letter_width;
    x += 12;
    button(w, x, y, "l light", 'l', w->draw.light);
    button(w, x, y + row, "q end", 'q', false);
    if (!w->typing)
        return;
    snprintf(text, sizeof(text), ":%s_", w->typed);
    draw_fill(&w->draw, (SDL_Rect){0, y - row, w->width, row}, COLOUR_MARKED);
    say(w, MARGIN, y - row + 4, w->width - 2 * MARGIN, COLOUR_TEXT, text);
}

void paint(struct window *w)
{
    int top, bottom, left = w->width * 56 / 100, bands, grid = 3 * (CELL + 3) + 34;

    w->targets = 0;
    draw_fill(&w->draw, (SDL_Rect){0, 0, w->width, w->height}, COLOUR_GROUND);
    top = paint_top(w) + 6;
    bottom = w->height - BUTTON_ROWS * (w->draw.letter_height + 12) - 4;
    bands = 3 * (BAND_LINES * w->draw.letter_height + 12);
    paint_rings(w, (SDL_Rect){MARGIN, top, left - 2 * MARGIN, bands});
    paint_lanes(w, (SDL_Rect){MARGIN, top + bands + 4, left - 2 * MARGIN,
                              bottom - top - bands - grid - 12});
    paint_grid(w, (SDL_Rect){MARGIN, bottom - grid - 4, left - 2 * MARGIN, grid});
    paint_right(w, (SDL_Rect){left, top, w->width - left - MARGIN, bottom - top - 4});
    paint_bottom(w, bottom);
}
