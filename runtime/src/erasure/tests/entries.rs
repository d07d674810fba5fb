//! What is folded from people who sign up: each of them, and the plans that they have chosen.

use serde::Serialize;

use super::ground::People;
use crate::caller::Access;
use crate::entry::{Column, ColumnKind, Entry, EntryAccess, EntryRow, Table, Value, ValueError};
use crate::event::Meta;
use crate::expr::EvalError;
use crate::projection::{Projection, Route, Source, Target};
use crate::query::Filter;
use crate::value::DateTime;

const TEXTS: &[Column] = &[
    Column { name: "email", field: "email", kind: ColumnKind::Text, indexed: true },
    Column { name: "note", field: "note", kind: ColumnKind::Text, indexed: false },
];

/// Somebody, with what derives from the address.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Person {
    pub(crate) id: String,
    at: DateTime,
    pub(crate) email: String,
    pub(crate) note: String,
}

/// A plan, with the address of whoever has chosen it last, and all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Plan(pub(crate) Person);

impl Entry for Person {
    const TABLE: Table = Table { entry: "Person", name: "person", definition: "0", columns: TEXTS, indexes: &[] };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);

    fn new(id: String, at: DateTime) -> Self {
        Self { id, at, email: String::new(), note: String::new() }
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
        Ok(vec![Value::from(&self.email), Value::from(&self.note)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self { id: row.id(), at: row.created_at(), email: row.text("email")?, note: row.text("note")? })
    }
}

impl Entry for Plan {
    const TABLE: Table = Table { entry: "Plan", name: "plan", ..Person::TABLE };
    const ACCESS: EntryAccess = Person::ACCESS;

    fn new(id: String, at: DateTime) -> Self {
        Self(Person::new(id, at))
    }
    fn id(&self) -> &str {
        &self.0.id
    }
    fn created_at(&self) -> DateTime {
        self.0.at
    }
    fn changed_at(&self) -> DateTime {
        self.0.at
    }
    fn touch(&mut self, _: DateTime) {}
    fn store(&self) -> Result<Vec<Value>, ValueError> {
        self.0.store()
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Person::load(row).map(Self)
    }
}

const SOURCES: &[Source] = &[Source { topic: "people", types: &["SignedUp", "Banned"] }];

impl Projection for Person {
    type Event = People;
    const SOURCES: &'static [Source] = SOURCES;

    fn route(event: &People, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(vec![match event {
            People::SignedUp(event) => Route::upsert(event.person_id.as_str()),
            People::Banned(event) => Route::Upsert(Target::Matching(Filter::equals("email", event.email.as_str()))),
        }])
    }

    fn apply(&mut self, event: &People, _: &Meta) -> Result<(), EvalError> {
        match event {
            People::SignedUp(event) => {
                self.email.clone_from(&event.email);
                let domain = event.email.split('@').nth(1).unwrap_or("nowhere");
                self.note = format!("{} at {domain}", event.plan);
            }
            People::Banned(_) => self.note.push_str(", banned"),
        }
        Ok(())
    }
}

impl Projection for Plan {
    type Event = People;
    const FROM: Option<&'static str> = Some("people");
    const SOURCES: &'static [Source] = SOURCES;

    fn route(event: &People, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(match event {
            People::SignedUp(event) => vec![Route::upsert(event.plan.as_str())],
            People::Banned(_) => Vec::new(),
        })
    }

    fn apply(&mut self, event: &People, _: &Meta) -> Result<(), EvalError> {
        if let People::SignedUp(event) = event {
            self.0.email.clone_from(&event.email);
            self.0.note.push_str(&format!("[{}]", event.email));
        }
        Ok(())
    }
}
