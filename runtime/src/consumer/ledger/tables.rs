//! The tables, made when a database is opened.

/// `{s}` stands before each table's name: nothing on SQLite, the schema on PostgreSQL. Instants are milliseconds since 1970.
pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS {s}consumer_groups (
    name TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS {s}consumer_ahead (
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (name, position)
);
CREATE TABLE IF NOT EXISTS {s}consumer_put_off (
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    keys TEXT NOT NULL,
    failed BIGINT NOT NULL,
    due BIGINT NOT NULL,
    error TEXT NOT NULL,
    correlation_id TEXT,
    PRIMARY KEY (name, position)
);
CREATE TABLE IF NOT EXISTS {s}consumer_parked (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    tenant TEXT NOT NULL,
    position BIGINT,
    event_type TEXT,
    correlation_id TEXT,
    attempts BIGINT NOT NULL,
    error TEXT NOT NULL,
    parked_at BIGINT NOT NULL,
    resent BIGINT NOT NULL,
    data TEXT,
    UNIQUE (name, key)
);
CREATE TABLE IF NOT EXISTS {s}event_sources (
    name TEXT NOT NULL PRIMARY KEY,
    first TEXT NOT NULL
);
";
