-- A person's keys, sealed under a passphrase that the server does not have, and which rotation of them each device has.
CREATE TABLE keystore (
    user_id text PRIMARY KEY,
    -- Counts up with every change; 0 while nothing has been taken.
    revision bigint NOT NULL,
    sequence bigint NOT NULL,
    text text NOT NULL,
    updated_at bigint NOT NULL,
    device_id text
);

ALTER TABLE report ADD COLUMN rotation_sequence bigint;
ALTER TABLE report ADD COLUMN rotation_id text;
ALTER TABLE report ADD COLUMN storage_usage bigint;
ALTER TABLE report ADD COLUMN storage_quota bigint;
