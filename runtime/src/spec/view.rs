//! What a view makes of events.

use super::happened::Happened;
use super::same;
use crate::entry::Row;
use crate::projection::{Projection, Route, Source, Target};
use crate::value::Json;
use std::collections::{BTreeMap, BTreeSet};

/// The entries of a view after an example's events, by id.
pub struct Rows<P>(BTreeMap<String, P>);

#[track_caller]
#[allow(clippy::panic)]
pub(super) fn run<P: Projection>(history: &[Happened<P::Event>]) -> Rows<P> {
    let mut rows = Rows(BTreeMap::new());
    for happened in history.iter().filter(|happened| is_read::<P>(happened)) {
        let routes = match P::route(&happened.event, &happened.meta) {
            Ok(routes) => routes,
            Err(error) => panic!("event {} reaches no entry: {error}", happened.meta.position),
        };
        rows.follow(routes, happened);
    }
    rows
}

fn is_read<P: Projection>(happened: &Happened<P::Event>) -> bool {
    let reads = |source: &Source| {
        source.topic == happened.meta.topic
            && (source.types.is_empty() || source.types.contains(&happened.meta.event_type.as_str()))
    };
    P::SOURCES.iter().any(reads)
}

impl<P: Projection> Rows<P> {
    /// The entries, by id.
    pub(super) fn entries(&self) -> impl Iterator<Item = &P> {
        self.0.values()
    }

    /// Folds one event into all that it reaches; an entry that it reaches in several ways once.
    #[track_caller]
    fn follow(&mut self, routes: Vec<Route>, happened: &Happened<P::Event>) {
        let mut done = BTreeSet::new();
        for route in routes {
            match route {
                Route::Upsert(target) => {
                    let creates = matches!(target, Target::Id(_));
                    for id in self.reached(target) {
                        if done.insert(id.clone()) {
                            self.apply(id, creates, happened);
                        }
                    }
                }
                Route::Remove(target) => {
                    for id in self.reached(target) {
                        self.0.remove(&id);
                    }
                }
            }
        }
    }

    #[track_caller]
    fn reached(&self, target: Target) -> Vec<String> {
        match target {
            Target::Id(id) => {
                assert!(!id.is_empty(), "an event gives an empty id");
                vec![id]
            }
            Target::All => self.0.keys().cloned().collect(),
            Target::Matching(filter) => {
                let matching = |(_, entry): &(&String, &P)| filter.matches(&P::TABLE, &row(*entry));
                self.0.iter().filter(matching).map(|(id, _)| id.clone()).collect()
            }
        }
    }

    #[track_caller]
    #[allow(clippy::panic)]
    fn apply(&mut self, id: String, creates: bool, happened: &Happened<P::Event>) {
        let at = happened.meta.raised_at;
        let mut entry = match self.0.get(&id) {
            Some(entry) => entry.clone(),
            None if creates => P::new(id.clone(), at),
            None => return,
        };
        if let Err(error) = entry.apply(&happened.event, &happened.meta) {
            panic!("event {} cannot be folded into {id}: {error}", happened.meta.position);
        }
        entry.touch(at);
        // Through its row and back, so that an example sees what the table keeps.
        match row(&entry).into_entry() {
            Ok(entry) => self.0.insert(id, entry),
            Err(error) => panic!("entry {id} cannot be read back: {error}"),
        };
    }

    /// Checks all entries, in order of their ids, each by the fields named.
    #[track_caller]
    #[allow(clippy::panic)]
    pub(super) fn then(&self, expected: &Json) {
        let found: Vec<Json> = self.0.values().map(as_json).collect();
        let mut wanted: Vec<&Json> = expected.as_array().map(|list| list.iter().collect()).unwrap_or_default();
        wanted.sort_by_key(|entry| entry.get("id").and_then(Json::as_str).unwrap_or_default().to_owned());
        let same = expected.is_array()
            && wanted.len() == found.len()
            && wanted.iter().zip(&found).all(|(wanted, found)| match (wanted.as_object(), found.as_object()) {
                (Some(wanted), Some(found)) => same::names(wanted, found),
                _ => false,
            });
        if !same {
            panic!("expected {expected:#}\nfound {:#}", Json::Array(found));
        }
    }
}

#[track_caller]
#[allow(clippy::panic)]
fn row<P: Projection>(entry: &P) -> Row {
    match Row::of(entry) {
        Ok(row) => row,
        Err(error) => panic!("an entry cannot be stored: {error}"),
    }
}

#[track_caller]
#[allow(clippy::panic)]
fn as_json<P: Projection>(entry: &P) -> Json {
    match serde_json::to_value(entry) {
        Ok(json) => json,
        Err(error) => panic!("an entry cannot be written as JSON: {error}"),
    }
}
