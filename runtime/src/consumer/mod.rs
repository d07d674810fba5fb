//! Consumer groups: something to be done for each event, at least once, in order, wherever it runs.
//!
//! A group has a durable cursor in the database of the events. Of all processes one works for it at a time (a lease, whose
//! epoch every write of the cursor asks for). Events of one key are handled one after the other, those of different keys at
//! the same time. What fails is tried again with growing pauses, and holds up nobody but its own key; what fails for good is
//! parked with its error, and the key goes on. What a consumer writes into the same database can be committed with the
//! cursor, and then has its effect exactly once.

mod engine;
mod group;
mod groups;
mod ledger;
mod options;
mod parked;
#[cfg(feature = "postgres")]
mod postgres;
mod runs;
mod schedule;
mod session;
mod settled;
mod sqlite;
mod statement;
#[cfg(test)]
mod tests;
mod waiting;
mod window;

pub use groups::{Groups, Overview};
pub use ledger::Ledger;
pub(crate) use ledger::Resent;
pub(crate) use ledger::tables::TABLES;
pub use options::{Options, Order, Retry, Start};
pub use parked::{NewParked, Parked};
pub(crate) use runs::Runs;
#[cfg(feature = "files")]
pub(crate) use statement::Fence;
pub(crate) use statement::{Row, RunError};
pub use statement::{SqlValue, Statement, Writes};
pub use waiting::NotHandled;

use crate::event::{Query, StoredEvent};

/// What is to be done for each event of a query.
#[async_trait::async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// The group's name, unique in the service. It names the cursor: another name begins anew.
    fn name(&self) -> &str;

    /// The events that concern it, of all tenants.
    fn query(&self) -> Query;

    /// The service whose events these are; none for its own.
    fn source(&self) -> Option<&'static str> {
        None
    }

    /// How its events are handled.
    fn options(&self) -> Options {
        Options::default()
    }

    /// What has to be in the database before the first event is handled, tables of its own for instance. Carried out again
    /// at each start, so it must do no harm then: `CREATE TABLE IF NOT EXISTS …`.
    fn prepare(&self) -> Vec<Statement> {
        Vec::new()
    }

    /// Handles one event. It may be given again: after a failure, and after a crash before the cursor was written.
    ///
    /// # Errors
    /// [`Failure`], which says whether it is worth another attempt.
    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure>;
}

/// An event as it is given to a consumer.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The event.
    pub event: &'a StoredEvent,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// The group's name.
    pub group: &'a str,
    /// What is to be written into the service's database along with the cursor, if the event is handled.
    pub writes: &'a Writes,
}

/// An event that could not be handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may go better later. Past the last attempt the event is parked.
    Retry(String),
    /// It will not go better: the event is parked at once.
    Park(String),
    /// Not by this program, but by a newer one: this process lets go of the whole group, so that another may have it, and comes
    /// back to the event a while later. It is neither passed nor parked.
    Stop(String),
}

impl Failure {
    /// What was wrong.
    pub(crate) fn into_text(self) -> String {
        let (Self::Retry(error) | Self::Park(error) | Self::Stop(error)) = self;
        error
    }
}
