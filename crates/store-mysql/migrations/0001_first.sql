-- Times are milliseconds since 1970-01-01T00:00:00Z; ids are the 16 bytes of a UUIDv7, so that
-- tables in the order of their keys are in the order of time. Texts are UTF-8 in binary columns:
-- compared byte by byte, with no collation, no padding and no conversion, whatever the server's
-- defaults are.
--
-- Statements end with a semicolon at the end of a line, and each may be run twice: the engine has no
-- transactions for them.

CREATE TABLE IF NOT EXISTS users (
    id             BINARY(16)     NOT NULL PRIMARY KEY,
    username       VARBINARY(256),
    email          VARBINARY(512),
    email_key      VARBINARY(512),
    email_verified TINYINT        NOT NULL,
    display_name   VARBINARY(1024),
    state          VARBINARY(32)  NOT NULL,
    scopes         MEDIUMBLOB     NOT NULL,
    created_at     BIGINT         NOT NULL,
    updated_at     BIGINT         NOT NULL,
    version        BIGINT         NOT NULL,
    password       BLOB,
    UNIQUE KEY users_by_username (username),
    UNIQUE KEY users_by_email (email_key),
    KEY users_by_state (state),
    CONSTRAINT users_have_a_name CHECK (username IS NOT NULL OR email IS NOT NULL),
    CONSTRAINT users_have_whole_addresses CHECK ((email IS NULL) = (email_key IS NULL))
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS roles (
    name        VARBINARY(256) NOT NULL PRIMARY KEY,
    description BLOB           NOT NULL,
    scopes      MEDIUMBLOB     NOT NULL,
    revision    BIGINT         NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- No reference to `roles`: the built-in `admin` is code.
CREATE TABLE IF NOT EXISTS user_roles (
    user_id BINARY(16)     NOT NULL,
    role    VARBINARY(256) NOT NULL,
    PRIMARY KEY (user_id, role),
    KEY user_roles_by_role (role, user_id),
    CONSTRAINT user_roles_of_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS sessions (
    id               BINARY(16)    NOT NULL PRIMARY KEY,
    user_id          BINARY(16)    NOT NULL,
    device           VARBINARY(1024),
    address          VARBINARY(64),
    asked_scopes     MEDIUMBLOB,
    audience         BLOB,
    amr              BLOB          NOT NULL,
    authenticated_at BIGINT        NOT NULL,
    created_at       BIGINT        NOT NULL,
    last_seen_at     BIGINT        NOT NULL,
    idle_expires_at  BIGINT        NOT NULL,
    expires_at       BIGINT        NOT NULL,
    ended_at         BIGINT,
    end_reason       VARBINARY(32),
    generation       BIGINT        NOT NULL,
    current_hash     BINARY(32)    NOT NULL,
    previous_hash    BINARY(32),
    nonce            BINARY(32)    NOT NULL,
    rotated_at       BIGINT        NOT NULL,
    over_at          BIGINT GENERATED ALWAYS AS
        (LEAST(idle_expires_at, expires_at, COALESCE(ended_at, expires_at))) STORED,
    KEY sessions_by_user (user_id, ended_at),
    KEY sessions_by_end (over_at),
    CONSTRAINT sessions_end_whole CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CONSTRAINT sessions_of_users FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS personal_tokens (
    id           BINARY(16)      NOT NULL PRIMARY KEY,
    user_id      BINARY(16)      NOT NULL,
    name         VARBINARY(1024) NOT NULL,
    scopes       MEDIUMBLOB      NOT NULL,
    hash         BINARY(32)      NOT NULL,
    created_at   BIGINT          NOT NULL,
    expires_at   BIGINT          NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    KEY personal_tokens_by_user (user_id, revoked_at),
    KEY personal_tokens_by_end (expires_at),
    CONSTRAINT personal_tokens_of_users FOREIGN KEY (user_id) REFERENCES users (id)
        ON DELETE CASCADE
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- No reference to `users`: a repeated request must not bring a deleted account back.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    key_hash   BINARY(32) NOT NULL PRIMARY KEY,
    request    BINARY(32) NOT NULL,
    user_id    BINARY(16) NOT NULL,
    expires_at BIGINT     NOT NULL,
    KEY idempotency_keys_by_end (expires_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS key_records (
    id          VARBINARY(256) NOT NULL PRIMARY KEY,
    purpose     VARBINARY(64)  NOT NULL,
    sealed      MEDIUMBLOB     NOT NULL,
    public_part MEDIUMBLOB,
    created_at  BIGINT         NOT NULL,
    active_from BIGINT         NOT NULL,
    retired_at  BIGINT,
    dead_from   BIGINT
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- One row: what there is one of in a database. Who may take away the last admin locks it.
CREATE TABLE IF NOT EXISTS instance (
    id           TINYINT NOT NULL PRIMARY KEY,
    keys_version BIGINT  NOT NULL,
    copy_mark    MEDIUMBLOB
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

INSERT INTO instance (id, keys_version)
    SELECT 1, 0 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM instance);

-- One row, written to find out whether the database can be written. Apart from `instance`, so that
-- the question never waits for a change.
CREATE TABLE IF NOT EXISTS heartbeat (
    id    TINYINT NOT NULL PRIMARY KEY,
    beats BIGINT  NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

INSERT INTO heartbeat (id, beats)
    SELECT 1, 0 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM heartbeat);

CREATE TABLE IF NOT EXISTS tasks (
    name   VARBINARY(64) NOT NULL PRIMARY KEY,
    due_at BIGINT        NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

-- No reference to `users` or `sessions`: the log outlives them.
CREATE TABLE IF NOT EXISTS audit_events (
    id          BINARY(16)    NOT NULL PRIMARY KEY,
    occurred_at BIGINT        NOT NULL,
    actor       VARBINARY(32) NOT NULL,
    actor_id    BINARY(16),
    action      VARBINARY(64) NOT NULL,
    user_id     BINARY(16),
    session_id  BINARY(16),
    address     VARBINARY(64),
    request_id  BLOB,
    detail      MEDIUMBLOB    NOT NULL,
    KEY audit_events_by_user (user_id),
    KEY audit_events_by_action (action)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
