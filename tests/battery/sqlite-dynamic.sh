# SPDX-License-Identifier: GPL-2.0-only
# sqlite3 with shared libraries.
sqlite3 db "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'one'), (2, 'two');"
sqlite3 db .dump
sqlite3 -header -column db "SELECT * FROM t"
sqlite3 -csv db "SELECT * FROM t"
sqlite3 -json db "SELECT * FROM t"
printf '3,three\n4,four\n' >in.csv
sqlite3 db ".mode csv" ".import in.csv t" "SELECT count(*) FROM t"
sqlite db "SELECT * FROM t"
