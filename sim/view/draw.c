/* SPDX-License-Identifier: GPL-2.0-only */
/* draw.c - see draw.h */
#include "sim/view/draw.h"

#include <SDL2/SDL_ttf.h>
#include <string.h>

enum { FIRST_LETTER = ' ', LAST_LETTER = '~', LETTERS = LAST_LETTER - FIRST_LETTER + 1 };

/* Where Debian, and others, have a font of fixed width. */
static const char *const fonts[] = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
};

static const SDL_Color colours[2][COLOURS] = {
    {{18, 20, 24, 255},
     {28, 31, 37, 255},
     {62, 68, 78, 255},
     {226, 229, 233, 255},
     {146, 153, 164, 255},
     {52, 60, 74, 255},
     {255, 122, 104, 255},
     {230, 159, 0, 255},
     {86, 180, 233, 255},
     {0, 178, 130, 255}},
    {{244, 245, 247, 255},
     {255, 255, 255, 255},
     {190, 196, 204, 255},
     {24, 27, 32, 255},
     {96, 103, 114, 255},
     {222, 230, 242, 255},
     {178, 34, 20, 255},
     {213, 134, 0, 255},
     {0, 114, 178, 255},
     {0, 138, 100, 255}},
};

static SDL_Color colour_of(const struct draw *draw, enum colour colour)
{
    return colours[draw->light][colour];
}

static TTF_Font *open_font(int height)
{
    TTF_Font *font = NULL;

    for (size_t i = 0; !font && i < sizeof(fonts) / sizeof(*fonts); i++)
        font = TTF_OpenFont(fonts[i], height);
    return font;
}

bool draw_open(struct draw *draw, SDL_Renderer *renderer, int height, char *why, size_t why_bytes)
{
    SDL_Surface *surface = NULL;
    char all[LETTERS + 1] = "";
    TTF_Font *font;

    draw->renderer = renderer;
    draw->letters = NULL;
    for (int i = 0; i < LETTERS; i++)
        all[i] = (char)(FIRST_LETTER + i);
    font = TTF_Init() == 0 ? open_font(height) : NULL;
    if (!font) {
        snprintf(why, why_bytes, "there is no font of fixed width: install fonts-dejavu-core");
        return false;
    }
    surface = TTF_RenderUTF8_Blended(font, all, (SDL_Color){255, 255, 255, 255});
    if (surface) {
        draw->letter_width = surface->w / LETTERS;
        draw->letter_height = surface->h;
        draw->letters = SDL_CreateTextureFromSurface(renderer, surface);
        SDL_FreeSurface(surface);
    }
    TTF_CloseFont(font);
    if (!draw->letters)
        snprintf(why, why_bytes, "letters cannot be drawn: %s", SDL_GetError());
    return draw->letters != NULL;
}

void draw_close(struct draw *draw)
{
    if (draw->canvas)
        SDL_DestroyTexture(draw->canvas);
    if (draw->letters)
        SDL_DestroyTexture(draw->letters);
    TTF_Quit();
}

void draw_fill(struct draw *draw, SDL_Rect area, enum colour colour)
{
    SDL_Color c = colour_of(draw, colour);

    SDL_SetRenderDrawColor(draw->renderer, c.r, c.g, c.b, c.a);
    SDL_RenderFillRect(draw->renderer, &area);
}

void draw_frame(struct draw *draw, SDL_Rect area, enum colour colour)
{
    SDL_Color c = colour_of(draw, colour);

    SDL_SetRenderDrawColor(draw->renderer, c.r, c.g, c.b, c.a);
    SDL_RenderDrawRect(draw->renderer, &area);
}

int draw_text(struct draw *draw, int x, int y, int width, enum colour colour, const char *text,
              size_t bytes)
{
    SDL_Color c = colour_of(draw, colour);
    int at = x;

    SDL_SetTextureColorMod(draw->letters, c.r, c.g, c.b);
    for (size_t i = 0; i < bytes && at + draw->letter_width <= x + width; i++) {
        unsigned char letter = (unsigned char)text[i];
        SDL_Rect from = {0, 0, draw->letter_width, draw->letter_height},
                 to = {at, y, draw->letter_width, draw->letter_height};

        letter = letter < FIRST_LETTER || letter > LAST_LETTER ? '?' : letter;
        from.x = (letter - FIRST_LETTER) * draw->letter_width;
        if (letter != ' ')
            SDL_RenderCopy(draw->renderer, draw->letters, &from, &to);
        at += draw->letter_width;
    }
    return at - x;
}

unsigned draw_lines(struct draw *draw, SDL_Rect area, enum colour colour, const char *text,
                    unsigned first)
{
    unsigned number = 0;
    int y = area.y;

    for (const char *line = text; *line; number++) {
        size_t bytes = strcspn(line, "\n");

        if (number >= first && y + draw->letter_height <= area.y + area.h) {
            draw_text(draw, area.x, y, area.w, colour, line, bytes);
            y += draw->letter_height;
        }
        line += bytes + (line[bytes] == '\n');
    }
    return number;
}

uint32_t draw_pixel(const struct draw *draw, enum colour colour)
{
    SDL_Color c = colour_of(draw, colour);

    return 0xff000000u | (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

bool draw_pixels(struct draw *draw, SDL_Rect area, const uint32_t *pixels)
{
    if (!draw->canvas || draw->canvas_width != area.w || draw->canvas_height != area.h) {
        if (draw->canvas)
            SDL_DestroyTexture(draw->canvas);
        draw->canvas = SDL_CreateTexture(draw->renderer, SDL_PIXELFORMAT_ARGB8888,
                                         SDL_TEXTUREACCESS_STREAMING, area.w, area.h);
        draw->canvas_width = area.w;
        draw->canvas_height = area.h;
    }
    return draw->canvas &&
           SDL_UpdateTexture(draw->canvas, NULL, pixels, area.w * (int)sizeof(*pixels)) == 0 &&
           SDL_RenderCopy(draw->renderer, draw->canvas, NULL, &area) == 0;
}
