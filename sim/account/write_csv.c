/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_csv.c - a result as a table: name,value,unit
 *
 * One line a number, under the full name that docs/counters.md writes with [] and *, with bare line
 * feeds. An absent value is an empty field, an empty text is "".
 */
#include "sim/account/csv.h"
#include "sim/account/result.h"

#include <inttypes.h>
#include <string.h>

/* The name of an item, of its number `index` if it has several. */
static void name(FILE *out, const struct result_item *item, int index)
{
    char full[2 * VISIT_NAME], number[16] = "";

    if (index >= 0)
        snprintf(number, sizeof(number), "[%d]", index);
    snprintf(full, sizeof(full), "%s%s%s%s", item->section, *item->section && item->name ? "." : "",
             item->name ? item->name : "", number);
    csv_field(out, full);
    fputc(',', out);
}

static void unit(FILE *out, const struct result_item *item)
{
    fputc(',', out);
    csv_field(out, item->unit);
    fputc('\n', out);
}

static void numbers(FILE *out, const struct result_item *item)
{
    for (unsigned i = 0; i < item->value.numbers.count; i++) {
        name(out, item, (int)i);
        fprintf(out, "%" PRIu64, item->value.numbers.number[i]);
        unit(out, item);
    }
}

static void single(FILE *out, const struct result_value *value)
{
    uint64_t whole, fraction;

    switch (value->kind) {
    case VALUE_ABSENT:
    case VALUE_NUMBERS:
        break;
    case VALUE_NUMBER:
        fprintf(out, "%" PRIu64, value->number);
        break;
    case VALUE_SIGNED:
        fprintf(out, "%" PRId64, value->negative);
        break;
    case VALUE_DECIMAL:
        result_decimal(value, &whole, &fraction);
        fprintf(out, "%" PRIu64 ".%0*" PRIu64, whole, (int)value->decimal.places, fraction);
        break;
    case VALUE_TEXT:
        csv_field(out, value->text);
        break;
    case VALUE_FLAG:
        fputs(value->flag ? "true" : "false", out);
        break;
    }
}

static void value(void *to, const struct result_item *item)
{
    if (item->value.kind == VALUE_NUMBERS) {
        numbers(to, item);
        return;
    }
    name(to, item, -1);
    single(to, &item->value);
    unit(to, item);
}

void result_csv(FILE *out, const struct result *result)
{
    const struct result_writer writer = {.to = out, .value = value};

    fputs("name,value,unit\n", out);
    result_visit(result, &writer);
}
