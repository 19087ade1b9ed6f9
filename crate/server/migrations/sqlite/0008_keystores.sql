-- A person's keys, sealed under a passphrase that the server does not have, and which rotation of them each device has.
CREATE TABLE keystore (
    user_id TEXT PRIMARY KEY,
    -- Counts up with every change; 0 while nothing has been taken.
    revision INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    text TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    device_id TEXT
) STRICT, WITHOUT ROWID;

ALTER TABLE report ADD COLUMN rotation_sequence INTEGER;
ALTER TABLE report ADD COLUMN rotation_id TEXT;
ALTER TABLE report ADD COLUMN storage_usage INTEGER;
ALTER TABLE report ADD COLUMN storage_quota INTEGER;
