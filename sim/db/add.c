/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * add.c - from a result's JSON to rows of a data base
 *
 * Names are those of a result's CSV form: a key a level, and the index of a member in brackets.
 */
#include "sim/account/result.h"
#include "sim/db/db.h"
#include "sim/load/sha256.h"

#include <jansson.h>
#include <string.h>

#define NAME_BYTES 512

struct adding {
    struct db *db;
    sqlite3_stmt *add_name, *find_name, *add_value;
    sqlite3_int64 run;
    char name[NAME_BYTES];
};

static bool step(sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);

    sqlite3_reset(statement);
    return result == SQLITE_DONE || result == SQLITE_ROW;
}

static bool name_id(struct adding *adding, sqlite3_int64 *id)
{
    char pattern[NAME_BYTES];
    int result;

    sqlite3_bind_text(adding->find_name, 1, adding->name, -1, SQLITE_STATIC);
    result = sqlite3_step(adding->find_name);
    if (result == SQLITE_ROW)
        *id = sqlite3_column_int64(adding->find_name, 0);
    sqlite3_reset(adding->find_name);
    if (result != SQLITE_DONE)
        return result == SQLITE_ROW;
    result_unit(adding->name, pattern, sizeof(pattern));
    sqlite3_bind_text(adding->add_name, 1, adding->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(adding->add_name, 2, pattern, -1, SQLITE_STATIC);
    if (!step(adding->add_name))
        return false;
    *id = sqlite3_last_insert_rowid(adding->db->handle);
    return true;
}

static bool add_value(struct adding *adding, const json_t *value)
{
    sqlite3_stmt *statement = adding->add_value;
    sqlite3_int64 id;

    if (!name_id(adding, &id))
        return false;
    sqlite3_bind_int64(statement, 1, id);
    sqlite3_bind_int64(statement, 2, adding->run);
    if (json_is_integer(value))
        sqlite3_bind_int64(statement, 3, json_integer_value(value));
    else if (json_is_real(value))
        sqlite3_bind_double(statement, 3, json_real_value(value));
    else if (json_is_string(value))
        sqlite3_bind_text(statement, 3, json_string_value(value), -1, SQLITE_STATIC);
    else if (json_is_boolean(value))
        sqlite3_bind_text(statement, 3, json_is_true(value) ? "true" : "false", -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, 3);
    return step(statement);
}

/* False: the name is too long, or SQLite failed. The name is as before afterwards. */
static bool add_tree(struct adding *adding, const json_t *value)
{
    size_t length = strlen(adding->name), room = NAME_BYTES - length, index;
    bool good = true;
    const char *key;
    json_t *member;

    if (json_is_object(value)) {
        json_object_foreach((json_t *)value, key, member)
        {
            good =
                good &&
                snprintf(adding->name + length, room, "%s%s", length ? "." : "", key) < (int)room &&
                add_tree(adding, member);
            adding->name[length] = 0;
        }
        return good;
    }
    if (!json_is_array(value))
        return add_value(adding, value);
    json_array_foreach(value, index, member)
    {
        good = good && snprintf(adding->name + length, room, "[%zu]", index) < (int)room &&
               add_tree(adding, member);
        adding->name[length] = 0;
    }
    return good;
}

/* False if it failed; *new says whether the run was not there yet. */
static bool add_run(struct adding *adding, const char *digest, const char *label, bool *new)
{
    sqlite3 *handle = adding->db->handle;
    sqlite3_stmt *statement;
    bool good;

    if (sqlite3_prepare_v2(handle, "INSERT OR IGNORE INTO run (digest, label) VALUES (?, ?)", -1,
                           &statement, NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_text(statement, 1, digest, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, label, -1, SQLITE_STATIC);
    good = step(statement);
    *new = good &&sqlite3_changes(handle) == 1;
    adding->run = sqlite3_last_insert_rowid(handle);
    sqlite3_finalize(statement);
    return good;
}

static bool add_all(struct adding *adding, const json_t *root, const char *digest,
                    const char *label)
{
    sqlite3 *handle = adding->db->handle;
    bool new, good;

    good = sqlite3_prepare_v2(handle, "SELECT id FROM name WHERE name = ?", -1, &adding->find_name,
                              NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(handle, "INSERT INTO name (name, unit) VALUES (?, ?)", -1,
                              &adding->add_name, NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(handle, "INSERT INTO value (name, run, value) VALUES (?, ?, ?)", -1,
                              &adding->add_value, NULL) == SQLITE_OK &&
           add_run(adding, digest, label, &new) && (!new || add_tree(adding, root));
    sqlite3_finalize(adding->find_name);
    sqlite3_finalize(adding->add_name);
    sqlite3_finalize(adding->add_value);
    return good;
}

bool db_add(struct db *db, const char *json, size_t bytes, const char *label, char *why,
            size_t why_bytes)
{
    const struct file content = {"", (const uint8_t *)json, bytes};
    struct adding adding = {.db = db};
    char digest[SHA256_TEXT];
    json_error_t error;
    json_t *root = json_loadb(json, bytes, JSON_REJECT_DUPLICATES, &error);
    const char *schema = json_string_value(json_object_get(root, "schema"));
    bool good = false;

    if (!schema || strcmp(schema, RESULT_SCHEMA) != 0) {
        snprintf(why, why_bytes, "%s is not a result of the schema " RESULT_SCHEMA,
                 label ? label : "it");
    } else if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        db_failed(db, why, why_bytes);
    } else {
        sha256_text(&content, digest);
        good = add_all(&adding, root, digest, label) &&
               sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
        if (!good) {
            db_failed(db, why, why_bytes);
            sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
        }
    }
    json_decref(root);
    return good;
}
