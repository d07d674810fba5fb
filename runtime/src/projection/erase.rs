//! What a subject's erasure does to entries: those that its events have reached are folded anew, so that the table is what it
//! would be if it were built now.
//!
//! Events are read with the defaults by then: the subject's key was thrown away before its erasure was recorded. The checkpoint
//! passes the erasure with the last of the entries, so that a crash in between begins with them again.

use std::collections::BTreeSet;

use super::batch::{self, Failure, query, write};
use super::engine::Worker;
use super::fold::routes;
use super::refold::{Reach, Refold};
use super::{Projection, Route, Target};
use crate::erasure::{Subject, subject_tag};
use crate::event::{EventSet, Position, Query, QueryItem, StoredEvent};
use crate::store::Range;

/// Events of a subject that are read at once.
const PAGE: usize = 500;

/// A subject's erasure, at its place among the events.
pub(super) struct Erased {
    pub(super) subject: Subject,
    pub(super) position: Position,
}

/// Whether anything in the events that a projection follows can be erased.
pub(super) fn concerns<P: Projection>() -> bool {
    !P::Event::PERSONAL.is_empty()
}

/// The first erasure among events, which are cut off before it. What was erased before the table was made is not in it.
pub(super) fn erased_in<P: Projection>(events: &mut Vec<StoredEvent>, made: Position) -> Option<Erased> {
    if !concerns::<P>() {
        return None;
    }
    let found = events.iter().enumerate().filter(|(_, event)| event.position > made);
    let (number, subject) = found.filter_map(|(number, event)| Some((number, Subject::erased_by(event)?))).next()?;
    let position = events.get(number)?.position;
    events.truncate(number);
    Some(Erased { subject, position })
}

/// Folds the subject's entries anew, up to its erasure, which they get if the projection asks for it, and passes that.
///
/// # Errors
/// If the database fails; the next attempt begins with the same entries.
pub(super) async fn erase<P: Projection>(worker: &mut Worker, erased: Erased) -> Result<(), Failure> {
    let Erased { subject, position } = erased;
    let reach = reach::<P>(worker, &subject, position).await?;
    let forgotten = reach.forgotten(&subject.tenant);
    let mut refold = Refold::<P>::anew(worker, subject.tenant, reach, position).await?;
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
            let (projection, tenant) = (worker.place.table.entry, forgotten.first().map(|(tenant, _)| tenant.as_str()));
            tracing::info!(projection, tenant, position, entries, "entries of an erased subject have been folded anew");
            return Ok(());
        }
        refold.next();
    }
}

/// The entries that a subject's events have reached.
async fn reach<P: Projection>(worker: &Worker, subject: &Subject, until: Position) -> Result<Reach, Failure> {
    let (query, mut ids, mut after) = (of_subject::<P>(subject), BTreeSet::new(), 0);
    loop {
        let range = Range::after(after).until(until).limit(PAGE);
        let page = worker.feed.read(Some(&subject.tenant), &query, range).await?;
        let Some(last) = page.last() else { return Ok(Reach::Only(ids)) };
        after = last.position;
        for stored in page.into_iter().filter(batch::concerns::<P>) {
            match reached::<P>(worker, stored) {
                Some(found) => ids.extend(found),
                None => return Ok(Reach::everything()),
            }
        }
    }
}

/// The ids of the entries that an event names; none if it reaches entries in another way, or did so when it was whole.
fn reached<P: Projection>(worker: &Worker, stored: StoredEvent) -> Option<Vec<String>> {
    let event = P::Event::decode(&stored.event_type, stored.version, &stored.payload).ok()?;
    let Some(event) = event else { return Some(Vec::new()) };
    let routes = routes::<P>(&worker.place.table, &batch::Read::new(stored, event)).ok()?;
    let ids = routes.into_iter().map(|route| match route {
        Route::Upsert(Target::Id(id)) | Route::Remove(Target::Id(id)) => Some(id),
        Route::Upsert(_) | Route::Remove(_) => None,
    });
    ids.collect()
}

/// Those of the events that a projection follows that are about a subject.
fn of_subject<P: Projection>(subject: &Subject) -> Query {
    let types = match query::<P>() {
        Query::All => Vec::new(),
        Query::Items(items) => items.into_iter().flat_map(|item| item.types).collect(),
    };
    Query::of([QueryItem { types, tags: vec![subject_tag(&subject.id)] }])
}
