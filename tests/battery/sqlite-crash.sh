# SPDX-License-Identifier: GPL-2.0-only
# SQLite: killed within a transaction, the journal brings the old state back.
sqlite db "CREATE TABLE t(i INT, s TEXT)"
{ echo 'BEGIN;'; awk 'BEGIN { for (i = 0; i < 2000; i++) printf "INSERT INTO t VALUES(%d, %cold%c);\n", i, 39, 39 }'; echo 'COMMIT;'; } | sqlite db
{ echo 'PRAGMA cache_size = 5;'; echo 'BEGIN;'; echo "UPDATE t SET s = 'changed to something longer', i = -i;"; echo 'INSERT INTO t SELECT * FROM t;'; echo .kill; } | sqlite db
echo "status $?"
ls
sqlite db "SELECT count(*), min(i), max(i), count(DISTINCT s), min(s) FROM t" "PRAGMA integrity_check"
ls
