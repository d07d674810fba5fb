//! Whether the entries of a table keep its unique constraints. A table is built without asking, since values may be shared for a
//! while and then no more. Once it has caught up it must keep them: until it does, its type is not ready.

use tokio::time::Instant;

use super::kind::Kind;
use super::uniqueness::{Shared, Uniqueness, Verifier};
use super::worker::Worker;
use crate::entry::Unique;
use crate::store::StoreError;
use crate::tables::{Page, Place, Tables};

/// Values that are listed of a constraint, and entries of each.
const LISTED: usize = 10;
/// What is known of a table before its task begins: of one that has caught up, all. A restart is no reason not to be ready.
///
/// # Errors
/// If the database fails.
pub(super) async fn at_start(
    kind: &Kind,
    (tables, place): (&dyn Tables, &Place),
    is_built: bool,
) -> Result<Uniqueness, StoreError> {
    if kind.unique.is_empty() {
        return Ok(Uniqueness::Held);
    }
    if !is_built {
        return Ok(Uniqueness::Unknown);
    }
    find(tables, place, kind.unique).await.map(Uniqueness::of)
}

impl Worker {
    /// Looks whether the unique constraints hold, if it is not known yet and there is nothing more to wait for.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn verify(&mut self) -> Result<(), StoreError> {
        if self.kind.unique.is_empty() {
            return Ok(());
        }
        let now = self.progress.borrow().clone();
        let (is_owner, seen) = (self.is_owner(), (now.applied, now.last_change));
        self.verifier.is_clean &= is_owner;
        let is_known = now.uniqueness == Uniqueness::Held && (self.verifier.is_clean || !is_owner);
        if is_known || !(now.is_built() || (is_owner && self.is_past_history())) || !self.verifier.is_due(seen) {
            return Ok(());
        }
        let began = Instant::now();
        let shared = find(&*self.tables, &self.place, self.kind.unique).await?;
        self.verifier.looked = Some((began, seen, began.elapsed()));
        self.verifier.is_clean = is_owner && shared.is_empty();
        if shared != self.verifier.found {
            tell(self.place.table.entry, &shared);
            self.verifier.found.clone_from(&shared);
        }
        self.note(shared);
        Ok(())
    }

    /// Has the table looked at again before more events are held against the constraints: it was changed without asking.
    pub(super) fn doubt(&mut self) {
        self.verifier = Verifier { found: std::mem::take(&mut self.verifier.found), ..Verifier::default() };
    }

    /// Whether events that would break a constraint are put aside: they are from the moment on at which all entries keep them.
    pub(super) fn holds_unique(&self) -> bool {
        self.kind.holds_unique && self.verifier.is_clean
    }

    /// Whether the table has what there was when it was made and keeps its constraints from then on, if it keeps them now. What
    /// another service had then is not known.
    fn is_past_history(&self) -> bool {
        self.kind.holds_unique && self.feed.source().is_none() && self.applied >= self.checkpoint.history
    }

    /// What has been said once is not taken back: whoever waits for an entry must not wait for ever.
    fn note(&self, shared: Vec<Shared>) {
        self.progress.send_if_modified(|progress| {
            if progress.uniqueness == Uniqueness::Held || progress.uniqueness.broken() == shared && !shared.is_empty() {
                return false;
            }
            progress.uniqueness = Uniqueness::of(shared);
            true
        });
    }
}

fn tell(projection: &str, shared: &[Shared]) {
    if shared.is_empty() {
        tracing::info!(projection, "its unique constraints hold");
    }
    for Shared { constraint, tenant, entries } in shared {
        let tenant = tenant.as_str();
        tracing::error!(projection, constraint, tenant, ?entries, "entries break a unique constraint");
    }
}

/// Entries that break constraints, a bounded number of them.
async fn find(tables: &dyn Tables, place: &Place, constraints: &[Unique]) -> Result<Vec<Shared>, StoreError> {
    let mut found = Vec::new();
    for unique in constraints {
        for (tenant, id) in tables.shared(place, unique.columns, LISTED).await? {
            let Some(kept) = tables.load(place, vec![(tenant.clone(), id)]).await?.into_iter().next() else { continue };
            let Some(values) = unique.values(&place.table, &kept.row) else { continue };
            let page = Page { after: None, limit: LISTED };
            let rows = tables.matching(place, &tenant, &unique.filter(&values), page).await?;
            let entries: Vec<String> = rows.into_iter().map(|kept| kept.row.base.id).collect();
            // Somebody else may have changed them since they were found.
            if entries.len() > 1 {
                found.push(Shared { constraint: unique.name, tenant, entries });
            }
        }
    }
    Ok(found)
}
