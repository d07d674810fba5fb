//! Waiting until groups have handled all that belongs together.

use super::Groups;
use super::group::Group;
use crate::event::{Position, Query, Tenant};
use crate::feed::Feed;
use crate::store::{Range, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Events looked through at once.
const PAGE: usize = 500;
/// How often the database is asked, in between of what this process knows by itself.
const ASK: Duration = Duration::from_millis(50);

/// Why it cannot be said that all is handled.
#[derive(Debug, thiserror::Error)]
pub enum NotHandled {
    /// There is no such group.
    #[error("there is no consumer group `{0}`")]
    Unknown(String),
    /// Some of it was given up.
    #[error("the consumer group `{0}` has parked some of the events")]
    Parked(String),
    /// It took too long.
    #[error("the consumer group `{0}` has not handled all of the events in time")]
    TimedOut(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Groups {
    /// Waits until these groups have handled all events of a tenant's correlation id, those among them that were appended
    /// only because others were handled. Works in every process, whichever works for the groups.
    ///
    /// # Errors
    /// [`NotHandled`]; a parked event ends the wait, as it may never be handled.
    pub async fn handled(
        &self,
        tenant: &Tenant,
        correlation: &str,
        groups: &[&str],
        at_most: Duration,
    ) -> Result<(), NotHandled> {
        let deadline = Instant::now() + at_most;
        for name in groups {
            if self.named(name).next().is_none() {
                return Err(NotHandled::Unknown((*name).to_owned()));
            }
        }
        let all: Vec<&Arc<Group>> = groups.iter().flat_map(|name| self.named(name)).collect();
        // The events of each service have positions of their own.
        let feeds: BTreeMap<_, _> = all.iter().map(|group| (group.feed.source(), &group.feed)).collect();
        let mut until = BTreeMap::new();
        for (source, feed) in &feeds {
            until.insert(*source, feed.head().await?);
        }
        loop {
            for group in &all {
                let until = until.get(&group.feed.source()).copied().unwrap_or_default();
                passed(group, correlation, until, deadline).await?;
            }
            // What a group has appended stands behind what it has handled, and was there before that was noted.
            let mut more = false;
            for (source, feed) in &feeds {
                let head = feed.head().await?;
                let before = until.insert(*source, head).unwrap_or_default();
                more |= is_followed(&***feed, tenant, correlation, (before, head)).await?;
            }
            if !more {
                return Ok(());
            }
        }
    }
}

/// Waits until a group has handled everything up to a position, as far as it belongs to the correlation id.
async fn passed(group: &Arc<Group>, correlation: &str, until: Position, deadline: Instant) -> Result<(), NotHandled> {
    let mut progress = group.progress.subscribe();
    loop {
        let reached = progress.borrow_and_update().reached;
        if reached >= until || has_nothing_up_to(group, until).await? {
            match group.ledger.unhandled(&group.name, correlation).await? {
                (0, 0) => return Ok(()),
                (_, 0) => {}
                (_, _) => return Err(NotHandled::Parked(group.name.clone())),
            }
        }
        if Instant::now() >= deadline {
            return Err(NotHandled::TimedOut(group.name.clone()));
        }
        tokio::select! {
            _ = progress.changed() => {}
            () = tokio::time::sleep_until(deadline.min(Instant::now() + ASK)) => {}
        }
    }
}

/// Whether the group has no event up to a position that it has not settled: its cursor is written only now and then.
async fn has_nothing_up_to(group: &Group, until: Position) -> Result<bool, StoreError> {
    let Some(kept) = group.ledger.kept(&group.name).await? else { return Ok(until == 0) };
    if kept.cursor >= until {
        return Ok(true);
    }
    let open = group.feed.read(None, &group.query, Range::after(kept.cursor).until(until).limit(1)).await?;
    Ok(open.is_empty())
}

/// Whether the tenant has an event of the correlation id in a range.
async fn is_followed(
    events: &dyn Feed,
    tenant: &Tenant,
    correlation: &str,
    (mut after, until): (Position, Position),
) -> Result<bool, StoreError> {
    while after < until {
        let page = events.read(Some(tenant), &Query::All, Range::after(after).until(until).limit(PAGE)).await?;
        let belongs = |id: &Option<String>| id.as_deref() == Some(correlation);
        if page.iter().any(|event| belongs(&event.metadata.correlation_id)) {
            return Ok(true);
        }
        after = match page.last() {
            Some(last) if page.len() == PAGE => last.position,
            _ => until,
        };
    }
    Ok(false)
}
