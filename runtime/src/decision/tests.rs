//! The loop against a store, with a command that is as generated ones are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{DecideError, Decided, Decision, Refused, Rejection, Request, Retry, decide, decide_with};
use crate::caller::{Access, Caller, Context};
use crate::event::{
    self, DecodeError, DomainEvent, EncodeError, EventSet, Meta, Metadata, NewEvent, Payload, Position, Query,
    QueryItem, StoredEvent, Tag, Tenant,
};
use crate::expr::{EvalError, add};
use crate::spec;
use crate::store::{Answer, Append, AppendError, Appended, EventStore, MemoryEvents, Range, StoreError};
use crate::value::Json;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SeatTaken {
    pub(super) course_id: String,
    pub(super) student_id: String,
}

impl DomainEvent for SeatTaken {
    const TYPE: &'static str = "SeatTaken";
    const TOPIC: &'static str = "enrollment";
    const VERSION: u32 = 1;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(vec![Tag::new(format!("course:{}", self.course_id)), Tag::new(format!("student:{}", self.student_id))])
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    SeatTaken(SeatTaken),
}

impl EventSet for Event {
    const TYPES: &'static [&'static str] = &["SeatTaken"];

    fn decode(event_type: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        Ok(match event_type {
            SeatTaken::TYPE => Some(Self::SeatTaken(event::decode(version, payload)?)),
            _ => None,
        })
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        let Self::SeatTaken(taken) = self;
        event::encode(taken)
    }

    fn event_type(&self) -> &'static str {
        SeatTaken::TYPE
    }
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("course {0} is full")]
pub(super) struct Full(pub(super) String);

impl Rejection for Full {
    fn code(&self) -> &'static str {
        "Full"
    }
}

struct TakeSeat {
    course_id: String,
    student_id: String,
    seats: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Entry {
    Taken,
    Mine,
}

impl Decision for TakeSeat {
    const NAME: &'static str = "TakeSeat";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = (i64, bool);
    type Entry = Entry;
    type Error = Full;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<(Entry, QueryItem)>, EvalError> {
        let course = Tag::new(format!("course:{}", self.course_id));
        let student = Tag::new(format!("student:{}", self.student_id));
        Ok(vec![
            (Entry::Taken, QueryItem::of(&["SeatTaken"], [course.clone()])),
            (Entry::Mine, QueryItem::of(&["SeatTaken"], [course, student])),
        ])
    }

    fn initial(&self, _: &Context<'_>) -> Result<Self::State, EvalError> {
        Ok((0, false))
    }

    fn fold(
        &self,
        state: &mut Self::State,
        entry: Entry,
        _: &Event,
        _: &Meta,
        _: &Context<'_>,
    ) -> Result<(), EvalError> {
        match entry {
            Entry::Taken => state.0 = add(state.0, 1)?,
            Entry::Mine => state.1 = true,
        }
        Ok(())
    }

    fn decide(&self, state: &Self::State, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        if state.1 {
            return Ok(vec![]);
        }
        if state.0 >= self.seats {
            return Err(Full(self.course_id.clone()).into());
        }
        let (course_id, student_id) = (self.course_id.clone(), self.student_id.clone());
        Ok(vec![Event::SeatTaken(SeatTaken { course_id, student_id })])
    }
}

fn take(student: &str, seats: i64) -> TakeSeat {
    TakeSeat { course_id: "c1".to_owned(), student_id: student.to_owned(), seats }
}

pub(super) fn caller() -> Caller {
    Caller::user(Tenant::new("acme"), "u1", ["STUDENT"])
}

/// A store in which somebody else is faster, as often as it is told.
pub(super) struct Contended {
    store: MemoryEvents,
    times: AtomicU32,
}

#[async_trait::async_trait]
impl EventStore for Contended {
    async fn head(&self) -> Result<Position, StoreError> {
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read(tenant, query, range).await
    }
    async fn read_all(&self, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read_all(query, range).await
    }
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let left = self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if let Ok(left) = left {
            let student_id = format!("other{left}");
            let other = Event::SeatTaken(SeatTaken { course_id: "c1".to_owned(), student_id });
            let other = NewEvent::from_event(&other, Metadata::default()).unwrap();
            self.store.append(Append::new(append.tenant.clone(), vec![other])).await?;
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

pub(super) fn contended(times: u32) -> Contended {
    Contended { store: MemoryEvents::new(), times: AtomicU32::new(times) }
}

#[tokio::test]
async fn a_command_records_and_says_so() {
    let (store, caller) = (MemoryEvents::new(), caller());
    let decided = decide(&store, &take("s1", 1), &Request::new(&caller)).await.unwrap();
    let expected = Decided { position: 1, ids: BTreeMap::new(), events: vec!["SeatTaken".to_owned()], repeated: false };
    assert_eq!(decided, expected);
    let stored = store.read(&caller.tenant, &Query::All, Range::default()).await.unwrap();
    assert_eq!(stored[0].payload, json!({"courseId": "c1", "studentId": "s1"}));
    assert_eq!(stored[0].metadata.user_id.as_deref(), Some("u1"));
    let again = decide(&store, &take("s1", 1), &Request::new(&caller)).await.unwrap();
    assert_eq!((again.position, again.events.len()), (1, 0), "a command that records nothing is a success");
    let full = decide(&store, &take("s2", 1), &Request::new(&caller)).await;
    assert!(matches!(full, Err(DecideError::Rejected(Full(course))) if course == "c1"));
}

#[tokio::test]
async fn on_conflict_it_reads_on_and_decides_again() {
    let (store, caller) = (contended(3), caller());
    let decided = decide(&store, &take("s1", 9), &Request::new(&caller)).await.unwrap();
    assert_eq!(decided.position, 4);
    let (store, command) = (contended(3), take("s1", 2));
    let late = decide(&store, &command, &Request::new(&caller)).await;
    assert!(matches!(late, Err(DecideError::Rejected(_))), "the seats went to the faster ones");
}

#[tokio::test]
async fn it_gives_up_and_says_so() {
    let (store, caller) = (contended(u32::MAX), caller());
    let retry = Retry { attempts: 4, longest_pause: Duration::from_millis(1) };
    let result = decide_with(&store, &take("s1", 99), &Request::new(&caller), retry).await;
    assert!(matches!(result, Err(DecideError::Conflict { attempts: 4 })));
    let mine = Query::of([QueryItem::of(&[], [Tag::new("student:s1")])]);
    assert_eq!(store.read(&caller.tenant, &mine, Range::default()).await.unwrap(), []);
}

#[tokio::test]
async fn a_repeat_under_the_same_key_gets_the_first_answer() {
    let (store, caller) = (MemoryEvents::new(), caller());
    let ids = BTreeMap::from([("seatId".to_owned(), "first".to_owned())]);
    let first = Request { idempotency_key: Some("k".to_owned()), ids, ..Request::new(&caller) };
    let done = decide(&store, &take("s1", 9), &first).await.unwrap();
    let ids = BTreeMap::from([("seatId".to_owned(), "second".to_owned())]);
    let repeat = Request { ids, ..first.clone() };
    let repeated = decide(&store, &take("s2", 0), &repeat).await.unwrap();
    assert_eq!(repeated, Decided { repeated: true, ..done });
    assert_eq!(store.head().await.unwrap(), 1);
}

/// Two calls under one key at the same time: whichever is slower gets the answer of the faster, although by then a rule of
/// the model would reject it.
#[tokio::test]
async fn a_twin_that_loses_the_race_gets_the_first_answer() {
    for _ in 0..20 {
        let store: Arc<dyn EventStore> = Arc::new(MemoryEvents::new());
        let twins = (0..8).map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let caller = caller();
                let request = Request { idempotency_key: Some("k".to_owned()), ..Request::new(&caller) };
                decide(&*store, &take(&format!("s{n}"), 1), &request).await.unwrap()
            })
        });
        let mut first = 0;
        for twin in twins.collect::<Vec<_>>() {
            let decided = twin.await.unwrap();
            assert_eq!((decided.position, decided.events.len()), (1, 1));
            first += usize::from(!decided.repeated);
        }
        assert_eq!(first, 1);
    }
}

/// A store that lets a twin finish between the look for an answer and the reading.
#[tokio::test]
async fn a_rejection_by_a_twins_events_is_no_answer() {
    let (store, caller) = (Overtaken { store: MemoryEvents::new(), done: AtomicU32::new(0) }, caller());
    let request = Request { idempotency_key: Some("k".to_owned()), ..Request::new(&caller) };
    let decided = decide(&store, &take("s1", 1), &request).await.unwrap();
    assert!(decided.repeated);
    assert_eq!(decided.position, 1);
}

struct Overtaken {
    store: MemoryEvents,
    done: AtomicU32,
}

#[async_trait::async_trait]
impl EventStore for Overtaken {
    async fn head(&self) -> Result<Position, StoreError> {
        if self.done.fetch_add(1, Ordering::SeqCst) == 0 {
            let caller = caller();
            let request = Request { idempotency_key: Some("k".to_owned()), ..Request::new(&caller) };
            decide(&self.store, &take("s0", 1), &request).await.unwrap();
        }
        self.store.head().await
    }
    async fn read(&self, tenant: &Tenant, query: &Query, range: Range) -> Result<Vec<StoredEvent>, StoreError> {
        self.store.read(tenant, query, range).await
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

#[tokio::test]
async fn seats_are_never_oversold() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryEvents::new());
    let commands = (0..24).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let caller = caller();
            decide(&*store, &take(&format!("s{n}"), 5), &Request::new(&caller)).await
        })
    });
    let (mut won, mut full) = (0, 0);
    for command in commands.collect::<Vec<_>>() {
        match command.await.unwrap() {
            Ok(_) => won += 1,
            Err(DecideError::Rejected(_)) => full += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((won, full), (5, 19));
}

#[tokio::test]
async fn a_long_history_is_folded_in_pages() {
    let (store, caller) = (MemoryEvents::new(), caller());
    for n in 0..2_500 {
        let event = Event::SeatTaken(SeatTaken { course_id: "c1".to_owned(), student_id: n.to_string() });
        let event = NewEvent::from_event(&event, Metadata::default()).unwrap();
        store.append(Append::new(caller.tenant.clone(), vec![event])).await.unwrap();
    }
    assert!(decide(&store, &take("s1", 2_500), &Request::new(&caller)).await.is_err());
    assert!(decide(&store, &take("s1", 2_501), &Request::new(&caller)).await.is_ok());
}

#[tokio::test]
async fn an_event_of_a_later_version_stops_the_command() {
    let (store, caller) = (MemoryEvents::new(), caller());
    let event = Event::SeatTaken(SeatTaken { course_id: "c1".to_owned(), student_id: "s".to_owned() });
    let event = NewEvent { version: 2, ..NewEvent::from_event(&event, Metadata::default()).unwrap() };
    store.append(Append::new(caller.tenant.clone(), vec![event])).await.unwrap();
    let result = decide(&store, &take("s1", 9), &Request::new(&caller)).await;
    assert!(matches!(result, Err(DecideError::Decode(DecodeError::Newer { found: 2, known: 1, .. }))));
}

pub(super) fn taken(student: &str) -> Event {
    Event::SeatTaken(SeatTaken { course_id: "c1".to_owned(), student_id: student.to_owned() })
}

#[test]
fn a_spec_checks_events_by_the_fields_named() {
    spec::given([taken("s1")]).when(take("s2", 2)).then_events(json!([{"SeatTaken": {"studentId": "s2"}}]));
    spec::given([]).when(take("s2", 1)).then_events(json!([{"SeatTaken": {}}]));
    spec::given([taken("s2")]).by("u1", ["STUDENT"]).when(take("s2", 1)).then_events(json!([]));
}

#[test]
fn a_spec_checks_rejections() {
    let history = || spec::history([spec::at(-spec::MINUTE, taken("s1")).by("u2", [])]);
    history().when(take("s2", 1)).then_rejected("Full", None);
    history().when(take("s2", 1)).then_rejected("Full", Some("course c1 is full"));
}

#[test]
#[should_panic(expected = "recorded")]
fn a_spec_fails_on_another_value() {
    spec::given([]).when(take("s2", 1)).then_events(json!([{"SeatTaken": {"studentId": "s1"}}]));
}

#[test]
#[should_panic(expected = "recorded")]
fn a_spec_fails_on_an_event_too_many() {
    spec::given([]).when(take("s2", 1)).then_events(json!([]));
}

#[test]
#[should_panic(expected = "rejected with Full")]
fn a_spec_fails_on_an_unexpected_rejection() {
    spec::given([taken("s1")]).when(take("s2", 1)).then_events(json!([{"SeatTaken": {}}]));
}

#[test]
#[should_panic(expected = "the command's state does not read these given events: 1 SeatTaken")]
fn a_spec_names_given_events_that_nothing_reads() {
    let elsewhere = SeatTaken { course_id: "c2".to_owned(), student_id: "s1".to_owned() };
    spec::given([Event::SeatTaken(elsewhere)]).when(take("s2", 1)).then_rejected("Full", None);
}
