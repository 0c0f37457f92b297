/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/account/json.h"

static void quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < ' ' || c > '~')
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void item(struct json *json, const char *key)
{
    if (!json->first)
        fputc(',', json->out);
    if (json->depth > 0)
        fprintf(json->out, "\n%*s", (int)json->depth, "");
    json->first = false;
    if (key) {
        quoted(json->out, key);
        fputs(": ", json->out);
    }
}

static void open(struct json *json, const char *key, char bracket)
{
    item(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->first = true;
}

static void close(struct json *json, char bracket)
{
    json->depth--;
    if (!json->first)
        fprintf(json->out, "\n%*s", (int)json->depth, "");
    fputc(bracket, json->out);
    json->first = false;
    if (json->depth == 0)
        fputc('\n', json->out);
}

void json_put_open_object(struct json *json, const char *key)
{
    open(json, key, '{');
}

void json_put_close_object(struct json *json)
{
    close(json, '}');
}

void json_put_open_array(struct json *json, const char *key)
{
    open(json, key, '[');
}

void json_put_close_array(struct json *json)
{
    close(json, ']');
}

void json_put_number(struct json *json, const char *key, uint64_t value)
{
    item(json, key);
    fprintf(json->out, "%llu", (unsigned long long)value);
}

void json_put_signed(struct json *json, const char *key, int64_t value)
{
    item(json, key);
    fprintf(json->out, "%lld", (long long)value);
}

void json_put_numbers(struct json *json, const char *key, const uint64_t *values, unsigned count)
{
    item(json, key);
    for (unsigned i = 0; i < count; i++)
        fprintf(json->out, "%s%llu", i ? ", " : "[", (unsigned long long)values[i]);
    fputs(count ? "]" : "[]", json->out);
}

void json_put_ratio(struct json *json, const char *key, uint64_t numerator, uint64_t denominator,
                    unsigned digits)
{
    unsigned __int128 power = 1;
    unsigned __int128 scaled;

    if (!denominator) {
        json_put_null(json, key);
        return;
    }
    for (unsigned i = 0; i < digits; i++)
        power *= 10;
    scaled = numerator * power / denominator;
    item(json, key);
    fprintf(json->out, "%llu.%0*llu", (unsigned long long)(scaled / power), (int)digits,
            (unsigned long long)(scaled % power));
}

void json_put_string(struct json *json, const char *key, const char *value)
{
    item(json, key);
    quoted(json->out, value);
}

void json_put_bool(struct json *json, const char *key, bool value)
{
    item(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_put_null(struct json *json, const char *key)
{
    item(json, key);
    fputs("null", json->out);
}
