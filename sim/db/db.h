/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * db.h - results in an SQLite data base
 *
 *   run    id, digest (SHA-256 of the result's JSON, unique), label (where it came from, or null)
 *   name   id, name (as in docs/counters.md, with indices: "events.cycles_issue[3]"), unit
 *   value  name, run, value; primary key (name, run), so that one name over all runs is one range
 *   result a view of the three: run, name, value, unit
 *
 * Numbers are INTEGER or REAL, texts TEXT, absent values NULL. A result is added once: the same
 * bytes again change nothing, so that what was interrupted can be repeated. Nothing of the host
 * and no time of day is kept.
 *
 * Several programs may write at once: each adds a result in one transaction, and waits for the
 * others for a minute. A file of another's is refused, and what one says in its schema is not run.
 */
#ifndef XENOLITH_SIM_DB_H
#define XENOLITH_SIM_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

enum db_mode { DB_READ, DB_WRITE };

struct db {
    sqlite3 *handle;
    const char *path; /* as given; outlives the data base */
};

/*
 * Opens the file, which DB_WRITE makes if it is not there. False with one sentence in `why`: it
 * cannot be read or made, is no data base, or another's, or of a later version.
 */
bool db_open(struct db *db, const char *path, enum db_mode mode, char *why, size_t why_bytes);
void db_close(struct db *db);

/* Whether db_open(DB_WRITE) would be possible; makes nothing. False with one sentence in `why`. */
bool db_check(const char *path, char *why, size_t why_bytes);

/*
 * Adds a result from its JSON; `label` may be NULL. False with one sentence in `why`: no result of
 * a schema that this program knows, a full disk, others that write for a minute.
 */
bool db_add(struct db *db, const char *json, size_t bytes, const char *label, char *why,
            size_t why_bytes);

/* Says what SQLite found, in one sentence. */
bool db_failed(const struct db *db, char *why, size_t why_bytes);

#endif
