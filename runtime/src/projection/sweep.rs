//! An event that reaches more entries than are held at once: it is applied to them page by page, in the order of their ids.
//!
//! Each page is written by itself, and the checkpoint passes the event with the last one. Every entry keeps the position of
//! the event that changed it last, so after a crash in between those that have the event already are passed over. Entries
//! that the event names may come into being through it; they are written together with the checkpoint.

use std::collections::BTreeSet;

use super::failure::Failure;
use super::fold::{Fold, PAGE, Routed, searched};
use super::reading::put_aside;
use super::worker::Worker;
use super::writing::write;
use super::{Route, Target};
use crate::query::Filter;
use crate::tables::{Batch, Kept, Page, Parked};

/// Entries of which it is noted, each by itself, that the event could not be applied to them.
const NOTED: usize = 1_000;

/// Applies one event, with everything before it applied and written. False if there is more to be done before: somebody else
/// has moved the checkpoint, or the service stops.
///
/// # Errors
/// If the database fails; the next attempt goes on where this one ended.
pub(super) async fn sweep(worker: &mut Worker, routed: Routed) -> Result<bool, Failure> {
    let (position, tenant) = (routed.read.stored.position, routed.read.stored.tenant.clone());
    let filters = routed.routes.iter().filter_map(searched).collect();
    let (which, named) = (Filter::any(filters), named(&routed.routes));
    let (mut parked, mut after) = (Refused::default(), None);
    loop {
        let page = Page { after, limit: PAGE };
        let found = worker.tables.matching(&worker.place, &tenant, &which, page).await?;
        let is_last = found.len() < PAGE;
        after = found.last().map(|kept| kept.row.base.id.clone());
        let left = |kept: &Kept| !named.contains(kept.row.base.id.as_str());
        let mut batch = fold_page(worker, &routed, found.into_iter().filter(left)).await?;
        parked.take(&mut batch);
        if *worker.stop.borrow() || !write(worker, batch, worker.applied).await? {
            return Ok(false);
        }
        if is_last {
            break;
        }
    }
    let mut fold = Fold::new(worker);
    fold.load(std::slice::from_ref(&routed)).await?;
    fold.event(&routed).await?;
    let mut batch = fold.into_batch();
    batch.parked.extend(parked.into_parked(&routed));
    write(worker, batch, position).await
}

/// The entries that the event itself names.
fn named(routes: &[Route]) -> BTreeSet<&str> {
    let ids = routes.iter().filter_map(|(Route::Upsert(target) | Route::Remove(target))| match target {
        Target::Id(id) => Some(id.as_str()),
        Target::All | Target::Matching(_) => None,
    });
    ids.collect()
}

async fn fold_page(worker: &Worker, routed: &Routed, page: impl Iterator<Item = Kept>) -> Result<Batch, Failure> {
    let mut fold = Fold::new(worker);
    for kept in page {
        fold.take(kept)?;
    }
    fold.event(routed).await?;
    Ok(fold.into_batch())
}

/// What the event could not be applied to. Noted only with the checkpoint, so that nothing is noted twice.
#[derive(Default)]
struct Refused {
    noted: Vec<Parked>,
    others: usize,
}

impl Refused {
    fn take(&mut self, batch: &mut Batch) {
        for parked in std::mem::take(&mut batch.parked) {
            if self.noted.len() < NOTED {
                self.noted.push(parked);
            } else {
                self.others += 1;
            }
        }
    }

    fn into_parked(self, routed: &Routed) -> impl Iterator<Item = Parked> {
        let stored = &routed.read.stored;
        let rest = (self.others > 0).then(|| {
            put_aside(Parked {
                position: stored.position,
                tenant: stored.tenant.clone(),
                event_type: stored.event_type.clone(),
                // No entry has this id: it stands for those that are not noted one by one.
                entry: Some(String::new()),
                error: format!("it cannot be applied to {} more entries", self.others),
                again: false,
            })
        });
        self.noted.into_iter().chain(rest)
    }
}
