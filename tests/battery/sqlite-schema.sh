# SPDX-License-Identifier: GPL-2.0-only
# SQLite: tables, constraints, views, triggers.
sqlite db "CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born INT CHECK(born > 1800));
CREATE TABLE job(person INT REFERENCES person(id), title TEXT DEFAULT 'none');
CREATE INDEX job_person ON job(person);
CREATE VIEW jobs AS SELECT name, title FROM person JOIN job ON person.id = job.person;
CREATE TABLE log(what TEXT);
CREATE TRIGGER t AFTER INSERT ON person BEGIN INSERT INTO log VALUES('new ' || NEW.name); END;"
sqlite db "INSERT INTO person(name, born) VALUES('Ada', 1815), ('Alan', 1912), ('Grace', 1906);
INSERT INTO job VALUES(1, 'analyst'), (2, 'logician'); INSERT INTO job(person) VALUES(3);"
sqlite db "SELECT * FROM jobs ORDER BY name; SELECT * FROM log;"
sqlite db "INSERT INTO person(name, born) VALUES('Ada', 1900)"; echo $?
sqlite db "INSERT INTO person(name, born) VALUES('Old', 1700)"; echo $?
sqlite db "SELECT type, name FROM sqlite_master ORDER BY name; PRAGMA integrity_check"
ls
