//! A rule that records: every attempt at a full course is counted, and turned away all the same.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::tests::{Event, Full, SeatTaken, caller, contended};
use super::{DecideError, Decision, Refused, Request, decide};
use crate::caller::{Access, Context};
use crate::event::{Meta, Query, QueryItem, Tag};
use crate::expr::{EvalError, add};
use crate::spec;
use crate::store::{EventStore, MemoryEvents, Range};
use serde_json::json;

/// Records an event of its own name, unless it is to keep quiet.
struct Knock {
    quietly: bool,
}

impl Decision for Knock {
    const NAME: &'static str = "Knock";
    const ACCESS: Access = Access::SignedIn;
    type Event = Event;
    type State = i64;
    type Entry = ();
    type Error = Full;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<((), QueryItem)>, EvalError> {
        Ok(vec![((), QueryItem::of(&["SeatTaken"], [Tag::new("course:c1")]))])
    }

    fn initial(&self, _: &Context<'_>) -> Result<i64, EvalError> {
        Ok(0)
    }

    fn fold(&self, seen: &mut i64, (): (), _: &Event, _: &Meta, _: &Context<'_>) -> Result<(), EvalError> {
        *seen = add(*seen, 1)?;
        Ok(())
    }

    fn decide(&self, seen: &i64, _: &Context<'_>) -> Result<Vec<Event>, Refused<Full, Event>> {
        let (course_id, student_id) = ("c1".to_owned(), format!("attempt {seen}"));
        let events = vec![Event::SeatTaken(SeatTaken { course_id, student_id })];
        Err(Refused::recording(Full(seen.to_string()), if self.quietly { Vec::new() } else { events }))
    }
}

async fn recorded(store: &dyn EventStore) -> Vec<String> {
    let events = store.read(&caller().tenant, &Query::All, Range::default()).await.unwrap();
    events.iter().map(|event| event.payload["studentId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_events_are_recorded_and_the_error_is_answered() {
    let (store, caller) = (MemoryEvents::new(), caller());
    for attempt in 0..2 {
        let refused = decide(&store, &Knock { quietly: false }, &Request::new(&caller)).await;
        assert!(matches!(refused, Err(DecideError::Rejected(Full(seen))) if seen == attempt.to_string()));
    }
    assert_eq!(recorded(&store).await, ["attempt 0", "attempt 1"]);
    let quiet = decide(&store, &Knock { quietly: true }, &Request::new(&caller)).await;
    assert!(matches!(quiet, Err(DecideError::Rejected(Full(seen))) if seen == "2"));
    assert_eq!(recorded(&store).await.len(), 2);
}

/// They stand under the same condition as any: nobody is counted with a state that has passed.
#[tokio::test]
async fn a_rejection_that_records_conflicts_like_any() {
    let (store, caller) = (contended(2), caller());
    let refused = decide(&store, &Knock { quietly: false }, &Request::new(&caller)).await;
    assert!(matches!(refused, Err(DecideError::Rejected(Full(seen))) if seen == "2"));
    assert_eq!(recorded(&store).await, ["other2", "other1", "attempt 2"]);
}

#[tokio::test]
async fn a_repeat_under_the_same_key_gets_the_same_rejection() {
    let (store, caller) = (MemoryEvents::new(), caller());
    let request = Request { idempotency_key: Some("k".to_owned()), ..Request::new(&caller) };
    let first = decide(&store, &Knock { quietly: false }, &request).await;
    assert!(matches!(first, Err(DecideError::Rejected(Full(_)))));
    for _ in 0..2 {
        match decide(&store, &Knock { quietly: false }, &request).await {
            Err(DecideError::RejectedBefore { code, message }) => {
                assert_eq!((code.as_str(), message.as_str()), ("Full", "course 0 is full"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(recorded(&store).await, ["attempt 0"]);
}

#[test]
fn an_example_names_the_events_beside_the_error() {
    let knock = || spec::given([]).when(Knock { quietly: false });
    knock().then_rejected_recording("Full", Some("course 0 is full"), json!([{"SeatTaken": {"courseId": "c1"}}]));
    spec::given([]).when(Knock { quietly: true }).then_rejected("Full", None);
}

#[test]
#[should_panic(expected = "attempt 0")]
fn an_example_without_events_fails_if_some_were_recorded() {
    spec::given([]).when(Knock { quietly: false }).then_rejected("Full", None);
}

#[test]
#[should_panic(expected = "recorded []")]
fn an_example_with_events_fails_if_none_were_recorded() {
    spec::given([]).when(Knock { quietly: true }).then_rejected_recording("Full", None, json!([{"SeatTaken": {}}]));
}

#[test]
#[should_panic(expected = "rejected with Full")]
fn a_rejection_is_no_success_whatever_it_records() {
    spec::given([]).when(Knock { quietly: false }).then_events(json!([{"SeatTaken": {}}]));
}
