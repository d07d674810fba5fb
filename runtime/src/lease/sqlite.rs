//! Leases in a SQLite file. Only one process has it open, so they never wait for a process that died.

use super::{COLUMNS, Epoch, Leases, RELEASE, TAKE, Timing, millis};
use crate::store::StoreError;
use crate::store::sqlite::Sqlite;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Duration;

/// The clock in milliseconds since 1970.
pub(crate) const NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

/// Makes what is missing. Whoever opens the file is its only user, so what an earlier process held is free.
///
/// # Errors
/// If the database fails.
pub(crate) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS leases ({COLUMNS}) WITHOUT ROWID; \
         UPDATE leases SET owner = NULL WHERE owner IS NOT NULL"
    ))?;
    Ok(())
}

/// Whether this epoch is still the newest: to be asked in the same transaction as what the owner writes.
///
/// # Errors
/// If the database fails.
pub(crate) fn holds(connection: &Connection, name: &str, epoch: Epoch) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM leases WHERE name = ?1 AND epoch = ?2")?;
    Ok(statement.exists(params![name, epoch.cast_signed()])?)
}

/// The leases of an open SQLite database. Cheap to clone.
#[derive(Clone)]
pub struct SqliteLeases(Sqlite);

impl SqliteLeases {
    /// The leases of this database.
    #[must_use]
    pub fn new(database: Sqlite) -> Self {
        Self(database)
    }
}

#[async_trait::async_trait]
impl Leases for SqliteLeases {
    async fn take(&self, name: &str, owner: &str, span: Duration) -> Result<Option<Epoch>, StoreError> {
        let (name, owner, sql) = (name.to_owned(), owner.to_owned(), TAKE.replace("{s}", "").replace("{now}", NOW));
        let take = move |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let epoch =
                statement.query_row(params![name, owner, millis(span)], |row| row.get::<_, i64>(0)).optional()?;
            Ok(epoch.map(i64::unsigned_abs))
        };
        self.0.writer().write(take).await
    }

    async fn release(&self, name: &str, owner: &str) -> Result<(), StoreError> {
        let (name, owner) = (name.to_owned(), owner.to_owned());
        let release = move |connection: &Connection| {
            connection.prepare_cached(&RELEASE.replace("{s}", ""))?.execute([name, owner])?;
            Ok(())
        };
        self.0.writer().write(release).await
    }

    async fn is_current(&self, name: &str, epoch: Epoch) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.0.readers().read(move |connection| holds(connection, &name, epoch)).await
    }

    fn timing(&self) -> Timing {
        Timing::ALONE
    }
}
