-- Who may push and ask: people, their devices, and where they are logged in. Every primary key leads with user_id here
-- too; only the address that a person logs in with is unique across users.

CREATE TABLE account (
    user_id TEXT PRIMARY KEY,
    -- Trimmed and in lower case.
    email TEXT NOT NULL UNIQUE,
    -- argon2id, in the PHC string format, with its own salt and cost.
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    -- Whose devices a supervisor sees; none for somebody who works alone.
    team TEXT,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX account_team ON account (team, user_id) WHERE team IS NOT NULL;

CREATE TABLE device (
    user_id TEXT NOT NULL,
    -- As the device named itself.
    device_id TEXT NOT NULL,
    -- What its owner calls it.
    name TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;

-- One row a login, which is a family of refresh tokens: of these only hashes are kept, of the one that is good now and
-- of the one before it. Any other of the family has been spent.
CREATE TABLE login (
    user_id TEXT NOT NULL,
    login_id TEXT NOT NULL,
    device_id TEXT,
    live_hash BLOB NOT NULL,
    previous_hash BLOB,
    begun_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, login_id)
) STRICT, WITHOUT ROWID;
