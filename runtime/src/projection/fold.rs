//! Folds a batch of events into the entries they reach, in memory.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use super::batch::{Read, park, put_aside};
use super::{Projection, Route, Target, weight};
use crate::entry::{Row, Table};
use crate::event::{EventSet, Position, Tenant};
use crate::query::{Filter, check_own_filter};
use crate::store::StoreError;
use crate::tables::{Batch, Kept, NewChange, Parked, Place, Tables};

/// A batch at work.
pub(super) struct Fold<'a, P> {
    place: &'a Place,
    tables: &'a dyn Tables,
    entries: BTreeMap<(Tenant, String), Slot<P>>,
    parked: Vec<Parked>,
    /// Whether an event has reached entries other than by their id.
    searches: bool,
    /// What the entries were when they were loaded and what came to them since, in bytes, about.
    weight: usize,
}

/// Entries that are held at most, give or take those of a page of events.
const ENTRIES: usize = 20_000;

/// Bytes that they take at most, give or take those of a page of events.
const BYTES: usize = 16 * 1024 * 1024;

/// One entry: as it was stored, as it is now, and the event that changed it last. The event itself is let go of: of
/// thousands that are read, each would keep a piece of the page that it came in.
struct Slot<P> {
    before: Option<Row>,
    now: Option<P>,
    changed: Option<Last>,
}

/// An event that has changed an entry.
#[derive(Clone, Copy)]
struct Last {
    position: Position,
    event_type: &'static str,
}

impl Last {
    fn of<E: EventSet>(read: &Read<E>) -> Self {
        Self { position: read.stored.position, event_type: read.event.event_type() }
    }
}

/// An event and what it does.
struct Routed<E> {
    read: Read<E>,
    routes: Vec<Route>,
}

impl<'a, P: Projection> Fold<'a, P> {
    /// A fold into the table at `place`.
    pub(super) fn new(place: &'a Place, tables: &'a dyn Tables) -> Self {
        Self { place, tables, entries: BTreeMap::new(), parked: Vec::new(), searches: false, weight: 0 }
    }

    /// Events that are put aside before they reach anything.
    pub(super) fn park(&mut self, parked: Vec<Parked>) {
        self.parked.extend(parked);
    }

    /// Whether it is to be written before more is read: there is much in it, or events that look through all entries.
    pub(super) fn is_full(&self) -> bool {
        self.searches || self.entries.len() >= ENTRIES || self.weight >= BYTES
    }

    /// Applies the events in their order, behind those that were applied before.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn run(&mut self, events: Vec<Read<P::Event>>) -> Result<(), StoreError> {
        let routed = self.route(events);
        self.load(&routed).await?;
        for Routed { read, routes } in routed {
            self.event(&read, routes).await?;
        }
        Ok(())
    }

    /// What is to be written.
    pub(super) fn into_batch(self) -> Batch {
        let stored = |entry: &P| {
            let row = Row::of(entry)?;
            self.tables.check(self.place, &row).map(|()| row)
        };
        let mut batch = Batch { parked: self.parked, ..Batch::default() };
        for ((tenant, id), Slot { before, now, changed }) in self.entries {
            let Some(last) = changed else { continue };
            let row = match now.as_ref().map(stored).transpose() {
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

    fn route(&mut self, events: Vec<Read<P::Event>>) -> Vec<Routed<P::Event>> {
        let mut routed = Vec::with_capacity(events.len());
        for read in events {
            self.weight += weight::of_json(&read.stored.payload);
            match routes::<P>(&self.place.table, &read) {
                Ok(routes) => routed.push(Routed { read, routes }),
                Err(error) => self.parked.push(park(&read.stored, None, error)),
            }
        }
        routed
    }

    /// Loads every entry that the batch names, at once.
    async fn load(&mut self, routed: &[Routed<P::Event>]) -> Result<(), StoreError> {
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
        for Kept { tenant, row, .. } in found {
            self.take(tenant, row)?;
        }
        for key in keys {
            if let btree_map::Entry::Vacant(place) = self.entries.entry(key) {
                self.weight += weight::ENTRY;
                place.insert(Slot { before: None, now: None, changed: None });
            }
        }
        Ok(())
    }

    fn take(&mut self, tenant: Tenant, row: Row) -> Result<(), StoreError> {
        let key = (tenant, row.base.id.clone());
        if let btree_map::Entry::Vacant(place) = self.entries.entry(key) {
            let entry = row.clone().into_entry().map_err(|error| StoreError::Invalid(error.to_string()))?;
            self.weight += weight::of_row(&row);
            place.insert(Slot { before: Some(row), now: Some(entry), changed: None });
        }
        Ok(())
    }

    async fn event(&mut self, read: &Read<P::Event>, routes: Vec<Route>) -> Result<(), StoreError> {
        // An event that reaches an entry in several ways applies once.
        let mut done = BTreeSet::new();
        for route in routes {
            let (target, removes) = match route {
                Route::Upsert(target) => (target, false),
                Route::Remove(target) => (target, true),
            };
            let named = matches!(target, Target::Id(_));
            for id in self.ids(read, target).await? {
                if removes {
                    self.remove(read, &id);
                } else if done.insert(id.clone()) {
                    self.apply(read, &id, named);
                }
            }
        }
        Ok(())
    }

    async fn ids(&mut self, read: &Read<P::Event>, target: Target) -> Result<Vec<String>, StoreError> {
        match target {
            Target::Id(id) => Ok(vec![id]),
            Target::All => self.reach(&read.stored.tenant, &Filter::everything()).await,
            Target::Matching(filter) => self.reach(&read.stored.tenant, &filter).await,
        }
    }

    /// The entries that a filter means at this very moment: those that the batch has touched as they
    /// are in memory, all others as they are stored.
    async fn reach(&mut self, tenant: &Tenant, filter: &Filter) -> Result<Vec<String>, StoreError> {
        self.searches = true;
        for row in self.tables.matching(self.place, tenant, filter).await? {
            self.take(tenant.clone(), row)?;
        }
        let mut found = Vec::new();
        for ((of, id), slot) in &self.entries {
            let Some(entry) = slot.now.as_ref().filter(|_| of == tenant) else { continue };
            if Row::of(entry).is_ok_and(|row| filter.matches(&self.place.table, &row)) {
                found.push(id.clone());
            }
        }
        Ok(found)
    }

    fn apply(&mut self, read: &Read<P::Event>, id: &str, creates: bool) {
        let key = (read.stored.tenant.clone(), id.to_owned());
        let Some(slot) = self.entries.get_mut(&key) else { return };
        let mut entry = match &slot.now {
            Some(entry) => entry.clone(),
            None if creates => P::new(id.to_owned(), read.meta.raised_at),
            None => return,
        };
        match entry.apply(&read.event, &read.meta) {
            Ok(()) => {
                entry.touch(read.meta.raised_at);
                slot.now = Some(entry);
                slot.changed = Some(Last::of(read));
            }
            Err(error) => self.parked.push(park(&read.stored, Some(id), error.to_string())),
        }
    }

    fn remove(&mut self, read: &Read<P::Event>, id: &str) {
        let key = (read.stored.tenant.clone(), id.to_owned());
        if let Some(slot) = self.entries.get_mut(&key)
            && slot.now.take().is_some()
        {
            slot.changed = Some(Last::of(read));
        }
    }
}

/// What an event reaches: all of it, or nothing if any part cannot be said.
///
/// # Errors
/// Why not.
pub(super) fn routes<P: Projection>(table: &Table, read: &Read<P::Event>) -> Result<Vec<Route>, String> {
    let routes = P::route(&read.event, &read.meta).map_err(|error| error.to_string())?;
    for Route::Upsert(target) | Route::Remove(target) in &routes {
        match target {
            Target::Id(id) if id.is_empty() => return Err("the event gives an empty id".to_owned()),
            Target::Matching(filter) => check_own_filter(table, filter).map_err(|invalid| invalid.to_string())?,
            Target::Id(_) | Target::All => {}
        }
    }
    Ok(routes)
}
