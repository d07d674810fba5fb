//! Waiting for projections, on behalf of a call.

use std::time::Duration;

use tokio::time::Instant;
use tonic::Status;

use super::rows::Seen;
use super::{Service, Wait, failure};
use crate::error::status;
use crate::event::Position;
use crate::projection::Live;
use crate::query::{Filter, Invalid, check_filter};

/// The longest that a strongly consistent read waits.
const STRONG: Duration = Duration::from_secs(10);
/// The longest that a mutation waits for its entry to be readable.
const READABLE: Duration = Duration::from_secs(2);
/// The longest that a caller may wait for a condition, in milliseconds.
const LONGEST_WAIT: i64 = 30_000;
/// How long a caller waits that says nothing, in milliseconds.
const USUAL_WAIT: i64 = 5_000;

impl Service {
    /// Waits until the projection has applied every event there is now, at the service whose events it follows.
    pub(super) async fn strong(&self, live: &Live) -> Result<(), Status> {
        let head = live.feed.head().await.map_err(failure::store)?;
        live.reached(head, STRONG).await.map_err(failure::lag)
    }

    /// Whether what stands at `position` has become readable within a mutation's patience.
    pub(super) async fn readable(&self, live: &Live, position: Position) -> bool {
        live.reached(position, READABLE).await.is_ok()
    }
}

/// Waits until an entry is there, and shown to the caller, for which filter and condition hold.
///
/// # Errors
/// `VALIDATION` for a timeout out of range or a filter that cannot be asked; `UNAVAILABLE` when the
/// time is over.
pub(super) async fn condition(seen: &Seen<'_>, which: &Filter, wait: &Wait) -> Result<(), Status> {
    check_filter(&seen.live.place.table, &wait.condition)?;
    let limit = timeout(wait)?;
    let deadline = Instant::now() + limit;
    let both = Filter::all(vec![which.clone(), wait.condition.clone()]);
    let mut progress = seen.live.progress();
    loop {
        progress.mark_unchanged();
        if seen.first(both.clone(), Vec::new()).await?.is_some() {
            return Ok(());
        }
        match tokio::time::timeout_at(deadline, progress.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(status::unavailable("the service is shutting down")),
            Err(_) => {
                let text = format!("the condition did not hold within {} ms", limit.as_millis());
                return Err(status::unavailable(text));
            }
        }
    }
}

fn timeout(wait: &Wait) -> Result<Duration, Invalid> {
    let millis = if wait.timeout_ms == 0 { USUAL_WAIT } else { wait.timeout_ms };
    match u64::try_from(millis) {
        Ok(limit) if millis <= LONGEST_WAIT => Ok(Duration::from_millis(limit)),
        _ => Err(Invalid::field("wait.timeout", format!("must be between 0 and {LONGEST_WAIT} ms"))),
    }
}
