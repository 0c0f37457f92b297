/* SPDX-License-Identifier: GPL-2.0-only */
/* face_script.c - a script as a face: its output reads as a session; `#` begins a comment */
#include "sim/inspect/engine.h"

#include <string.h>

enum { LINE_BYTES = 512 };

bool face_script(struct engine *engine, FILE *script, FILE *out, char *why, size_t why_bytes)
{
    char text[LINE_BYTES];

    for (unsigned number = 1; fgets(text, sizeof(text), script); number++) {
        char words[LINE_BYTES] = "";
        char *rest = text;
        bool good;

        text[strcspn(text, "#\n")] = '\0';
        for (char *word; (word = strtok_r(rest, " \t\r", &rest));)
            snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
                     *words ? " " : "", word);
        if (!*words)
            continue;
        fprintf(out, "> %s\n", words);
        good = engine_ask(engine, words);
        if (engine->text)
            fputs(engine->text, out);
        fflush(out);
        if (!good) {
            snprintf(why, why_bytes, "line %u of the script: %s", number, engine->why);
            return false;
        }
    }
    return true;
}
