//! Entries folded again from their own events, in order, up to where the table is.
//!
//! An entry is always what its events give in their order, without those that are put aside. So an event that was put aside is
//! not applied to the entry as it is now: the entry is folded again, and what came behind the event meets what it did. Of an
//! entry itself all that lies aside is tried; events that reach entries by other ways than this one's stay aside.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Failure;
use super::fold::routes;
use super::hold::Holding;
use super::kind::Held;
use super::reading::{Read, concerns, park, put_aside, query};
use super::worker::Worker;
use super::{Route, Target};
use crate::entry::{Row, Table, Violated};
use crate::event::{Position, StoredEvent, Tenant};
use crate::query::Filter;
use crate::store::Range;
use crate::tables::{Batch, Changed, Kept, NewChange, Parked, PutAside, Retried};

/// Events read at once.
const PAGE: usize = 1000;
/// Entries that are folded at once.
const ENTRIES: usize = 20_000;

/// Entries of one tenant at work.
pub(super) struct Refold {
    /// The event that is tried again, if that is why.
    asked: Option<PutAside>,
    tenant: Tenant,
    reach: Reach,
    /// The last event that they get, if that is another than the table has.
    until: Option<Position>,
    /// Events that no entry gets.
    whole: BTreeSet<Position>,
    /// Events that this entry does not get.
    single: BTreeSet<(Position, String)>,
    at: Position,
    entries: BTreeMap<String, Option<Box<dyn Held>>>,
    failed: BTreeMap<(Position, String), Parked>,
    /// What lies aside and is not tried along, by its number.
    left: BTreeSet<u64>,
    /// Entries that stay as they are, since they would break a unique constraint.
    refused: BTreeMap<String, Violated>,
}

/// Which entries are folded again.
pub(super) enum Reach {
    /// These.
    Only(BTreeSet<String>),
    /// All there are behind this id, up to the other one if they do not fit into memory at once.
    Behind(String, Option<String>),
}

impl Reach {
    /// All entries there are.
    pub(super) fn everything() -> Self {
        Self::Behind(String::new(), None)
    }

    /// What it comes to in a change log.
    pub(super) fn forgotten(&self, tenant: &Tenant) -> Vec<(Tenant, Option<String>)> {
        match self {
            Self::Only(ids) => ids.iter().map(|id| (tenant.clone(), Some(id.clone()))).collect(),
            Self::Behind(..) => vec![(tenant.clone(), None)],
        }
    }

    fn holds(&self, id: &str) -> bool {
        match self {
            Self::Only(ids) => ids.contains(id),
            Self::Behind(after, until) => id > after.as_str() && until.as_deref().is_none_or(|until| id <= until),
        }
    }
}

impl Refold {
    /// Begins for an event that is asked for again.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn again(worker: &Worker, asked: PutAside, reach: Reach) -> Result<Self, Failure> {
        Self::new(worker, asked.parked.tenant.clone(), Some(asked), reach).await
    }

    /// Begins for entries of a tenant that are something else by an event, which they get as well.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn anew(worker: &Worker, tenant: Tenant, reach: Reach, by: Position) -> Result<Self, Failure> {
        let refold = Self::new(worker, tenant, None, reach).await?;
        Ok(Self { until: Some(by), ..refold })
    }

    async fn new(worker: &Worker, tenant: Tenant, asked: Option<PutAside>, reach: Reach) -> Result<Self, Failure> {
        let number = asked.as_ref().map(|asked| asked.number);
        let (mut whole, mut single, mut left) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let tries_violations = asked.as_ref().is_some_and(is_violation);
        for one in worker.aside.of_tenant(&worker.place, &tenant).await? {
            let violates = !one.discarded && is_violation(&one);
            match one.parked.entry {
                None if Some(one.number) != number => drop(whole.insert(one.parked.position)),
                // What broke a constraint is tried when it is asked for: another entry must have changed.
                Some(id) if !tries_violations && violates => {
                    left.insert(one.number);
                    single.insert((one.parked.position, id));
                }
                Some(id) if one.discarded => drop(single.insert((one.parked.position, id))),
                _ => {}
            }
        }
        let (entries, failed, refused) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Ok(Self { asked, tenant, reach, until: None, whole, single, at: 0, entries, failed, left, refused })
    }

    /// The last event that the entries get.
    fn until(&self, worker: &Worker) -> Position {
        self.until.unwrap_or(worker.applied)
    }

    /// Folds the next events. True once it is behind the last.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn read_on(&mut self, worker: &Worker) -> Result<bool, Failure> {
        let until = self.until(worker);
        let range = Range::after(self.at).until(until).limit(PAGE);
        let events = worker.feed.read(Some(&self.tenant), &query(&worker.kind), range).await?;
        let full = events.len() >= PAGE;
        self.at = events.last().filter(|_| full).map_or(until, |last| last.position);
        for stored in events.into_iter().filter(|event| concerns(&worker.kind, event)) {
            self.event(worker, stored);
        }
        Ok(!full)
    }

    fn event(&mut self, worker: &Worker, stored: StoredEvent) {
        if self.whole.contains(&stored.position) {
            return;
        }
        // What cannot be read or assigned lies aside, or will.
        let Ok(Some(event)) = (worker.kind.decode)(&stored) else { return };
        let read = Read::new(stored, event);
        let Ok(routes) = routes(&worker.kind, &read) else { return };
        let mut done = BTreeSet::new();
        for route in routes {
            let (target, removes) = match route {
                Route::Upsert(target) => (target, false),
                Route::Remove(target) => (target, true),
            };
            let creates = matches!(target, Target::Id(_));
            for id in self.ids(&worker.place.table, target) {
                if self.single.contains(&(read.stored.position, id.clone())) {
                    continue;
                }
                if removes {
                    self.entries.insert(id, None);
                } else if done.insert(id.clone()) {
                    self.apply(worker, &read, id, creates);
                }
            }
        }
        self.fit();
    }

    fn ids(&self, table: &Table, target: Target) -> Vec<String> {
        let filter = match target {
            Target::Id(id) => return if self.reach.holds(&id) { vec![id] } else { Vec::new() },
            Target::All => Filter::everything(),
            Target::Matching(filter) => filter,
        };
        let there = self.entries.iter().filter_map(|(id, entry)| Some((id, entry.as_deref()?)));
        let meant = |entry: &dyn Held| entry.row().is_ok_and(|row| filter.matches(table, &row));
        there.filter(|(_, entry)| meant(*entry)).map(|(id, _)| id.clone()).collect()
    }

    fn apply(&mut self, worker: &Worker, read: &Read, id: String, creates: bool) {
        let mut entry = match self.entries.get(&id).and_then(Option::as_ref) {
            Some(entry) => entry.again(),
            None if creates => (worker.kind.new)(id.clone(), read.meta.raised_at),
            None => return,
        };
        let applied = entry.fold(&*read.event, &read.meta).map_err(|error| error.to_string());
        let kept = applied.and_then(|()| {
            let checked = entry.row().and_then(|row| worker.tables.check(&worker.place, &row));
            checked.map_err(|error| error.to_string())
        });
        match kept {
            Ok(()) => drop(self.entries.insert(id, Some(entry))),
            Err(error) => {
                let parked = park(&read.stored, Some(&id), error);
                self.failed.insert((read.stored.position, id), parked);
            }
        }
    }

    /// Leaves the entries behind for which there is no room to the next round.
    fn fit(&mut self) {
        let Reach::Behind(_, until) = &mut self.reach else { return };
        if self.entries.len() <= ENTRIES {
            return;
        }
        let Some(first_out) = self.entries.keys().nth(ENTRIES).cloned() else { return };
        self.entries.split_off(&first_out);
        *until = self.entries.last_key_value().map(|(id, _)| id.clone());
        let Self { failed, reach, .. } = self;
        failed.retain(|(_, id), _| reach.holds(id));
    }

    /// What differs from the table.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn batch(&mut self, worker: &Worker) -> Result<Batch, Failure> {
        let mut stored = self.stored(worker).await?;
        let mut batch = Batch::default();
        let until = self.until(worker);
        // What cannot be a row was not taken in.
        let rows = std::mem::take(&mut self.entries).into_iter();
        let rows: BTreeMap<_, _> = rows.map(|(id, entry)| (id, entry.and_then(|entry| entry.row().ok()))).collect();
        self.hold(worker, &stored, &rows).await?;
        for (id, row) in rows {
            let before = stored.remove(&id);
            if self.refused.contains_key(&id) {
                continue;
            }
            self.change(&mut batch, id, before, row, until);
        }
        for (id, before) in stored {
            self.change(&mut batch, id, Some(before), None, until);
        }
        self.settle(worker, &mut batch).await?;
        Ok(batch)
    }

    /// Notes which entries would break a unique constraint as they are now. What is erased is erased, whatever comes of it.
    async fn hold(
        &mut self,
        worker: &Worker,
        stored: &BTreeMap<String, Row>,
        rows: &BTreeMap<String, Option<Row>>,
    ) -> Result<(), Failure> {
        let Some(mut holding) = Holding::of(worker).filter(|_| self.until.is_none()) else { return Ok(()) };
        let mut touched = Vec::new();
        for (id, row) in rows {
            let key = (self.tenant.clone(), id.clone());
            touched.push(holding.touch(key, stored.get(id), row.as_ref()).await?);
        }
        self.refused = holding.refused(touched).into_iter().map(|((_, id), violated)| (id, violated)).collect();
        Ok(())
    }

    /// An entry has changed when the table came to the last event, whichever one it was.
    fn change(&self, batch: &mut Batch, id: String, before: Option<Row>, row: Option<Row>, position: Position) {
        if row == before {
            return;
        }
        let tenant = self.tenant.clone();
        batch.changes.push(NewChange { tenant: tenant.clone(), id: id.clone(), before, removed: row.is_none() });
        match row {
            Some(row) => batch.kept.push(Kept { tenant, row, position }),
            None => batch.removed.push((tenant, id)),
        }
    }

    async fn stored(&self, worker: &Worker) -> Result<BTreeMap<String, Row>, Failure> {
        let mut found = BTreeMap::new();
        let mut from = match &self.reach {
            Reach::Behind(after, _) => after.clone(),
            Reach::Only(ids) => {
                let keys = ids.iter().map(|id| (self.tenant.clone(), id.clone())).collect();
                let rows = worker.tables.load(&worker.place, keys).await?.into_iter();
                return Ok(rows.map(|Kept { row, .. }| (row.base.id.clone(), row)).collect());
            }
        };
        loop {
            let behind = Some((self.tenant.clone(), from.clone()));
            let page = worker.tables.changed(&worker.place, Changed { after: 0, from: behind, limit: PAGE }).await?;
            let full = page.len() >= PAGE;
            for Kept { tenant, row, .. } in page {
                if tenant != self.tenant || !self.reach.holds(&row.base.id) {
                    return Ok(found);
                }
                from.clone_from(&row.base.id);
                found.insert(row.base.id.clone(), row);
            }
            if !full {
                return Ok(found);
            }
        }
    }

    /// What lay aside of these entries has been applied, or has failed again; some may be new.
    async fn settle(&mut self, worker: &Worker, batch: &mut Batch) -> Result<(), Failure> {
        for one in worker.aside.of_tenant(&worker.place, &self.tenant).await? {
            let Some(id) = one.parked.entry.filter(|id| self.reach.holds(id)) else { continue };
            let refused = self.refused.get(&id).map(Violated::to_string);
            let error = self.failed.remove(&(one.parked.position, id)).map(|parked| parked.error).or(refused);
            if !one.discarded && !self.left.contains(&one.number) {
                batch.retried.push(Retried { number: one.number, error });
            }
        }
        let failed = std::mem::take(&mut self.failed);
        // What stays as it is has met no event anew.
        let failed = failed.into_iter().filter(|((_, id), _)| !self.refused.contains_key(id));
        batch.parked.extend(failed.map(|(_, parked)| parked));
        let Some(asked) = &self.asked else { return Ok(()) };
        if asked.parked.entry.as_deref().is_none_or(str::is_empty) {
            let aside = self.refused.iter().map(|(id, violated)| Parked {
                entry: Some(id.clone()),
                error: violated.to_string(),
                again: false,
                ..asked.parked.clone()
            });
            batch.parked.extend(aside.map(put_aside));
        }
        if asked.parked.entry.as_deref().is_none_or(str::is_empty) && self.is_over() {
            batch.retried.push(Retried { number: asked.number, error: None });
        }
        let (projection, id) = (worker.place.table.entry, &asked.id);
        tracing::info!(projection, id, entries = batch.changes.len(), "what was put aside has been tried again");
        Ok(())
    }

    /// Whether no entries are left for another round.
    pub(super) fn is_over(&self) -> bool {
        !matches!(self.reach, Reach::Behind(_, Some(_)))
    }

    /// Goes on with the entries that there was no room for.
    pub(super) fn next(&mut self) {
        if let Reach::Behind(_, Some(until)) = &self.reach {
            self.reach = Reach::Behind(until.clone(), None);
            self.at = 0;
        }
    }
}

/// Whether an event lies aside as it broke a unique constraint.
fn is_violation(one: &PutAside) -> bool {
    one.parked.error.starts_with(Violated::BEGINS)
}
