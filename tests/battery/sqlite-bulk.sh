# SPDX-License-Identifier: GPL-2.0-only
# SQLite: ten thousand rows in one transaction, then queries.
{ echo 'CREATE TABLE n(i INTEGER PRIMARY KEY, square INT, text TEXT); BEGIN;'
awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "INSERT INTO n VALUES(%d,%d,%c%d%c);\n", i, i * i, 39, i, 39 }'
echo 'COMMIT;'; } | sqlite db
sqlite db 'SELECT count(*), sum(i), max(square) FROM n' 'SELECT * FROM n WHERE square BETWEEN 9000 AND 10000' \
    "SELECT count(*) FROM n WHERE text LIKE '%99%'" 'SELECT i % 7, count(*) FROM n GROUP BY 1 ORDER BY 1'
sqlite db 'CREATE INDEX s ON n(square)' 'SELECT i FROM n WHERE square = 1234321' 'DELETE FROM n WHERE i % 2' 'SELECT count(*) FROM n' 'VACUUM' 'PRAGMA integrity_check'
wc -c <db
