//! The store without a disk, for tests: the plainest form of what a store must do.

use super::deletion::{Candidate, Plan, behind};
use super::{
    Answer, Append, AppendError, Appended, Deleted, Deletion, EventStore, Forgetting, Forgotten, Horizon, Positions,
    Range, Snapshot, SnapshotKey, StoreError,
};
use crate::event::{Metadata, NewEvent, Position, Query, StoredEvent, Tag, Tenant};
use crate::value::Json;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// Events in memory. They go when it is dropped.
pub struct MemoryEvents {
    held: Mutex<Held>,
    head: watch::Sender<Position>,
}

#[derive(Default)]
struct Held {
    /// In order of position.
    events: Vec<Kept>,
    /// The last position given away.
    head: Position,
    answers: BTreeMap<(Tenant, String, String), Answer>,
    /// By whose they are, command and what that reads; each with its definition.
    snapshots: BTreeMap<(Tenant, String, String), (String, Snapshot)>,
    /// Up to where events were deleted, by type.
    horizons: BTreeMap<String, Position>,
    /// The head as it was at an instant.
    mark: Option<(Position, Instant)>,
}

struct Kept {
    event: StoredEvent,
    /// Whether this is all that is left of a deleted event.
    is_remnant: bool,
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
        Ok(self.held().head)
    }

    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.held().read(Some(tenant), query, range)
    }

    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.held().read(None, query, range)
    }

    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let mut held = self.held();
        let appended = held.append(append)?;
        // Told before the lock is free, so that the head never goes back.
        self.head.send_replace(held.head);
        Ok(appended)
    }

    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        let place = (tenant.clone(), command.to_owned(), key.to_owned());
        Ok(self.held().answers.get(&place).cloned())
    }

    async fn untag(&self, tenant: &Tenant, tags: Vec<(Position, Tag)>) -> Result<(), StoreError> {
        for kept in self.held().events.iter_mut().filter(|kept| kept.event.tenant == *tenant) {
            kept.event
                .tags
                .retain(|tag| !tags.iter().any(|(position, gone)| *position == kept.event.position && gone == tag));
        }
        Ok(())
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    async fn delete(&self, deletion: &Deletion) -> Result<Deleted, StoreError> {
        Ok(self.held().delete(deletion))
    }

    async fn deleted(&self) -> Result<Vec<Horizon>, StoreError> {
        Ok(self.held().deleted())
    }

    async fn forget(&self, forgetting: Forgetting) -> Result<Forgotten, StoreError> {
        Ok(self.held().forget(forgetting))
    }

    async fn snapshot(&self, tenant: &Tenant, of: &SnapshotKey) -> Result<Option<Snapshot>, StoreError> {
        let place = (tenant.clone(), of.command.to_string(), of.reads.clone());
        let held = self.held();
        let found = held.snapshots.get(&place).filter(|(definition, _)| *definition == of.definition);
        Ok(found.map(|(_, snapshot)| snapshot.clone()))
    }

    async fn keep(&self, tenant: &Tenant, of: &SnapshotKey, snapshot: Snapshot) -> Result<(), StoreError> {
        if snapshot.text(tenant, of).is_none() {
            return Ok(());
        }
        let place = (tenant.clone(), of.command.to_string(), of.reads.clone());
        let mut held = self.held();
        let is_older =
            |(definition, kept): &(String, Snapshot)| *definition != of.definition || kept.position < snapshot.position;
        if held.snapshots.get(&place).is_none_or(is_older) {
            held.snapshots.insert(place, (of.definition.to_string(), snapshot));
        }
        Ok(())
    }
}

impl Held {
    fn read(&self, tenant: Option<&Tenant>, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        behind(&self.deleted(), query, range)?;
        let there = self.events.iter().filter(|kept| !kept.is_remnant).map(|kept| &kept.event);
        let found = there.filter(|event| is_meant(event, tenant, query, range));
        let limit = range.limit.unwrap_or(usize::MAX);
        Ok(if range.backwards {
            found.rev().take(limit).cloned().collect()
        } else {
            found.take(limit).cloned().collect()
        })
    }

    /// Whether the tenant has an event behind a position that the query means, or had one of which a remnant is left.
    fn has(&self, tenant: &Tenant, query: &Query, after: Position) -> bool {
        self.events.iter().any(|kept| is_meant(&kept.event, Some(tenant), query, Range::after(after)))
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
        if let Some(condition) = &append.condition
            && self.has(&append.tenant, &condition.fail_if_events_match, condition.after.unwrap_or(0))
        {
            return Err(AppendError::Conflict);
        }
        let before = self.head;
        for event in append.events {
            self.head += 1;
            self.events.push(Kept { event: stored(append.tenant.clone(), event, self.head), is_remnant: false });
        }
        let last = self.head;
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
        let known = self.events.iter().map(|kept| &kept.event).filter(is_known);
        let known: Vec<Position> = known.map(|event| event.position).collect();
        match (known.first(), known.last()) {
            (Some(&first), Some(&last)) if known.len() == ids.len() => Ok(Some(Positions { first, last })),
            (Some(_), _) => Err(StoreError::partly_known_ids()),
            (None, _) => Ok(None),
        }
    }

    fn delete(&mut self, deletion: &Deletion) -> Deleted {
        let there = self.events.iter().skip(1).filter(|kept| !kept.is_remnant).map(|kept| &kept.event);
        let is_of = |event: &&StoredEvent| {
            deletion.after < event.position
                && event.position <= deletion.until
                && deletion.types.contains(&event.event_type)
        };
        let candidate = |event: &StoredEvent| Candidate {
            position: event.position,
            event_type: event.event_type.clone(),
            raised_at: event.raised_at,
        };
        let found = there.filter(is_of).take(deletion.limit).map(candidate).collect();
        let plan = Plan::of(deletion, found);
        for kept in self.events.iter_mut().filter(|kept| plan.gone.binary_search(&kept.event.position).is_ok()) {
            kept.is_remnant = true;
            (kept.event.payload, kept.event.metadata) = (Json::Null, Metadata::default());
        }
        for Horizon { event_type, position } in plan.horizons {
            let known = self.horizons.entry(event_type).or_default();
            *known = position.max(*known);
        }
        plan.deleted
    }

    fn deleted(&self) -> Vec<Horizon> {
        let horizon = |(event_type, position): (&String, &Position)| Horizon {
            event_type: event_type.clone(),
            position: *position,
        };
        self.horizons.iter().map(horizon).collect()
    }

    fn forget(&mut self, Forgetting { age, after, limit }: Forgetting) -> Forgotten {
        let (until, at) = *self.mark.get_or_insert((self.head, Instant::now()));
        if at.elapsed() < age {
            return Forgotten::default();
        }
        let is_due = |kept: &&Kept| kept.is_remnant && after < kept.event.position && kept.event.position <= until;
        let due: Vec<Position> =
            self.events.iter().filter(is_due).take(limit).map(|kept| kept.event.position).collect();
        self.events.retain(|kept| due.binary_search(&kept.event.position).is_err());
        let next = due.last().copied().filter(|_| due.len() == limit);
        if next.is_none() {
            self.mark = Some((self.head, Instant::now()));
        }
        Forgotten { events: due.len() as u64, next }
    }
}

fn is_meant(event: &StoredEvent, tenant: Option<&Tenant>, query: &Query, range: Range) -> bool {
    range.after < event.position
        && event.position <= range.until.unwrap_or(Position::MAX)
        && tenant.is_none_or(|tenant| *tenant == event.tenant)
        && query.matches(&event.event_type, &event.tags)
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
