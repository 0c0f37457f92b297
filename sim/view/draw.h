/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * draw.h - rectangles and text of one fixed width, dark or light
 *
 * The rings have the colours of Okabe and Ito's palette that people tell apart whichever cones they
 * lack: orange, blue, green. No colour says what words or places do not say, too.
 */
#ifndef XENOLITH_SIM_VIEW_DRAW_H
#define XENOLITH_SIM_VIEW_DRAW_H

#include <SDL2/SDL.h>
#include <stdbool.h>
#include <stdint.h>

enum colour {
    COLOUR_GROUND,
    COLOUR_PANE,
    COLOUR_LINE,
    COLOUR_TEXT,
    COLOUR_DIM,
    COLOUR_MARKED,
    COLOUR_WRONG,
    COLOUR_RING0,
    COLOUR_RING1,
    COLOUR_RING3,
    COLOURS
};

struct draw {
    SDL_Renderer *renderer;
    SDL_Texture *letters; /* ASCII from ' ' on, in a row, white */
    int letter_width, letter_height;
    SDL_Texture *canvas; /* of draw_pixels(), as large as the last area */
    int canvas_width, canvas_height;
    bool light;
};

/* A font of fixed width of about that height. False with a sentence in `why`. */
bool draw_open(struct draw *draw, SDL_Renderer *renderer, int height, char *why, size_t why_bytes);
void draw_close(struct draw *draw);

void draw_fill(struct draw *draw, SDL_Rect area, enum colour colour);
void draw_frame(struct draw *draw, SDL_Rect area, enum colour colour);
/* One line, cut at `width` pixels; what is no letter is '?'. Returns the pixels that it took. */
int draw_text(struct draw *draw, int x, int y, int width, enum colour colour, const char *text,
              size_t bytes);
/* Lines from number `first` on, as many as fit. Returns how many there are in all. */
unsigned draw_lines(struct draw *draw, SDL_Rect area, enum colour colour, const char *text,
                    unsigned first);

/* The colour as a pixel of draw_pixels(). */
uint32_t draw_pixel(const struct draw *draw, enum colour colour);
/* Fills the area from pixels, row by row. False: no memory. */
bool draw_pixels(struct draw *draw, SDL_Rect area, const uint32_t *pixels);

#endif
