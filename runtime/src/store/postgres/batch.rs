//! A group of appends in one transaction: all at once, or one round trip to look and one to write and commit.

use super::at_once;
use super::call::Call;
use super::check::{self, Found};
use super::outcomes::{AT_MOST, Cause, Connected, Failed, Outcomes, already, failed, remember};
use super::pending::Pending;
use super::prepare::Prepared;
use super::session;
use crate::event::Position;
use crate::store::recent::Recent;
use crate::store::{AppendError, Appended, Positions};
use futures_util::future::join;

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
