-- How devices are doing, as they say themselves, and what is asked of them.

-- What a device said last.
CREATE TABLE report (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    oldest_unsent_at INTEGER,
    storage TEXT,
    app_version TEXT,
    -- JSON.
    activity TEXT,
    metrics TEXT,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;

-- What is asked of a device. Every wish counts the revision up; the device says which one it has taken.
CREATE TABLE wish (
    user_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    -- Of the last wish to drain, and of the last about settings or a pause.
    start_revision INTEGER NOT NULL,
    settings_revision INTEGER NOT NULL,
    -- 0 or 1.
    paused INTEGER,
    -- JSON: the settings that are to change.
    settings TEXT,
    taken_revision INTEGER NOT NULL,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;
