//! A state that is read in two steps: who took the newest seat of a course, and how many seats that student has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Event, Full, SeatTaken, caller};
use super::{Decision, Refused, Request, decide};
use crate::caller::{Access, Context};
use crate::event::{Meta, Metadata, NewEvent, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use crate::expr::{EvalError, add};
use crate::spec;
use crate::store::{Answer, Append, AppendError, Appended, EventStore, MemoryEvents, Range, StoreError};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::watch;

struct FollowNewest;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Student,
    Seats,
}

#[derive(Clone)]
struct State {
    student: Option<String>,
    seats: i64,
}

impl Decision for FollowNewest {
    const NAME: &'static str = "FollowNewest";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = State;
    type Entry = Entry;
    type Error = Full;
    const STEPS: usize = 2;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        Ok(vec![(Entry::Student, QueryItem::of(&["SeatTaken"], [Tag::new("course:c1")]))])
    }

    fn later_reads(&self, step: usize, state: &State, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        assert_eq!(step, 2);
        let student = state.student.iter().map(|student| Tag::new(format!("student:{student}")));
        Ok(student.map(|tag| (Entry::Seats, QueryItem::of(&["SeatTaken"], [tag]))).collect())
    }

    fn initial(&self, _: &Context<'_>) -> Result<State, EvalError> {
        Ok(State { student: None, seats: 0 })
    }

    fn fold(
        &self,
        state: &mut State,
        entry: Entry,
        Event::SeatTaken(taken): &Event,
        _: &Meta,
        _: &Context<'_>,
    ) -> Result<(), EvalError> {
        match entry {
            Entry::Student => state.student = Some(taken.student_id.clone()),
            Entry::Seats => state.seats = add(state.seats, 1)?,
        }
        Ok(())
    }

    fn decide(&self, state: &State, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        let seen = format!("{} has {}", state.student.as_deref().unwrap_or("nobody"), state.seats);
        Ok(vec![taken("seen", &seen)])
    }
}

fn taken(course: &str, student: &str) -> Event {
    Event::SeatTaken(SeatTaken { course_id: course.to_owned(), student_id: student.to_owned() })
}

/// A store in which somebody records the next of these events right before each append; it notes what was read.
struct Meddled {
    store: MemoryEvents,
    others: Mutex<VecDeque<Event>>,
    read: Mutex<Vec<(Query, Position)>>,
}

impl Meddled {
    async fn with(given: &[Event], others: &[Event]) -> Self {
        let (store, read) = (MemoryEvents::new(), Mutex::default());
        for event in given {
            record(&store, event).await;
        }
        Self { store, others: Mutex::new(others.iter().cloned().collect()), read }
    }

    /// What the command saw in the end.
    async fn seen(&self) -> String {
        let query = Query::of([QueryItem::of(&[], [Tag::new("course:seen")])]);
        let found = self.store.read(&caller().tenant, &query, Range::default()).await.unwrap();
        assert_eq!(found.len(), 1);
        found[0].payload["studentId"].as_str().unwrap().to_owned()
    }

    /// Behind which position each query began that asked for this tag.
    fn began(&self, tag: &str) -> Vec<Position> {
        let asked = |query: &Query| matches!(query, Query::Items(items) if items[0].tags == [Tag::new(tag)]);
        self.read.lock().unwrap().iter().filter(|(query, _)| asked(query)).map(|(_, after)| *after).collect()
    }
}

async fn record(store: &MemoryEvents, event: &Event) {
    let event = NewEvent::from_event(event, Metadata::default()).unwrap();
    store.append(Append::new(caller().tenant, vec![event])).await.unwrap();
}

#[async_trait::async_trait]
impl EventStore for Meddled {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.read.lock().unwrap().push((query.clone(), range.after));
        self.store.read(tenant, query, range).await
    }
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let other = self.others.lock().unwrap().pop_front();
        if let Some(other) = other {
            record(&self.store, &other).await;
        }
        self.store.append(append).await
    }
    async fn answer(&self, tenant: &Tenant, command: &str, key: &str) -> Result<Option<Answer>, StoreError> {
        self.store.answer(tenant, command, key).await
    }
    fn watch(&self) -> watch::Receiver<Position> {
        self.store.watch()
    }
}

#[tokio::test]
async fn a_later_step_reads_what_an_earlier_one_names() {
    let given = [taken("c1", "s1"), taken("c2", "s1"), taken("c2", "s2")];
    let store = Meddled::with(&given, &[]).await;
    decide(&store, &FollowNewest, &Request::new(&caller())).await.unwrap();
    assert_eq!(store.seen().await, "s1 has 2");
}

#[tokio::test]
async fn nil_reads_nothing() {
    let store = Meddled::with(&[taken("c2", "s1")], &[]).await;
    decide(&store, &FollowNewest, &Request::new(&caller())).await.unwrap();
    assert_eq!(store.seen().await, "nobody has 0");
    assert_eq!(store.read.lock().unwrap().len(), 1, "the second step asks for nothing");
}

/// What comes into the way of the second step alone is a conflict too, and is folded onto what was read.
#[tokio::test]
async fn the_condition_holds_both_queries() {
    let store = Meddled::with(&[taken("c1", "s1")], &[taken("c2", "s1")]).await;
    decide(&store, &FollowNewest, &Request::new(&caller())).await.unwrap();
    assert_eq!(store.seen().await, "s1 has 2");
    assert_eq!(store.began("student:s1"), [0, 1], "the second attempt reads on");
}

/// When the first step changes its mind, the second begins again: it has read of another student so far.
#[tokio::test]
async fn another_answer_of_the_first_step_makes_the_second_begin_again() {
    let given = [taken("c1", "s1"), taken("c2", "s1"), taken("c2", "s2")];
    let store = Meddled::with(&given, &[taken("c1", "s2"), taken("c3", "s1")]).await;
    decide(&store, &FollowNewest, &Request::new(&caller())).await.unwrap();
    assert_eq!(store.seen().await, "s2 has 2", "the third attempt is not disturbed by what s1 does");
    assert_eq!((store.began("student:s1"), store.began("student:s2")), (vec![0], vec![0]));
}

#[test]
fn examples_read_in_steps_too() {
    let given = || spec::given([taken("c1", "s1"), taken("c2", "s1"), taken("c2", "s2")]);
    given().when(FollowNewest).then_events(json!([{"SeatTaken": {"studentId": "s1 has 2"}}]));
    spec::given([taken("c2", "s1")])
        .when(FollowNewest)
        .then_events(json!([{"SeatTaken": {"studentId": "nobody has 0"}}]));
}
