-- What a push leaves to be done, such as a small picture of a photo; begun in its transaction, and done by whichever process
-- takes it. Who takes one puts off when it is due, so that one that died in the midst of it leaves it to another.
CREATE TABLE task (
    kind TEXT NOT NULL,
    -- What it is about: of a thumbnail, the hash of the file.
    subject TEXT NOT NULL,
    -- The highest goes first.
    priority INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    -- How often somebody took it.
    attempts INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX task_due ON task (kind, priority DESC, due_at);

-- 1 where there is a small picture of it, 2 where none can be made.
ALTER TABLE blob ADD COLUMN thumbnail INTEGER;

INSERT INTO task (kind, subject, priority, due_at, attempts)
SELECT DISTINCT 'thumbnail', sha256, 0, 0, 0 FROM blob_use
WHERE mime IN ('image/jpeg', 'image/png', 'image/webp');
