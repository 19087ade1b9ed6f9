-- What is done now and then, by one process at a time: when it was begun last, and when it was last done.
CREATE TABLE job (
    name TEXT PRIMARY KEY,
    claimed_at INTEGER,
    done_at INTEGER
) STRICT, WITHOUT ROWID;
