/* SPDX-License-Identifier: GPL-2.0-only */
/* db.c - opening and making a data base of results; db.h has its tables */
#include "sim/db/db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APPLICATION 0x58454e4f /* "XENO", in the file's header */
#define VERSION     1
#define PATIENCE_MS 60000

static const char *const tables =
    "CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,"
    " label TEXT);"
    "CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " unit TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS value (name INTEGER NOT NULL REFERENCES name (id),"
    " run INTEGER NOT NULL REFERENCES run (id), value, PRIMARY KEY (name, run)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS value_of_run ON value (run);"
    "CREATE VIEW IF NOT EXISTS result AS SELECT value.run AS run, name.name AS name,"
    " value.value AS value, name.unit AS unit FROM value JOIN name ON name.id = value.name;";

bool db_failed(const struct db *db, char *why, size_t why_bytes)
{
    snprintf(why, why_bytes, "%s: %s", db->path, sqlite3_errmsg(db->handle));
    return false;
}

static bool number_of(struct db *db, const char *pragma, int *number)
{
    sqlite3_stmt *statement;
    bool good = sqlite3_prepare_v2(db->handle, pragma, -1, &statement, NULL) == SQLITE_OK &&
                sqlite3_step(statement) == SQLITE_ROW;

    *number = good ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    return good;
}

/* Ours, or one that nobody has written to yet. */
static bool ours(struct db *db, enum db_mode mode, bool *empty, char *why, size_t why_bytes)
{
    int application, version, objects;

    if (!number_of(db, "PRAGMA application_id", &application) ||
        !number_of(db, "PRAGMA user_version", &version) ||
        !number_of(db, "SELECT count(*) FROM sqlite_master", &objects))
        return db_failed(db, why, why_bytes);
    *empty = !application && !version && !objects;
    if (*empty && mode == DB_WRITE)
        return true;
    if (application == APPLICATION && version == VERSION)
        return true;
    if (application == APPLICATION && version > VERSION)
        snprintf(why, why_bytes, "%s was made by a later version of this program", db->path);
    else
        snprintf(why, why_bytes, "%s is not a data base of results", db->path);
    return false;
}

static bool make_tables(struct db *db, char *why, size_t why_bytes)
{
    char header[128];

    snprintf(header, sizeof(header), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             APPLICATION, VERSION);
    if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return db_failed(db, why, why_bytes);
    if (sqlite3_exec(db->handle, tables, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db->handle, header, NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        db_failed(db, why, why_bytes);
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    return true;
}

bool db_open(struct db *db, const char *path, enum db_mode mode, char *why, size_t why_bytes)
{
    int flags =
        mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    bool empty = false;

    *db = (struct db){.path = path};
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        db_failed(db, why, why_bytes);
        db_close(db);
        return false;
    }
    sqlite3_busy_timeout(db->handle, PATIENCE_MS);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    if (ours(db, mode, &empty, why, why_bytes) && (!empty || make_tables(db, why, why_bytes)))
        return true;
    db_close(db);
    return false;
}

void db_close(struct db *db)
{
    sqlite3_close(db->handle);
    db->handle = NULL;
}

bool db_check(const char *path, char *why, size_t why_bytes)
{
    char folder[4096];
    struct stat status;
    struct db db;
    char *slash;

    if (stat(path, &status) == 0) {
        bool good = access(path, W_OK) == 0;

        if (!good)
            snprintf(why, why_bytes, "cannot write %s: %s", path, strerror(errno));
        else if (status.st_size == 0 && S_ISREG(status.st_mode))
            return true;
        good = good && db_open(&db, path, DB_READ, why, why_bytes);
        if (good)
            db_close(&db);
        return good;
    }
    if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder)) {
        snprintf(why, why_bytes, "the name of the data base is too long");
        return false;
    }
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = 0;
    if (access(slash ? folder : ".", W_OK | X_OK) == 0)
        return true;
    snprintf(why, why_bytes, "cannot write %s: %s", path, strerror(errno));
    return false;
}
