-- What the server holds. Every primary key leads with user_id: no query reaches across users, and the tables can be
-- spread by it. Times are epoch milliseconds. Texts are compared byte by byte, as on SQLite and in memory.

-- One row a user: how many changes and audit rows there have been. A push locks it first and bumps it last, so the
-- numbers of a user's changes have no gaps and no reader sees a later one before an earlier one.
CREATE TABLE head (
    user_id text COLLATE "C" PRIMARY KEY,
    change_number bigint NOT NULL,
    audit_number bigint NOT NULL,
    -- The last change whose tombstone is gone: a cursor from before it can no longer be honoured.
    pruned_number bigint NOT NULL
);

CREATE TABLE entity (
    user_id text COLLATE "C" NOT NULL,
    entity_id uuid NOT NULL,
    type text NOT NULL,
    version bigint NOT NULL,
    -- The user's change that made this version: where it stands for a device that asks what has changed.
    change_number bigint NOT NULL,
    updated_at bigint NOT NULL,
    -- For a type of which there may be one of a kind only.
    natural_key text COLLATE "C",
    -- The record, or nothing in a tombstone. Text, not jsonb: digits stay as they were entered.
    data text,
    PRIMARY KEY (user_id, entity_id)
);

CREATE UNIQUE INDEX entity_natural_key ON entity (user_id, type, natural_key) WHERE natural_key IS NOT NULL;
CREATE UNIQUE INDEX entity_change ON entity (user_id, change_number);

-- One row an item that took effect, written in the transaction of its effect (I4).
CREATE TABLE receipt (
    user_id text COLLATE "C" NOT NULL,
    item_id uuid NOT NULL,
    content_hash bytea NOT NULL,
    version bigint NOT NULL,
    received_at bigint NOT NULL,
    device_id text NOT NULL,
    PRIMARY KEY (user_id, item_id)
);

-- One row an item that took effect or was refused. A replay is neither.
CREATE TABLE audit (
    user_id text COLLATE "C" NOT NULL,
    audit_number bigint NOT NULL,
    at bigint NOT NULL,
    device_id text NOT NULL,
    item_id uuid NOT NULL,
    entity_id uuid,
    type text,
    action text,
    status text NOT NULL,
    code text,
    PRIMARY KEY (user_id, audit_number)
);

-- Marks the cursors of this database, which mean nothing to another.
CREATE TABLE instance (
    id text PRIMARY KEY
);
INSERT INTO instance VALUES (left(replace(gen_random_uuid()::text, '-', ''), 16));
