-- Not only items have rows, but what is done with accounts and devices too: such a row has no item, and may have no device.
ALTER TABLE audit
    ALTER COLUMN device_id DROP NOT NULL,
    ALTER COLUMN item_id DROP NOT NULL,
    ADD COLUMN event text NOT NULL DEFAULT 'item',
    -- Who did it, where that was not the user.
    ADD COLUMN actor_id text COLLATE "C",
    -- The device it was done to, where that is not the one it was done on.
    ADD COLUMN subject_id text COLLATE "C";
