-- Times are milliseconds since 1970-01-01T00:00:00Z; ids are the 16 bytes of a UUIDv7, so that
-- tables in the order of their keys are in the order of time.

CREATE TABLE users (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    username       TEXT,
    email          TEXT,
    email_key      TEXT,
    email_verified INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
    display_name   TEXT,
    state          TEXT    NOT NULL,
    scopes         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    password       TEXT,
    CHECK (username IS NOT NULL OR email IS NOT NULL),
    CHECK ((email IS NULL) = (email_key IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX users_by_username ON users (username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX users_by_email ON users (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX users_by_state ON users (state);

CREATE TABLE roles (
    name        TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    scopes      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- No reference to `roles`: the built-in `admin` is code.
CREATE TABLE user_roles (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL,
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_roles_by_role ON user_roles (role);

CREATE TABLE sessions (
    id               BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id          BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device           TEXT,
    address          TEXT,
    asked_scopes     TEXT,
    audience         TEXT,
    amr              TEXT    NOT NULL,
    authenticated_at INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    idle_expires_at  INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    ended_at         INTEGER,
    end_reason       TEXT,
    generation       INTEGER NOT NULL,
    current_hash     BLOB    NOT NULL CHECK (length(current_hash) = 32),
    previous_hash    BLOB    CHECK (length(previous_hash) = 32),
    nonce            BLOB    NOT NULL CHECK (length(nonce) = 32),
    rotated_at       INTEGER NOT NULL,
    over_at          INTEGER NOT NULL GENERATED ALWAYS AS
        (min(idle_expires_at, expires_at, coalesce(ended_at, expires_at))) VIRTUAL,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_by_end ON sessions (over_at);

CREATE TABLE personal_tokens (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    user_id      BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX personal_tokens_by_user ON personal_tokens (user_id, revoked_at);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);

-- No reference to `users`: a repeated request must not bring a deleted account back.
CREATE TABLE idempotency_keys (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    request    BLOB    NOT NULL CHECK (length(request) = 32),
    user_id    BLOB    NOT NULL CHECK (length(user_id) = 16),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);

CREATE TABLE keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    purpose     TEXT    NOT NULL,
    sealed      BLOB    NOT NULL,
    public      TEXT,
    created_at  INTEGER NOT NULL,
    active_from INTEGER NOT NULL,
    retired_at  INTEGER,
    dead_from   INTEGER
) STRICT, WITHOUT ROWID;

-- One row: what there is one of in an instance.
CREATE TABLE instance (
    only         INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    keys_version INTEGER NOT NULL,
    pings        INTEGER NOT NULL
) STRICT;

INSERT INTO instance (only, keys_version, pings) VALUES (1, 0, 0);

-- No reference to `users` or `sessions`: the log outlives them.
CREATE TABLE audit_events (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    actor_id   BLOB,
    action     TEXT    NOT NULL,
    user_id    BLOB,
    session_id BLOB,
    address    TEXT,
    request_id TEXT,
    detail     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_events_by_user ON audit_events (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_by_action ON audit_events (action);
