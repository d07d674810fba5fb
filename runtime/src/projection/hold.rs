//! Unique constraints of entries that are folded from events: what would break one is found out before it is written.
//!
//! What entries have is known by digests of their values: of those that were changed, as they are in memory, and of others as the
//! table has them, once they are looked up.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::worker::Worker;
use crate::entry::{Row, Unique, Violated, digest};
use crate::event::Tenant;
use crate::store::StoreError;
use crate::tables::{Page, Place, Tables};

/// The digests of an entry's values, one a constraint; none where there is nothing to hold.
type Digests = Vec<Option<String>>;
/// A tenant's entry.
type Key = (Tenant, String);

/// Entries of a table that share nothing that they must not.
pub(super) struct Holding<'a> {
    place: &'a Place,
    tables: &'a dyn Tables,
    unique: &'static [Unique],
    /// What entries have, those without any row too.
    entries: HashMap<Key, Digests>,
    /// Who of them has values, by constraint and digest.
    holders: HashMap<(Tenant, usize, String), BTreeSet<String>>,
    /// What was looked up.
    looked: HashSet<(Tenant, usize, String)>,
}

/// A change of an entry that may be refused.
pub(super) struct Touched {
    key: Key,
    before: Digests,
}

impl<'a> Holding<'a> {
    /// For the worker's table, if it is held to constraints.
    pub(super) fn of(worker: &'a Worker) -> Option<Self> {
        worker.holds_unique().then(|| Self {
            place: &worker.place,
            tables: &*worker.tables,
            unique: worker.kind.unique,
            entries: HashMap::new(),
            holders: HashMap::new(),
            looked: HashSet::new(),
        })
    }

    /// Takes a change as it is said, and looks up who else has the new values.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn touch(
        &mut self,
        key: Key,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Result<Touched, StoreError> {
        let (before, now) = (self.digests(before), self.digests(after));
        self.set(key.clone(), now.clone());
        for (number, unique) in self.unique.iter().enumerate() {
            let Some(digest) = now.get(number).cloned().flatten() else { continue };
            let values = after.and_then(|row| unique.values(&self.place.table, row)).unwrap_or_default();
            if before.get(number).is_some_and(|had| had.as_ref() == Some(&digest))
                || !self.looked.insert((key.0.clone(), number, digest))
            {
                continue;
            }
            // The table keeps the constraint, so that there is one at most.
            let page = Page { after: None, limit: 2 };
            for kept in self.tables.matching(self.place, &key.0, &unique.filter(&values), page).await? {
                let other = (kept.tenant, kept.row.base.id.clone());
                if !self.entries.contains_key(&other) {
                    let digests = self.digests(Some(&kept.row));
                    self.set(other, digests);
                }
            }
        }
        Ok(Touched { key, before })
    }

    /// Which of the changes, made by one event, break a constraint: those are taken back. Of two that want the same, the first gets it.
    pub(super) fn refused(&mut self, mut touched: Vec<Touched>) -> Vec<(Key, Violated)> {
        let mut refused = Vec::new();
        while let Some((number, violated)) = self.first_refused(&touched) {
            let Touched { key, before } = touched.remove(number);
            self.set(key.clone(), before);
            refused.push((key, violated));
        }
        refused
    }

    /// The first change that breaks a constraint. What the ones behind it take does not count for it yet.
    fn first_refused(&self, touched: &[Touched]) -> Option<(usize, Violated)> {
        let order: HashMap<&Key, usize> = touched.iter().enumerate().map(|(number, one)| (&one.key, number)).collect();
        touched.iter().enumerate().find_map(|(number, Touched { key, .. })| {
            let digests = self.entries.get(key)?;
            let broken = digests.iter().enumerate().find(|(constraint, digest)| {
                let takes =
                    |place: usize| touched.get(place).is_some_and(|one| one.before.get(*constraint) != Some(*digest));
                let Some(has) = digest.as_ref().filter(|_| takes(number)) else { return false };
                let holders = self.holders.get(&(key.0.clone(), *constraint, has.clone())).into_iter().flatten();
                let mut earlier = holders.filter(|other| {
                    let place = order.get(&(key.0.clone(), (*other).clone()));
                    place.is_none_or(|place| *place < number || *place > number && !takes(*place))
                });
                earlier.next().is_some()
            });
            broken.and_then(|(constraint, _)| Some((number, self.unique.get(constraint)?.violated())))
        })
    }

    fn digests(&self, row: Option<&Row>) -> Digests {
        let of = |unique: &Unique| Some(digest(&unique.values(&self.place.table, row?)?));
        self.unique.iter().map(of).collect()
    }

    fn set(&mut self, key: Key, digests: Digests) {
        let (tenant, id) = &key;
        for (number, had) in self.entries.get(&key).into_iter().flatten().enumerate() {
            let had = had.clone().map(|had| (tenant.clone(), number, had));
            if let Some(holders) = had.and_then(|had| self.holders.get_mut(&had)) {
                holders.remove(id);
            }
        }
        for (number, has) in digests.iter().enumerate() {
            let Some(has) = has.clone() else { continue };
            self.holders.entry((tenant.clone(), number, has)).or_default().insert(id.clone());
        }
        self.entries.insert(key, digests);
    }
}
