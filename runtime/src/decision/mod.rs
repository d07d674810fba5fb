//! Commands as decisions: read what they need to know, fold it, decide, append under the same query.

mod answer;
mod error;
mod fold;
mod generate;
#[cfg(test)]
mod newest_tests;
mod read;
mod reads;
#[cfg(test)]
mod refusal_tests;
mod run;
#[cfg(test)]
mod snapshot_tests;
mod snapshots;
#[cfg(test)]
mod step_tests;
#[cfg(test)]
mod tests;

pub use error::{DecideError, Refused, Rejection};
pub use generate::{Generated, NoRandomness};
pub(crate) use run::decide_promptly;
pub use run::{Decided, Request, Retry, decide, decide_with};
pub use snapshots::Snapshots;

use crate::caller::{Access, Context};
use crate::event::{EventSet, Meta, QueryItem};
use crate::expr::EvalError;
use std::fmt::Debug;

pub(crate) use fold::Folding;

/// A command slice: what it reads, how that becomes its state, what it decides.
pub trait Decision: Send + Sync + 'static {
    /// Its name; part of idempotency keys.
    const NAME: &'static str;
    /// Who may send it.
    const ACCESS: Access;
    /// The events of its service.
    type Event: EventSet;
    /// What it needs to know.
    type State: Clone + Send + Sync;
    /// The entries of the state, each with a query of its own; of one that stands for each element of a list, each element's.
    type Entry: Copy + Debug + PartialEq + Send + Sync;
    /// Its rejections.
    type Error: Rejection;
    /// In how many steps the state is read: what an entry reads may depend on entries of the steps before its own.
    const STEPS: usize = 1;
    /// Whether and how its state is kept, so that the next decision reads on from there. The state must be a function of what is
    /// read.
    const SNAPSHOTS: Option<Snapshots<Self::State>> = None;

    /// What each entry of the first step reads. All items of all steps together are the query under which the events are
    /// appended.
    ///
    /// # Errors
    /// If a tag cannot be computed.
    fn reads(&self, context: &Context<'_>) -> Result<Vec<(Self::Entry, QueryItem)>, EvalError>;

    /// What each entry of a later step reads, the second one being step 2. The state holds what the steps before it read.
    ///
    /// # Errors
    /// If a tag cannot be computed.
    fn later_reads(
        &self,
        _step: usize,
        _state: &Self::State,
        _context: &Context<'_>,
    ) -> Result<Vec<(Self::Entry, QueryItem)>, EvalError> {
        Ok(Vec::new())
    }

    /// Whether just the newest event counts for an entry. No other is read for it then, and [`Decision::fold`] gives it the
    /// same value whatever it was before.
    fn last_only(_entry: Self::Entry) -> bool {
        false
    }

    /// The state before the first event.
    ///
    /// # Errors
    /// If an initial value cannot be computed.
    fn initial(&self, context: &Context<'_>) -> Result<Self::State, EvalError>;

    /// What an event changes in an entry that reads it.
    ///
    /// # Errors
    /// If the new value cannot be computed.
    fn fold(
        &self,
        state: &mut Self::State,
        entry: Self::Entry,
        event: &Self::Event,
        meta: &Meta,
        context: &Context<'_>,
    ) -> Result<(), EvalError>;

    /// The events to record.
    ///
    /// # Errors
    /// A rejection, with events or without, or an expression without a value.
    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Verdict<Self>;
}

/// What a decision comes to: the events to record, or why not.
pub type Verdict<D> = Result<Vec<<D as Decision>::Event>, Refused<<D as Decision>::Error, <D as Decision>::Event>>;
