//! What came of a group of appends, and where it was written.

use super::check::Found;
use super::pending::Pending;
use super::prepare::Prepared;
use super::server::Server;
use super::session;
use super::statements::Statements;
use crate::event::Position;
use crate::store::recent::Recent;
use crate::store::{Answer, AppendError, Appended, Positions, StoreError};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio_postgres::{Client, Error};

/// Longer than any limit that the server keeps by itself.
pub(super) const AT_MOST: Duration = Duration::from_secs(45);

/// What came of each append, in order.
pub(super) type Outcomes = Vec<Result<Appended, AppendError>>;

/// A group that failed as a whole.
pub(super) enum Failed {
    /// The connection ended before the commit was asked for: nothing is written.
    Lost(String),
    /// The server refused: nothing is written.
    Refused {
        /// In its words.
        problem: String,
        cause: Cause,
    },
    /// The connection ended after the commit was asked for; as every append is told by its ids, looking first tells.
    Unseen(String),
    /// The connection ended after the commit was asked for.
    Unknown(String),
}

/// What a group was refused for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It may be the fault of one append alone.
    One,
    /// Nothing can be written at all.
    Disk,
    /// Other transactions stood in the way: the same once more may succeed.
    InTheWay,
    /// It took too long.
    Time,
    Other,
}

impl Failed {
    /// The same, if an earlier attempt at the group may have been committed: nothing that hits the group later says that it
    /// was not.
    pub(super) fn after(self, may_be_written: bool) -> Self {
        match self {
            Self::Refused { cause: Cause::One, .. } => self,
            Self::Lost(problem) | Self::Unseen(problem) | Self::Refused { problem, .. } if may_be_written => {
                Self::Unknown(problem)
            }
            other => other,
        }
    }
}

/// Where a group is written.
pub(super) struct Connected<'a> {
    pub(super) server: &'a Server,
    pub(super) client: &'a Client,
    pub(super) sql: &'a Statements,
}

/// What was written, for the conditions to come.
pub(super) fn remember(recent: &mut Recent, pending: &Pending<'_>) {
    for placed in &pending.events {
        let event = placed.event;
        recent.push(placed.tenant.clone(), event.event_type.clone(), event.tags.clone());
    }
}

/// A failure that has certainly committed nothing.
pub(super) async fn failed(client: &Client, error: &Error) -> Failed {
    let problem = session::text(error);
    if session::is_lost(error) || client.batch_execute("ROLLBACK").await.is_err() {
        return Failed::Lost(problem);
    }
    let code = error.code().map_or("", |code| code.code());
    // Data, constraints, limits of the program: one append's own. Locks, disks and the like hit all of them.
    let of_one = ["22", "23", "54"].iter().any(|class| code.starts_with(class));
    let cause = match () {
        () if of_one => Cause::One,
        () if session::is_of_the_disk(error) => Cause::Disk,
        () if session::is_in_the_way(error) => Cause::InTheWay,
        () if session::is_timeout(error) => Cause::Time,
        () => Cause::Other,
    };
    Failed::Refused { problem, cause }
}

/// What came of an append when it was carried out before, if it was.
pub(super) fn already(
    no: usize,
    prepared: &Prepared,
    found: &Found,
    pending: &Pending<'_>,
) -> Result<Option<Appended>, StoreError> {
    if let Some(first) = answered(no, prepared, found, pending)? {
        return Ok(Some(Appended::Repeated(first)));
    }
    Ok(known(no, prepared, found, pending)?.map(Appended::Done))
}

fn answered(
    no: usize,
    prepared: &Prepared,
    found: &Found,
    pending: &Pending<'_>,
) -> Result<Option<Answer>, StoreError> {
    let append = &prepared.append;
    let Some(key) = &append.idempotency else { return Ok(None) };
    match found.answers.get(&no) {
        Some((position, text)) => super::read::answer(*position, text).map(Some),
        None => Ok(pending.answer(&append.tenant, &key.command, &key.key).cloned()),
    }
}

/// Where the events stand, if their ids were appended before.
fn known(
    no: usize,
    prepared: &Prepared,
    found: &Found,
    pending: &Pending<'_>,
) -> Result<Option<Positions>, StoreError> {
    if prepared.is_doubled {
        return Err(StoreError::doubled_ids());
    }
    let append = &prepared.append;
    let stored = found.ids.get(&no).into_iter().flatten().copied();
    let earlier = append.events.iter().filter_map(|event| pending.position(&append.tenant, event.id));
    let known: BTreeSet<Position> = stored.chain(earlier).collect();
    match (known.first(), known.last()) {
        (Some(&first), Some(&last)) if known.len() == append.events.len() => Ok(Some(Positions { first, last })),
        (Some(_), _) => Err(StoreError::partly_known_ids()),
        (None, _) => Ok(None),
    }
}
