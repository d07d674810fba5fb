//! Commands as decisions: read what they need to know, fold it, decide, append under the same query.

mod error;
mod fold;
mod generate;
#[cfg(test)]
mod newest_tests;
mod run;
#[cfg(test)]
mod tests;

pub use error::{DecideError, Refused, Rejection};
pub use generate::{Generated, NoRandomness};
pub use run::{Decided, Request, Retry, decide, decide_with};

use crate::caller::{Access, Context};
use crate::event::{EventSet, Meta, QueryItem};
use crate::expr::EvalError;

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
    /// The entries of the state, each with a query of its own.
    type Entry: Copy + Send + Sync;
    /// Its rejections.
    type Error: Rejection;

    /// What each entry of the state reads. All items together are the query under which the events are appended.
    ///
    /// # Errors
    /// If a tag cannot be computed.
    fn reads(&self, context: &Context<'_>) -> Result<Vec<(Self::Entry, QueryItem)>, EvalError>;

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
    /// A rejection, or an expression without a value.
    fn decide(&self, state: &Self::State, context: &Context<'_>) -> Result<Vec<Self::Event>, Refused<Self::Error>>;
}
