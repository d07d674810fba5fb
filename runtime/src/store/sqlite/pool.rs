//! Connections that read, each used by one blocking task at a time.

use super::schema;
use super::writer::Writer;
use crate::store::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// How many readers work at once.
const READERS: usize = 8;

/// Reads from the database. Cheap to clone.
#[derive(Clone)]
pub struct Readers(Source);

#[derive(Clone)]
enum Source {
    /// A file: connections of their own, which see what is committed and never wait for the writer.
    File(Arc<Pool>),
    /// A database in memory has one connection only; reads go through its thread.
    Memory(Writer),
}

struct Pool {
    path: PathBuf,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Readers of a file that the writer has set up already.
    pub(super) fn of_file(path: PathBuf) -> Self {
        let pool = Pool { path, permits: Semaphore::new(READERS), idle: Mutex::new(Vec::new()) };
        Self(Source::File(Arc::new(pool)))
    }

    /// Reads through the writer's connection.
    pub(super) fn of_memory(writer: Writer) -> Self {
        Self(Source::Memory(writer))
    }

    /// Runs a piece of reading on a blocking thread. All that it reads is of one moment.
    ///
    /// # Errors
    /// What the work returns; [`StoreError::Closed`] after the database was closed.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match &self.0 {
            Source::File(pool) => Arc::clone(pool).read(work).await,
            Source::Memory(writer) => writer.write(work).await,
        }
    }

    /// Lets no new work begin, waits for what runs, and closes the connections.
    pub(super) async fn close(&self) {
        let Source::File(pool) = &self.0 else { return };
        let all = u32::try_from(READERS).unwrap_or(u32::MAX);
        if let Ok(permits) = pool.permits.acquire_many(all).await {
            pool.permits.close();
            drop(permits);
        }
        pool.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Pool {
    async fn read<T, F>(self: Arc<Self>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let pool = Arc::clone(&self);
        let permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let task = tokio::task::spawn_blocking(move || {
            let connection = pool.take()?;
            let result = in_one_snapshot(&connection, work);
            pool.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            result
        });
        let result = task.await;
        drop(permit);
        result.map_err(|failure| StoreError::Invalid(format!("a read was cut off: {failure}")))?
    }

    fn take(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(connection);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        schema::prepare_reader(&connection)?;
        Ok(connection)
    }
}

/// Within a transaction that only reads. What begins and ends it is prepared once.
fn in_one_snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let run = |sql: &str| connection.prepare_cached(sql)?.execute([]);
    run("BEGIN")?;
    let result = work(connection);
    if !connection.is_autocommit() {
        run("ROLLBACK")?;
    }
    result
}
