-- What is done now and then, by one process at a time: when it was begun last, and when it was last done.
CREATE TABLE job (
    name text COLLATE "C" PRIMARY KEY,
    claimed_at bigint,
    done_at bigint
);
