-- Files: those on their way, those that have come, and whose records use them. What is in them lies beside the database.

-- One row an upload. What has come of it is in its parts; a whole one holds its file until a record does.
CREATE TABLE upload (
    user_id text COLLATE "C" NOT NULL,
    upload_id text COLLATE "C" NOT NULL,
    -- The device that began it, as it named itself.
    device_id text COLLATE "C",
    length bigint NOT NULL,
    -- So many bytes have come. All of them, once the hash of the whole was right.
    received bigint NOT NULL,
    -- Of the whole, as it was declared, in lower-case hexadecimal.
    sha256 text COLLATE "C" NOT NULL,
    -- As the client gave it.
    metadata text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    -- Which request writes: whoever came last. What the one before still brings is refused.
    holder text,
    done_at bigint,
    PRIMARY KEY (user_id, upload_id)
);

CREATE INDEX upload_expiry ON upload (expires_at);
CREATE INDEX upload_sha256 ON upload (sha256, user_id) WHERE done_at IS NOT NULL;

CREATE TABLE upload_part (
    user_id text COLLATE "C" NOT NULL,
    upload_id text COLLATE "C" NOT NULL,
    starts_at bigint NOT NULL,
    length bigint NOT NULL,
    -- Of the bytes, among the files.
    name text NOT NULL,
    PRIMARY KEY (user_id, upload_id, starts_at)
);

-- Bytes that are kept once, whoever brought them: the one table without an owner, which is told to no one.
CREATE TABLE blob (
    sha256 text COLLATE "C" PRIMARY KEY,
    size bigint NOT NULL,
    created_at bigint NOT NULL,
    -- When somebody last brought it, or gave it up.
    seen_at bigint NOT NULL,
    -- 1 while its bytes are being removed: no one may count on it.
    going bigint NOT NULL
);

CREATE INDEX blob_seen ON blob (seen_at);

-- Which record of whose uses which.
CREATE TABLE blob_use (
    user_id text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    mime text NOT NULL,
    PRIMARY KEY (user_id, entity_id)
);

CREATE INDEX blob_use_sha256 ON blob_use (sha256, user_id);
