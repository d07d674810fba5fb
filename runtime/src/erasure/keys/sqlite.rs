//! Wrapped keys in a SQLite file of their own, or in memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{KeyStore, Slot, Wrapped};
use crate::store::StoreError;

const TABLE: &str = "
CREATE TABLE IF NOT EXISTS data_keys (
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    id TEXT NOT NULL,
    master TEXT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant, kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS data_keys_by_master ON data_keys (master);
";

const COLUMNS: &str = "tenant, kind, subject, id, master, sealed";

/// Wrapped keys in a SQLite database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SqliteKeys(Arc<Mutex<Option<Connection>>>);

impl SqliteKeys {
    /// Opens or creates a file. Waits for the disk.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        // No log that keeps what was deleted, and no free page that does.
        connection.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Self::on(connection)
    }

    /// Keys that are gone when it is dropped.
    ///
    /// # Errors
    /// If SQLite fails.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        Self::on(Connection::open_in_memory()?)
    }

    fn on(connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        connection.execute_batch(TABLE)?;
        Ok(Self(Arc::new(Mutex::new(Some(connection)))))
    }

    async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let held = Arc::clone(&self.0);
        let ran = tokio::task::spawn_blocking(move || {
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            work(held.as_mut().ok_or(StoreError::Closed)?)
        });
        ran.await.map_err(|failure| StoreError::Invalid(format!("the key store failed: {failure}")))?
    }
}

#[async_trait::async_trait]
impl KeyStore for SqliteKeys {
    async fn find(&self, slots: Vec<Slot>) -> Result<Vec<Wrapped>, StoreError> {
        let find = move |connection: &mut Connection| {
            // One moment for all of them.
            let transaction = connection.transaction()?;
            let found: Result<Vec<_>, _> = slots.iter().map(|slot| get(&transaction, slot)).collect();
            Ok(found?.into_iter().flatten().collect())
        };
        self.run(find).await
    }

    async fn keep(&self, key: Wrapped) -> Result<Option<Wrapped>, StoreError> {
        let keep = move |connection: &mut Connection| {
            let Wrapped { slot, id, master, sealed } = &key;
            let sql =
                format!("INSERT INTO data_keys ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING");
            connection.execute(&sql, params![slot.tenant, slot.kind, slot.subject, id, master, sealed])?;
            get(connection, slot)
        };
        self.run(keep).await
    }

    async fn remove(&self, slot: Slot) -> Result<bool, StoreError> {
        let remove = move |connection: &mut Connection| {
            let sql = "DELETE FROM data_keys WHERE tenant = ?1 AND kind = ?2 AND subject = ?3";
            Ok(connection.execute(sql, params![slot.tenant, slot.kind, slot.subject])? > 0)
        };
        self.run(remove).await
    }

    async fn replace(&self, key: Wrapped) -> Result<(), StoreError> {
        let replace = move |connection: &mut Connection| {
            let Wrapped { slot, id, master, sealed } = &key;
            let sql = "UPDATE data_keys SET master = ?5, sealed = ?6 \
                 WHERE tenant = ?1 AND kind = ?2 AND subject = ?3 AND id = ?4";
            connection.execute(sql, params![slot.tenant, slot.kind, slot.subject, id, master, sealed])?;
            Ok(())
        };
        self.run(replace).await
    }

    async fn wrapped_by_others(&self, master: &str, limit: usize) -> Result<Vec<Wrapped>, StoreError> {
        let (master, limit) = (master.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        let others = move |connection: &mut Connection| {
            let sql = format!("SELECT {COLUMNS} FROM data_keys WHERE master <> ?1 LIMIT ?2");
            let mut statement = connection.prepare(&sql)?;
            let found = statement.query_map(params![master, limit], wrapped)?.collect::<rusqlite::Result<_>>();
            Ok(found?)
        };
        self.run(others).await
    }

    async fn masters(&self) -> Result<BTreeSet<String>, StoreError> {
        let masters = |connection: &mut Connection| {
            let mut statement = connection.prepare("SELECT DISTINCT master FROM data_keys")?;
            let found = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>();
            Ok(found?)
        };
        self.run(masters).await
    }

    async fn close(&self) {
        let held = Arc::clone(&self.0);
        let take = move || drop(held.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Err(failure) = tokio::task::spawn_blocking(take).await {
            tracing::warn!(%failure, "the key store was not closed");
        }
    }
}

fn get(connection: &Connection, slot: &Slot) -> Result<Option<Wrapped>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM data_keys WHERE tenant = ?1 AND kind = ?2 AND subject = ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![slot.tenant, slot.kind, slot.subject], wrapped).optional()?)
}

fn wrapped(row: &Row<'_>) -> rusqlite::Result<Wrapped> {
    let slot = Slot { tenant: row.get(0)?, kind: row.get(1)?, subject: row.get(2)? };
    Ok(Wrapped { slot, id: row.get(3)?, master: row.get(4)?, sealed: row.get(5)? })
}
