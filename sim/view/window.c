/* SPDX-License-Identifier: GPL-2.0-only */
/* window.c - see window.h: events, and pictures without a display */
#include "sim/view/window.h"

#include "sim/view/faces.h"

#include <ctype.h>
#include <errno.h>
#include <png.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 1360, HEIGHT = 860, LETTER = 12, LEAST_WIDTH = 640, LEAST_HEIGHT = 480 };
enum { PATIENCE_MS = 100, ZOOM_LEAST = 64 /* bins of the timeline shown */ };

static volatile sig_atomic_t ended;

static void note_end(int signal)
{
    (void)signal;
    ended = 1;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void obey(struct window *w, const char *command)
{
    w->scroll = 0;
    if (!strncmp(command, "walk ", 5)) {
        snprintf(w->walked, sizeof(w->walked), "%.31s", command + 5);
        w->pane = 2;
        return;
    }
    if (w->face->ended && strncmp(command, "back", 4) != 0 && strncmp(command, "goto", 4) != 0)
        return; /* nothing is ahead */
    face_begin(w->face, command);
}

static void mark(struct window *w)
{
    static unsigned count;
    char command[32];

    snprintf(command, sizeof(command), "mark m%u", ++count);
    face_do(w->face, command);
    if (!w->face->wrong)
        snprintf(w->face->sentence, sizeof(w->face->sentence),
                 "this place is m%u: goto m%u comes back", count, count);
}

static void press(struct window *w, int key)
{
    char command[64];
    bool running = *w->face->run;

    face_pause(w->face);
    if (running && (key == 'r' || key == ' '))
        return;
    if (key >= '1' && key < '1' + (int)face_pane_count)
        w->pane = (unsigned)(key - '1'), w->scroll = 0;
    else if (key == ':')
        w->typing = true, *w->typed = '\0';
    else if (key == '0')
        w->first = w->span = 0;
    else if (key == 'l')
        w->draw.light = !w->draw.light;
    else if (key == 'm')
        mark(w);
    else if (key == 'q')
        w->leave = true;
    else if (key < 128 && isalpha(key) && face_key_command(key, command, sizeof(command)))
        obey(w, command);
}

/* ---- the pointer ----------------------------------------------------------------------------- */

static bool within(const SDL_Rect *area, int x, int y)
{
    return x >= area->x && x < area->x + area->w && y >= area->y && y < area->y + area->h;
}

/* The cycle below a pixel of the lanes. */
static uint64_t cycle_at(const struct window *w, int x)
{
    uint64_t first, span;

    paint_span(w, &first, &span);
    return first + span * (uint64_t)(x - w->lanes_area.x) / (uint64_t)w->lanes_area.w;
}

/* The machine goes to the bin of time that was clicked: to what had completed when it began. */
static void go_to_cycle(struct window *w, uint64_t cycle)
{
    uint64_t bin = w->lanes.width ? cycle / w->lanes.width : 0;
    char command[64];

    if (bin >= w->lanes.known)
        snprintf(command, sizeof(command), "to cycle %llu", (unsigned long long)cycle);
    else
        snprintf(command, sizeof(command), "goto %llu",
                 (unsigned long long)w->lanes.instructions[bin]);
    obey(w, command);
}

static void zoom(struct window *w, int x, int y, int steps)
{
    uint64_t first, span, at = cycle_at(w, x), all = w->lanes.width * w->lanes.known;

    if (!within(&w->lanes_area, x, y)) {
        w->scroll = steps < 0 ? w->scroll + 3 : w->scroll > 3 ? w->scroll - 3 : 0;
        return;
    }
    paint_span(w, &first, &span);
    for (; steps > 0 && span / 2 >= ZOOM_LEAST * w->lanes.width; steps--)
        span /= 2;
    for (; steps < 0; steps++)
        span *= 2;
    if (span >= all) {
        w->first = w->span = 0;
        return;
    }
    w->span = span;
    w->first = at > span / 2 ? at - span / 2 : 0;
}

static void drag(struct window *w, int by)
{
    int64_t moved;

    if (!w->span || !w->lanes_area.w)
        return;
    moved = (int64_t)w->first - (int64_t)w->span * by / w->lanes_area.w;
    w->first = moved < 0 ? 0 : (uint64_t)moved;
}

static void click(struct window *w, int x, int y)
{
    if (within(&w->lanes_area, x, y)) {
        face_pause(w->face);
        go_to_cycle(w, cycle_at(w, x));
        return;
    }
    for (unsigned i = 0; i < w->targets; i++)
        if (within(&w->target[i].area, x, y)) {
            press(w, w->target[i].key);
            return;
        }
}

/* ---- events ---------------------------------------------------------------------------------- */

static void type(struct window *w, const SDL_Event *event)
{
    size_t used = strlen(w->typed);

    if (event->type == SDL_TEXTINPUT) {
        for (const char *c = event->text.text; *c && used + 1 < sizeof(w->typed); c++)
            if (*c >= ' ' && *c < 127 && !(used == 0 && *c == ':')) {
                w->typed[used++] = *c;
                w->typed[used] = '\0';
            }
    } else if (event->key.keysym.sym == SDLK_ESCAPE) {
        w->typing = false;
    } else if (event->key.keysym.sym == SDLK_BACKSPACE && used) {
        w->typed[used - 1] = '\0';
    } else if (event->key.keysym.sym == SDLK_RETURN || event->key.keysym.sym == SDLK_KP_ENTER) {
        w->typing = false;
        if (*w->typed)
            obey(w, w->typed);
    }
}

static void hear_pointer(struct window *w, const SDL_Event *event)
{
    static int pressed_x, pressed_y;
    static bool dragged;

    if (event->type == SDL_MOUSEBUTTONDOWN) {
        pressed_x = event->button.x, pressed_y = event->button.y;
        dragged = false;
    } else if (event->type == SDL_MOUSEBUTTONUP && !dragged) {
        click(w, event->button.x, event->button.y);
    } else if (event->type == SDL_MOUSEMOTION) {
        w->pointer_x = event->motion.x, w->pointer_y = event->motion.y;
        if ((event->motion.state & SDL_BUTTON_LMASK) &&
            within(&w->lanes_area, pressed_x, pressed_y) &&
            (dragged || abs(event->motion.x - pressed_x) > 4)) {
            dragged = true;
            drag(w, event->motion.xrel);
        }
    } else if (event->type == SDL_MOUSEWHEEL) {
        zoom(w, w->pointer_x, w->pointer_y, event->wheel.y);
    }
}

static void hear(struct window *w, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_QUIT:
        w->leave = true;
        break;
    case SDL_WINDOWEVENT:
        if (event->window.event == SDL_WINDOWEVENT_SIZE_CHANGED) {
            w->width = event->window.data1;
            w->height = event->window.data2;
        }
        break;
    case SDL_KEYDOWN:
        if (w->typing)
            type(w, event);
        break;
    case SDL_TEXTINPUT:
        if (w->typing)
            type(w, event);
        else
            press(w, (unsigned char)event->text.text[0]);
        break;
    default:
        hear_pointer(w, event);
        break;
    }
}

static void live(struct window *w)
{
    SDL_StartTextInput();
    while (!w->leave && !w->face->lost && !ended) {
        SDL_Event event;

        lanes_update(&w->lanes, w->face);
        if (*w->face->run && w->span && w->face->cycle > w->first + w->span)
            w->first = w->face->cycle - w->span / 2; /* what runs stays in sight */
        paint(w);
        SDL_RenderPresent(w->draw.renderer);
        if (*w->face->run)
            face_go_on(w->face);
        else if (SDL_WaitEventTimeout(&event, PATIENCE_MS))
            hear(w, &event);
        while (SDL_PollEvent(&event))
            hear(w, &event);
    }
}

/* ---- pictures -------------------------------------------------------------------------------- */

static bool write_png(SDL_Surface *surface, const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)surface->w,
                       .height = (png_uint_32)surface->h,
                       .format = PNG_FORMAT_RGBA};

    FILE *out = fopen(path, "wb");
    bool good =
        out && png_image_write_to_stdio(&image, out, 0, surface->pixels, surface->pitch, NULL);

    if (out && fclose(out) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "xenolith: cannot write %s: %s\n", path,
                errno ? strerror(errno) : image.message);
    return good;
}

/* What a line of a script shows is the picture's pane; what it runs to, its sentence. */
static bool obey_line(struct window *w, const char *command)
{
    char sentence[INSPECT_SENTENCE];

    for (unsigned i = 0; i < face_pane_count; i++) {
        size_t bytes = strlen(face_panes[i].title);

        if (strncmp(command, face_panes[i].title, bytes) != 0 ||
            (command[bytes] && command[bytes] != ' '))
            continue;
        w->pane = i;
        if (!strncmp(command, "walk ", 5))
            snprintf(w->walked, sizeof(w->walked), "%.31s", command + 5);
        return true;
    }
    snprintf(sentence, sizeof(sentence), "%s", w->face->sentence);
    face_do(w->face, command);
    if (!w->face->wrong && (!strncmp(command, "registers", 9) || !strncmp(command, "disass", 6)))
        snprintf(w->face->sentence, sizeof(w->face->sentence), "%s", sentence);
    return !w->face->wrong && !w->face->lost;
}

static bool obey_script(struct window *w, const char *path)
{
    FILE *script = fopen(path, "re");
    char line[256];
    bool good = script != NULL;

    if (!script)
        snprintf(w->face->sentence, sizeof(w->face->sentence), "cannot read %.400s: %s", path,
                 strerror(errno));
    while (good && fgets(line, sizeof(line), script)) {
        line[strcspn(line, "#\n")] = '\0';
        if (*line)
            good = obey_line(w, line);
    }
    if (script)
        fclose(script);
    return good;
}

/* Runs to a time, or as a script says, and draws the machine there. */
static bool picture(struct window *w, const char *path, const char *time, const char *script)
{
    SDL_Surface *surface =
        SDL_CreateRGBSurfaceWithFormat(0, WIDTH, HEIGHT, 32, SDL_PIXELFORMAT_RGBA32);
    SDL_Renderer *renderer = surface ? SDL_CreateSoftwareRenderer(surface) : NULL;
    char command[64], why[256] = "";
    bool good = false;

    snprintf(command, sizeof(command), "to time %.40s", time);
    if (!(*time ? obey_line(w, command) : true) || !(*script ? obey_script(w, script) : true))
        fprintf(stderr, "xenolith: %s\n", w->face->sentence);
    else if (!renderer || !draw_open(&w->draw, renderer, LETTER, why, sizeof(why)))
        fprintf(stderr, "xenolith: %s\n", *why ? why : SDL_GetError());
    else {
        lanes_update(&w->lanes, w->face);
        paint(w);
        SDL_RenderPresent(renderer);
        good = write_png(surface, path);
        draw_close(&w->draw);
    }
    SDL_DestroyRenderer(renderer);
    SDL_FreeSurface(surface);
    return good;
}

/* The library has drivers that show nothing, and takes them when there is no other. */
static bool is_display(const char *driver)
{
    bool shows = driver && strcmp(driver, "dummy") != 0 && strcmp(driver, "offscreen") != 0;

    if (!shows)
        SDL_SetError("there is no display");
    return shows;
}

static bool show(struct window *w)
{
    SDL_Window *window = NULL;
    SDL_Renderer *renderer = NULL;
    char why[256] = "";
    bool good = false;

    if (SDL_Init(SDL_INIT_VIDEO) == 0 && is_display(SDL_GetCurrentVideoDriver()))
        window = SDL_CreateWindow("Xenolith", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                                  WIDTH, HEIGHT, SDL_WINDOW_RESIZABLE);
    if (window) {
        SDL_SetWindowMinimumSize(window, LEAST_WIDTH, LEAST_HEIGHT);
        SDL_GetWindowSize(window, &w->width, &w->height);
        renderer = SDL_CreateRenderer(window, -1, 0);
    }
    if (!renderer || !draw_open(&w->draw, renderer, LETTER, why, sizeof(why))) {
        fprintf(stderr, "xenolith: there can be no window: %s\n", *why ? why : SDL_GetError());
    } else {
        face_do(w->face, "where");
        snprintf(w->face->sentence, sizeof(w->face->sentence), "the machine is about to start");
        live(w);
        draw_close(&w->draw);
        good = true;
    }
    if (renderer)
        SDL_DestroyRenderer(renderer);
    if (window)
        SDL_DestroyWindow(window);
    SDL_Quit();
    return good;
}

bool face_window(struct face *face, int words, char *const word[])
{
    static struct window window;
    struct sigaction noted = {.sa_handler = note_end};
    bool good;

    window.face = face;
    window.width = WIDTH;
    window.height = HEIGHT;
    window.draw.light = words > 0 && !strcmp(word[0], "light");
    sigaction(SIGINT, &noted, NULL);
    sigaction(SIGTERM, &noted, NULL);
    good = words >= 4 ? picture(&window, word[1], word[2], word[3]) : show(&window);
    lanes_free(&window.lanes);
    return good;
}
