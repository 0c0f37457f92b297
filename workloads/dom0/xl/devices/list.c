/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xl/devices/list.h"

#include <string.h>

static const char *append_part(const char *text, size_t length,
                               const char *(*append)(void *owner, const char *text), void *owner)
{
    char one[LIST_TEXT_BYTES];

    if (length >= sizeof(one))
        return "it is too long";
    memcpy(one, text, length);
    one[length] = '\0';
    return append(owner, one);
}

const char *list_parse(const char *text, const char *(*append)(void *owner, const char *text),
                       void *owner)
{
    const char *wrong = NULL;

    text += strspn(text, " \t");
    if (*text != '[')
        return append_part(text, strlen(text), append, owner);
    for (text++; !wrong;) {
        text += strspn(text, " \t,");
        if (*text == ']')
            return text[1 + strspn(text + 1, " \t\r\n")] ? "something follows the list" : NULL;
        const char *end = *text == '\'' || *text == '"' ? strchr(text + 1, *text) : NULL;
        if (!end)
            return "the list has no end, or something in it stands without quotes";
        wrong = append_part(text + 1, (size_t)(end - text - 1), append, owner);
        text = end + 1;
    }
    return wrong;
}
