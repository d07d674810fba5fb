//! What came of an event, on its way into the database.

use super::options::Key;
use super::parked::{EventOf, NewParked};
use super::schedule::Ticket;
use super::statement::Statement;
use crate::event::{Position, StoredEvent};
use std::sync::Arc;
use std::time::Duration;

/// What came of an event, or of a parked one that was tried again.
#[derive(Debug)]
pub(super) struct Settled {
    /// Where the event stands; none for a parked one, which the cursor has long passed.
    pub(super) position: Option<Position>,
    pub(super) outcome: Outcome,
    /// Whose key may go on once it is written.
    pub(super) release: Option<(Ticket, Arc<StoredEvent>)>,
    /// Written by itself, as it was part of a group that could not be written.
    pub(super) alone: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was handled.
    Done {
        writes: Vec<Statement>,
        /// Whether there is a row of its having been put off.
        was_put_off: bool,
    },
    /// It is tried later.
    PutOff(PutOff),
    /// It was given up.
    Parked { parked: NewParked, event: EventOf, was_put_off: bool },
    /// A parked one was handled after all.
    ResentDone { id: String, writes: Vec<Statement> },
    /// A parked one failed again.
    ResentFailed { id: String, error: String },
}

/// An event that is tried later.
#[derive(Debug, Default)]
pub(super) struct PutOff {
    pub(super) keys: Vec<Key>,
    /// Attempts that have failed; 0 if it only waits behind another.
    pub(super) failed: u32,
    pub(super) pause: Duration,
    pub(super) error: String,
    pub(super) correlation: Option<String>,
}

impl Settled {
    /// What its consumer has to say in the database.
    pub(super) fn has_writes(&self) -> bool {
        match &self.outcome {
            Outcome::Done { writes, .. } | Outcome::ResentDone { writes, .. } => !writes.is_empty(),
            _ => false,
        }
    }
}
