-- SPDX-License-Identifier: GPL-2.0-only
\set key random(0, :tuples - 1)
SELECT col_key, col_code, col_date, col_signed, col_name FROM updates WHERE col_key = :key;
