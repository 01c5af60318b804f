-- What instances share beside users and sessions: whose turn it is, and whether the database is the
-- target of a copy that is not finished. Only additions: a program that knows 0001 alone goes on.

CREATE TABLE tasks (
    name   TEXT    NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE instance ADD COLUMN copy_mark TEXT;
