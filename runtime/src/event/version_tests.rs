//! Payloads of older versions become today's wherever they are read.

#![allow(clippy::unwrap_used, clippy::panic)]

use super::{
    DecodeError, DomainEvent, EncodeError, EventSet, Meta, Metadata, NewEvent, Payload, QueryItem, Tag, Tenant,
};
use super::{decode, encode};
use crate::caller::{Access, Caller, Context};
use crate::decision::{DecideError, Decision, Refused, Rejection, Request, decide};
use crate::expr::{self, EvalError};
use crate::store::{Append, EventStore, MemoryEvents};
use crate::value::Json;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Version 1 counted in coins, version 2 in cents; version 3 has a purpose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Paid {
    cents: i64,
    purpose: Option<String>,
}

impl DomainEvent for Paid {
    const TYPE: &'static str = "Paid";
    const TOPIC: &'static str = "bank";
    const VERSION: u32 = 3;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(Vec::new())
    }

    fn upcast(version: u32, event: &Json) -> Result<Self, EvalError> {
        let cents = match version {
            1 => expr::mul(expr::read::<i64>(event, &["coins"])?, 100)?,
            _ => expr::read(event, &["cents"])?,
        };
        Ok(Self { cents, purpose: expr::read(event, &["purpose"])? })
    }
}

impl EventSet for Paid {
    const TYPES: &'static [&'static str] = &["Paid"];

    fn decode(_: &str, version: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        decode(version, payload).map(Some)
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        encode(self)
    }

    fn event_type(&self) -> &'static str {
        Self::TYPE
    }
}

/// Grew a field, and says nothing about older versions.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Closed {
    account: String,
    reason: Option<String>,
}

impl DomainEvent for Closed {
    const TYPE: &'static str = "Closed";
    const TOPIC: &'static str = "bank";
    const VERSION: u32 = 2;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(Vec::new())
    }
}

#[test]
fn every_older_version_becomes_todays() {
    let paid = |version, payload: Json| decode::<Paid>(version, &payload).unwrap();
    assert_eq!(paid(1, json!({"coins": 2})), Paid { cents: 200, purpose: None });
    assert_eq!(paid(2, json!({"cents": 30, "purpose": "rent"})), Paid { cents: 30, purpose: Some("rent".to_owned()) });
    assert_eq!(paid(3, json!({"cents": 4, "purpose": null})), Paid { cents: 4, purpose: None });
}

#[test]
fn without_an_upcaster_fields_are_read_by_their_names() {
    let closed = decode::<Closed>(1, &json!({"account": "a1", "by": "u1"})).unwrap();
    assert_eq!(closed, Closed { account: "a1".to_owned(), reason: None });
}

#[test]
fn what_does_not_become_todays_says_what_is_missing() {
    let error = decode::<Paid>(2, &json!({"coins": 2})).unwrap_err();
    assert!(matches!(error, DecodeError::Upcast { found: 2, known: 3, .. }));
    let message = error.to_string();
    assert!(message.contains("Paid of version 2") && message.contains("`cents`"), "{message}");
    assert!(matches!(decode::<Closed>(1, &json!({})), Err(DecodeError::Upcast { found: 1, .. })));
}

#[test]
fn a_newer_version_is_an_error_of_its_own() {
    let error = decode::<Paid>(4, &json!({"cents": 4})).unwrap_err();
    assert!(matches!(error, DecodeError::Newer { found: 4, known: 3, .. }));
}

/// Records the sum of all payments.
struct Total;

#[derive(Debug, thiserror::Error)]
enum Never {}

impl Rejection for Never {
    fn code(&self) -> &'static str {
        match *self {}
    }
}

impl Decision for Total {
    const NAME: &'static str = "Total";
    const ACCESS: Access = Access::SignedIn;
    type Event = Paid;
    type State = i64;
    type Entry = ();
    type Error = Never;

    fn reads(&self, _: &Context<'_>) -> Result<Vec<((), QueryItem)>, EvalError> {
        Ok(vec![((), QueryItem::of(&["Paid"], []))])
    }

    fn initial(&self, _: &Context<'_>) -> Result<i64, EvalError> {
        Ok(0)
    }

    fn fold(&self, state: &mut i64, (): (), event: &Paid, _: &Meta, _: &Context<'_>) -> Result<(), EvalError> {
        *state = expr::add(*state, event.cents)?;
        Ok(())
    }

    fn decide(&self, state: &i64, _: &Context<'_>) -> Result<Vec<Paid>, Refused<Never, Paid>> {
        Ok(vec![Paid { cents: *state, purpose: Some("total".to_owned()) }])
    }
}

#[tokio::test]
async fn a_decision_reads_events_of_every_version() {
    let (store, caller) = (MemoryEvents::new(), Caller::user(Tenant::new("t"), "u1", ["CLERK"]));
    let stored = |version, payload| {
        let today = NewEvent::from_event(&Paid { cents: 0, purpose: None }, Metadata::default()).unwrap();
        NewEvent { version, payload, ..today }
    };
    let events = vec![stored(1, json!({"coins": 2})), stored(2, json!({"cents": 30})), stored(3, json!({"cents": 4}))];
    let append = Append { tenant: caller.tenant.clone(), events, condition: None, idempotency: None };
    store.append(append).await.unwrap();
    decide(&store, &Total, &Request::new(&caller)).await.unwrap();
    let last = store.read(&caller.tenant, &super::Query::All, crate::store::Range::after(3)).await.unwrap();
    assert_eq!((last[0].version, &last[0].payload), (3, &json!({"cents": 234, "purpose": "total"})));

    let lost = Append {
        tenant: caller.tenant.clone(),
        events: vec![stored(1, json!({}))],
        condition: None,
        idempotency: None,
    };
    store.append(lost).await.unwrap();
    let refused = decide(&store, &Total, &Request::new(&caller)).await;
    assert!(matches!(refused, Err(DecideError::Decode(DecodeError::Upcast { .. }))));
}

/// What creates an entry, whose type has got fields since.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct RoomCreated {
    id: String,
    name: String,
    beds: i64,
    note: Option<String>,
    place: Place,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Place {
    floor: i64,
    house: String,
}

impl DomainEvent for RoomCreated {
    const TYPE: &'static str = "RoomCreated";
    const TOPIC: &'static str = "hotel";
    const VERSION: u32 = 1;

    fn tags(&self) -> Result<Vec<Tag>, EvalError> {
        Ok(Vec::new())
    }

    fn blank(id: &str) -> Option<Self> {
        let note = Some("none".to_owned());
        Some(Self { id: id.to_owned(), name: String::new(), beds: 2, note, place: Place::default() })
    }
}

fn room(payload: Json) -> Result<RoomCreated, DecodeError> {
    decode(1, &payload)
}

#[test]
fn an_entry_of_before_a_field_has_its_first_value() {
    let place = |floor, house: &str| Place { floor, house: house.to_owned() };
    let found = room(json!({ "id": "r1", "name": "Blue", "note": null, "place": { "floor": 3 } })).unwrap();
    let blue = RoomCreated { id: "r1".into(), name: "Blue".into(), beds: 2, note: None, place: place(3, "") };
    assert_eq!(found, blue, "a note that is null stays so");
    // It could be null once, and cannot any more.
    let found = room(json!({ "id": "r2", "name": null, "beds": 1, "note": "quiet", "place": null })).unwrap();
    let nameless =
        RoomCreated { id: "r2".into(), name: String::new(), beds: 1, note: Some("quiet".into()), place: place(0, "") };
    assert_eq!(found, nameless);
}

#[test]
fn what_is_of_another_type_is_still_no_event() {
    for wrong in [json!({ "name": "Blue" }), json!({ "id": "r1", "name": 7 }), json!({ "id": 1 }), json!("r1")] {
        assert!(matches!(room(wrong), Err(DecodeError::Payload { .. })));
    }
}
