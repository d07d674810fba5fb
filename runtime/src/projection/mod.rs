//! Projections: entries folded from events, kept up to date by one task each.

mod again;
mod attend;
mod batch;
mod engine;
mod erase;
mod failure;
mod fold;
mod hold;
mod kind;
mod overview;
mod owner;
mod pace;
mod progress;
mod reading;
mod refold;
mod registry;
mod share;
mod sweep;
#[cfg(test)]
pub(crate) mod tasks;
mod uniqueness;
mod verify;
mod weight;
mod worker;
mod writing;

use crate::entry::Entry;
use crate::event::{EventSet, Meta};
use crate::expr::EvalError;
use crate::query::Filter;

pub use engine::{Engines, Live};
pub use overview::{Overview, State};
pub use progress::{Lag, Progress, Readiness};
pub use registry::Registry;
pub use uniqueness::{Shared, Uniqueness};

/// Entries that are folded from events.
pub trait Projection: Entry {
    /// The event enum of the service whose events these are.
    type Event: EventSet;
    /// That service, where it is another one.
    const FROM: Option<&'static str> = None;
    /// The events that concern this projection.
    const SOURCES: &'static [Source];
    /// Whether those who write the events hold the unique constraints, so that no event can break one.
    const HELD_BY_WRITERS: bool = false;

    /// Which entries `event` reaches, and whether it updates or removes them.
    ///
    /// # Errors
    /// When an id or a filter value cannot be computed; the event is parked then.
    fn route(event: &Self::Event, meta: &Meta) -> Result<Vec<Route>, EvalError>;

    /// Changes the entry as `event` says.
    ///
    /// # Errors
    /// When an expression fails; the event is parked and the entry stays as it was.
    fn apply(&mut self, event: &Self::Event, meta: &Meta) -> Result<(), EvalError>;
}

/// Event types of one topic that concern a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The topic.
    pub topic: &'static str,
    /// The event types; none means all of the topic.
    pub types: &'static [&'static str],
}

/// What an event does to entries.
#[derive(Clone, Debug, PartialEq)]
pub enum Route {
    /// Creates or updates them.
    Upsert(Target),
    /// Removes them.
    Remove(Target),
}

impl Route {
    /// Creates or updates the entry of this id.
    pub fn upsert(id: impl Into<String>) -> Self {
        Self::Upsert(Target::Id(id.into()))
    }

    /// Removes the entry of this id.
    pub fn remove(id: impl Into<String>) -> Self {
        Self::Remove(Target::Id(id.into()))
    }
}

/// Which entries an event reaches.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The one of this id; an update creates it where there is none.
    Id(String),
    /// All there are in the event's tenant; none is created.
    All,
    /// Those that the filter matches before the event; none is created.
    Matching(Filter),
}
