-- When devices are asked to sync, again and again, and what became of it.
CREATE TABLE schedule (
    user_id text COLLATE "C" NOT NULL,
    schedule_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    schedule_type text NOT NULL,
    -- HH:MM, by the clocks of the time zone.
    time_of_day text NOT NULL,
    time_zone text NOT NULL,
    day_of_week text,
    day_of_month bigint,
    -- 0 or 1.
    sync_deletions bigint NOT NULL,
    resolve_conflicts text NOT NULL,
    created_at bigint NOT NULL,
    disabled_at bigint,
    -- Nothing in one that is disabled.
    next_run_at bigint,
    last_run_at bigint,
    -- Counts the runs.
    run_number bigint NOT NULL,
    -- The user's change up to which the device was told all; nothing where that was never since it was made.
    told_number bigint,
    PRIMARY KEY (user_id, schedule_id)
);

CREATE INDEX schedule_due ON schedule (next_run_at, user_id, schedule_id) WHERE next_run_at IS NOT NULL;

CREATE TABLE schedule_run (
    user_id text COLLATE "C" NOT NULL,
    schedule_id text COLLATE "C" NOT NULL,
    run_number bigint NOT NULL,
    at bigint NOT NULL,
    due_at bigint NOT NULL,
    changes_detected bigint NOT NULL,
    outcome text NOT NULL,
    PRIMARY KEY (user_id, schedule_id, run_number)
);

ALTER TABLE audit ADD COLUMN schedule_id text COLLATE "C";
ALTER TABLE audit ADD COLUMN changes_detected bigint;
