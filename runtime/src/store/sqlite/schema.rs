//! Tables of the event store, and how connections are set up.

use crate::consumer::TABLES as TABLES_OF_GROUPS;
use crate::store::StoreError;
use crate::store::deletion::TABLE as TABLE_OF_DELETIONS;
use crate::store::snapshot::TABLE as TABLE_OF_SNAPSHOTS;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use std::time::Duration;

/// The layout that this program reads and writes.
const LAYOUT: i64 = 1;

/// Statements that each connection keeps prepared.
const PREPARED: usize = 256;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id BLOB NOT NULL,
    topic TEXT NOT NULL,
    stream TEXT,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    tags TEXT NOT NULL,
    payload TEXT NOT NULL,
    correlation_id TEXT,
    causation_id TEXT,
    user_id TEXT,
    reason TEXT,
    traceparent TEXT,
    raised_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS events_by_id ON events (tenant, id);
CREATE INDEX IF NOT EXISTS events_by_type ON events (tenant, type, position);
CREATE TABLE IF NOT EXISTS event_tags (
    tenant TEXT NOT NULL,
    tag TEXT NOT NULL,
    position INTEGER NOT NULL,
    type TEXT NOT NULL,
    PRIMARY KEY (tenant, tag, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    tenant TEXT NOT NULL,
    command TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (tenant, command, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO counter VALUES (1, 0);
";

/// Sets up the one connection that writes.
///
/// # Errors
/// If the file cannot be opened as a database, or a later version of the runtime wrote it.
pub(super) fn prepare_writer(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" && mode != "memory" {
        return Err(StoreError::Invalid("the database's file system does not support a write-ahead log".to_owned()));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    keep_plans(connection)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Kibibytes of pages in memory: an index over tags is written all over.
    connection.pragma_update(None, "cache_size", -32 * 1024)?;
    // A WAL that once grew under a long reader gives its space back at the next checkpoint.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    crate::tables::sqlite::register(connection)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > LAYOUT {
        return Err(StoreError::Newer { found, known: LAYOUT });
    }
    connection.execute_batch(&format!("BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {LAYOUT};COMMIT;"))?;
    // What came later and harms no older program is no new layout: a program that is rolled back still opens the file.
    connection.execute_batch(&TABLES_OF_GROUPS.replace("{s}", ""))?;
    #[cfg(feature = "files")]
    connection.execute_batch(&crate::files::TABLES.replace("{s}", ""))?;
    connection.execute_batch(&TABLE_OF_DELETIONS.replace("{s}", ""))?;
    connection.execute_batch(&TABLE_OF_SNAPSHOTS.replace("{s}", ""))?;
    crate::lease::sqlite::prepare(connection)
}

/// Sets up a connection that only reads.
///
/// # Errors
/// If the database fails.
pub(super) fn prepare_reader(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "query_only", true)?;
    keep_plans(connection)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    crate::tables::sqlite::register(connection)?;
    Ok(())
}

/// A plan does not depend on the values that are bound. Otherwise SQLite looks at a bound limit, and prepares the whole
/// statement again whenever another value is bound to it.
fn keep_plans(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// The last position given away, as committed. Kept apart from the events, which may be deleted.
///
/// # Errors
/// If the database fails.
pub(super) fn head(connection: &Connection) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT position FROM counter WHERE one = 1")?;
    let position: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(position.unwrap_or(0).unsigned_abs())
}

/// Keeps the last position given away.
///
/// # Errors
/// If the database fails.
pub(super) fn keep_head(connection: &Connection, position: u64) -> Result<(), StoreError> {
    let position = i64::try_from(position).map_err(|_| StoreError::Invalid("no position is left".to_owned()))?;
    connection.prepare_cached("UPDATE counter SET position = ?1 WHERE one = 1")?.execute([position])?;
    Ok(())
}
