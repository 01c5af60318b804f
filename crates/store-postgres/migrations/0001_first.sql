-- Times are milliseconds since 1970-01-01T00:00:00Z. Ids are UUIDv7, so that tables in the order of
-- their keys are in the order of time. Texts compare by their bytes, whatever the database's locale.

CREATE TABLE users (
    id             uuid    NOT NULL PRIMARY KEY,
    username       text    COLLATE "C",
    email          text    COLLATE "C",
    email_key      text    COLLATE "C",
    email_verified boolean NOT NULL,
    display_name   text    COLLATE "C",
    state          text    COLLATE "C" NOT NULL,
    scopes         text    COLLATE "C" NOT NULL,
    created_at     bigint  NOT NULL,
    updated_at     bigint  NOT NULL,
    version        bigint  NOT NULL,
    password       text    COLLATE "C",
    CONSTRAINT users_have_a_name CHECK (username IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT users_have_keys CHECK ((email IS NULL) = (email_key IS NULL))
);

CREATE UNIQUE INDEX users_by_username ON users (username);
CREATE UNIQUE INDEX users_by_email ON users (email_key);
CREATE INDEX users_by_state ON users (state, id);

CREATE TABLE roles (
    name        text COLLATE "C" NOT NULL PRIMARY KEY,
    description text COLLATE "C" NOT NULL,
    scopes      text COLLATE "C" NOT NULL
);

-- No reference to `roles`: the built-in `admin` is code.
CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE INDEX user_roles_by_role ON user_roles (role, user_id);

-- `over_bucket` counts spans of about 70 minutes (2^22 ms). It is what the index for clearing away
-- holds: a refresh within the span changes no index at all, so the row is updated in place.
CREATE TABLE sessions (
    id               uuid   NOT NULL PRIMARY KEY,
    user_id          uuid   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device           text   COLLATE "C",
    address          text   COLLATE "C",
    asked_scopes     text   COLLATE "C",
    audience         text   COLLATE "C",
    amr              text   COLLATE "C" NOT NULL,
    authenticated_at bigint NOT NULL,
    created_at       bigint NOT NULL,
    last_seen_at     bigint NOT NULL,
    idle_expires_at  bigint NOT NULL,
    expires_at       bigint NOT NULL,
    ended_at         bigint,
    end_reason       text   COLLATE "C",
    generation       bigint NOT NULL,
    current_hash     bytea  NOT NULL CHECK (length(current_hash) = 32),
    previous_hash    bytea  CHECK (length(previous_hash) = 32),
    nonce            bytea  NOT NULL CHECK (length(nonce) = 32),
    rotated_at       bigint NOT NULL,
    over_bucket      bigint NOT NULL GENERATED ALWAYS AS
        (least(idle_expires_at, expires_at, coalesce(ended_at, expires_at)) >> 22) STORED,
    CONSTRAINT sessions_end_with_a_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) WITH (fillfactor = 85);

CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_by_end ON sessions (over_bucket);

CREATE TABLE personal_tokens (
    id           uuid   NOT NULL PRIMARY KEY,
    user_id      uuid   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name         text   COLLATE "C" NOT NULL,
    scopes       text   COLLATE "C" NOT NULL,
    hash         bytea  NOT NULL CHECK (length(hash) = 32),
    created_at   bigint NOT NULL,
    expires_at   bigint NOT NULL,
    last_used_at bigint,
    revoked_at   bigint
);

CREATE INDEX personal_tokens_by_user ON personal_tokens (user_id, revoked_at);
CREATE INDEX personal_tokens_by_end ON personal_tokens (expires_at);

-- No reference to `users`: a repeated request must not bring a deleted account back.
CREATE TABLE idempotency_keys (
    key        bytea  NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    request    bytea  NOT NULL CHECK (length(request) = 32),
    user_id    uuid   NOT NULL,
    expires_at bigint NOT NULL
);

CREATE INDEX idempotency_keys_by_end ON idempotency_keys (expires_at);

CREATE TABLE keys (
    id          text   COLLATE "C" NOT NULL PRIMARY KEY,
    purpose     text   COLLATE "C" NOT NULL,
    sealed      bytea  NOT NULL,
    public      text   COLLATE "C",
    created_at  bigint NOT NULL,
    active_from bigint NOT NULL,
    retired_at  bigint,
    dead_from   bigint
);

-- One row: what there is one of in an instance.
CREATE TABLE instance (
    only_one     boolean NOT NULL PRIMARY KEY CHECK (only_one),
    keys_version bigint  NOT NULL,
    copy_mark    text    COLLATE "C"
);

INSERT INTO instance (only_one, keys_version) VALUES (true, 0);

-- Rows to lock, for what must happen one after the other in the whole database.
CREATE TABLE guards (
    name text COLLATE "C" NOT NULL PRIMARY KEY
);

INSERT INTO guards (name) VALUES ('admins'), ('imports');

-- One row that a readiness check writes.
CREATE TABLE pings (
    only_one boolean NOT NULL PRIMARY KEY CHECK (only_one),
    count    bigint  NOT NULL
);

INSERT INTO pings (only_one, count) VALUES (true, 0);

-- The work that instances share, and when it is due next.
CREATE TABLE tasks (
    task   text   COLLATE "C" NOT NULL PRIMARY KEY,
    due_at bigint NOT NULL
);

-- No reference to `users` or `sessions`: the log outlives them.
CREATE TABLE audit_events (
    id         uuid   NOT NULL PRIMARY KEY,
    at         bigint NOT NULL,
    actor      text   COLLATE "C" NOT NULL,
    actor_id   uuid,
    action     text   COLLATE "C" NOT NULL,
    user_id    uuid,
    session_id uuid,
    address    text   COLLATE "C",
    request_id text   COLLATE "C",
    detail     text   COLLATE "C" NOT NULL
);

CREATE INDEX audit_events_by_user ON audit_events (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX audit_events_by_action ON audit_events (action, id);
