-- How many bytes a second a person lets a device send and take. Of an empty device_id what holds for all that have no limit
-- of their own.
CREATE TABLE bandwidth (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    upload INTEGER,
    download INTEGER,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;
