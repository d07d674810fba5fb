//! The opened database, and the event store on it.

use super::checkpoint::Checkpointer;
use super::lock::Lock;
use super::{Readers, Writer, append, read, schema, untag};
use crate::event::{Position, Query, StoredEvent, Tag, Tenant};
use crate::store::{Answer, Append, AppendError, Appended, EventStore, Range, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// An open SQLite database. Cheap to clone.
#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
}

impl Sqlite {
    /// Opens or creates a file.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it, [`StoreError::Newer`] if a later runtime wrote it, else what SQLite says.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        let mut connection = Connection::open(path)?;
        schema::prepare_writer(&connection)?;
        let checkpointer = Checkpointer::start(path, &mut connection)?;
        let writer = Writer::start(connection, Some(checkpointer), Some(lock))?;
        Ok(Self { writer, readers: Readers::of_file(path.to_owned()) })
    }

    /// A database that lives as long as it is open.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        schema::prepare_writer(&connection)?;
        let writer = Writer::start(connection, None, None)?;
        Ok(Self { readers: Readers::of_memory(writer.clone()), writer })
    }

    /// Where writes go.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Where reads go.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Writes something that changes nothing.
    pub(crate) async fn try_to_write(&self) -> Result<(), StoreError> {
        let write = |connection: &Connection| {
            connection.execute("UPDATE counter SET position = position", [])?;
            Ok(())
        };
        self.writer.write(write).await
    }

    /// Writes what is queued, lets running reads end, and closes the file. Later calls get [`StoreError::Closed`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// The event store of a SQLite database. Cheap to clone.
#[derive(Clone)]
pub struct SqliteEvents(Sqlite);

impl SqliteEvents {
    /// The events of this database.
    pub fn new(database: Sqlite) -> Self {
        Self(database)
    }
}

#[async_trait::async_trait]
impl EventStore for SqliteEvents {
    async fn head(&self) -> Result<Position, StoreError> {
        Ok(*self.0.writer.head().borrow())
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        let (tenant, query) = (tenant.clone(), query.clone());
        self.0.readers.read(move |connection| read::events(connection, Some(&tenant), &query, range)).await
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        let query = query.clone();
        self.0.readers.read(move |connection| read::events(connection, None, &query, range)).await
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.0.writer.append(append::prepare(append)?).await
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        let (tenant, command, key) = (tenant.clone(), command.to_owned(), key.to_owned());
        self.0.readers.read(move |connection| append::answer(connection, &tenant, &command, &key)).await
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        let tenant = tenant.clone();
        self.0.writer.write(move |connection| untag::untag(connection, &tenant, &tags)).await
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.0.writer.head()
    }
}

impl From<Sqlite> for Arc<dyn EventStore> {
    fn from(database: Sqlite) -> Self {
        Arc::new(SqliteEvents::new(database))
    }
}
