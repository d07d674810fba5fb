//! One batch of a projection: read events, fold them, write entries and checkpoint together.

use futures_util::future::{OptionFuture, join};

use super::erase::{self, erased_in};
use super::failure::Failure;
use super::fold::{Fold, Routed};
use super::reading::{Decoded, decode, query};
use super::sweep::sweep;
use super::worker::Worker;
use super::writing::write;
use crate::event::{Position, Query, StoredEvent};
use crate::feed::Feed;
use crate::store::{Range, StoreError};
use crate::tables::Batch;

/// Events read at once.
const BATCH: usize = 1000;
/// While a projection catches up, so many times that are written at once.
const PAGES: usize = 50;
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
