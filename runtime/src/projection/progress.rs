//! How far a projection has come, for whoever waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::event::Position;

/// How far a projection has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Every event up to here is applied and readable.
    pub applied: Position,
    /// The head at start; behind it the projection is only catching up.
    pub target: Position,
    /// The last number of its change log.
    pub last_change: u64,
    /// Whether its table exists and the checkpoint is known.
    pub started: bool,
    /// Why it stopped for good, if it did.
    pub stopped: Option<Arc<str>>,
}

impl Progress {
    /// Whether it has caught up with what there was at start.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.started && self.stopped.is_none() && self.applied >= self.target
    }
}

/// Why a projection is not where a caller needs it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lag {
    /// It still applies what there was when the process started.
    #[error("{entry} is being built: {applied} of {target} events are applied")]
    CatchingUp {
        /// The type.
        entry: &'static str,
        /// The position it has reached.
        applied: Position,
        /// The position it needs.
        target: Position,
    },
    /// It did not get there in time.
    #[error("{0} has not applied the latest events in time")]
    TimedOut(&'static str),
    /// It stopped and needs a newer program.
    #[error("{entry} is stopped: {reason}")]
    Stopped {
        /// The type.
        entry: &'static str,
        /// Why.
        reason: Arc<str>,
    },
    /// The service is shutting down.
    #[error("the service is shutting down")]
    Closed,
}

/// A projection's readiness, for `/ready`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The type.
    pub entry: &'static str,
    /// How far it has come.
    pub progress: Progress,
}

impl Readiness {
    /// What keeps it from serving, if anything does.
    #[must_use]
    pub fn lag(&self) -> Option<Lag> {
        if let Some(reason) = &self.progress.stopped {
            return Some(Lag::Stopped { entry: self.entry, reason: Arc::clone(reason) });
        }
        let (applied, target) = (self.progress.applied, self.progress.target);
        (!self.progress.is_ready()).then_some(Lag::CatchingUp { entry: self.entry, applied, target })
    }
}

/// Waits until every event up to `position` is applied.
///
/// # Errors
/// [`Lag`] when it is stopped or not there within `at_most`.
pub(super) async fn reached(
    mut progress: watch::Receiver<Progress>,
    entry: &'static str,
    position: Position,
    at_most: Duration,
) -> Result<(), Lag> {
    let there = |now: &Progress| now.stopped.is_some() || now.applied >= position;
    let now = match timeout(at_most, progress.wait_for(there)).await {
        Err(_) => return Err(Lag::TimedOut(entry)),
        Ok(Err(_)) => return Err(Lag::Closed),
        Ok(Ok(now)) => now.clone(),
    };
    match now.stopped {
        Some(reason) if now.applied < position => Err(Lag::Stopped { entry, reason }),
        _ => Ok(()),
    }
}
