//! Folds a batch of events into the entries they reach, in memory.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use super::hold::Holding;
use super::kind::{Held, Kind};
use super::reading::{Read, park, put_aside};
use super::worker::Worker;
use super::{Route, Target, weight};
use crate::entry::Row;
use crate::event::{Position, Tenant};
use crate::query::{Filter, check_own_filter};
use crate::store::StoreError;
use crate::tables::{Batch, Kept, NewChange, Page, Parked, Place, Tables};

/// A batch at work.
pub(super) struct Fold<'a> {
    kind: &'a Kind,
    place: &'a Place,
    tables: &'a dyn Tables,
    entries: BTreeMap<(Tenant, String), Slot>,
    parked: Vec<Parked>,
    /// Whether an event has reached entries other than by their id.
    searches: bool,
    /// What the entries were when they were loaded and what came to them since, in bytes, about.
    weight: usize,
    /// Unique constraints, if events that would break one are put aside.
    holding: Option<Holding<'a>>,
    /// What entries were before the event that is applied to them, as far as they are held to constraints.
    touched: Vec<Before>,
}

/// Entries that one event may reach otherwise than by their ids in a batch with others. More are changed in pages of so many.
pub(super) const PAGE: usize = 2_000;

/// Entries that are held at most, give or take those of a page of events.
const ENTRIES: usize = 20_000;

/// Bytes that they take at most, give or take those of a page of events.
const BYTES: usize = 16 * 1024 * 1024;

/// One entry: as it was stored, as it is now, and the event that changed it last. The event itself is let go of: of
/// thousands that are read, each would keep a piece of the page that it came in.
struct Slot {
    /// The event that had changed it last when it was stored.
    stored: Position,
    before: Option<Row>,
    now: Option<Box<dyn Held>>,
    changed: Option<Last>,
}

/// An entry as it was before an event.
struct Before {
    key: (Tenant, String),
    now: Option<Box<dyn Held>>,
    changed: Option<Last>,
}

/// An event that has changed an entry.
#[derive(Clone, Copy)]
struct Last {
    position: Position,
    event_type: &'static str,
}

impl Slot {
    /// The entry as it is now, to be put back.
    fn before(&self, key: &(Tenant, String)) -> Before {
        Before { key: key.clone(), now: self.now.as_ref().map(|entry| entry.again()), changed: self.changed }
    }

    /// Whether the event has not been applied to it yet: a sweep that was cut short has reached some entries already.
    fn lacks(&self, read: &Read) -> bool {
        self.stored < read.stored.position
    }
}

impl Last {
    fn of(read: &Read) -> Self {
        Self { position: read.stored.position, event_type: read.event.event_type() }
    }
}

/// An event and what it does.
pub(super) struct Routed {
    pub(super) read: Read,
    pub(super) routes: Vec<Route>,
}

impl<'a> Fold<'a> {
    /// A fold into the worker's table.
    pub(super) fn new(worker: &'a Worker) -> Self {
        let Worker { kind, place, tables, .. } = worker;
        Self {
            kind,
            place,
            tables: &**tables,
            entries: BTreeMap::new(),
            parked: Vec::new(),
            searches: false,
            weight: 0,
            holding: Holding::of(worker),
            touched: Vec::new(),
        }
    }

    /// Events that are put aside before they reach anything.
    pub(super) fn park(&mut self, parked: Vec<Parked>) {
        self.parked.extend(parked);
    }

    /// Whether it is to be written before more is read: there is much in it, or events that look through all entries.
    pub(super) fn is_full(&self) -> bool {
        self.searches || self.entries.len() >= ENTRIES || self.weight >= BYTES
    }

    /// Applies the events in their order, behind those that were applied before. One that reaches more entries than are
    /// held at once is given back, with it and all behind it undone.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn run(&mut self, events: Vec<Read>) -> Result<Option<Routed>, StoreError> {
        let routed = self.route(events);
        self.load(&routed).await?;
        for one in routed {
            if !self.gather(&one).await? {
                self.parked.retain(|parked| parked.position < one.read.stored.position);
                return Ok(Some(one));
            }
            self.event(&one).await?;
        }
        Ok(None)
    }

    /// What is to be written.
    pub(super) fn into_batch(self) -> Batch {
        let stored = |entry: &dyn Held| {
            let row = entry.row()?;
            self.tables.check(self.place, &row).map(|()| row)
        };
        let mut batch = Batch { parked: self.parked, ..Batch::default() };
        for ((tenant, id), Slot { before, now, changed, .. }) in self.entries {
            let Some(last) = changed else { continue };
            let row = match now.as_deref().map(stored).transpose() {
                Ok(row) => row,
                Err(error) => {
                    // It may be another event's doing, and all of them are lost to the entry: it is folded again, event by event.
                    let Last { position, event_type } = last;
                    let (event_type, error, entry) = (event_type.to_owned(), error.to_string(), Some(id));
                    batch.parked.push(put_aside(Parked { position, tenant, event_type, entry, error, again: true }));
                    continue;
                }
            };
            if row == before {
                continue;
            }
            batch.changes.push(NewChange { tenant: tenant.clone(), id: id.clone(), before, removed: row.is_none() });
            match row {
                Some(row) => batch.kept.push(Kept { tenant, row, position: last.position }),
                None => batch.removed.push((tenant, id)),
            }
        }
        batch
    }

    fn route(&mut self, events: Vec<Read>) -> Vec<Routed> {
        let mut routed = Vec::with_capacity(events.len());
        for read in events {
            self.weight += weight::of_json(&read.stored.payload);
            match routes(self.kind, &read) {
                Ok(routes) => routed.push(Routed { read, routes }),
                Err(error) => self.parked.push(park(&read.stored, None, error)),
            }
        }
        routed
    }

    /// Loads every entry that the events name, at once.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn load(&mut self, routed: &[Routed]) -> Result<(), StoreError> {
        let mut keys = BTreeSet::new();
        for Routed { read, routes } in routed {
            for route in routes {
                if let Route::Upsert(Target::Id(id)) | Route::Remove(Target::Id(id)) = route {
                    let key = (read.stored.tenant.clone(), id.clone());
                    if !self.entries.contains_key(&key) {
                        keys.insert(key);
                    }
                }
            }
        }
        if keys.is_empty() {
            return Ok(());
        }
        let found = self.tables.load(self.place, keys.iter().cloned().collect()).await?;
        for kept in found {
            self.take(kept)?;
        }
        for key in keys {
            if let btree_map::Entry::Vacant(place) = self.entries.entry(key) {
                self.weight += weight::ENTRY;
                place.insert(Slot { stored: 0, before: None, now: None, changed: None });
            }
        }
        Ok(())
    }

    /// Holds an entry as it is stored, unless it is held already.
    ///
    /// # Errors
    /// If the row is not of this table.
    pub(super) fn take(&mut self, Kept { tenant, row, position }: Kept) -> Result<(), StoreError> {
        let key = (tenant, row.base.id.clone());
        if let btree_map::Entry::Vacant(place) = self.entries.entry(key) {
            let entry = (self.kind.load)(row.clone()).map_err(|error| StoreError::Invalid(error.to_string()))?;
            self.weight += weight::of_row(&row);
            place.insert(Slot { stored: position, before: Some(row), now: Some(entry), changed: None });
        }
        Ok(())
    }

    /// Loads the stored entries that an event reaches otherwise than by their ids. False if they are too many.
    async fn gather(&mut self, Routed { read, routes }: &Routed) -> Result<bool, StoreError> {
        let tenant = &read.stored.tenant;
        for filter in routes.iter().filter_map(searched) {
            self.searches = true;
            let page = Page { after: None, limit: PAGE + 1 };
            let found = self.tables.matching(self.place, tenant, &filter, page).await?;
            if found.len() > PAGE {
                return Ok(false);
            }
            for kept in found {
                self.take(kept)?;
            }
        }
        Ok(true)
    }

    /// Applies one event to the entries that are held, but not to those that would break a unique constraint by it.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn event(&mut self, routed: &Routed) -> Result<(), StoreError> {
        self.reach(routed);
        let touched = std::mem::take(&mut self.touched);
        if !touched.is_empty() {
            self.hold(&routed.read, touched).await?;
        }
        Ok(())
    }

    fn reach(&mut self, Routed { read, routes }: &Routed) {
        // An event that reaches an entry in several ways applies once.
        let mut done = BTreeSet::new();
        for route in routes {
            let (Route::Upsert(target) | Route::Remove(target)) = route;
            for id in self.ids(read, target) {
                if matches!(route, Route::Remove(_)) {
                    self.remove(read, &id);
                } else if done.insert(id.clone()) {
                    self.apply(read, &id, matches!(target, Target::Id(_)));
                }
            }
        }
    }

    fn ids(&self, read: &Read, target: &Target) -> Vec<String> {
        let tenant = &read.stored.tenant;
        match target {
            Target::Id(id) => vec![id.clone()],
            Target::All => self.held(tenant, &Filter::everything()),
            Target::Matching(filter) => self.held(tenant, filter),
        }
    }

    /// The entries held that a filter means at this very moment.
    fn held(&self, tenant: &Tenant, filter: &Filter) -> Vec<String> {
        let mut found = Vec::new();
        for ((of, id), slot) in &self.entries {
            let Some(entry) = slot.now.as_ref().filter(|_| of == tenant) else { continue };
            if entry.row().is_ok_and(|row| filter.matches(&self.place.table, &row)) {
                found.push(id.clone());
            }
        }
        found
    }

    fn apply(&mut self, read: &Read, id: &str, creates: bool) {
        let key = (read.stored.tenant.clone(), id.to_owned());
        let Some(slot) = self.entries.get_mut(&key).filter(|slot| slot.lacks(read)) else { return };
        if self.holding.is_some() {
            self.touched.push(slot.before(&key));
        }
        let folded = match &mut slot.now {
            Some(entry) => entry.fold(&*read.event, &read.meta),
            None if creates => {
                let mut entry = (self.kind.new)(id.to_owned(), read.meta.raised_at);
                entry.fold(&*read.event, &read.meta).map(|()| slot.now = Some(entry))
            }
            None => return,
        };
        match folded {
            Ok(()) => slot.changed = Some(Last::of(read)),
            Err(error) => self.parked.push(park(&read.stored, Some(id), error.to_string())),
        }
    }

    fn remove(&mut self, read: &Read, id: &str) {
        let key = (read.stored.tenant.clone(), id.to_owned());
        let Some(slot) = self.entries.get_mut(&key).filter(|slot| slot.lacks(read) && slot.now.is_some()) else {
            return;
        };
        if self.holding.is_some() {
            self.touched.push(slot.before(&key));
        }
        slot.now = None;
        slot.changed = Some(Last::of(read));
    }

    /// Takes back what would break a unique constraint, or cannot be kept.
    async fn hold(&mut self, read: &Read, mut before: Vec<Before>) -> Result<(), StoreError> {
        let Some(holding) = &mut self.holding else { return Ok(()) };
        let mut seen = BTreeSet::new();
        before.retain(|one| seen.insert(one.key.clone()));
        let mut refused = Vec::new();
        let mut touched = Vec::with_capacity(before.len());
        for Before { key, now, .. } in &before {
            let after = self.entries.get(key).and_then(|slot| slot.now.as_deref()).map(Held::row).transpose();
            let kept =
                after.and_then(|row| row.map(|row| self.tables.check(self.place, &row).map(|()| row)).transpose());
            match kept {
                Ok(after) => {
                    let was = now.as_deref().and_then(|entry| entry.row().ok());
                    touched.push(holding.touch(key.clone(), was.as_ref(), after.as_ref()).await?);
                }
                Err(error) => refused.push((key.clone(), error.to_string())),
            }
        }
        refused.extend(holding.refused(touched).into_iter().map(|(key, violated)| (key, violated.to_string())));
        for (key, error) in refused {
            self.parked.push(park(&read.stored, Some(&key.1), error));
            let was = before.iter().position(|one| one.key == key).map(|place| before.swap_remove(place));
            if let (Some(slot), Some(Before { now, changed, .. })) = (self.entries.get_mut(&key), was) {
                (slot.now, slot.changed) = (now, changed);
            }
        }
        Ok(())
    }
}

/// What an event reaches: all of it, or nothing if any part cannot be said.
///
/// # Errors
/// Why not.
pub(super) fn routes(kind: &Kind, read: &Read) -> Result<Vec<Route>, String> {
    let routes = (kind.route)(&*read.event, &read.meta).map_err(|error| error.to_string())?;
    for Route::Upsert(target) | Route::Remove(target) in &routes {
        match target {
            Target::Id(id) if id.is_empty() => return Err("the event gives an empty id".to_owned()),
            Target::Matching(filter) => check_own_filter(&kind.table, filter).map_err(|invalid| invalid.to_string())?,
            Target::Id(_) | Target::All => {}
        }
    }
    Ok(routes)
}

/// The filter that a route looks for entries with; none if it names the one it reaches.
pub(super) fn searched(route: &Route) -> Option<Filter> {
    let (Route::Upsert(target) | Route::Remove(target)) = route;
    match target {
        Target::All => Some(Filter::everything()),
        Target::Matching(filter) => Some(filter.clone()),
        Target::Id(_) => None,
    }
}
