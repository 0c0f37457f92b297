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
void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);
/* Whole numbers, without and with a sign. */
void json_number(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
/* An array of numbers on one line. */
void json_numbers(struct json *json, const char *key, const uint64_t *values, unsigned count);
/* numerator / denominator with `digits` places, cut off; null if the denominator is 0. */
void json_ratio(struct json *json, const char *key, uint64_t numerator, uint64_t denominator,
                unsigned digits);
void json_string(struct json *json, const char *key, const char *value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
