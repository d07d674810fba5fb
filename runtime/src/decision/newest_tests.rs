//! An entry for which just the newest event counts, beside one that counts them all.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Event, Full, SeatTaken, caller, contended, taken};
use super::{Decision, Refused, Request, decide};
use crate::caller::{Access, Context};
use crate::event::{Meta, Metadata, NewEvent, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::expr::{EvalError, add};
use crate::spec;
use crate::store::{Answer, Append, AppendError, Appended, EventStore, MemoryEvents, Range, StoreError};
use serde_json::json;
use std::sync::Mutex;
use tokio::sync::watch;

/// Takes the seat behind the newest one: its student is named after the one before.
struct SitBehind {
    /// Counts all seats too.
    counts: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Newest,
    Count,
}

impl Decision for SitBehind {
    const NAME: &'static str = "SitBehind";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = (String, i64);
    type Entry = Entry;
    type Error = Full;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        let item = QueryItem::of(&["SeatTaken"], [Tag::new("course:c1")]);
        let count = self.counts.then(|| (Entry::Count, item.clone()));
        Ok([(Entry::Newest, item)].into_iter().chain(count).collect())
    }

    fn last_only(entry: Entry) -> bool {
        matches!(entry, Entry::Newest)
    }

    fn initial(&self, _: &Context<'_>) -> Result<Self::State, EvalError> {
        Ok(("nobody".to_owned(), 0))
    }

    fn fold(
        &self,
        state: &mut Self::State,
        entry: Entry,
        Event::SeatTaken(taken): &Event,
        _: &Meta,
        _: &Context<'_>,
    ) -> Result<(), EvalError> {
        match entry {
            Entry::Newest => state.0.clone_from(&taken.student_id),
            Entry::Count => state.1 = add(state.1, 1)?,
        }
        Ok(())
    }

    fn decide(&self, state: &Self::State, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        let student_id = format!("{} of {}", state.0, state.1);
        Ok(vec![Event::SeatTaken(SeatTaken { course_id: "c1".to_owned(), student_id })])
    }
}

/// A store that notes how much each read gave.
#[derive(Default)]
struct Noting {
    store: MemoryEvents,
    read: Mutex<Vec<usize>>,
}

#[async_trait::async_trait]
impl EventStore for Noting {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        let events = self.store.read(tenant, query, range).await?;
        self.read.lock().unwrap().push(events.len());
        Ok(events)
    }
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.store.append(append).await
    }
    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }
    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
}

/// The student of the newest seat.
async fn newest(store: &dyn EventStore) -> String {
    let range = Range::default().backwards().limit(1);
    let found = store.read(&caller().tenant, &Query::All, range).await.unwrap();
    found[0].payload["studentId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_the_newest_event_is_read() {
    let (store, caller) = (Noting::default(), caller());
    for student in 0..50 {
        let event = NewEvent::from_event(&taken(&format!("s{student}")), Metadata::default()).unwrap();
        store.append(Append::new(caller.tenant.clone(), vec![event])).await.unwrap();
    }
    decide(&store, &SitBehind { counts: false }, &Request::new(&caller)).await.unwrap();
    assert_eq!(*store.read.lock().unwrap(), [1]);
    assert_eq!(newest(&store).await, "s49 of 0");
    store.read.lock().unwrap().clear();
    decide(&store, &SitBehind { counts: true }, &Request::new(&caller)).await.unwrap();
    assert_eq!(*store.read.lock().unwrap(), [51, 1]);
    assert_eq!(newest(&store).await, "s49 of 0 of 51");
}

#[tokio::test]
async fn a_newer_event_is_a_conflict_and_counts_then() {
    let (store, caller) = (contended(2), caller());
    let decided = decide(&store, &SitBehind { counts: true }, &Request::new(&caller)).await.unwrap();
    assert_eq!(decided.position, 3);
    assert_eq!(newest(&store).await, "other1 of 2");
}

#[test]
fn an_example_knows_the_newest_too() {
    let history = || spec::given([taken("s1"), taken("s2")]);
    history().when(SitBehind { counts: false }).then_events(json!([{"SeatTaken": {"studentId": "s2 of 0"}}]));
    history().when(SitBehind { counts: true }).then_events(json!([{"SeatTaken": {"studentId": "s2 of 2"}}]));
    spec::given([]).when(SitBehind { counts: true }).then_events(json!([{"SeatTaken": {"studentId": "nobody of 0"}}]));
}
