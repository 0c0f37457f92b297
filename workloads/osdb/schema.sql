-- SPDX-License-Identifier: GPL-2.0-only
-- The relation "updates" of the AS3AP data base that OSDB uses: its columns, and values of the same
-- kinds, made here by a generator with a fixed seed. Needs the variable `tuples`.
\set ON_ERROR_STOP on
CREATE TABLE updates (
    col_key int NOT NULL,
    col_int int NOT NULL,
    col_signed int,
    col_float real NOT NULL,
    col_double double precision NOT NULL,
    col_decim numeric(18,2) NOT NULL,
    col_date char(20) NOT NULL,
    col_code char(10) NOT NULL,
    col_name char(20) NOT NULL,
    col_address varchar(80) NOT NULL);
SELECT setseed(0.5);
INSERT INTO updates
SELECT key,
       (random() * 1000000000)::int,
       (random() * 1000000000)::int - 500000000,
       random() * 1000000000 - 500000000,
       random() * 1000000000 - 500000000,
       (random() * 1000000000)::numeric(18,2),
       to_char(date '1910-01-01' + (random() * 36500)::int, 'MM/DD/YYYY'),
       to_char(key % 1000, 'FM0000000000'),
       'name ' || key,
       repeat(chr(97 + key % 26), 2 + (random() * 78)::int)
FROM generate_series(0, :tuples - 1) AS key;
CREATE UNIQUE INDEX updates_key_bt ON updates USING btree (col_key);
VACUUM ANALYZE updates;
CHECKPOINT;
