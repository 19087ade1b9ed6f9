-- Not only items have rows, but what is done with accounts and devices too: such a row has no item, and may have no device.
CREATE TABLE audit_2 (
    user_id TEXT NOT NULL,
    audit_number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    device_id TEXT,
    item_id TEXT,
    status TEXT NOT NULL,
    code TEXT,
    entity_id TEXT,
    type TEXT,
    action TEXT,
    event TEXT NOT NULL DEFAULT 'item',
    -- Who did it, where that was not the user.
    actor_id TEXT,
    -- The device it was done to, where that is not the one it was done on.
    subject_id TEXT,
    PRIMARY KEY (user_id, audit_number)
) STRICT, WITHOUT ROWID;

INSERT INTO audit_2 (user_id, audit_number, at, device_id, item_id, status, code, entity_id, type, action)
SELECT user_id, audit_number, at, device_id, item_id, status, code, entity_id, type, action FROM audit;

DROP TABLE audit;
ALTER TABLE audit_2 RENAME TO audit;
