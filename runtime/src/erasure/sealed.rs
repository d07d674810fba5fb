//! The event store of a service with personal fields: what is appended is sealed, what is read is opened.
//!
//! Nothing is sealed with a key whose subject is erased meanwhile. The keys are looked up behind a head that was noted before, and
//! the append fails if a `SubjectErased` of one of its subjects stands behind that head: then it is sealed anew. So all that was
//! sealed with a key stands before the erasure that threw the key away.

use std::sync::Arc;

use tokio::sync::watch;

use super::vault::{Names, Vault};
use super::{SUBJECT_ERASED, Subject, subject_tag};
use crate::event::{Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::store::{
    Answer, Append, AppendError, Appended, Condition, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon,
    Range, Snapshot, SnapshotKey, StoreError,
};

/// How often an append is sealed anew whose subjects are erased again and again.
const ATTEMPTS: usize = 10;

/// A store, and what its events are sealed with.
pub(crate) struct SealedEvents {
    store: Arc<dyn EventStore>,
    vault: Vault,
}

impl SealedEvents {
    /// Seals what goes into a store.
    pub(crate) fn new(store: Arc<dyn EventStore>, vault: Vault) -> Self {
        Self { store, vault }
    }

    async fn opened(&self, mut events: Vec<StoredEvent>, names: &Names) -> Result<Vec<StoredEvent>, StoreError> {
        self.vault.open(&mut events, names).await?;
        Ok(events)
    }

    /// Appends events with personal fields, sealed with keys that are looked up behind a head: that which the caller has noted, or
    /// today's.
    async fn attempt(&self, mut append: Append) -> Result<Appended, AppendError> {
        let noted = append.condition.as_ref().and_then(|condition| condition.after);
        let head = match noted {
            Some(noted) => noted,
            None => self.store.head().await?,
        };
        let tenant = append.tenant.clone();
        let subjects = self.vault.subjects(&tenant, &append.events)?;
        let keys = self.vault.keys.made_for(subjects.clone()).await?;
        self.vault.seal(&tenant, &mut append.events, &keys).await?;
        let guards = subjects.iter().map(erasure_of);
        append.condition = Some(match append.condition.take() {
            None => Condition { fail_if_events_match: Query::of(guards), after: Some(head) },
            Some(Condition { fail_if_events_match: query, after }) => {
                let query = self.vault.condition(&tenant, query).await?;
                // "Any at all" is looked at here up to the head, so that an erasure of long ago does not stand in the way.
                let is_free = after.is_some() || {
                    let known = Range::default().until(head).limit(1);
                    self.store.read(&tenant, &query, known).await?.is_empty()
                };
                // If it is not free, all that is left is to find out whether it was appended before.
                Condition { fail_if_events_match: with(query, guards), after: is_free.then_some(head) }
            }
        });
        self.store.append(append).await
    }
}

/// What a subject's erasure is found by.
pub(super) fn erasure_of(subject: &Subject) -> QueryItem {
    QueryItem::of(&[SUBJECT_ERASED], [subject_tag(&subject.id)])
}

fn with(query: Query, guards: impl Iterator<Item = QueryItem>) -> Query {
    match query {
        Query::All => Query::All,
        Query::Items(items) => Query::of(items.into_iter().chain(guards)),
    }
}

#[async_trait::async_trait]
impl EventStore for SealedEvents {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        match self.vault.query(Some(tenant), query).await? {
            Some((query, names)) => self.opened(self.store.read(tenant, &query, range).await?, &names).await,
            None => self.opened(self.store.read(tenant, query, range).await?, &Names::new()).await,
        }
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.vault.query(None, query).await?;
        self.opened(self.store.read_all(query, range).await?, &Names::new()).await
    }

    async fn append(&self, mut append: Append) -> Result<Appended, AppendError> {
        if self.vault.subjects(&append.tenant, &append.events)?.is_empty() {
            self.vault.seal(&append.tenant, &mut append.events, &Default::default()).await?;
            if let Some(Condition { fail_if_events_match: query, after }) = append.condition.take() {
                let query = self.vault.condition(&append.tenant, query).await?;
                append.condition = Some(Condition { fail_if_events_match: query, after });
            }
            return self.store.append(append).await;
        }
        if append.condition.is_some() {
            return self.attempt(append).await;
        }
        for _ in 1..ATTEMPTS {
            match self.attempt(append.clone()).await {
                Err(AppendError::Conflict) => {}
                settled => return settled,
            }
        }
        match self.attempt(append).await {
            Err(AppendError::Conflict) => Err(StoreError::Busy("its subject is being erased".to_owned()).into()),
            settled => settled,
        }
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        self.store.untag(tenant, tags).await
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
        if self.vault.is_personal(&of.query) {
            return Ok(None);
        }
        self.store.snapshot(tenant, of).await
    }

    /// A state of personal events would keep what is erased of them, and its key the tags that are hidden.
    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        if self.vault.is_personal(&of.query) {
            return Ok(());
        }
        self.store.keep(tenant, of, snapshot).await
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
}
