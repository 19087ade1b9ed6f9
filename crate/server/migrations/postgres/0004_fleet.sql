-- How devices are doing, as they say themselves, and what is asked of them.

-- What a device said last.
CREATE TABLE report (
    user_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    pending bigint NOT NULL,
    oldest_unsent_at bigint,
    storage text,
    app_version text,
    -- JSON.
    activity text,
    metrics text,
    PRIMARY KEY (user_id, device_id)
);

-- What is asked of a device. Every wish counts the revision up; the device says which one it has taken.
CREATE TABLE wish (
    user_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    -- Of the last wish to drain, and of the last about settings or a pause.
    start_revision bigint NOT NULL,
    settings_revision bigint NOT NULL,
    -- 0 or 1.
    paused bigint,
    -- JSON: the settings that are to change.
    settings text,
    taken_revision bigint NOT NULL,
    PRIMARY KEY (user_id, device_id)
);
