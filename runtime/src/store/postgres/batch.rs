//! A group of appends in one transaction: all at once, or one round trip to look and one to write and commit.

use super::at_once;
use super::call::Call;
use super::check::{self, Found};
use super::pending::Pending;
use super::prepare::Prepared;
use super::server::Server;
use super::session;
use super::statements::Statements;
use crate::event::Position;
use crate::store::recent::Recent;
use crate::store::{Answer, AppendError, Appended, Positions, StoreError};
use futures_util::future::join;
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

/// Decides and writes a group. Gives the head behind it.
///
/// # Errors
/// [`Failed`]; unless it was refused, the connection is of no more use.
pub(super) async fn run(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<(Outcomes, Position), Failed> {
    match at_once::run(on, group, recent).await? {
        Some(done) => Ok(done),
        None => look_and_write(on, group, recent).await,
    }
}

/// The long way: one round trip to look, one to write.
async fn look_and_write(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<(Outcomes, Position), Failed> {
    let Connected { client, sql, .. } = *on;
    let found = match tokio::time::timeout(AT_MOST, check::look(client, sql, group)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return Err(failed(client, &error).await),
        Err(_) => return Err(Failed::Lost(on.server.silence(client))),
    };
    let mut pending = Pending::default();
    let mut head = found.head;
    let mut outcomes = Outcomes::with_capacity(group.len());
    for (no, prepared) in group.iter().enumerate() {
        outcomes.push(decide(no, prepared, &found, &mut pending, &mut head));
    }
    if pending.events.is_empty() && pending.answers.is_empty() {
        client.batch_execute("ROLLBACK").await.map_err(|error| Failed::Lost(session::text(&error)))?;
        return Ok((outcomes, head));
    }
    if found.head != recent.head() {
        *recent = Recent::behind(found.head);
    }
    let call = Call::of(found.head, &pending);
    let work = join(call.send(client, &sql.append), client.batch_execute("COMMIT"));
    // The first error is the reason, the other follows from it.
    let written = tokio::time::timeout(AT_MOST, work)
        .await
        .map(|(reply, committed)| reply.and_then(|reply| committed.map(|()| reply)));
    match written {
        Ok(Ok(reply)) if reply.is_done => {
            remember(recent, &pending);
            Ok((outcomes, head))
        }
        Ok(Ok(_)) => {
            let problem = "the counter moved although it was locked".to_owned();
            Err(Failed::Refused { problem, cause: Cause::Other })
        }
        Ok(Err(error)) if session::is_lost(&error) => Err(Failed::Unknown(session::text(&error))),
        Ok(Err(error)) => Err(failed(client, &error).await),
        Err(_) => Err(Failed::Unknown(on.server.silence(client))),
    }
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

/// The outcome of one append, given what the store holds and what the earlier ones of the group will have written.
fn decide<'a>(
    no: usize,
    prepared: &'a Prepared,
    found: &Found,
    pending: &mut Pending<'a>,
    head: &mut Position,
) -> Result<Appended, AppendError> {
    let append = &prepared.append;
    if let Some(first) = already(no, prepared, found, pending)? {
        return Ok(first);
    }
    if let Some(condition) = &append.condition {
        let after = condition.after.unwrap_or(0);
        if found.violated.contains(&no) || pending.matches(&append.tenant, &condition.fail_if_events_match, after) {
            return Err(AppendError::Conflict);
        }
    }
    let before = *head;
    *head = pending.add(prepared, before);
    let first = if append.events.is_empty() { before } else { before + 1 };
    Ok(Appended::Done(Positions { first, last: *head }))
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
