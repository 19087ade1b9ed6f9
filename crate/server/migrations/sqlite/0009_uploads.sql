-- Files: those on their way, those that have come, and whose records use them. What is in them lies beside the database.

-- One row an upload. What has come of it is in its parts; a whole one holds its file until a record does.
CREATE TABLE upload (
    user_id TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    -- The device that began it, as it named itself.
    device_id TEXT,
    length INTEGER NOT NULL,
    -- So many bytes have come. All of them, once the hash of the whole was right.
    received INTEGER NOT NULL,
    -- Of the whole, as it was declared, in lower-case hexadecimal.
    sha256 TEXT NOT NULL,
    -- As the client gave it.
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Which request writes: whoever came last. What the one before still brings is refused.
    holder TEXT,
    done_at INTEGER,
    PRIMARY KEY (user_id, upload_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX upload_expiry ON upload (expires_at);
CREATE INDEX upload_sha256 ON upload (sha256, user_id) WHERE done_at IS NOT NULL;

CREATE TABLE upload_part (
    user_id TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    length INTEGER NOT NULL,
    -- Of the bytes, among the files.
    name TEXT NOT NULL,
    PRIMARY KEY (user_id, upload_id, starts_at)
) STRICT, WITHOUT ROWID;

-- Bytes that are kept once, whoever brought them: the one table without an owner, which is told to no one.
CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- When somebody last brought it, or gave it up.
    seen_at INTEGER NOT NULL,
    -- 1 while its bytes are being removed: no one may count on it.
    going INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_seen ON blob (seen_at);

-- Which record of whose uses which.
CREATE TABLE blob_use (
    user_id TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    mime TEXT NOT NULL,
    PRIMARY KEY (user_id, entity_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blob_use_sha256 ON blob_use (sha256, user_id);
