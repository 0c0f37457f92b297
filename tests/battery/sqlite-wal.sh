# SPDX-License-Identifier: GPL-2.0-only
# SQLite: write-ahead log with shared memory.
sqlite db "PRAGMA journal_mode = WAL" "CREATE TABLE t(x)" "INSERT INTO t VALUES(1), (2), (3)" "SELECT sum(x) FROM t"
{ echo "INSERT INTO t VALUES(10);"; echo .kill; } | sqlite db
echo "status $?"; ls
sqlite db "SELECT sum(x) FROM t" "PRAGMA integrity_check"
ls
