//! The store without a disk, for tests: the plainest form of what a store must do.

use super::{Answer, Append, AppendError, Appended, EventStore, Positions, Range, StoreError};
use crate::event::{NewEvent, Position, Query, StoredEvent, Tag, Tenant};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Events in memory. They go when it is dropped.
pub struct MemoryEvents {
    held: Mutex<Held>,
    head: watch::Sender<Position>,
}

#[derive(Default)]
struct Held {
    /// In order of position; the event at index n stands at position n + 1.
    events: Vec<StoredEvent>,
    answers: BTreeMap<(Tenant, String, String), Answer>,
}

impl Default for MemoryEvents {
    fn default() -> Self {
        Self { held: Mutex::default(), head: watch::Sender::new(0) }
    }
}

impl MemoryEvents {
    /// A store without events.
    pub fn new() -> Self {
        Self::default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl EventStore for MemoryEvents {
    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.held().head())
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.held().read(Some(tenant), query, range))
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.held().read(None, query, range))
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let mut held = self.held();
        let appended = held.append(append)?;
        // Told before the lock is free, so that the head never goes back.
        self.head.send_replace(held.head());
        Ok(appended)
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        let place = (tenant.clone(), command.to_owned(), key.to_owned());
        Ok(self.held().answers.get(&place).cloned())
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        for event in self.held().events.iter_mut().filter(|event| event.tenant == *tenant) {
            event.tags.retain(|tag| !tags.iter().any(|(position, gone)| *position == event.position && gone == tag));
        }
        Ok(())
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

impl Held {
    fn head(&self) -> Position {
        self.events.last().map_or(0, |event| event.position)
    }

    fn read(&self, tenant: Option<&Tenant>, query: &Query, range: Range) -> Vec<StoredEvent> {
        let until = range.until.unwrap_or(Position::MAX);
        let meant = |event: &&StoredEvent| {
            range.after < event.position
                && event.position <= until
                && tenant.is_none_or(|tenant| *tenant == event.tenant)
                && query.matches(&event.event_type, &event.tags)
        };
        let limit = range.limit.unwrap_or(usize::MAX);
        let found = self.events.iter().filter(meant);
        if range.backwards { found.rev().take(limit).cloned().collect() } else { found.take(limit).cloned().collect() }
    }

    fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        let place = append.idempotency.as_ref();
        let place = place.map(|key| (append.tenant.clone(), key.command.to_string(), key.key.clone()));
        if let Some(first) = place.as_ref().and_then(|place| self.answers.get(place)) {
            return Ok(Appended::Repeated(first.clone()));
        }
        if let Some(known) = self.known(&append)? {
            return Ok(Appended::Done(known));
        }
        if let Some(condition) = &append.condition {
            let behind = Range::after(condition.after.unwrap_or(0)).limit(1);
            if !self.read(Some(&append.tenant), &condition.fail_if_events_match, behind).is_empty() {
                return Err(AppendError::Conflict);
            }
        }
        let before = self.head();
        for event in append.events {
            self.events.push(stored(append.tenant.clone(), event, self.head() + 1));
        }
        let last = self.head();
        if let (Some(place), Some(key)) = (place, append.idempotency) {
            self.answers.insert(place, Answer { position: last, answer: key.answer });
        }
        let first = if last == before { last } else { before + 1 };
        Ok(Appended::Done(Positions { first, last }))
    }

    fn known(&self, append: &Append) -> Result<Option<Positions>, StoreError> {
        let mut ids: Vec<_> = append.events.iter().map(|event| event.id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(StoreError::doubled_ids());
        }
        let is_known = |event: &&StoredEvent| event.tenant == append.tenant && ids.binary_search(&event.id).is_ok();
        let known: Vec<Position> = self.events.iter().filter(is_known).map(|event| event.position).collect();
        match (known.first(), known.last()) {
            (Some(&first), Some(&last)) if known.len() == ids.len() => Ok(Some(Positions { first, last })),
            (Some(_), _) => Err(StoreError::partly_known_ids()),
            (None, _) => Ok(None),
        }
    }
}

fn stored(tenant: Tenant, event: NewEvent, position: Position) -> StoredEvent {
    StoredEvent {
        position,
        tenant,
        id: event.id,
        topic: event.topic.into_owned(),
        stream: event.stream,
        event_type: event.event_type.into_owned(),
        version: event.version,
        tags: event.tags,
        payload: event.payload,
        metadata: event.metadata,
        raised_at: event.raised_at,
    }
}
