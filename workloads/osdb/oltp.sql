-- SPDX-License-Identifier: GPL-2.0-only
\set key random(0, :tuples - 1)
UPDATE updates SET col_signed = col_signed + 1 WHERE col_key = :key;
