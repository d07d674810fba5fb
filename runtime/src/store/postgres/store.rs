//! The event store in a PostgreSQL schema.

use super::address;
use super::at_once;
use super::connection::Parameter;
use super::deletion;
use super::follow::{Follower, Head};
use super::heads::Heads;
use super::pool::Pool;
use super::prepare;
use super::read;
use super::rows::column;
use super::schema;
use super::server::Server;
use super::session::{self, PATIENCE};
use super::snapshot;
use super::statements::Statements;
use super::tell;
use super::untag;
use super::writer::{Task, Writer};
use crate::broadcast::Note;
use crate::event::{Position, Query, StoredEvent, Tag, Tenant};
use crate::store::deletion::Memory;
use crate::store::{
    Answer, Append, AppendError, Appended, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon, Range,
    Snapshot, SnapshotKey, StoreError,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;
use tokio_postgres::types::Type;

/// How many notes may wait for one who listens.
const NOTES: usize = 1024;

/// How long a store that is being opened waits until it hears what others tell.
const LISTENS: Duration = Duration::from_secs(1);

/// The events in a schema of a PostgreSQL database. Cheap to clone.
///
/// Takes up to fourteen connections: one appends, one listens, up to eight read, up to four write other things. Any number of processes may share a schema.
#[derive(Clone)]
pub struct PostgresEvents(Arc<Inner>);

struct Inner {
    schema: String,
    statements: Arc<Statements>,
    pool: Arc<Pool>,
    writer: Writer,
    head: Head,
    heads: Heads,
    notes: broadcast::Sender<Note>,
    /// What is known of deleted events.
    memory: Memory,
    /// Ends the follower.
    stop: watch::Sender<()>,
}

impl PostgresEvents {
    /// Opens `postgres://user@host/database`, in the schema of its parameter `schema` or else in `default_schema`, and makes
    /// or upgrades the schema. Needs the right to create the schema, or one that is there already and owned by the user.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unreachable`], [`StoreError::Newer`], or what the server says.
    pub async fn open(url: &str, default_schema: &str) -> Result<Self, StoreError> {
        let address::Address { config, security, schema } = address::parse(url, default_schema)?;
        let server = Server::new(config, security).await?;
        let client = server.connect_until(Instant::now() + PATIENCE).await?;
        schema::prepare(&client, &schema).await?;
        let statements = Arc::new(Statements::new(&schema));
        let row = client.query_typed_one(&statements.head, &[]).await.map_err(|error| session::failure(&error))?;
        let head = Head::new(column::<i64>(&row, 0)?.unsigned_abs());
        let (stop, stopped) = watch::channel(());
        let notes = broadcast::Sender::new(NOTES);
        let (listens, mut listening) = watch::channel(false);
        let follower = Follower {
            server: server.clone(),
            channel: schema.clone(),
            sql: statements.head.clone(),
            head: head.clone(),
            notes: notes.clone(),
            listens,
            stop: stopped,
        };
        tokio::spawn(follower.run());
        // From here on nothing is missed that others tell, save with a server that has no connection to spare.
        let _ = tokio::time::timeout(LISTENS, listening.wait_for(|listens| *listens)).await;
        let pool = Arc::new(Pool::new(server.clone()));
        let (written, news) = watch::channel(0);
        let teller = tokio::spawn(tell::run(Arc::clone(&pool), schema.clone(), news));
        let recent = at_once::nothing_known();
        let statements_of_writer = Arc::clone(&statements);
        let task = Task {
            server,
            client: Some(client),
            statements: statements_of_writer,
            head: head.clone(),
            written,
            recent,
        };
        let writer = Writer::start(task, teller);
        let heads = Heads::new(&schema);
        Ok(Self(Arc::new(Inner {
            schema,
            statements,
            pool,
            writer,
            head,
            heads,
            notes,
            memory: Memory::default(),
            stop,
        })))
    }

    /// The schema, and the connections for what is kept in it beside the events.
    pub(crate) fn rest(&self) -> (&str, &Arc<Pool>) {
        (&self.0.schema, &self.0.pool)
    }

    /// What processes tell each other through [`PostgresEvents::tell`], this one's own words among it. Nothing is kept for
    /// whoever does not listen, and behind a pooler nothing is heard at all: a hint, never more.
    #[must_use]
    pub fn notes(&self) -> broadcast::Receiver<Note> {
        self.0.notes.subscribe()
    }

    /// Tells all processes something, in up to 7,999 bytes that are not a number.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tell(&self, note: &str) -> Result<(), StoreError> {
        let parameters: [Parameter<'_>; 2] = [(&self.0.schema, Type::TEXT), (&note, Type::TEXT)];
        self.0.pool.read("SELECT pg_notify($1, $2)", &parameters).await.map(drop)
    }

    /// Writes something that is gone when the transaction ends, and takes new pages for it.
    pub(crate) async fn try_to_write(&self) -> Result<(), StoreError> {
        let transaction = self.0.pool.begin().await?;
        let sql = "CREATE TEMPORARY TABLE scaffold_room ON COMMIT DROP AS \
             SELECT repeat('x', 1000) FROM generate_series(1, 1000)";
        transaction.batch(sql).await?;
        transaction.commit().await
    }

    /// Writes what is queued, lets running reads end, and closes all connections. Later calls get [`StoreError::Closed`].
    pub async fn close(&self) {
        self.0.writer.close().await;
        self.0.pool.close().await;
        let _ = self.0.stop.send(());
    }
}

/// Connections to `postgres://user@host/database`, for what is kept there without events; and the schema that is meant.
///
/// # Errors
/// [`StoreError::Address`], [`StoreError::Unreachable`], or what the server says.
#[cfg(feature = "erasure")]
pub(crate) async fn connections(url: &str, default_schema: &str) -> Result<(String, Arc<Pool>), StoreError> {
    let address::Address { config, security, schema } = address::parse(url, default_schema)?;
    let server = Server::new(config, security).await?;
    Ok((schema, Arc::new(Pool::new(server))))
}

#[async_trait::async_trait]
impl EventStore for PostgresEvents {
    async fn head(&self) -> Result<Position, StoreError> {
        self.0.heads.ask(&self.0.pool).await
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        read::events((&self.0.pool, &self.0.schema), &self.0.memory, Some(tenant), (query, range)).await
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        read::events((&self.0.pool, &self.0.schema), &self.0.memory, None, (query, range)).await
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.0.writer.append(prepare::prepare(append)?).await
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        let tenant = tenant.as_str();
        if [tenant, command, key].into_iter().any(prepare::is_unstorable) {
            return Ok(None);
        }
        let parameters: [Parameter<'_>; 3] = [(&tenant, Type::TEXT), (&command, Type::TEXT), (&key, Type::TEXT)];
        let rows = self.0.pool.read(&self.0.statements.answer, &parameters).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text: String = column(row, 1)?;
        read::answer(column::<i64>(row, 0)?.unsigned_abs(), &text).map(Some)
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        untag::untag(&self.0.pool, &self.0.schema, tenant, &tags).await
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.0.head.watch()
    }

    async fn delete(&self, wished: &Deletion) -> Result<Deleted, StoreError> {
        let deleted = deletion::delete(&self.0.pool, &self.0.schema, wished).await?;
        if deleted.events > 0 {
            self.0.memory.learn(self.deleted().await?);
        }
        Ok(deleted)
    }

    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        deletion::horizons(&self.0.pool, &format!("\"{}\"", self.0.schema)).await
    }

    async fn forget(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        deletion::forget(&self.0.pool, &self.0.schema, forgetting).await
    }

    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        snapshot::find((&self.0.pool, &self.0.schema), tenant, of).await
    }

    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        snapshot::keep((&self.0.pool, &self.0.schema), tenant, of, &snapshot).await
    }
}
