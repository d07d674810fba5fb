//! One batch of a projection: read events, fold them, write entries and checkpoint together.

use futures_util::future::{OptionFuture, join};

use super::engine::Worker;
use super::erase::{self, erased_in};
use super::fold::{Fold, Routed};
use super::kind::{Event, Kind};
use super::sweep::sweep;
use crate::erasure::SUBJECT_ERASED;
use crate::event::{DecodeError, Meta, Position, Query, QueryItem, StoredEvent};
use crate::feed::Feed;
use crate::store::{Range, StoreError};
use crate::tables::{Batch, Checkpoint, Parked};

/// Events read at once.
const BATCH: usize = 1000;
/// While a projection catches up, so many times that are written at once.
const PAGES: usize = 50;
/// A checkpoint that has nothing else to write is written after so many positions.
const LAZY: Position = 10_000;

/// What a batch has come to.
pub(super) enum Step {
    /// There is more to do, or no way to go on.
    Behind(Behind),
    /// Everything up to the head is applied.
    Live,
}

/// What lies ahead.
pub(super) enum Behind {
    /// More events.
    More,
    /// An event that this program cannot read because it is too old for it.
    Stopped(String),
}

/// Why a batch failed; nothing of it is written then.
pub(super) enum Failure {
    /// The database failed; it may work again.
    Store(StoreError),
    /// The database was closed.
    Closed,
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Closed => Self::Closed,
            other => Self::Store(other),
        }
    }
}

/// An event with what it is to its projection.
pub(super) struct Read {
    pub(super) stored: StoredEvent,
    pub(super) meta: Meta,
    pub(super) event: Event,
}

impl Read {
    /// What was read.
    pub(super) fn new(stored: StoredEvent, event: Event) -> Self {
        Self { meta: stored.meta(), stored, event }
    }
}

/// The readable events of a batch, those to be put aside, and where it has to stop.
struct Decoded {
    read: Vec<Read>,
    parked: Vec<Parked>,
    stop: Option<(Position, String)>,
}

/// Applies the next events.
///
/// # Errors
/// [`Failure`] if the database fails; the next attempt begins at the same place.
pub(super) async fn step(worker: &mut Worker) -> Result<Step, Failure> {
    let applied = worker.applied;
    let head = worker.feed.known().await?;
    if head <= applied {
        return Ok(Step::Live);
    }
    // While it catches up, an entry that many events reach is loaded and written once for all of them.
    let pages = if worker.progress.borrow().is_ready() { 1 } else { PAGES };
    let mut fold = Fold::new(worker);
    let (mut step, mut after) = (Step::Behind(Behind::More), applied);
    let coming = Pages { feed: &*worker.feed, query: query(&worker.kind), head };
    let mut ahead = Some(coming.page(applied).await?);
    for number in 1..=pages {
        let Some(mut events) = ahead.take() else { break };
        let full = events.len() >= BATCH;
        let last = events.last().map_or(head, |event| event.position);
        let erased = erased_in(&worker.kind, &mut events, worker.checkpoint.history);
        let Decoded { read, parked, stop } = decode(&worker.kind, events);
        fold.park(parked);
        // While these are folded, the next are on their way.
        let wanted = full && stop.is_none() && erased.is_none() && number < pages;
        let next = OptionFuture::from(wanted.then(|| coming.page(last)));
        let (next, folded) = join(next, fold.run(read)).await;
        if let Some(wide) = folded? {
            let before = fold.into_batch();
            return apart(worker, before, wide).await;
        }
        if let Some(erased) = erased.filter(|_| stop.is_none()) {
            let before = fold.into_batch();
            return forgetting(worker, before, erased).await;
        }
        after = match &stop {
            Some((position, _)) => position.saturating_sub(1).max(after),
            None if full => last,
            None => head,
        };
        step = match stop {
            Some((_, reason)) => Step::Behind(Behind::Stopped(reason)),
            None if full => Step::Behind(Behind::More),
            None => Step::Live,
        };
        if fold.is_full() {
            break;
        }
        ahead = next.transpose()?;
    }
    let batch = fold.into_batch();
    let written = write(worker, batch, after).await?;
    Ok(if written { step } else { Step::Behind(Behind::More) })
}

/// Where a projection's events come from.
struct Pages<'a> {
    feed: &'a dyn Feed,
    query: Query,
    head: Position,
}

impl Pages<'_> {
    /// The next events behind a position.
    async fn page(&self, after: Position) -> Result<Vec<StoredEvent>, StoreError> {
        self.feed.read(None, &self.query, Range::after(after).until(self.head).limit(BATCH).whole()).await
    }
}

/// Applies an event that reaches too many entries to be part of a batch, behind what came before it.
async fn apart(worker: &mut Worker, before: Batch, wide: Routed) -> Result<Step, Failure> {
    let position = wide.read.stored.position;
    if write(worker, before, position.saturating_sub(1)).await? {
        sweep(worker, wide).await?;
    }
    Ok(Step::Behind(Behind::More))
}

/// Folds the entries of an erased subject anew, behind what came before its erasure.
async fn forgetting(worker: &mut Worker, before: Batch, erased: erase::Erased) -> Result<Step, Failure> {
    if write(worker, before, erased.position.saturating_sub(1)).await? {
        erase::erase(worker, erased).await?;
    }
    Ok(Step::Behind(Behind::More))
}

/// Writes a batch. False if somebody else had moved the checkpoint; then nothing was written.
///
/// # Errors
/// If the database fails.
pub(super) async fn write(worker: &mut Worker, mut batch: Batch, to: Position) -> Result<bool, Failure> {
    if to <= worker.checkpoint.history {
        batch.changes.clear();
    }
    let parked = u64::try_from(batch.parked.len()).unwrap_or(u64::MAX);
    let again = batch.parked.iter().any(|parked| parked.again);
    if !batch.is_empty() || to >= worker.checkpoint.position.saturating_add(LAZY) {
        (batch.from, batch.to) = (worker.checkpoint, to);
        let Some(checkpoint) = worker.tables.write(&worker.place, batch).await? else {
            return restart(worker).await.map(|()| false);
        };
        worker.stored(checkpoint);
    }
    if parked > 0 {
        let projection = worker.place.table.entry;
        metrics::counter!("projection_parked_total", "projection" => projection).increment(parked);
    }
    worker.again |= again;
    worker.applied = to;
    worker.reached(Checkpoint { position: to, ..worker.checkpoint });
    worker.tell().await;
    Ok(true)
}

/// Writes a checkpoint that nothing else was written with, for the next start and for other processes.
pub(super) async fn flush(worker: &mut Worker) {
    if worker.applied <= worker.checkpoint.position {
        return;
    }
    let batch = Batch { from: worker.checkpoint, to: worker.applied, ..Batch::default() };
    match worker.tables.write(&worker.place, batch).await {
        Ok(Some(checkpoint)) => worker.stored(checkpoint),
        // Another process has taken over and knows better.
        Ok(None) => {}
        Err(error) => tracing::warn!(projection = worker.place.table.entry, %error, "the checkpoint was not written"),
    }
}

/// Begins again from the stored checkpoint: another task has written this table.
async fn restart(worker: &mut Worker) -> Result<(), Failure> {
    tracing::warn!(projection = worker.place.table.entry, "another process keeps this table; going on from its place");
    Ok(worker.resume().await?)
}

pub(super) fn query(kind: &Kind) -> Query {
    if kind.sources.iter().any(|source| source.types.is_empty()) {
        return Query::All;
    }
    let mut types: Vec<&'static str> = kind.sources.iter().flat_map(|source| source.types.iter().copied()).collect();
    if kind.is_personal {
        types.push(SUBJECT_ERASED);
    }
    if types.is_empty() { Query::Items(Vec::new()) } else { Query::of([QueryItem::of(&types, [])]) }
}

/// Whether an event is one of those that a projection follows.
pub(super) fn concerns(kind: &Kind, event: &StoredEvent) -> bool {
    kind.sources.iter().any(|source| {
        source.topic == event.topic && (source.types.is_empty() || source.types.contains(&event.event_type.as_str()))
    })
}

fn decode(kind: &Kind, events: Vec<StoredEvent>) -> Decoded {
    let mut decoded = Decoded { read: Vec::new(), parked: Vec::new(), stop: None };
    for stored in events.into_iter().filter(|event| concerns(kind, event)) {
        match (kind.decode)(&stored) {
            Ok(None) => {}
            Ok(Some(event)) => decoded.read.push(Read::new(stored, event)),
            Err(error @ DecodeError::Newer { .. }) => {
                decoded.stop = Some((stored.position, format!("at position {}: {error}", stored.position)));
                break;
            }
            Err(error) => decoded.parked.push(park(&stored, None, error.to_string())),
        }
    }
    decoded
}

/// Notes an event that cannot be applied.
pub(super) fn park(stored: &StoredEvent, entry: Option<&str>, error: String) -> Parked {
    put_aside(Parked {
        position: stored.position,
        tenant: stored.tenant.clone(),
        event_type: stored.event_type.clone(),
        entry: entry.map(str::to_owned),
        error,
        again: false,
    })
}

/// Says so.
pub(super) fn put_aside(parked: Parked) -> Parked {
    let Parked { position, event_type, entry, error, .. } = &parked;
    tracing::warn!(position, event_type, entry, error, "an event is put aside");
    parked
}
