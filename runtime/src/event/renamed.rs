//! Events that had other names before.
//!
//! Whatever its name, an event is stored under the oldest one, for good: so a program of before the rename and one of after it
//! find each other's events, and stand in each other's way, while both run.

use super::{Query, QueryItem, StoredEvent};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// An event type that had other names before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// Today's name.
    pub name: &'static str,
    /// The earlier ones, oldest first; never empty.
    pub before: &'static [&'static str],
}

impl Renamed {
    /// The name that it is stored under.
    fn stored(&self) -> &'static str {
        self.before.first().copied().unwrap_or(self.name)
    }

    /// All of its names, oldest first.
    fn all(&self) -> impl Iterator<Item = &'static str> + use<'_> {
        self.before.iter().copied().chain([self.name])
    }
}

/// The names of a service's events, so arranged that they are found. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(Option<Arc<HashMap<&'static str, Renamed>>>);

impl Names {
    /// Of these events.
    pub(crate) fn new(renamed: &'static [Renamed]) -> Self {
        let names = renamed.iter().flat_map(|one| one.all().map(|name| (name, *one)));
        Self((!renamed.is_empty()).then(|| Arc::new(names.collect())))
    }

    /// Whether every event has the name that it always had.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn find(&self, name: &str) -> Option<&Renamed> {
        self.0.as_ref()?.get(name)
    }

    /// Today's name of an event, by whichever it has had.
    pub(crate) fn today<'n>(&self, name: &'n str) -> &'n str {
        self.find(name).map_or(name, |one| one.name)
    }

    /// The same, if that is another one.
    pub(crate) fn other(&self, name: &str) -> Option<&'static str> {
        self.find(name).map(|one| one.name).filter(|today| *today != name)
    }

    /// The name under which an event is stored, if it is another one.
    pub(crate) fn stored(&self, name: &str) -> Option<&'static str> {
        self.find(name).map(Renamed::stored)
    }

    /// These types, each by all of the names that it has had: whoever forgot for a while to say that an event was renamed has
    /// stored some under the new name.
    pub(crate) fn every<N: Clone + PartialEq + AsRef<str> + From<&'static str>>(&self, types: &[N]) -> Vec<N> {
        let mut found = Vec::with_capacity(types.len());
        for name in types {
            match self.find(name.as_ref()) {
                None => found.push(name.clone()),
                Some(one) => found.extend(one.all().map(N::from)),
            }
        }
        let mut seen = Vec::with_capacity(found.len());
        found.retain(|name| {
            let is_first = !seen.contains(name);
            if is_first {
                seen.push(name.clone());
            }
            is_first
        });
        found
    }

    /// A query by all names.
    pub(crate) fn asked<'q>(&self, query: &'q Query) -> Cow<'q, Query> {
        let Query::Items(items) = query else { return Cow::Borrowed(query) };
        if !items.iter().flat_map(|item| &item.types).any(|name| self.find(name).is_some()) {
            return Cow::Borrowed(query);
        }
        let item = |item: &QueryItem| QueryItem { types: self.every(&item.types), tags: item.tags.clone() };
        Cow::Owned(Query::of(items.iter().map(item)))
    }

    /// Gives events today's names.
    pub(crate) fn show(&self, events: &mut [StoredEvent]) {
        if self.is_empty() {
            return;
        }
        for event in events {
            if let Some(one) = self.find(&event.event_type).filter(|one| one.name != event.event_type) {
                one.name.clone_into(&mut event.event_type);
            }
        }
    }

    /// What events are called by whoever has asked this: by the newest of the names that it has given an event, which may be one
    /// that was generated before the event was renamed. Today's name, where it has given none.
    pub(crate) fn asker(&self, query: &Query) -> Asker {
        let mut names: HashMap<&'static str, &'static str> = HashMap::new();
        if let (Query::Items(items), false) = (query, self.is_empty()) {
            let asked: Vec<&str> = items.iter().flat_map(|item| &item.types).map(AsRef::as_ref).collect();
            for one in asked.iter().filter_map(|name| self.find(name)) {
                let newest = one.all().filter(|name| asked.contains(name)).last().unwrap_or(one.name);
                names.insert(one.name, newest);
            }
        }
        names.retain(|today, asked| today != asked);
        Asker(names)
    }
}

/// Other names than today's, by which somebody asks for events.
pub(crate) struct Asker(HashMap<&'static str, &'static str>);

impl Asker {
    /// Calls an event as it was asked for.
    pub(crate) fn name(&self, event: &mut StoredEvent) {
        if let Some(asked) = self.0.get(event.event_type.as_str()) {
            (*asked).clone_into(&mut event.event_type);
        }
    }
}
