/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define MARK       "\t@\t"
#define MARK_BYTES 3

static unsigned digit(char c)
{
    return (unsigned)(isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10);
}

/* The text of a marked line, with its escapes undone. */
static void write_text(FILE *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool escaped = text[i] == '\\' && i + 1 < length;

        if (escaped && text[i + 1] == 'x' && i + 3 < length &&
            isxdigit((unsigned char)text[i + 2]) && isxdigit((unsigned char)text[i + 3])) {
            fputc((int)(digit(text[i + 2]) << 4 | digit(text[i + 3])), out);
            i += 3;
        } else {
            i += escaped;
            fputc(text[i], out);
        }
    }
}

static void ended(struct session *session, const char *number)
{
    if (session->ended)
        return;
    session->ended = true;
    session->status = (unsigned)strtoul(number, NULL, 10) & 0xff;
    if (session->told)
        session->told(session->owner);
}

/* A marked line: kind, text. False if it is none of ours. */
static bool obey(struct session *session, char *line, size_t length)
{
    switch (length ? line[0] : 0) {
    case 'o':
    case 'O':
        write_text(session->out, line + 1, length - 1);
        break;
    case 'e':
    case 'E':
        write_text(session->err, line + 1, length - 1);
        break;
    case 'i':
        if (session->input)
            session->input(session->owner);
        return true;
    case 's':
        line[length] = '\0';
        ended(session, line + 1);
        return true;
    default:
        return false;
    }
    if (isupper((unsigned char)line[0]))
        fputc('\n', line[0] == 'O' ? session->out : session->err);
    return true;
}

/* Domains' lines come with a prefix; what else stands before a mark was cut off by it. */
static bool is_prefix(const char *line, size_t length)
{
    size_t i = 2;

    if (length < 5 || memcmp(line, "(d", 2) != 0)
        return false;
    while (i < length && isdigit((unsigned char)line[i]))
        i++;
    return i > 2 && i + 2 == length && line[i] == ')' && line[i + 1] == ' ';
}

/* ---- a guest's own lines --------------------------------------------------------------------- */

#define GUEST_MARK  "(d1)"
#define GUEST_ENDED "(XEN) d1: ended: "
#define CUT_LENGTH  127 /* of a piece that the hypervisor has cut off (hv/include/domain.h) */

static bool starts(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

void session_end(struct session *session)
{
    if (session->part_used)
        session->guest_line(session->owner, session->part, session->part_used);
    session->part_used = 0;
}

/* A piece of its text, after the prefix. */
static void guest_piece(struct session *session, bool goes_on, const char *text, size_t length)
{
    if (!goes_on || session->part_used + length > sizeof(session->part))
        session_end(session);
    memcpy(session->part + session->part_used, text, length);
    session->part_used += length;
    if (length == CUT_LENGTH)
        return;
    session->guest_line(session->owner, session->part, session->part_used);
    session->part_used = 0;
}

/* False: the line is not the guest's. */
static bool guest_line(struct session *session, const char *line, size_t length)
{
    size_t head = strlen(GUEST_MARK) + 1;

    if (starts(line, length, GUEST_ENDED))
        fprintf(session->err, "xenolith: the guest was ended: %.*s\n",
                (int)(length - strlen(GUEST_ENDED)), line + strlen(GUEST_ENDED));
    if (!starts(line, length, GUEST_MARK) || length < head ||
        (line[head - 1] != ' ' && line[head - 1] != '+'))
        return false;
    guest_piece(session, line[head - 1] == '+', line + head, length - head);
    return true;
}

static void end_line(struct session *session)
{
    char *line = session->line, *mark;
    size_t length = session->used;

    session->used = 0;
    if (length && line[length - 1] == '\r')
        length--;
    if (session->guest_line && guest_line(session, line, length))
        return;
    mark = memmem(line, length, MARK, MARK_BYTES);
    if (mark) {
        size_t before = (size_t)(mark - line);

        if (obey(session, mark + MARK_BYTES, length - before - MARK_BYTES)) {
            length = before;
            if (!length || is_prefix(line, length))
                return;
        }
    }
    fwrite(line, 1, length, session->log);
    fputc('\n', session->log);
}

static void terminal_byte(struct session *session, uint8_t byte)
{
    if (session->matched == MARK_BYTES) {
        if (byte == '\n') {
            session->matched = 0;
            end_line(session);
        } else if (session->used < SESSION_LINE - 1) {
            session->line[session->used++] = (char)byte;
        }
        return;
    }
    if (byte != (uint8_t)MARK[session->matched]) {
        fwrite(MARK, 1, session->matched, session->out);
        session->matched = 0;
    }
    if (byte != (uint8_t)MARK[session->matched]) {
        fputc(byte, session->out);
    } else if (++session->matched == MARK_BYTES) {
        memcpy(session->line, MARK, MARK_BYTES);
        session->used = MARK_BYTES;
    }
}

void session_byte(struct session *session, uint8_t byte)
{
    if (session->terminal) {
        terminal_byte(session, byte);
        return;
    }
    if (byte != '\n')
        session->line[session->used++] = (char)byte;
    if (byte == '\n' || session->used == SESSION_LINE - 1)
        end_line(session);
}

static ssize_t stream_write(void *session, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        session_byte(session, (uint8_t)bytes[i]);
    return (ssize_t)count;
}

FILE *session_stream(struct session *session)
{
    FILE *stream = fopencookie(session, "w", (cookie_io_functions_t){.write = stream_write});

    if (stream)
        setvbuf(stream, NULL, _IONBF, 0);
    return stream;
}
