//! Automations: what a service does by itself when an event has happened, or for as long as a view holds an entry.
//!
//! Each is a consumer group of its own (`crate::consumer`): at least once, in order for each tenant, parked when it fails for
//! good. What it sends carries an idempotency key that is the same in every attempt, so the effect of a command is there once.

mod answer;
mod due;
mod event;
mod peers;
mod run;
#[cfg(test)]
mod tests;
mod view;
#[cfg(test)]
mod view_tests;

use std::time::Duration;

use tonic::{Request, Status};

use crate::event::{EventSet, Meta};
use crate::projection::Projection;
use crate::rpc::Channel;

pub use crate::consumer::{Failure, Retry};
pub(crate) use event::Reacting;
pub(crate) use peers::Peers;
pub use run::Run;
pub(crate) use view::Keeping;

/// The longest that one attempt may take.
const AT_MOST: Duration = Duration::from_secs(60);
/// The longest name of a run that travels as it is, in bytes.
const LONGEST_KEY: usize = 200;

/// What every automation says of itself.
pub trait Automation: Send + Sync + 'static {
    /// Its name, which is also its consumer group's.
    const NAME: &'static str;
    /// How often a run is tried, and how long it waits between.
    const RETRY: Retry;
    /// The command that it sends, if any.
    const TARGET: Option<Target>;
}

/// The command of an automation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The service that decides it.
    pub service: &'static str,
    /// Its name.
    pub command: &'static str,
    /// The permission that it asks for, if any.
    pub permission: Option<&'static str>,
    /// Rejections that end a run quietly.
    pub ignore: &'static [&'static str],
}

/// An automation that events start.
pub trait OnEvents: Automation {
    /// The event enum of the service whose events start it.
    type Event: EventSet;
    /// That service, where it is another one.
    const FROM: Option<&'static str> = None;
    /// The types that start it.
    const EVENTS: &'static [&'static str];

    /// Does what is to be done about one event.
    ///
    /// # Errors
    /// [`Failure`]: try again, or put it aside.
    fn run(event: &Self::Event, meta: &Meta, run: &Run<'_>) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// An automation that the entries of a view start.
pub trait OnView: Automation {
    /// The view.
    type View: Projection;
    /// Runs again so long after the entry has changed, and again, while it stays.
    const EVERY: Option<Duration>;

    /// Does what is to be done about one entry.
    ///
    /// # Errors
    /// [`Failure`]: try again, or put it aside.
    fn run(entry: &Self::View, run: &Run<'_>) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// An automation that sends a command.
pub trait Sends: Automation {
    /// The command.
    type Command: Send;

    /// Sends it through the typed client of the service that decides it.
    ///
    /// # Errors
    /// The status that the service answers, or the one of a connection that failed.
    fn send(channel: Channel, request: Request<Self::Command>) -> impl Future<Output = Result<(), Status>> + Send;
}

/// The name of a run. Ids that are too long for a header, or not of its letters, come in as their digest.
fn run_key(automation: &str, parts: &[&str]) -> String {
    let key = format!("{automation}/{}", parts.join("/"));
    let plain = key.len() <= LONGEST_KEY && key.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { key } else { format!("{automation}/{}", crate::auth::digest(&key)) }
}
