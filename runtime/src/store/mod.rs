//! Event stores: events with tags, appended under conditions (dcb.events).
//!
//! One trait, several back ends, one conformance suite. All positions come from one counter a database and become visible
//! in order: whoever has seen position n never later sees a smaller one appear.

#[cfg(test)]
pub(crate) mod conformance;
mod deletion;
mod error;
mod memory;
pub(crate) mod minded;
#[cfg(feature = "postgres")]
pub mod postgres;
mod recent;
pub(crate) mod renamed;
mod snapshot;
pub mod sqlite;

pub use deletion::{Deleted, Deletion, Forgetting, Forgotten, Horizon};
pub use error::{AppendError, StoreError};
pub use memory::MemoryEvents;
pub use snapshot::{Snapshot, SnapshotKey};

use crate::event::{NewEvent, Position, Query, StoredEvent, Tag, Tenant};
use crate::value::Json;
use std::borrow::Cow;
use tokio::sync::watch;

/// Which part of the events to read, and in what direction. The range is `after < position <= until` either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// Only events behind this position; 0 for all.
    pub after: Position,
    /// Only events up to this position, itself included; none for all.
    pub until: Option<Position>,
    /// At most so many; none for all.
    pub limit: Option<usize>,
    /// The newest first.
    pub backwards: bool,
    /// Fails with [`StoreError::Deleted`] where events that the query means were deleted from the range, instead of passing
    /// over them. For whoever has to see every event once; not together with `backwards`.
    pub whole: bool,
}

impl Range {
    /// All events behind a position.
    pub fn after(position: Position) -> Self {
        Self { after: position, ..Self::default() }
    }

    /// Up to this position, itself included.
    #[must_use]
    pub fn until(self, position: Position) -> Self {
        Self { until: Some(position), ..self }
    }

    /// At most so many.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The newest first.
    #[must_use]
    pub fn backwards(self) -> Self {
        Self { backwards: true, ..self }
    }

    /// Nothing may be missing.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

/// When an append must fail: if the tenant has an event behind `after` that the query means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Which events stand in the way.
    pub fail_if_events_match: Query,
    /// Only events behind this position count; none: any at all.
    pub after: Option<Position>,
}

/// A key under which a repeat of a command gets the first answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Idempotency {
    /// The command's name.
    pub command: Cow<'static, str>,
    /// The caller's key.
    pub key: String,
    /// What to answer a repeat.
    pub answer: Json,
}

/// Events that are appended all or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// Whose they are.
    pub tenant: Tenant,
    /// In this order; may be empty, for an answer alone.
    pub events: Vec<NewEvent>,
    /// When to fail.
    pub condition: Option<Condition>,
    /// The answer to store along, and to find when it is there already.
    pub idempotency: Option<Idempotency>,
}

impl Append {
    /// An append without conditions.
    pub fn new(tenant: Tenant, events: Vec<NewEvent>) -> Self {
        Self { tenant, events, condition: None, idempotency: None }
    }

    /// Fails if the query has a match behind `after`.
    #[must_use]
    pub fn unless(self, query: Query, after: impl Into<Option<Position>>) -> Self {
        Self { condition: Some(Condition { fail_if_events_match: query, after: after.into() }), ..self }
    }
}

/// Where the events of an append stand. For an append without events both are the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Positions {
    /// The first one's.
    pub first: Position,
    /// The last one's.
    pub last: Position,
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The position of the last event that was appended with it.
    pub position: Position,
    /// What was stored.
    pub answer: Json,
}

/// What came of an append.
#[derive(Clone, Debug, PartialEq)]
pub enum Appended {
    /// The events stand there now, or stood there already under the same ids.
    Done(Positions),
    /// The idempotency key was used before; nothing was appended.
    Repeated(Answer),
}

/// A store of events.
#[async_trait::async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// The position of the newest event of all tenants; 0 when there is none.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn head(&self) -> Result<Position, StoreError>;

    /// The events of a tenant that a query means, in order of position. The result is in memory at once: read long ranges
    /// in pages, with `limit` and the last position seen.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError>;

    /// Like [`EventStore::read`] across all tenants; for projections and relays.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError>;

    /// Appends all of the events or none; durable when it answers. In this order: a known idempotency key answers as at
    /// first, known ids answer with their first positions, the condition is checked, the events are appended.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] if the condition fails; [`AppendError::Store`] if the store does.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// The answer stored under an idempotency key.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError>;

    /// Takes tags away from events of a tenant; what is not there is passed over. Conditions that were met before may fail on
    /// them for a moment longer.
    ///
    /// # Errors
    /// If the store cannot be written, or takes nothing away.
    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        let _ = (tenant, tags);
        Err(StoreError::Invalid("this store takes no tags away".to_owned()))
    }

    /// The head as it moves on, for whoever waits for new events.
    fn watch(&self) -> watch::Receiver<Position>;

    /// Deletes events, a few at a time: from then on nobody reads them. Id, type, position and tags stay until they are
    /// forgotten, so that a repeat of the append is still known as one and conditions still find what they must not miss. The
    /// first event of the store stays in any case, since other services know the store again by it. Doing it twice, or at the
    /// same time as another process, changes nothing more.
    ///
    /// # Errors
    /// If the store fails; what was deleted before stays deleted.
    async fn delete(&self, _deletion: &Deletion) -> Result<Deleted, StoreError> {
        Err(StoreError::Invalid("this store keeps all of its events".to_owned()))
    }

    /// Up to where events of each type were deleted, in order of the types. Single ones before it may still be there.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        Ok(Vec::new())
    }

    /// Lets go of what is left of deleted events that were appended longer ago than an age.
    ///
    /// # Errors
    /// If the store fails.
    async fn forget(&self, _forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        Ok(Forgotten::default())
    }

    /// What was kept of a decision's state, if any.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        let _ = (tenant, of);
        Ok(None)
    }

    /// Keeps a state in place of an older one; one that is not newer changes nothing. What is too long is not kept, which is no
    /// error.
    ///
    /// # Errors
    /// If the store cannot be written.
    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        let _ = (tenant, of, snapshot);
        Ok(())
    }
}
