//! The newest events as conditions need them, in memory: most conditions begin right behind the head that a command noted,
//! and for those nobody has to ask the database.

use crate::event::{Position, Query, QueryItem, Tag, Tenant};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, RandomState};

/// How many events are remembered.
const WINDOW: usize = 16_384;

/// Whether an event stands in the way of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// None does.
    No,
    /// One does.
    Yes,
    /// What is remembered does not tell: the database has to be asked.
    Unknown,
}

/// The events behind a position, without a gap. They are found by hashes, so that remembering one costs next to nothing;
/// what a hash finds is compared before it counts as a hit.
pub(super) struct Recent<S = RandomState> {
    /// Events up to here are not remembered.
    floor: Position,
    events: VecDeque<Event>,
    /// The newest event with this tag, of this type, of this tenant.
    newest: HashMap<u64, Position, Direct>,
    hasher: S,
}

struct Event {
    tenant: Tenant,
    event_type: Cow<'static, str>,
    tags: Vec<Tag>,
}

/// What an event is found by.
#[derive(Hash)]
enum Key<'a> {
    Tag(&'a str, &'a str),
    Type(&'a str, &'a str),
    Tenant(&'a str),
}

impl Recent {
    /// Nothing is remembered yet; the next event stands behind this head.
    pub(super) fn behind(head: Position) -> Self {
        Self::hashed(head, RandomState::new())
    }
}

impl<S: BuildHasher> Recent<S> {
    fn hashed(floor: Position, hasher: S) -> Self {
        Self { floor, events: VecDeque::new(), newest: HashMap::default(), hasher }
    }

    /// The last event's position.
    pub(super) fn head(&self) -> Position {
        self.floor + self.events.len() as Position
    }

    /// Takes in the event at the next position.
    pub(super) fn push(&mut self, tenant: Tenant, event_type: Cow<'static, str>, tags: Vec<Tag>) {
        if self.events.len() >= WINDOW {
            self.forget_oldest();
        }
        let position = self.head() + 1;
        let event = Event { tenant, event_type, tags };
        for hash in self.hashes(&event) {
            self.newest.insert(hash, position);
        }
        self.events.push_back(event);
    }

    /// Whether a tenant has an event behind `after` that the query means.
    pub(super) fn matches(&self, tenant: &Tenant, query: &Query, after: Position) -> Seen {
        if after < self.floor {
            return Seen::Unknown;
        }
        let all = [QueryItem::default()];
        let items = match query {
            Query::All => &all[..],
            Query::Items(items) => items,
        };
        let mut seen = Seen::No;
        for item in items {
            match self.item_matches(tenant, item, after) {
                Seen::Yes => return Seen::Yes,
                Seen::Unknown => seen = Seen::Unknown,
                Seen::No => {}
            }
        }
        seen
    }

    fn item_matches(&self, tenant: &Tenant, item: &QueryItem, after: Position) -> Seen {
        let of = tenant.as_str();
        let newest = |key: Key<'_>| self.newest.get(&self.hasher.hash_one(key)).copied().unwrap_or(0);
        // No event with all of the tags is newer than the newest with the rarest of them.
        let last = if !item.tags.is_empty() {
            item.tags.iter().map(|tag| newest(Key::Tag(of, tag.as_str()))).min()
        } else if !item.types.is_empty() {
            item.types.iter().map(|one| newest(Key::Type(of, one))).max()
        } else {
            Some(newest(Key::Tenant(of)))
        };
        let last = last.unwrap_or(0);
        if last <= after {
            return Seen::No;
        }
        let found = usize::try_from(last - self.floor - 1).ok().and_then(|place| self.events.get(place));
        match found {
            Some(event) if event.tenant == *tenant && item.matches(&event.event_type, &event.tags) => Seen::Yes,
            _ => Seen::Unknown,
        }
    }

    fn forget_oldest(&mut self) {
        let Some(event) = self.events.pop_front() else { return };
        self.floor += 1;
        for hash in self.hashes(&event) {
            if self.newest.get(&hash) == Some(&self.floor) {
                self.newest.remove(&hash);
            }
        }
    }

    fn hashes(&self, event: &Event) -> Vec<u64> {
        let tenant = event.tenant.as_str();
        let hash = |key: Key<'_>| self.hasher.hash_one(key);
        let mut hashes = Vec::with_capacity(event.tags.len() + 2);
        hashes.push(hash(Key::Tenant(tenant)));
        hashes.push(hash(Key::Type(tenant, &event.event_type)));
        hashes.extend(event.tags.iter().map(|tag| hash(Key::Tag(tenant, tag.as_str()))));
        hashes
    }
}

/// For keys that are hashes already.
type Direct = std::hash::BuildHasherDefault<AsItIs>;

#[derive(Default)]
struct AsItIs(u64);

impl std::hash::Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    /// What the answers must agree with: all events, one by one.
    fn exact(events: &[(Tenant, String, Vec<Tag>)], tenant: &Tenant, query: &Query, after: Position) -> bool {
        let behind = events.iter().skip(usize::try_from(after).unwrap());
        let mut meant = behind.filter(|(of, _, _)| of == tenant);
        meant.any(|(_, event_type, tags)| query.matches(event_type, tags))
    }

    fn tags(some: &[u8]) -> Vec<Tag> {
        some.iter().map(|tag| Tag::new(format!("t:{tag}"))).collect()
    }

    fn events() -> impl Strategy<Value = Vec<(Tenant, String, Vec<Tag>)>> {
        let event = (0..2_u8, 0..3_u8, prop::collection::btree_set(0..4_u8, 0..3));
        let event = event.prop_map(|(tenant, of, some)| {
            let some: Vec<u8> = some.into_iter().collect();
            (Tenant::new(format!("tenant {tenant}")), format!("Type{of}"), tags(&some))
        });
        prop::collection::vec(event, 0..12)
    }

    fn query() -> impl Strategy<Value = Query> {
        let types = prop::collection::vec(prop::sample::select(vec!["Type0", "Type1", "Type2"]), 0..3);
        let item = (types, prop::collection::vec(0..5_u8, 0..3));
        let item = item.prop_map(|(types, some)| QueryItem::of(&types, tags(&some)));
        prop_oneof![Just(Query::All), prop::collection::vec(item, 0..3).prop_map(Query::Items)]
    }

    /// Has only this many hashes.
    struct Few(u64, std::hash::DefaultHasher);

    impl std::hash::Hasher for Few {
        fn finish(&self) -> u64 {
            self.1.finish() % self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            self.1.write(bytes);
        }
    }

    #[derive(Clone)]
    struct OfFew(u64);

    impl BuildHasher for OfFew {
        type Hasher = Few;

        fn build_hasher(&self) -> Few {
            Few(self.0, std::hash::DefaultHasher::new())
        }
    }

    fn agrees<S: BuildHasher>(
        mut recent: Recent<S>,
        events: &[(Tenant, String, Vec<Tag>)],
        query: &Query,
        after: Position,
    ) -> Result<(), TestCaseError> {
        for (tenant, event_type, tags) in events {
            recent.push(tenant.clone(), Cow::Owned(event_type.clone()), tags.clone());
        }
        let tenant = Tenant::new("tenant 1");
        let truth = exact(events, &tenant, query, after);
        match recent.matches(&tenant, query, after) {
            Seen::Yes => prop_assert!(truth),
            Seen::No => prop_assert!(!truth),
            Seen::Unknown => {}
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_known_is_true(events in events(), query in query(), after in 0..12_u64) {
            agrees(Recent::behind(0), &events, &query, after)?;
        }

        #[test]
        fn what_collides_is_never_taken_for_a_hit(
            events in events(), query in query(), after in 0..12_u64, hashes in 1..4_u64,
        ) {
            agrees(Recent::hashed(0, OfFew(hashes)), &events, &query, after)?;
        }
    }

    #[test]
    fn what_it_has_forgotten_it_does_not_judge() {
        let (tenant, mut recent) = (Tenant::new("acme"), Recent::behind(10));
        let query = |tag: &str| Query::of([QueryItem::of(&["A"], [Tag::new(tag)])]);
        assert_eq!(recent.matches(&tenant, &query("x:1"), 9), Seen::Unknown);
        assert_eq!(recent.matches(&tenant, &query("x:1"), 10), Seen::No);
        for number in 0..=WINDOW {
            recent.push(tenant.clone(), Cow::Borrowed("A"), vec![Tag::new(format!("x:{number}"))]);
        }
        assert_eq!(recent.head(), 11 + WINDOW as Position);
        assert_eq!(recent.matches(&tenant, &query("x:0"), 10), Seen::Unknown, "the first is forgotten");
        assert_eq!(recent.matches(&tenant, &query("x:0"), 11), Seen::No);
        assert_eq!(recent.matches(&tenant, &query("x:1"), 11), Seen::Yes);
        assert_eq!(recent.newest.len(), WINDOW + 2, "one for each tag, one for the type, one for the tenant");
    }

    #[test]
    fn a_tag_alone_is_no_hit() {
        let (tenant, mut recent) = (Tenant::new("acme"), Recent::behind(0));
        recent.push(tenant.clone(), Cow::Borrowed("B"), vec![Tag::new("x:1")]);
        let query = Query::of([QueryItem::of(&["A"], [Tag::new("x:1")])]);
        assert_eq!(recent.matches(&tenant, &query, 0), Seen::Unknown, "an older one may be of the type");
    }
}
