//! The opened database, and the event store on it.

use super::checkpoint::Checkpointer;
use super::deletion::Due;
use super::lock::Lock;
use super::{Readers, Writer, append, deletion, read, schema, snapshot, untag};
use crate::event::{Position, Query, StoredEvent, Tag, Tenant};
use crate::store::deletion::{Memory, Plan};
use crate::store::{
    Answer, Append, AppendError, Appended, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon, Range,
    Snapshot, SnapshotKey, StoreError,
};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// An open SQLite database. Cheap to clone.
#[derive(Clone)]
pub struct Sqlite {
    writer: Writer,
    readers: Readers,
    /// What is known of deleted events.
    memory: Arc<Memory>,
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
        Ok(Self { writer, readers: Readers::of_file(path.to_owned()), memory: Arc::default() })
    }

    /// A database that lives as long as it is open.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        schema::prepare_writer(&connection)?;
        let writer = Writer::start(connection, None, None)?;
        Ok(Self { readers: Readers::of_memory(writer.clone()), writer, memory: Arc::default() })
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
        let (tenant, query, memory) = (tenant.clone(), query.clone(), Arc::clone(&self.0.memory));
        let read = move |connection: &Connection| read::events(connection, &memory, Some(&tenant), (&query, range));
        self.0.readers.read(read).await
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        let (query, memory) = (query.clone(), Arc::clone(&self.0.memory));
        self.0.readers.read(move |connection| read::events(connection, &memory, None, (&query, range))).await
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

    async fn delete(&self, wished: &Deletion) -> Result<Deleted, StoreError> {
        let looked_for = wished.clone();
        let found = self.0.readers.read(move |connection| deletion::candidates(connection, &looked_for)).await?;
        let Plan { gone, horizons, deleted } = Plan::of(wished, found);
        if !gone.is_empty() {
            self.0.writer.write(move |connection| deletion::delete(connection, &gone, &horizons)).await?;
            self.0.memory.learn(self.deleted().await?);
        }
        Ok(deleted)
    }

    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        self.0.readers.read(deletion::horizons).await
    }

    async fn forget(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        let due = match self.0.readers.read(move |connection| deletion::due(connection, forgetting)).await? {
            Due::Unmarked => Vec::new(),
            Due::NotYet => return Ok(Forgotten::default()),
            Due::These(due) => due,
        };
        let next = due.last().filter(|_| due.len() == forgetting.limit).map(|position| position.unsigned_abs());
        let forgotten = Forgotten { events: due.len() as u64, next };
        self.0.writer.write(move |connection| deletion::forget(connection, &due, next.is_none())).await?;
        Ok(forgotten)
    }

    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        if !of.fits(tenant) {
            return Ok(None);
        }
        let (tenant, of) = (tenant.clone(), of.clone());
        self.0.readers.read(move |connection| snapshot::find(connection, &tenant, &of)).await
    }

    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        let Some(text) = snapshot.text(tenant, of) else { return Ok(()) };
        let (tenant, of, position) = (tenant.clone(), of.clone(), snapshot.position);
        self.0.writer.write(move |connection| snapshot::keep(connection, &tenant, &of, (position, &text))).await
    }
}

impl From<Sqlite> for Arc<dyn EventStore> {
    fn from(database: Sqlite) -> Self {
        Arc::new(SqliteEvents::new(database))
    }
}
