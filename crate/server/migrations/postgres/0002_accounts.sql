-- Who may push and ask: people, their devices, and where they are logged in. Every primary key leads with user_id here
-- too; only the address that a person logs in with is unique across users.

CREATE TABLE account (
    user_id text COLLATE "C" PRIMARY KEY,
    -- Trimmed and in lower case.
    email text COLLATE "C" NOT NULL UNIQUE,
    -- argon2id, in the PHC string format, with its own salt and cost.
    password_hash text NOT NULL,
    role text NOT NULL,
    -- Whose devices a supervisor sees; none for somebody who works alone.
    team text COLLATE "C",
    created_at bigint NOT NULL
);

CREATE INDEX account_team ON account (team, user_id) WHERE team IS NOT NULL;

CREATE TABLE device (
    user_id text COLLATE "C" NOT NULL,
    -- As the device named itself.
    device_id text COLLATE "C" NOT NULL,
    -- What its owner calls it.
    name text NOT NULL,
    registered_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    revoked_at bigint,
    PRIMARY KEY (user_id, device_id)
);

-- One row a login, which is a family of refresh tokens: of these only hashes are kept, of the one that is good now and
-- of the one before it. Any other of the family has been spent.
CREATE TABLE login (
    user_id text COLLATE "C" NOT NULL,
    login_id text COLLATE "C" NOT NULL,
    device_id text COLLATE "C",
    live_hash bytea NOT NULL,
    previous_hash bytea,
    begun_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_id, login_id)
);
