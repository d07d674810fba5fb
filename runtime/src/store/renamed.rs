//! An event store in which some events stand under the names that they had first.

use super::{
    Answer, Append, AppendError, Appended, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon, Range,
    Snapshot, SnapshotKey, StoreError,
};
use crate::event::{Names, NewEvent, Position, Query, StoredEvent, Tag, Tenant};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// A store whose events are called as they are today. What is appended goes under the oldest name; what is asked for is asked for by
/// all names.
pub(crate) struct RenamedEvents {
    store: Arc<dyn EventStore>,
    names: Names,
}

impl RenamedEvents {
    /// Renames what goes into a store and what comes out of it.
    pub(crate) fn new(store: Arc<dyn EventStore>, names: Names) -> Self {
        Self { store, names }
    }

    fn shown(&self, read: Result<Vec<StoredEvent>, StoreError>) -> Result<Vec<StoredEvent>, StoreError> {
        match read {
            Ok(mut events) => {
                self.names.show(&mut events);
                Ok(events)
            }
            Err(StoreError::Deleted { event_type, position }) => {
                Err(StoreError::deleted(self.names.today(&event_type), position))
            }
            Err(other) => Err(other),
        }
    }

    fn stored(&self, event: &mut NewEvent) {
        if let Some(stored) = self.names.stored(&event.event_type) {
            event.event_type = Cow::Borrowed(stored);
        }
    }
}

#[async_trait::async_trait]
impl EventStore for RenamedEvents {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.shown(self.store.read(tenant, &self.names.asked(query), range).await)
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.shown(self.store.read_all(&self.names.asked(query), range).await)
    }

    async fn append(&self, mut append: Append) -> Result<Appended, AppendError> {
        append.events.iter_mut().for_each(|event| self.stored(event));
        if let Some(condition) = &mut append.condition
            && let Cow::Owned(asked) = self.names.asked(&condition.fail_if_events_match)
        {
            condition.fail_if_events_match = asked;
        }
        self.store.append(append).await
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        self.store.untag(tenant, tags).await
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }

    async fn delete(&self, deletion: &Deletion) -> Result<Deleted, StoreError> {
        self.store.delete(&Deletion { types: self.names.every(&deletion.types), ..deletion.clone() }).await
    }

    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        let mut found: BTreeMap<String, Position> = BTreeMap::new();
        for Horizon { event_type, position } in self.store.deleted().await? {
            let furthest = found.entry(self.names.today(&event_type).to_owned()).or_default();
            *furthest = position.max(*furthest);
        }
        Ok(found.into_iter().map(|(event_type, position)| Horizon { event_type, position }).collect())
    }

    async fn forget(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        self.store.forget(forgetting).await
    }

    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        self.store.snapshot(tenant, of).await
    }

    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        self.store.keep(tenant, of, snapshot).await
    }
}
