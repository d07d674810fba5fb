//! Examples of a view that counts the seats of courses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::caller::Access;
use crate::entry::{Column, ColumnKind, Entry, EntryAccess, EntryRow, Table, Value, ValueError};
use crate::event::{DecodeError, EncodeError, EventSet, Meta, Payload};
use crate::expr::{self, EvalError};
use crate::projection::{Projection, Route, Source, Target};
use crate::query::Filter;
use crate::spec;
use crate::value::{DateTime, Json};
use serde::Serialize;
use serde_json::json;

#[derive(Clone)]
enum Event {
    Taken(String),
    Closed(String),
    AllDoubled,
    FullClosed(i64),
    Elsewhere(String),
}

impl EventSet for Event {
    const TYPES: &'static [&'static str] = &["Taken", "Closed", "AllDoubled", "FullClosed", "Elsewhere"];

    fn decode(event_type: &str, _: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        let text = payload.as_str().unwrap_or_default().to_owned();
        Ok(match event_type {
            "Taken" => Some(Self::Taken(text)),
            "Closed" => Some(Self::Closed(text)),
            "AllDoubled" => Some(Self::AllDoubled),
            "FullClosed" => Some(Self::FullClosed(payload.as_i64().unwrap_or_default())),
            "Elsewhere" => Some(Self::Elsewhere(text)),
            _ => None,
        })
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        let json = match self {
            Self::Taken(id) | Self::Closed(id) | Self::Elsewhere(id) => json!(id),
            Self::AllDoubled => Json::Null,
            Self::FullClosed(seats) => json!(seats),
        };
        Ok(Payload::undeclared("enrollment", self.event_type(), json))
    }

    fn event_type(&self) -> &'static str {
        match self {
            Self::Taken(_) => "Taken",
            Self::Closed(_) => "Closed",
            Self::AllDoubled => "AllDoubled",
            Self::FullClosed(_) => "FullClosed",
            Self::Elsewhere(_) => "Elsewhere",
        }
    }
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Course {
    id: String,
    created_at: DateTime,
    changed_at: DateTime,
    seats_taken: i64,
}

impl Entry for Course {
    const TABLE: Table = Table {
        entry: "Course",
        name: "course",
        definition: "0",
        columns: &[Column { name: "seats_taken", field: "seatsTaken", kind: ColumnKind::Integer, indexed: true }],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);

    fn new(id: String, at: DateTime) -> Self {
        Self { id, created_at: at, changed_at: at, seats_taken: 0 }
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn created_at(&self) -> DateTime {
        self.created_at
    }
    fn changed_at(&self) -> DateTime {
        self.changed_at
    }
    fn touch(&mut self, at: DateTime) {
        self.changed_at = at;
    }
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::Integer(self.seats_taken)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        let seats_taken = row.integer("seats_taken")?;
        Ok(Self { id: row.id(), created_at: row.created_at(), changed_at: row.changed_at(), seats_taken })
    }
}

impl Projection for Course {
    type Event = Event;
    const SOURCES: &'static [Source] =
        &[Source { topic: "enrollment", types: &["Taken", "Closed", "AllDoubled", "FullClosed"] }];

    fn route(event: &Event, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            // Named twice on purpose.
            Event::Taken(id) => vec![Route::Upsert(Target::Id(id.clone())), Route::Upsert(Target::Id(id.clone()))],
            Event::Closed(id) => vec![Route::Remove(Target::Id(id.clone()))],
            Event::AllDoubled => vec![Route::Upsert(Target::All)],
            Event::FullClosed(seats) => {
                vec![Route::Remove(Target::Matching(Filter::equals("seats_taken", Value::Integer(*seats))))]
            }
            Event::Elsewhere(_) => return Err(EvalError::Nil),
        })
    }

    fn apply(&mut self, event: &Event, _: &Meta) -> Result<(), EvalError> {
        match event {
            Event::Taken(_) => self.seats_taken = expr::add(self.seats_taken, 1)?,
            Event::AllDoubled => self.seats_taken = expr::mul(self.seats_taken, 2)?,
            _ => {}
        }
        Ok(())
    }
}

fn taken(id: &str) -> Event {
    Event::Taken(id.to_owned())
}

#[test]
fn entries_are_compared_by_id_and_fields_named() {
    let expected = json!([{"id": "c2", "seatsTaken": 1}, {"id": "c1", "seatsTaken": 2}]);
    spec::given([taken("c1"), taken("c2"), taken("c1")]).then_entries::<Course>(expected);
    spec::given([]).then_entries::<Course>(json!([]));
}

#[test]
fn every_target_is_followed() {
    let history = [taken("c1"), taken("c2"), Event::AllDoubled, taken("c2"), Event::FullClosed(3)];
    spec::given(history).then_entries::<Course>(json!([{"id": "c1", "seatsTaken": 2}]));
    spec::given([taken("c1"), Event::Closed("c1".to_owned())]).then_entries::<Course>(json!([]));
    spec::given([Event::Elsewhere("c1".to_owned())]).then_entries::<Course>(json!([]));
}

#[test]
fn instants_are_the_events_own() {
    let history = [spec::at(-spec::MINUTE, taken("c1")), spec::event(taken("c1"))];
    let expected = json!([{"id": "c1", "createdAt": "2025-12-31T23:59:00Z", "changedAt": "2026-01-01T00:00:00Z"}]);
    spec::history(history).then_entries::<Course>(expected);
}

#[test]
#[should_panic(expected = "found")]
fn an_entry_too_many_fails() {
    spec::given([taken("c1"), taken("c2")]).then_entries::<Course>(json!([{"id": "c1"}]));
}

#[test]
#[should_panic(expected = "found")]
fn another_value_fails() {
    spec::given([taken("c1")]).then_entries::<Course>(json!([{"id": "c1", "seatsTaken": 2}]));
}
