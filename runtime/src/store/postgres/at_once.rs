//! The common case of a group in one round trip: nobody else has written since, nothing stands in the way, no key to look up.
//!
//! That is known from the newest events, which the writer remembers, as long as the counter stands where it left it; so that is
//! what the transaction asks before all else, with an error if it does not. An id that is there already is refused by its index.
//! In both cases nothing is written, and the group goes the long way.

use super::batch::{AT_MOST, Connected, Failed, Outcomes, failed, remember, write};
use super::pending::Pending;
use super::prepare::Prepared;
use super::session;
use crate::event::Position;
use crate::store::recent::{Recent, Seen};
use crate::store::{Appended, Positions};
use futures_util::future::join;
use tokio_postgres::Error;

/// The counter stands elsewhere: our own question divides by zero then.
const MOVED: &str = "22012";
/// An id is there already.
const DOUBLED: &str = "23505";
const NOWHERE: Position = Position::MAX;

/// Writes a group, or nothing if somebody has to look first.
///
/// # Errors
/// [`Failed`]. A connection that ended leaves it open whether the commit took place; but as every append here is told by its ids,
/// the group can be carried out again by looking first: [`Failed::Unseen`].
pub(super) async fn run(
    on: &Connected<'_>,
    group: &[&Prepared],
    recent: &mut Recent,
) -> Result<Option<(Outcomes, Position)>, Failed> {
    let Some((outcomes, pending)) = foresee(group, recent) else { return Ok(None) };
    let head = recent.head() + pending.events.len() as Position;
    let begin = on.sql.begin_behind(recent.head());
    let work = join(on.client.simple_query(&begin), write(on, &pending, head));
    let result = match tokio::time::timeout(AT_MOST, work).await {
        Ok((begun, written)) => begun.and(written),
        Err(_) => return Err(Failed::Unknown("the server does not answer".to_owned())),
    };
    match result {
        Ok(()) => {
            remember(recent, &pending);
            Ok(Some((outcomes, head)))
        }
        Err(error) if is_misjudged(&error) => {
            *recent = nothing_known();
            let undone = on.client.batch_execute("ROLLBACK").await;
            undone.map(|()| None).map_err(|error| Failed::Lost(session::text(&error)))
        }
        Err(error) => {
            *recent = nothing_known();
            Err(match failed(on.client, &error).await {
                // All was sent at once, the commit too.
                Failed::Lost(problem) => Failed::Unseen(problem),
                other => other,
            })
        }
    }
}

/// No event is remembered, and no counter ever stands there: the next group looks first.
pub(super) fn nothing_known() -> Recent {
    Recent::behind(NOWHERE)
}

fn is_misjudged(error: &Error) -> bool {
    error.code().is_some_and(|code| [MOVED, DOUBLED].contains(&code.code()))
}

/// What will come of the group, if all of it can be appended.
fn foresee<'a>(group: &[&'a Prepared], recent: &Recent) -> Option<(Outcomes, Pending<'a>)> {
    if recent.head() == NOWHERE {
        return None;
    }
    let (mut pending, mut outcomes, mut head) = (Pending::default(), Outcomes::new(), recent.head());
    for prepared in group {
        let append = &prepared.append;
        let is_plain = append.idempotency.is_none() && !append.events.is_empty() && !prepared.is_doubled;
        let is_new = append.events.iter().all(|event| pending.position(&append.tenant, event.id).is_none());
        let is_free = append.condition.as_ref().is_none_or(|condition| {
            let (query, after) = (&condition.fail_if_events_match, condition.after.unwrap_or(0));
            recent.matches(&append.tenant, query, after) == Seen::No && !pending.matches(&append.tenant, query, after)
        });
        if !(is_plain && is_new && is_free) {
            return None;
        }
        let first = head + 1;
        head = pending.add(prepared, head);
        outcomes.push(Ok(Appended::Done(Positions { first, last: head })));
    }
    Some((outcomes, pending))
}
