//! What a subject's erasure does to entries: those that its events have reached are folded anew, so that the table is what it
//! would be if it were built now.
//!
//! Events are read with the defaults by then: the subject's key was thrown away before its erasure was recorded. The checkpoint
//! passes the erasure with the last of the entries, so that a crash in between begins with them again.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::failure::Failure;
use super::fold::routes;
use super::kind::Kind;
use super::reading::{Read, concerns, query};
use super::refold::{Reach, Refold};
use super::worker::Worker;
use super::writing::write;
use super::{Route, Target};
use crate::erasure::{Subject, subject_tag};
use crate::event::{Position, Query, QueryItem, StoredEvent, Tenant};
use crate::store::Range;

/// Events of a subject that are read at once.
const PAGE: usize = 500;

/// Erasures in a row, of subjects of one tenant, at their place among the events.
pub(super) struct Erased {
    tenant: Tenant,
    subjects: BTreeSet<String>,
    /// Where the first of them stands.
    pub(super) position: Position,
    /// Where the last of them stands.
    last: Position,
}

/// The first erasure among events, which are cut off before it, and those that follow upon it: all of them had happened when the
/// events were read. What was erased before the table was made is not in it.
pub(super) fn erased_in(kind: &Kind, events: &mut Vec<StoredEvent>, made: Position) -> Option<Erased> {
    if !kind.is_personal {
        return None;
    }
    let number = events.iter().position(|event| event.position > made && Subject::erased_by(event).is_some())?;
    let mut found: Option<Erased> = None;
    for event in events.drain(number..) {
        let Some(Subject { tenant, id }) = Subject::erased_by(&event) else { break };
        let position = event.position;
        let new = || Erased { tenant: tenant.clone(), subjects: BTreeSet::new(), position, last: position };
        let erased = found.get_or_insert_with(new);
        if erased.tenant != tenant {
            break;
        }
        erased.subjects.insert(id);
        erased.last = position;
    }
    found
}

/// Folds the subjects' entries anew, up to the last erasure, which they get if the projection asks for them, and passes all of
/// them.
///
/// # Errors
/// If the database fails; the next attempt begins with the same entries.
pub(super) async fn erase(worker: &mut Worker, erased: Erased) -> Result<(), Failure> {
    let position = erased.last;
    let reach = reach(worker, &erased).await?;
    let forgotten = reach.forgotten(&erased.tenant);
    let mut refold = Refold::anew(worker, erased.tenant, reach, position).await?;
    let mut entries = 0;
    loop {
        while !refold.read_on(worker).await? {
            if *worker.stop.borrow() {
                return Ok(());
            }
        }
        let mut batch = refold.batch(worker).await?;
        batch.forgotten.clone_from(&forgotten);
        entries += batch.changes.len();
        let is_over = refold.is_over();
        let to = if is_over { position } else { worker.applied };
        if !write(worker, batch, to).await? {
            return Ok(());
        }
        if is_over {
            // Erased values are gone whatever constraints say of those that take their place.
            worker.doubt();
            let (projection, tenant) = (worker.place.table.entry, forgotten.first().map(|(tenant, _)| tenant.as_str()));
            tracing::info!(projection, tenant, position, entries, "entries of an erased subject have been folded anew");
            return Ok(());
        }
        refold.next();
    }
}

/// The entries that the subjects' events have reached.
async fn reach(worker: &Worker, erased: &Erased) -> Result<Reach, Failure> {
    let (query, mut ids, mut after) = (of_subjects(&worker.kind, &erased.subjects), BTreeSet::new(), 0);
    loop {
        let range = Range::after(after).until(erased.last).limit(PAGE);
        let page = worker.feed.read(Some(&erased.tenant), &query, range).await?;
        let Some(last) = page.last() else { return Ok(Reach::Only(ids)) };
        after = last.position;
        for stored in page.into_iter().filter(|event| concerns(&worker.kind, event)) {
            match reached(worker, stored) {
                Some(found) => ids.extend(found),
                None => return Ok(Reach::everything()),
            }
        }
    }
}

/// The ids of the entries that an event names; none if it reaches entries in another way, or did so when it was whole.
fn reached(worker: &Worker, stored: StoredEvent) -> Option<Vec<String>> {
    let event = (worker.kind.decode)(&stored).ok()?;
    let Some(event) = event else { return Some(Vec::new()) };
    let routes = routes(&worker.kind, &Read::new(stored, event)).ok()?;
    let ids = routes.into_iter().map(|route| match route {
        Route::Upsert(Target::Id(id)) | Route::Remove(Target::Id(id)) => Some(id),
        Route::Upsert(_) | Route::Remove(_) => None,
    });
    ids.collect()
}

/// Those of the events that a projection follows that are about one of these.
fn of_subjects(kind: &Kind, ids: &BTreeSet<String>) -> Query {
    let types: Vec<Cow<'static, str>> = match query(kind) {
        Query::All => Vec::new(),
        Query::Items(items) => items.into_iter().flat_map(|item| item.types).collect(),
    };
    Query::of(ids.iter().map(|id| QueryItem { types: types.clone(), tags: vec![subject_tag(id)] }))
}
