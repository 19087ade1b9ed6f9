-- What the server holds. Every primary key leads with user_id: no query reaches across users, and the tables can be
-- spread by it. Times are epoch milliseconds.

-- One row a user: how many changes and audit rows there have been. A push reads it first and bumps it last, so the
-- numbers of a user's changes have no gaps and no reader sees a later one before an earlier one.
CREATE TABLE head (
    user_id TEXT PRIMARY KEY,
    change_number INTEGER NOT NULL,
    audit_number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entity (
    user_id TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- The user's change that made this version: where it stands for a device that asks what has changed.
    change_number INTEGER NOT NULL,
    -- For a type of which there may be one of a kind only.
    natural_key TEXT,
    data TEXT NOT NULL,
    PRIMARY KEY (user_id, entity_id)
) STRICT;

CREATE UNIQUE INDEX entity_natural_key ON entity (user_id, type, natural_key) WHERE natural_key IS NOT NULL;
CREATE UNIQUE INDEX entity_change ON entity (user_id, change_number);

-- One row an item that took effect, written in the transaction of its effect (I4).
CREATE TABLE receipt (
    user_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    version INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    PRIMARY KEY (user_id, item_id)
) STRICT, WITHOUT ROWID;

-- One row an item that took effect or was refused. A replay is neither.
CREATE TABLE audit (
    user_id TEXT NOT NULL,
    audit_number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    status TEXT NOT NULL,
    code TEXT,
    PRIMARY KEY (user_id, audit_number)
) STRICT, WITHOUT ROWID;
