/* SPDX-License-Identifier: GPL-2.0-only */
/* write_json.c - a result as one JSON object: sections are objects and arrays, absent is null */
#include "sim/account/json.h"
#include "sim/account/result.h"

static void open_section(void *to, const char *name, enum section_kind kind)
{
    if (kind == SECTION_LIST)
        json_put_open_array(to, name);
    else
        json_put_open_object(to, name);
}

static void close_section(void *to, enum section_kind kind)
{
    if (kind == SECTION_LIST)
        json_put_close_array(to);
    else
        json_put_close_object(to);
}

static void value(void *to, const struct result_item *item)
{
    const struct result_value *value = &item->value;

    switch (value->kind) {
    case VALUE_ABSENT:
        json_put_null(to, item->name);
        break;
    case VALUE_NUMBER:
        json_put_number(to, item->name, value->number);
        break;
    case VALUE_SIGNED:
        json_put_signed(to, item->name, value->negative);
        break;
    case VALUE_NUMBERS:
        json_put_numbers(to, item->name, value->numbers.number, value->numbers.count);
        break;
    case VALUE_DECIMAL:
        json_put_ratio(to, item->name, value->decimal.numerator, value->decimal.denominator,
                       value->decimal.places);
        break;
    case VALUE_TEXT:
        json_put_string(to, item->name, value->text);
        break;
    case VALUE_FLAG:
        json_put_bool(to, item->name, value->flag);
        break;
    }
}

void result_json(FILE *out, const struct result *result)
{
    struct json json = {.out = out, .first = true};
    const struct result_writer writer = {&json, open_section, value, close_section};

    result_visit(result, &writer);
}
