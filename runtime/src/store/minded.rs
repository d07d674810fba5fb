//! An event store that remembers whether it can be written.

use super::{
    Answer, Append, AppendError, Appended, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon, Range,
    Snapshot, SnapshotKey, StoreError,
};
use crate::event::{Position, Query, StoredEvent, Tag, Tenant};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long what was found out about a disk is believed.
const BELIEVED: Duration = Duration::from_secs(1);

/// What is known of a database that could not be written. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<Option<Found>>>);

struct Found {
    problem: String,
    at: Instant,
}

impl Trouble {
    /// What is wrong, and whether that was found out long enough ago to look again; nothing if all is well.
    pub(crate) fn is_there(&self) -> Option<(String, bool)> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref().map(|found| (found.problem.clone(), found.at.elapsed() >= BELIEVED))
    }

    /// Learns from a write.
    pub(crate) fn saw(&self, failed: Option<&StoreError>) {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match failed {
            Some(StoreError::Unwritable(problem)) => {
                if found.is_none() {
                    tracing::error!(problem, "the database cannot be written");
                }
                *found = Some(Found { problem: problem.clone(), at: Instant::now() });
            }
            // Nothing was tried, or it is not known what came of it.
            Some(_) => {}
            None if found.take().is_some() => tracing::info!("the database can be written again"),
            None => {}
        }
    }
}

/// The store, and what its appends have told of the disk.
pub(crate) struct Minded {
    store: Arc<dyn EventStore>,
    trouble: Trouble,
}

impl Minded {
    /// Minds a store.
    pub(crate) fn new(store: Arc<dyn EventStore>, trouble: Trouble) -> Self {
        Self { store, trouble }
    }
}

#[async_trait::async_trait]
impl EventStore for Minded {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read(tenant, query, range).await
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let outcome = self.store.append(append).await;
        match &outcome {
            Ok(Appended::Done(_)) => self.trouble.saw(None),
            Err(AppendError::Store(failed)) => self.trouble.saw(Some(failed)),
            // Nothing was written.
            Ok(Appended::Repeated(_)) | Err(AppendError::Conflict) => {}
        }
        outcome
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        let outcome = self.store.untag(tenant, tags).await;
        self.trouble.saw(outcome.as_ref().err());
        outcome
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }

    async fn delete(&self, deletion: &Deletion) -> Result<Deleted, StoreError> {
        self.store.delete(deletion).await
    }

    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        self.store.deleted().await
    }

    async fn forget(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        self.store.forget(forgetting).await
    }

    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        self.store.snapshot(tenant, of).await
    }

    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        let outcome = self.store.keep(tenant, of, snapshot).await;
        // That all went well says little: what is not newer is not written.
        if let Err(failed) = &outcome {
            self.trouble.saw(Some(failed));
        }
        outcome
    }
}
