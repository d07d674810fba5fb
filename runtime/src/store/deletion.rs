//! Events that go after they were consumed.
//!
//! An event goes in two steps. Deleted, it is read by nobody any more, and its payload and metadata are gone; its id, type,
//! position and tags stay as a remnant. Later the remnant goes too. In between, a repeat of its append finds its position,
//! and a condition that was noted before it still fails: both come soon after the append or never.

use super::{Range, StoreError};
use crate::event::{Position, Query};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The version that a remnant has in the database, where events begin at 0.
pub(super) const REMNANT: i64 = -1;

/// How long it is believed up to where events were deleted. Far shorter than remnants stay, which tell the rest.
const BELIEVED: Duration = Duration::from_secs(60);

/// The table, in the words of both databases; `{s}` stands before its name. A row a type, with the position up to which it was
/// deleted; and one without a type, with the head as it was at an instant (milliseconds since 1970).
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS {s}deletions (type TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL, at BIGINT NOT NULL)";

/// Events that are to go, of all tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletion {
    /// Of these types.
    pub types: Vec<String>,
    /// Behind this position.
    pub after: Position,
    /// Up to this one, itself included.
    pub until: Position,
    /// But not those that stand here.
    pub except: BTreeSet<Position>,
    /// Nor what was raised at this instant or later, in microseconds since 1970; and nothing behind the first such event.
    pub raised_before: i64,
    /// At most so many are looked at.
    pub limit: usize,
}

/// What came of a deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many events were deleted.
    pub events: u64,
    /// Up to where it was looked; less than `until` if there is more to look at.
    pub to: Position,
    /// Whether an event that is too young was met, so that nothing more is to be done for now.
    pub is_early: bool,
    /// Those that stayed because they are excepted.
    pub kept: Vec<Position>,
}

/// Up to where events of a type were deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The type.
    pub event_type: String,
    /// The last deleted one's position.
    pub position: Position,
}

/// Which remnants are to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// Of events that were appended at least this long ago.
    pub age: Duration,
    /// Behind this position.
    pub after: Position,
    /// At most so many at once.
    pub limit: usize,
}

/// What came of forgetting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// How many remnants are gone.
    pub events: u64,
    /// Behind which position to go on; none when there is nothing more to be done for now.
    pub next: Option<Position>,
}

/// An event that may have to go.
pub(super) struct Candidate {
    pub(super) position: Position,
    pub(super) event_type: String,
    pub(super) raised_at: i64,
}

/// What is to be written for a deletion.
pub(super) struct Plan {
    /// The positions, in order.
    pub(super) gone: Vec<Position>,
    /// Up to where each type is deleted now.
    pub(super) horizons: Vec<Horizon>,
    pub(super) deleted: Deleted,
}

impl Plan {
    /// Chooses among what was found, which is in order of position and no more than the deletion's limit.
    pub(super) fn of(deletion: &Deletion, found: Vec<Candidate>) -> Self {
        let is_all = found.len() < deletion.limit;
        let mut plan = Self { gone: Vec::new(), horizons: Vec::new(), deleted: Deleted::default() };
        plan.deleted.to = deletion.after;
        for Candidate { position, event_type, raised_at } in found {
            if raised_at >= deletion.raised_before {
                plan.deleted.is_early = true;
                return plan;
            }
            plan.deleted.to = position;
            if deletion.except.contains(&position) {
                plan.deleted.kept.push(position);
                continue;
            }
            plan.gone.push(position);
            plan.deleted.events += 1;
            match plan.horizons.iter_mut().find(|horizon| horizon.event_type == event_type) {
                Some(horizon) => horizon.position = position,
                None => plan.horizons.push(Horizon { event_type, position }),
            }
        }
        if is_all {
            plan.deleted.to = deletion.until;
        }
        plan
    }
}

/// What a store remembers of deletions, so that reading costs nothing where nothing was ever deleted.
#[derive(Default)]
pub(super) struct Memory {
    /// Whether a remnant was met.
    has_remnants: AtomicBool,
    horizons: Mutex<Option<(Instant, Vec<Horizon>)>>,
}

impl Memory {
    /// Whether remnants have to be left out when this range is read. Whoever must not miss an event meets them.
    pub(super) fn leaves_out(&self, range: Range) -> bool {
        !range.whole && self.has_remnants.load(Ordering::Relaxed)
    }

    /// Notes that a remnant was met by a reader that did not leave them out.
    ///
    /// # Errors
    /// [`StoreError::Deleted`] if nothing may be missing; else reading again helps.
    pub(super) fn met(&self, range: Range, event_type: &str, position: Position) -> Result<(), StoreError> {
        self.has_remnants.store(true, Ordering::Relaxed);
        if range.whole {
            return Err(StoreError::deleted(event_type, position));
        }
        Ok(())
    }

    /// Whether the horizons have to be read before [`Memory::check`].
    pub(super) fn is_old(&self, range: Range) -> bool {
        let horizons = self.horizons.lock().unwrap_or_else(PoisonError::into_inner);
        range.whole && horizons.as_ref().is_none_or(|(at, _)| at.elapsed() >= BELIEVED)
    }

    /// Learns them.
    pub(super) fn learn(&self, found: Vec<Horizon>) {
        *self.horizons.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found));
    }

    /// Makes sure that nothing is missing of which not even a remnant is left.
    ///
    /// # Errors
    /// [`StoreError::Deleted`].
    pub(super) fn check(&self, query: &Query, range: Range) -> Result<(), StoreError> {
        let horizons = self.horizons.lock().unwrap_or_else(PoisonError::into_inner);
        behind(horizons.iter().flat_map(|(_, horizons)| horizons), query, range)
    }
}

/// Makes sure that a range does not begin before what a query means and was deleted.
///
/// # Errors
/// [`StoreError::Deleted`].
pub(super) fn behind<'a>(
    horizons: impl IntoIterator<Item = &'a Horizon>,
    query: &Query,
    range: Range,
) -> Result<(), StoreError> {
    // One single event is there or is not.
    let is_single = range.until == Some(range.after + 1);
    if !range.whole || is_single {
        return Ok(());
    }
    let missing = horizons.into_iter().find(|one| range.after < one.position && may_mean(query, &one.event_type));
    missing.map_or(Ok(()), |one| Err(StoreError::deleted(&one.event_type, one.position)))
}

/// Whether an event of this type, of whatever tags, may be meant.
fn may_mean(query: &Query, event_type: &str) -> bool {
    match query {
        Query::All => true,
        Query::Items(items) => {
            items.iter().any(|item| item.types.is_empty() || item.types.iter().any(|one| *one == event_type))
        }
    }
}
