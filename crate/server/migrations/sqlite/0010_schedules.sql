-- When devices are asked to sync, again and again, and what became of it.
CREATE TABLE schedule (
    user_id TEXT NOT NULL,
    schedule_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    schedule_type TEXT NOT NULL,
    -- HH:MM, by the clocks of the time zone.
    time_of_day TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    day_of_week TEXT,
    day_of_month INTEGER,
    -- 0 or 1.
    sync_deletions INTEGER NOT NULL,
    resolve_conflicts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    -- Nothing in one that is disabled.
    next_run_at INTEGER,
    last_run_at INTEGER,
    -- Counts the runs.
    run_number INTEGER NOT NULL,
    -- The user's change up to which the device was told all; nothing where that was never since it was made.
    told_number INTEGER,
    PRIMARY KEY (user_id, schedule_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX schedule_due ON schedule (next_run_at, user_id, schedule_id) WHERE next_run_at IS NOT NULL;

CREATE TABLE schedule_run (
    user_id TEXT NOT NULL,
    schedule_id TEXT NOT NULL,
    run_number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    changes_detected INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (user_id, schedule_id, run_number)
) STRICT, WITHOUT ROWID;

ALTER TABLE audit ADD COLUMN schedule_id TEXT;
ALTER TABLE audit ADD COLUMN changes_detected INTEGER;
