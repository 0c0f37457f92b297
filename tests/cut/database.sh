# SPDX-License-Identifier: GPL-2.0-only
# What the machine does when it is cut off: commits rows to two SQLite databases, one with a
# rollback journal, one with a write-ahead log. A row that is said to be committed must be found
# later: each commit is an fsync() of a file or two, beside writes that nobody waits for.
mkdir /noise
i=0
{
    echo "PRAGMA synchronous = FULL; CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT);"
    echo "ATTACH '/log.db' AS l; PRAGMA l.journal_mode = WAL; PRAGMA l.synchronous = FULL;"
    echo "PRAGMA l.wal_autocheckpoint = 8; CREATE TABLE l.t(n INTEGER PRIMARY KEY, s TEXT);"
    while :; do
        i=$((i + 1))
        seq $i $((i + 200)) >/noise/$((i % 7))
        echo "INSERT INTO main.t VALUES($i, hex(randomblob(150)));"
        echo "INSERT INTO l.t VALUES($i, hex(randomblob(150)));"
        echo "DELETE FROM main.t WHERE n % 3 = 0 AND n < $i - 9;"
        echo "SELECT 'synced $i';"
    done
} | sqlite /rows.db
