//! Databases, and which tenant lives in which.

use crate::event::Tenant;
use crate::store::sqlite::{Sqlite, SqliteEvents};
use crate::store::{EventStore, StoreError};
use std::path::Path;
use std::sync::Arc;

/// An open database: its events, and the tables beside them. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    events: Arc<dyn EventStore>,
    sqlite: Sqlite,
}

impl Database {
    /// Opens `sqlite:<path>` (created if absent) or `sqlite::memory:`. Needs no runtime, but blocks on the disk.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any other address, else what the store says.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let wrong = |problem| StoreError::Address { url: url.to_owned(), problem };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // Its password is nobody's business.
            let problem = "PostgreSQL holds events so far, but no tables of entries: a service needs `sqlite:`";
            return Err(StoreError::Address { url: "postgres://…".to_owned(), problem });
        }
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(wrong("it must begin with `sqlite:`; no other database is supported yet"));
        };
        // `sqlite://x.db` is widely written for a relative path, `sqlite:///x.db` for an absolute one.
        let path = path.strip_prefix("//").unwrap_or(path);
        let sqlite = match path {
            "" => return Err(wrong("the path is missing")),
            ":memory:" => Sqlite::in_memory()?,
            path => Sqlite::open(Path::new(path))?,
        };
        Ok(Self { events: Arc::new(SqliteEvents::new(sqlite.clone())), sqlite })
    }

    /// Its event store.
    pub fn events(&self) -> &Arc<dyn EventStore> {
        &self.events
    }

    /// Where its tables are read and written.
    pub fn sqlite(&self) -> &Sqlite {
        &self.sqlite
    }

    /// Writes what is queued and closes the database.
    pub async fn close(&self) {
        self.sqlite.close().await;
    }
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
            Database::open(&form).unwrap().close().await;
        }
        assert!(path.exists());
        Database::open("sqlite::memory:").unwrap().close().await;
        for wrong in ["", "a.db", "postgres://localhost/a", "sqlite:", "sqlite://"] {
            assert!(matches!(Database::open(wrong), Err(StoreError::Address { .. })), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_tenant_finds_its_database() {
        let databases = Databases::single(Database::open("sqlite::memory:").unwrap());
        let database = databases.for_tenant(&Tenant::new("acme")).unwrap();
        assert_eq!(database.events().head().await.unwrap(), 0);
        databases.close().await;
        let late = database.events().append(Append::new(Tenant::new("acme"), vec![])).await;
        assert!(late.is_err(), "closed is closed");
    }
}
