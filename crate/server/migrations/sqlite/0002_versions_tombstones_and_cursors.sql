-- Records change and are deleted: a tombstone has no data, and every version has its time.
CREATE TABLE entity_2 (
    user_id TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- The user's change that made this version: where it stands for a device that asks what has changed.
    change_number INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- For a type of which there may be one of a kind only.
    natural_key TEXT,
    -- The record, or nothing in a tombstone.
    data TEXT,
    PRIMARY KEY (user_id, entity_id)
) STRICT;

INSERT INTO entity_2
SELECT e.user_id, e.entity_id, e.type, e.version, e.change_number, coalesce(r.received_at, 0), e.natural_key, e.data
FROM entity AS e LEFT JOIN receipt AS r ON r.user_id = e.user_id AND r.item_id = e.entity_id;

DROP TABLE entity;
ALTER TABLE entity_2 RENAME TO entity;
CREATE UNIQUE INDEX entity_natural_key ON entity (user_id, type, natural_key) WHERE natural_key IS NOT NULL;
CREATE UNIQUE INDEX entity_change ON entity (user_id, change_number);

-- The last change whose tombstone is gone: a cursor from before it can no longer be honoured.
ALTER TABLE head ADD COLUMN pruned_number INTEGER NOT NULL DEFAULT 0;

ALTER TABLE audit ADD COLUMN entity_id TEXT;
ALTER TABLE audit ADD COLUMN type TEXT;
ALTER TABLE audit ADD COLUMN action TEXT;

-- Marks the cursors of this database, which mean nothing to another.
CREATE TABLE instance (
    id TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO instance VALUES (lower(hex(randomblob(8))));
