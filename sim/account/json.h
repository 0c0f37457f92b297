/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json.h - writing JSON, in the order of the calls
 *
 * Only whole numbers, decimals made from two whole numbers, strings, booleans and null: the same
 * calls give the same bytes everywhere. `key` is NULL inside an array.
 */
#ifndef XENOLITH_SIM_JSON_H
#define XENOLITH_SIM_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *out;
    unsigned depth;
    bool first; /* nothing yet in the innermost object or array */
};

/* What is opened must be closed in turn. The outermost object has no key. */
void json_put_open_object(struct json *json, const char *key);
void json_put_close_object(struct json *json);
void json_put_open_array(struct json *json, const char *key);
void json_put_close_array(struct json *json);
/* Whole numbers, without and with a sign. */
void json_put_number(struct json *json, const char *key, uint64_t value);
void json_put_signed(struct json *json, const char *key, int64_t value);
/* An array of numbers on one line. */
void json_put_numbers(struct json *json, const char *key, const uint64_t *values, unsigned count);
/* numerator / denominator with `digits` places, cut off; null if the denominator is 0. */
void json_put_ratio(struct json *json, const char *key, uint64_t numerator, uint64_t denominator,
                    unsigned digits);
void json_put_string(struct json *json, const char *key, const char *value);
void json_put_bool(struct json *json, const char *key, bool value);
void json_put_null(struct json *json, const char *key);

#endif
