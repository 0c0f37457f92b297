# SPDX-License-Identifier: GPL-2.0-only
# SQLite: joins, windows, recursion, JSON, dates.
sqlite :memory: "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 10) SELECT x, x * x, sum(x) OVER (ORDER BY x) FROM c"
sqlite :memory: "SELECT date('2003-10-19', '+1 month'), strftime('%s', '2003-10-19'), julianday('2000-01-01')"
sqlite :memory: "SELECT json_extract('{\"a\":[1,2,{\"b\":3}]}', '\$.a[2].b'), json_array_length('[1,2,3]')"
sqlite :memory: "SELECT upper('abc'), substr('hello', 2, 3), replace('aXb', 'X', '-'), hex('AZ'), round(3.14159, 2), typeof(1.5), 7 / 2, 7 / 2.0, NULL IS NULL"
sqlite :memory: "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'x'), (2, 'y'), (3, 'x'); SELECT b, group_concat(a), avg(a) FROM t GROUP BY b" "SELECT 1 / 0, 1e308 * 10, 0.1 + 0.2"
sqlite :memory: "WITH RECURSIVE fib(a, b) AS (VALUES(0, 1) UNION ALL SELECT b, a + b FROM fib LIMIT 50) SELECT max(a) FROM fib"
