//! The common case of a group in one round trip: what stands in the way is known, and nobody else has written since.
//!
//! That is known from the newest events, which the writer remembers, as long as the counter stands where it left it. If it does
//! not, the function writes nothing and tells what has come since; then the group is judged once more. What is refused can only
//! be a repeat, as positions only grow: its ids and its key are looked up on the way. An id or a key that is there already although
//! nothing stood in the way is refused by its index: then nothing is written, and the group goes the long way.

use super::call::{Call, Reply};
use super::outcomes::{AT_MOST, Connected, Failed, Outcomes, already, failed, remember};
use super::pending::Pending;
use super::prepare::Prepared;
use crate::event::Position;
use crate::store::recent::{Recent, Seen};
use crate::store::{AppendError, Appended, Positions};
use std::borrow::Cow;
use tokio_postgres::Error;

/// An id or a key is there already; the session's own settings call for another kind of transaction, or leave a statement less
/// time than it takes: the long way has a limit of its own.
const MISJUDGED: [&str; 4] = ["23505", "40001", "25006", "57014"];
const NOWHERE: Position = Position::MAX;

/// How often a group is judged anew before somebody has to hold the counter and look.
const ATTEMPTS: usize = 2;

/// Writes a group, or nothing if somebody has to look first.
///
/// # Errors
/// [`Failed`]. A connection that ended leaves it open whether the commit took place; but as every append here is told by its ids
/// or its key, the group can be carried out again by looking first: [`Failed::Unseen`].
pub(super) async fn run(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<Option<(Outcomes, Position)>, Failed> {
    for _ in 0..ATTEMPTS {
        let Some(foreseen) = foresee(group, recent) else { return Ok(None) };
        let call = foreseen.call(recent.head(), group);
        let reply = match tokio::time::timeout(AT_MOST, call.send(on.client, &on.sql.append)).await {
            Ok(reply) => reply,
            Err(_) => {
                *recent = nothing_known();
                return Err(Failed::Unknown(on.server.silence(on.client)));
            }
        };
        match reply {
            Ok(reply) if reply.is_done => {
                remember(recent, &foreseen.pending);
                return Ok(Some((foreseen.outcomes(group, &reply), reply.found.head)));
            }
            Ok(reply) => catch_up(recent, reply),
            Err(error) if is_misjudged(&error) => return Ok(None),
            Err(error) => {
                *recent = nothing_known();
                return Err(match failed(on.client, &error).await {
                    // The call is a transaction of its own: it may have been committed.
                    Failed::Lost(problem) => Failed::Unseen(problem),
                    other => other,
                });
            }
        }
    }
    Ok(None)
}

/// No event is remembered, and no counter ever stands there: the next group looks first.
pub(super) fn nothing_known() -> Recent {
    Recent::behind(NOWHERE)
}

fn is_misjudged(error: &Error) -> bool {
    error.code().is_some_and(|code| MISJUDGED.contains(&code.code()))
}

/// Takes in what others have written, or begins anew where the counter stands.
fn catch_up(recent: &mut Recent, reply: Reply) {
    if reply.found.head != recent.head() + reply.news.len() as Position {
        *recent = Recent::behind(reply.found.head);
        return;
    }
    for one in reply.news {
        recent.push(one.tenant, Cow::Owned(one.of), one.tags);
    }
}

/// What will come of a group, if the counter stands where it is thought to.
struct Foreseen<'a> {
    pending: Pending<'a>,
    /// Where each append will stand; nowhere if something stands in its way.
    positions: Vec<Option<Positions>>,
}

/// Judges a group from memory, if that can be done.
fn foresee<'a>(group: &[&'a Prepared], recent: &Recent) -> Option<Foreseen<'a>> {
    if recent.head() == NOWHERE {
        return None;
    }
    let (mut pending, mut positions, mut head) = (Pending::default(), Vec::with_capacity(group.len()), recent.head());
    for prepared in group {
        let append = &prepared.append;
        let key = append.idempotency.as_ref();
        let is_told_by_something = !append.events.is_empty() || key.is_some();
        let is_new = append.events.iter().all(|event| pending.position(&append.tenant, event.id).is_none())
            && key.is_none_or(|key| pending.answer(&append.tenant, &key.command, &key.key).is_none());
        if prepared.is_doubled || !is_told_by_something || !is_new {
            return None;
        }
        match judge(prepared, recent, &pending) {
            Seen::Unknown => return None,
            Seen::Yes => positions.push(None),
            Seen::No => {
                let first = if append.events.is_empty() { head } else { head + 1 };
                head = pending.add(prepared, head);
                positions.push(Some(Positions { first, last: head }));
            }
        }
    }
    Some(Foreseen { pending, positions })
}

/// Whether something stands in an append's way.
fn judge(prepared: &Prepared, recent: &Recent, pending: &Pending<'_>) -> Seen {
    let append = &prepared.append;
    let Some(condition) = &append.condition else { return Seen::No };
    let (query, after) = (&condition.fail_if_events_match, condition.after.unwrap_or(0));
    if pending.matches(&append.tenant, query, after) {
        return Seen::Yes;
    }
    recent.matches(&append.tenant, query, after)
}

impl<'a> Foreseen<'a> {
    fn call(&self, known: Position, group: &[&'a Prepared]) -> Call<'a> {
        let mut call = Call::of(known, &self.pending);
        for (number, (prepared, positions)) in group.iter().zip(&self.positions).enumerate() {
            if positions.is_none() {
                call.look_up(number, prepared);
            }
        }
        call
    }

    fn outcomes(&self, group: &[&Prepared], reply: &Reply) -> Outcomes {
        let nothing = Pending::default();
        let outcome = |(number, (prepared, positions)): (usize, (&&Prepared, &Option<Positions>))| match positions {
            Some(positions) => Ok(Appended::Done(*positions)),
            None => already(number, prepared, &reply.found, &nothing)?.ok_or(AppendError::Conflict),
        };
        group.iter().zip(&self.positions).enumerate().map(outcome).collect()
    }
}
