//! A small projection of another service's events: for each name the numbers that it was given, in their order.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;

use serde::Serialize;

use crate::caller::Access;
use crate::entry::{Column, ColumnKind, Entry, EntryAccess, EntryRow, Table, Value, ValueError};
use crate::event::{DecodeError, EncodeError, EventSet, Meta, Metadata, NewEvent, Payload, Tenant};
use crate::expr::EvalError;
use crate::projection::{Engines, Projection, Route, Source};
use crate::query::{List, Selection};
use crate::value::{DateTime, Json};

/// Names that cannot be counted under.
static SICK: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

pub(crate) fn sicken(name: &str) {
    SICK.lock().unwrap().insert(name.to_owned());
}

pub(crate) fn heal(name: &str) {
    SICK.lock().unwrap().remove(name);
}

/// The event that a number was given to a name.
pub(crate) fn given(name: &str, number: usize) -> NewEvent {
    NewEvent::from_event(&Given { name: name.to_owned(), number: number.to_string() }, Metadata::default()).unwrap()
}

#[derive(Clone)]
pub(crate) struct Given {
    name: String,
    number: String,
}

impl EventSet for Given {
    const TYPES: &'static [&'static str] = &["Given"];

    fn decode(event_type: &str, _: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        let text = |field: &str| payload[field].as_str().unwrap_or_default().to_owned();
        Ok((event_type == "Given").then(|| Self { name: text("name"), number: text("number") }))
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        let json = serde_json::json!({ "name": self.name, "number": self.number });
        Ok(Payload::undeclared("enrollment", "Given", json))
    }

    fn event_type(&self) -> &'static str {
        "Given"
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Tally {
    id: String,
    at: DateTime,
    numbers: String,
}

impl Entry for Tally {
    const TABLE: Table = Table {
        entry: "Tally",
        name: "tally",
        definition: "0",
        columns: &[Column { name: "numbers", field: "numbers", kind: ColumnKind::Text, indexed: false }],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);

    fn new(id: String, at: DateTime) -> Self {
        Self { id, at, numbers: String::new() }
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn created_at(&self) -> DateTime {
        self.at
    }
    fn changed_at(&self) -> DateTime {
        self.at
    }
    fn touch(&mut self, _: DateTime) {}
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        Ok(vec![Value::from(&self.numbers)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self { id: row.id(), at: row.created_at(), numbers: row.text("numbers")? })
    }
}

impl Projection for Tally {
    type Event = Given;
    const FROM: Option<&'static str> = Some("enrollment");
    const SOURCES: &'static [Source] = &[Source { topic: "enrollment", types: &["Given"] }];

    fn route(event: &Given, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(vec![Route::upsert(event.name.as_str())])
    }

    fn apply(&mut self, event: &Given, _: &Meta) -> Result<(), EvalError> {
        if SICK.lock().unwrap().contains(&event.number) {
            return Err(EvalError::Nil);
        }
        self.numbers.push_str(&event.number);
        self.numbers.push(' ');
        Ok(())
    }
}

/// What a tenant's names have been given.
pub(crate) async fn tallies(engines: &Engines, tenant: &str) -> BTreeMap<String, String> {
    let tenant = Tenant::new(tenant);
    let live = engines.live::<Tally>(&tenant).unwrap().unwrap();
    let list = Selection::new(Tally::TABLE, List { limit: 100, ..List::default() }).unwrap();
    let rows = live.tables.list(&live.place, &tenant, list).await.unwrap().rows;
    let tallies = rows.into_iter().map(|row| row.into_entry::<Tally>().unwrap());
    tallies.map(|tally| (tally.id, tally.numbers.trim().to_owned())).collect()
}

/// The numbers up to one, in a row.
pub(crate) fn row(last: usize) -> String {
    (1..=last).map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}
