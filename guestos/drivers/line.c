/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * line.c - editing, echo and special characters; see line.h
 *
 * One ring holds everything that has come and was not read. In canonical mode a line becomes
 * readable as a whole: `committed` moves up to `written` when its end arrives. Until then, erase
 * and kill take characters back from the end, never beyond `committed`. The end of a line is marked
 * in the ring rather than guessed from the character, since VLNEXT can quote a newline, and since
 * an end of file (VEOF) ends a line without leaving a character.
 */
#include "guestos/drivers/line.h"
#include "guestos/kernel/lib.h"

#define LINE_END 0x100u
#define FILE_END 0x200u /* ends the line, and is no character */

#define TAB          8u
#define DELETE       0x7f
#define NO_CHARACTER 0 /* _POSIX_VDISABLE */

void line_init(struct line *line, void (*put)(struct line *, const char *, uint32_t))
{
    *line = (struct line){
        .settings =
            {
                .input = ICRNL | IXON,
                .output = OPOST | ONLCR,
                .control = 0x00bf, /* B38400 CS8 CREAD */
                .local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
                .character = {[VINTR] = 3,
                              [VQUIT] = 28,
                              [VERASE] = DELETE,
                              [VKILL] = 21,
                              [VEOF] = 4,
                              [VMIN] = 1,
                              [VSTART] = 17,
                              [VSTOP] = 19,
                              [VSUSP] = 26,
                              [VREPRINT] = 18,
                              [13] = 15, /* VDISCARD, which does nothing on Linux either */
                              [VWERASE] = 23,
                              [VLNEXT] = 22},
            },
        .put = put,
    };
}

static bool has(const struct line *line, uint32_t local)
{
    return line->settings.local & local;
}

static bool is(const struct line *line, char c, uint32_t which)
{
    uint8_t special = line->settings.character[which];

    return special != NO_CHARACTER && (uint8_t)c == special;
}

static bool is_control(uint32_t c)
{
    return c < ' ' || c == DELETE;
}

/* ---- output ---------------------------------------------------------------------------------- */

static void advance(struct line *line, char c)
{
    switch (c) {
    case '\n':
        if (line->settings.output & ONLRET)
            line->column = 0;
        break;
    case '\r':
        line->column = 0;
        break;
    case '\t':
        line->column = (line->column | (TAB - 1)) + 1;
        break;
    case '\b':
        line->column -= line->column > 0;
        break;
    default:
        line->column += !is_control((uint8_t)c) && ((uint8_t)c & 0xc0) != 0x80;
    }
}

void line_output(struct line *line, const char *text, uint32_t bytes)
{
    uint32_t flags = line->settings.output, from = 0;

    for (uint32_t i = 0; i < bytes; i++) {
        char c = text[i];
        const char *instead = NULL;

        if (flags & OPOST) {
            if (c == '\n' && flags & ONLCR)
                instead = "\r\n";
            else if (c == '\r' && flags & ONOCR && !line->column)
                instead = "";
            else if (c == '\r' && flags & OCRNL)
                instead = "\n";
        }
        if (!instead) {
            advance(line, c);
            continue;
        }
        if (i > from)
            line->put(line, text + from, i - from);
        uint32_t length = (uint32_t)strlen(instead);
        if (length)
            line->put(line, instead, length);
        if (length == 2 || instead[0] == '\n')
            line->column = 0;
        from = i + 1;
    }
    if (bytes > from)
        line->put(line, text + from, bytes - from);
}

/* ---- echo ------------------------------------------------------------------------------------ */

static bool shown_as_two(const struct line *line, uint32_t c)
{
    return has(line, ECHOCTL) && is_control(c) && c != '\t' && c != '\n';
}

static void echo(struct line *line, char c)
{
    char text[2] = {'^', (char)(c ^ 0x40)};

    if (shown_as_two(line, (uint8_t)c))
        line_output(line, text, 2);
    else
        line_output(line, &c, 1);
}

/* The column after the line being edited, as it stands. */
static uint32_t end_column(const struct line *line)
{
    uint32_t column = line->start_column;

    for (uint32_t i = line->committed; i != line->written; i++) {
        uint32_t c = line->ring[i % LINE_RING] & 0xff;

        if (c == '\t')
            column = (column | (TAB - 1)) + 1;
        else if (shown_as_two(line, c))
            column += 2;
        else
            column += !is_control(c) && (c & 0xc0) != 0x80;
    }
    return column;
}

/* ---- editing --------------------------------------------------------------------------------- */

static uint32_t last(const struct line *line)
{
    return line->ring[(line->written - 1) % LINE_RING] & 0xff;
}

static bool editing(const struct line *line)
{
    return line->written != line->committed;
}

/* One character back; on the screen what it took there. */
static void erase(struct line *line)
{
    uint32_t before = end_column(line), c = last(line);

    line->written--;
    if (!has(line, ECHO))
        return;
    if (!has(line, ECHOE)) {
        echo(line, (char)line->settings.character[VERASE]);
        return;
    }
    for (uint32_t n = before - MIN(before, end_column(line)); n; n--)
        line_output(line, c == '\t' ? "\b" : "\b \b", c == '\t' ? 1 : 3);
}

static bool word_character(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c >= 0x80;
}

static void erase_word(struct line *line)
{
    while (editing(line) && !word_character(last(line)))
        erase(line);
    while (editing(line) && word_character(last(line)))
        erase(line);
}

static void kill(struct line *line)
{
    if (has(line, ECHO) && has(line, ECHOK) && has(line, ECHOKE) && has(line, ECHOE)) {
        while (editing(line))
            erase(line);
        return;
    }
    line->written = line->committed;
    if (has(line, ECHO)) {
        echo(line, (char)line->settings.character[VKILL]);
        if (has(line, ECHOK))
            line_output(line, "\n", 1);
    }
}

static void reprint(struct line *line)
{
    if (!has(line, ECHO))
        return;
    echo(line, (char)line->settings.character[VREPRINT]);
    line_output(line, "\n", 1);
    line->start_column = line->column;
    for (uint32_t i = line->committed; i != line->written; i++)
        echo(line, (char)line->ring[i % LINE_RING]);
}

/* ---- input ----------------------------------------------------------------------------------- */

static void keep(struct line *line, uint32_t c)
{
    line->ring[line->written++ % LINE_RING] = (uint16_t)c;
}

static void end_line(struct line *line, uint32_t c)
{
    keep(line, c | LINE_END);
    line->committed = line->written;
}

static void keep_and_echo(struct line *line, char c)
{
    if (line->written - line->read >= LINE_RING - 1) {
        line_output(line, "\a", 1);
        return;
    }
    if (has(line, ECHO)) {
        if (!editing(line))
            line->start_column = line->column;
        echo(line, c);
    }
    keep(line, (uint8_t)c);
    if (!has(line, ICANON))
        line->committed = line->written;
}

static void canonical(struct line *line, char c)
{
    if (is(line, c, VERASE)) {
        if (editing(line))
            erase(line);
    } else if (is(line, c, VKILL)) {
        kill(line);
    } else if (has(line, IEXTEN) && is(line, c, VWERASE)) {
        erase_word(line);
    } else if (has(line, IEXTEN) && is(line, c, VREPRINT)) {
        reprint(line);
    } else if (has(line, IEXTEN) && is(line, c, VLNEXT)) {
        line->literal = true;
        if (has(line, ECHO) && has(line, ECHOCTL))
            line_output(line, "^\b", 2);
    } else if (is(line, c, VEOF)) {
        if (line->written - line->read < LINE_RING)
            end_line(line, FILE_END);
    } else if (c == '\n') {
        if (has(line, ECHO | ECHONL))
            line_output(line, "\n", 1);
        if (line->written - line->read < LINE_RING)
            end_line(line, '\n');
    } else if (is(line, c, VEOL) || (has(line, IEXTEN) && is(line, c, VEOL2))) {
        if (has(line, ECHO))
            echo(line, c);
        if (line->written - line->read < LINE_RING)
            end_line(line, (uint8_t)c);
    } else {
        keep_and_echo(line, c);
    }
}

static enum line_event signal_of(const struct line *line, char c)
{
    if (!has(line, ISIG))
        return LINE_NOTHING;
    return is(line, c, VINTR)   ? LINE_INTERRUPT
           : is(line, c, VQUIT) ? LINE_QUIT
           : is(line, c, VSUSP) ? LINE_SUSPEND
                                : LINE_NOTHING;
}

enum line_event line_input(struct line *line, char c)
{
    uint32_t flags = line->settings.input;

    if (line->literal) {
        line->literal = false;
        keep_and_echo(line, c);
        return LINE_NOTHING;
    }
    if (flags & ISTRIP)
        c &= 0x7f;
    if (flags & IXON) {
        if (is(line, c, VSTART) || is(line, c, VSTOP)) {
            line->output_stopped = is(line, c, VSTOP);
            return LINE_NOTHING;
        }
        if (flags & IXANY)
            line->output_stopped = false;
    }
    enum line_event event = signal_of(line, c);
    if (event != LINE_NOTHING) {
        line->output_stopped = false;
        if (!has(line, NOFLSH))
            line_flush_input(line);
        if (has(line, ECHO))
            echo(line, c);
        return event;
    }
    if (c == '\r') {
        if (flags & IGNCR)
            return LINE_NOTHING;
        if (flags & ICRNL)
            c = '\n';
    } else if (c == '\n' && flags & INLCR) {
        c = '\r';
    }
    if (has(line, ICANON))
        canonical(line, c);
    else
        keep_and_echo(line, c);
    return LINE_NOTHING;
}

/* ---- reading --------------------------------------------------------------------------------- */

uint32_t line_room(const struct line *line)
{
    uint32_t used = line->written - line->read;

    if (line->committed == line->read)
        return LINE_RING;
    return used < LINE_RING - 1 ? LINE_RING - 1 - used : 0;
}

bool line_ready(const struct line *line)
{
    return line->read != line->committed;
}

uint32_t line_available(const struct line *line)
{
    uint32_t n = 0;

    for (uint32_t i = line->read; i != line->committed; i++)
        n += !(line->ring[i % LINE_RING] & FILE_END);
    return n;
}

uint32_t line_take(struct line *line, char *to, uint32_t bytes)
{
    uint32_t done = 0;

    while (line_ready(line)) {
        uint16_t c = line->ring[line->read % LINE_RING];

        if (c & FILE_END) {
            /* At the start of a read it is the end of the file; after characters only their end,
             * and it goes with them even if they just filled the buffer. */
            line->read++;
            if (has(line, ICANON))
                break;
            continue;
        }
        if (done == bytes)
            break;
        to[done++] = (char)c;
        line->read++;
        if (c & LINE_END && has(line, ICANON))
            break;
    }
    return done;
}

/* ---- settings -------------------------------------------------------------------------------- */

void line_configure(struct line *line, const struct termios *settings)
{
    if ((line->settings.local ^ settings->local) & ICANON)
        line->committed = line->written;
    line->settings = *settings;
    if (!(settings->input & IXON))
        line->output_stopped = false;
}

void line_flush_input(struct line *line)
{
    line->read = line->committed = line->written;
    line->literal = false;
}
