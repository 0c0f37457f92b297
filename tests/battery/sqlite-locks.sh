# SPDX-License-Identifier: GPL-2.0-only
# SQLite: a writer keeps others out.
sqlite db "CREATE TABLE t(x)"
{ echo "BEGIN EXCLUSIVE;"; echo "INSERT INTO t VALUES(1);"; echo .pause; echo "COMMIT;"; } >w
sqlite db <w &
pid=$!
sleep 1
sqlite db "SELECT * FROM t"; echo $?
kill -CONT $pid; wait $pid; echo $?
sqlite db "SELECT * FROM t"; echo $?
