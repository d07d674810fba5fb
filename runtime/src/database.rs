//! Databases, and which tenant lives in which.

#[cfg(feature = "postgres")]
use crate::broadcast::PostgresBroadcasts;
use crate::broadcast::{Broadcasts, InProcess};
use crate::consumer::Ledger;
#[cfg(all(feature = "erasure", feature = "postgres"))]
use crate::erasure::PostgresKeys;
#[cfg(feature = "erasure")]
use crate::erasure::{KeyStore, KeysAt, SealedEvents, SqliteKeys, Vault};
use crate::event::{Names, Renamed, Tenant};
use crate::lease::Leases;
#[cfg(feature = "postgres")]
use crate::lease::postgres::PostgresLeases;
use crate::lease::sqlite::SqliteLeases;
use crate::store::minded::{Minded, Trouble};
#[cfg(feature = "postgres")]
use crate::store::postgres::PostgresEvents;
use crate::store::renamed::RenamedEvents;
use crate::store::sqlite::{Sqlite, SqliteEvents};
use crate::store::{EventStore, MemoryEvents, StoreError};
#[cfg(feature = "postgres")]
use crate::tables::postgres::PostgresTables;
use crate::tables::sqlite::SqliteTables;
use crate::tables::{Aside, Tables};
use std::path::PathBuf;
use std::sync::Arc;

/// An open database: its events, and what is kept beside them. Cheap to clone.
///
/// What it hands out are traits: nobody behind it knows which database it is.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    events: Arc<dyn EventStore>,
    names: Names,
    tables: Arc<dyn Tables>,
    leases: Arc<dyn Leases>,
    groups: Ledger,
    broadcasts: Arc<dyn Broadcasts>,
    trouble: Trouble,
}

/// What is opened and closed.
#[derive(Clone)]
enum Engine {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(PostgresEvents),
}

impl Database {
    /// Opens the database of a service: `sqlite:<path>` (created if absent), `sqlite::memory:`, or
    /// `postgres://user@host/database`, there in the schema of the parameter `schema` or else of the service's name. Must be
    /// called in a runtime.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any other address, else what the store says.
    pub async fn open(url: &str, service: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return open_server(url, service).await;
        }
        let wrong = |problem| StoreError::Address { url: url.to_owned(), problem };
        let Some(path) = url.strip_prefix("sqlite:") else {
            // There may be a password in it.
            let scheme = url.split_once("://").map_or("…", |(scheme, _)| scheme).to_owned();
            return Err(StoreError::Address { url: scheme, problem: "it must begin with `sqlite:` or `postgres://`" });
        };
        // `sqlite://x.db` is widely written for a relative path, `sqlite:///x.db` for an absolute one.
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => Err(wrong("the path is missing")),
            ":memory:" => Ok(Self::of_sqlite(Sqlite::in_memory()?)),
            path => Ok(Self::of_sqlite(open_file(path.into()).await?)),
        }
    }

    /// A database that is gone when it is dropped, for tests: the plainest event store there is, and a SQLite in memory for what
    /// is kept beside the events. Must be called in a runtime.
    ///
    /// # Errors
    /// If SQLite fails.
    pub fn in_memory() -> Result<Self, StoreError> {
        let beside = Self::of_sqlite(Sqlite::in_memory()?);
        Ok(Self { events: Arc::new(MemoryEvents::new()), ..beside })
    }

    fn of_sqlite(sqlite: Sqlite) -> Self {
        let trouble = Trouble::default();
        Self {
            events: Arc::new(Minded::new(Arc::new(SqliteEvents::new(sqlite.clone())), trouble.clone())),
            names: Names::default(),
            trouble,
            tables: Arc::new(SqliteTables::new(sqlite.clone())),
            leases: Arc::new(SqliteLeases::new(sqlite.clone())),
            groups: Ledger::of_sqlite(sqlite.clone()),
            broadcasts: Arc::new(InProcess::new()),
            engine: Engine::Sqlite(sqlite),
        }
    }

    #[cfg(feature = "postgres")]
    fn of_postgres(events: PostgresEvents) -> Self {
        let trouble = Trouble::default();
        Self {
            tables: Arc::new(PostgresTables::new(&events)),
            leases: Arc::new(PostgresLeases::new(&events)),
            groups: Ledger::of_postgres(&events),
            broadcasts: Arc::new(PostgresBroadcasts::new(&events)),
            events: Arc::new(Minded::new(Arc::new(events.clone()), trouble.clone())),
            names: Names::default(),
            trouble,
            engine: Engine::Postgres(events),
        }
    }

    /// Its event store.
    #[must_use]
    pub fn events(&self) -> &Arc<dyn EventStore> {
        &self.events
    }

    /// The same, with events that had other names before. They stay stored under the oldest one.
    pub(crate) fn renamed(self, renamed: &'static [Renamed]) -> Self {
        if renamed.is_empty() {
            return self;
        }
        let names = Names::new(renamed);
        Self { events: Arc::new(RenamedEvents::new(self.events, names.clone())), names, ..self }
    }

    /// The names that its events have had.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// The same, with events that are sealed on their way in and opened on their way out.
    #[cfg(feature = "erasure")]
    pub(crate) fn sealed(self, vault: Vault) -> Self {
        let events = Arc::new(SealedEvents::new(Arc::clone(&self.events), vault));
        Self { events, ..self }
    }

    /// The store of data keys at a place; `service` names the schema where nothing else does.
    ///
    /// # Errors
    /// If it cannot be opened.
    #[cfg(feature = "erasure")]
    pub(crate) async fn keys(&self, at: KeysAt, service: &str) -> Result<Arc<dyn KeyStore>, StoreError> {
        match (at, &self.engine) {
            #[cfg(feature = "postgres")]
            (KeysAt::Beside, Engine::Postgres(events)) => {
                let (schema, pool) = events.rest();
                Ok(Arc::new(PostgresKeys::beside(schema, pool).await?))
            }
            (KeysAt::Memory | KeysAt::Beside, _) => Ok(Arc::new(SqliteKeys::in_memory()?)),
            (KeysAt::File(path), _) => {
                let opened = tokio::task::spawn_blocking(move || SqliteKeys::open(&path)).await;
                let opened = opened.map_err(|failure| StoreError::Invalid(failure.to_string()))?;
                Ok(Arc::new(opened?))
            }
            (KeysAt::Server(url), _) => key_server(&url, service).await,
        }
    }

    /// Its tables of entries.
    #[must_use]
    pub fn tables(&self) -> &Arc<dyn Tables> {
        &self.tables
    }

    /// Who of several processes does what only one may do at a time.
    #[must_use]
    pub fn leases(&self) -> &Arc<dyn Leases> {
        &self.leases
    }

    /// What consumer groups keep in it.
    #[must_use]
    pub fn groups(&self) -> &Ledger {
        &self.groups
    }

    /// Messages that are not stored: among all processes on PostgreSQL, within this one on SQLite.
    #[must_use]
    pub fn broadcasts(&self) -> &Arc<dyn Broadcasts> {
        &self.broadcasts
    }

    /// What projections have put aside in it.
    pub(crate) fn aside(&self) -> Aside {
        Aside::new(&self.groups)
    }

    /// What keeps it from being written: a disk that is full, or fails. Once that is known, asking looks again, though not more
    /// often than once a second.
    pub async fn trouble(&self) -> Option<String> {
        let (problem, is_old) = self.trouble.is_there()?;
        if !is_old {
            return Some(problem);
        }
        let written = match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.try_to_write().await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(events) => events.try_to_write().await,
        };
        self.trouble.saw(written.as_ref().err());
        self.trouble.is_there().map(|(problem, _)| problem)
    }

    /// Writes what is queued and closes the database.
    pub async fn close(&self) {
        self.broadcasts.close();
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            #[cfg(feature = "postgres")]
            Engine::Postgres(events) => events.close().await,
        }
    }
}

#[cfg(all(feature = "erasure", feature = "postgres"))]
async fn key_server(url: &str, service: &str) -> Result<Arc<dyn KeyStore>, StoreError> {
    Ok(Arc::new(PostgresKeys::open(url, service).await?))
}

#[cfg(all(feature = "erasure", not(feature = "postgres")))]
async fn key_server(_url: &str, _service: &str) -> Result<Arc<dyn KeyStore>, StoreError> {
    let problem = "this program was built without the feature `postgres`";
    Err(StoreError::Address { url: "postgres://…".to_owned(), problem })
}

#[cfg(feature = "postgres")]
async fn open_server(url: &str, service: &str) -> Result<Database, StoreError> {
    PostgresEvents::open(url, service).await.map(Database::of_postgres)
}

#[cfg(not(feature = "postgres"))]
async fn open_server(_url: &str, _service: &str) -> Result<Database, StoreError> {
    // Its password is nobody's business.
    let problem = "this program was built without the feature `postgres`";
    Err(StoreError::Address { url: "postgres://…".to_owned(), problem })
}

/// Opens a file, which may wait for the disk, where nobody waits for it.
async fn open_file(path: PathBuf) -> Result<Sqlite, StoreError> {
    let shown = path.clone();
    let failed = |source| StoreError::File { path: shown, source };
    let opened = tokio::task::spawn_blocking(move || Sqlite::open(&path)).await;
    opened.map_err(|failure| failed(failure.into()))?
}

/// The databases of a service, and the placement of tenants in them. Cheap to clone.
///
/// A tenant's database is always asked for here, so that tenants can be spread over several one day.
#[derive(Clone)]
pub struct Databases(Arc<[Database]>);

impl Databases {
    /// All tenants in one database.
    pub fn single(database: Database) -> Self {
        Self(Arc::from([database]))
    }

    /// The database that holds a tenant's events and entries.
    ///
    /// # Errors
    /// [`StoreError::Closed`] if there is none.
    pub fn for_tenant(&self, _tenant: &Tenant) -> Result<&Database, StoreError> {
        self.0.first().ok_or(StoreError::Closed)
    }

    /// Every database, for what runs across tenants: projections.
    pub fn all(&self) -> &[Database] {
        &self.0
    }

    /// Closes all of them.
    pub async fn close(&self) {
        for database in self.all() {
            database.close().await;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Append;

    #[tokio::test]
    async fn addresses_are_read_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        for form in [format!("sqlite:{}", path.display()), format!("sqlite://{}", path.display())] {
            Database::open(&form, "campus").await.unwrap().close().await;
        }
        assert!(path.exists());
        Database::open("sqlite::memory:", "campus").await.unwrap().close().await;
        for wrong in ["", "a.db", "mysql://u:geheim@localhost/a", "sqlite:", "sqlite://"] {
            assert!(matches!(Database::open(wrong, "campus").await, Err(StoreError::Address { .. })), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_tenant_finds_its_database() {
        let databases = Databases::single(Database::open("sqlite::memory:", "campus").await.unwrap());
        let database = databases.for_tenant(&Tenant::new("acme")).unwrap();
        assert_eq!(database.events().head().await.unwrap(), 0);
        databases.close().await;
        let late = database.events().append(Append::new(Tenant::new("acme"), vec![])).await;
        assert!(late.is_err(), "closed is closed");
    }
}
