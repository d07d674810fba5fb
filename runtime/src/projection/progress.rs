//! How far a projection has come, for whoever waits for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::uniqueness::{Shared, Uniqueness, names};
use crate::event::Position;

/// What has not moved for so long stands.
const STANDS: Duration = Duration::from_secs(10);

/// How far a projection has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Every event up to here is applied and readable.
    pub applied: Position,
    /// The head at start; behind it the projection is only catching up.
    pub target: Position,
    /// The last number of its change log.
    pub last_change: u64,
    /// Whether the checkpoint and the head at start are known.
    pub started: bool,
    /// Whether its unique constraints hold.
    pub uniqueness: Uniqueness,
    /// Why it stopped for good, if it did.
    pub stopped: Option<Arc<str>>,
    /// Events of the database that it passed a second when it moved last, over ten seconds at most.
    pub per_second: u64,
    /// When it moved last; none if it has not since the process started.
    pub moved: Option<Instant>,
}

impl Progress {
    /// Whether it has caught up with what there was at start.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_built() && self.uniqueness == Uniqueness::Held
    }

    /// Whether all that there was at start is applied, whatever else keeps it from serving.
    pub(crate) fn is_built(&self) -> bool {
        self.started && self.stopped.is_none() && self.applied >= self.target
    }

    /// How much of what there was at start is applied, in whole per cent: 100 only when all is.
    #[must_use]
    pub fn percent(&self) -> u64 {
        let done = u128::from(self.applied.min(self.target)) * 100;
        done.checked_div(u128::from(self.target)).and_then(|percent| u64::try_from(percent).ok()).unwrap_or(100)
    }

    /// Events that it passes a second; 0 if it has not moved for a while.
    #[must_use]
    pub fn speed(&self) -> u64 {
        self.moved.filter(|at| at.elapsed() < STANDS).map_or(0, |_| self.per_second)
    }

    /// How long it will take to apply the rest of that, if it goes on like this; none where that cannot be said.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let behind = self.target.saturating_sub(self.applied);
        let seconds = behind.checked_add(self.per_second)?.checked_sub(1)?.checked_div(self.per_second)?;
        (behind > 0).then_some(Duration::from_secs(seconds))
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} % ({} of {} events)", self.percent(), self.applied, self.target)?;
        match self.left() {
            Some(left) => write!(out, ", about {} s left", left.as_secs()),
            None => Ok(()),
        }
    }
}

/// Why a projection is not where a caller needs it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lag {
    /// It still applies what there was when the process started.
    #[error("{entry} is being built: {progress}")]
    CatchingUp {
        /// The type.
        entry: &'static str,
        /// How far it is.
        progress: Progress,
    },
    /// It is not known yet what there is: the service whose events it follows has not been reached.
    #[error("{entry} waits for the service `{source_service}`{}", because(problem.as_deref()))]
    Waiting {
        /// The type.
        entry: &'static str,
        /// The other service.
        source_service: &'static str,
        /// What is wrong, as far as that is known.
        problem: Option<String>,
    },
    /// Entries share what they must not. Which ones is told to operators alone.
    #[error("{entry} is not ready: its entries break the unique constraint {}", names(shared))]
    Violated {
        /// The type.
        entry: &'static str,
        /// What they share.
        shared: Arc<[Shared]>,
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
    /// The service whose events it follows, where that is another one.
    pub source: Option<&'static str>,
    /// Why that one cannot be reached at the moment, if it cannot.
    pub trouble: Option<String>,
}

/// An error's reason behind a sentence.
fn because(problem: Option<&str>) -> String {
    problem.map(|problem| format!(": {problem}")).unwrap_or_default()
}

impl Readiness {
    /// What keeps it from serving, if anything does.
    #[must_use]
    pub fn lag(&self) -> Option<Lag> {
        if let Some(reason) = &self.progress.stopped {
            return Some(Lag::Stopped { entry: self.entry, reason: Arc::clone(reason) });
        }
        if let (false, Some(source_service)) = (self.progress.started, self.source) {
            return Some(Lag::Waiting { entry: self.entry, source_service, problem: self.trouble.clone() });
        }
        if let (true, Uniqueness::Broken(shared)) = (self.progress.is_built(), &self.progress.uniqueness) {
            return Some(Lag::Violated { entry: self.entry, shared: Arc::clone(shared) });
        }
        let progress = || self.progress.clone();
        (!self.progress.is_ready()).then(|| Lag::CatchingUp { entry: self.entry, progress: progress() })
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
