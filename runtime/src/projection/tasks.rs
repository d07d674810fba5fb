//! A small projection for tests: one task, which is called something.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde::Serialize;

use super::{Projection, Route, Source, Target};
use crate::caller::Access;
use crate::entry::{Column, ColumnKind, Entry, EntryAccess, EntryRow, Table, Value, ValueError};
use crate::event::{DecodeError, EncodeError, EventSet, Meta, Metadata, NewEvent, Payload};
use crate::expr::EvalError;
use crate::value::{DateTime, Json};

/// What the task cannot be called.
static SICK: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on the task cannot be called so.
pub(crate) fn sicken(text: &str) {
    SICK.lock().unwrap().insert(text.to_owned());
}

/// It can again.
pub(crate) fn heal(text: &str) {
    SICK.lock().unwrap().remove(text);
}

/// The event that it is called so.
pub(crate) fn called(text: &str) -> NewEvent {
    NewEvent::from_event(&Called(text.to_owned()), Metadata::default()).unwrap()
}

/// A task is called something.
#[derive(Clone)]
pub(crate) struct Called(String);

impl EventSet for Called {
    const TYPES: &'static [&'static str] = &["Called"];

    fn decode(event_type: &str, _: u32, payload: &Json) -> Result<Option<Self>, DecodeError> {
        Ok((event_type == "Called").then(|| Self(payload.as_str().unwrap_or_default().to_owned())))
    }

    fn encode(&self) -> Result<Payload, EncodeError> {
        Ok(Payload::undeclared("tasks", "Called", Json::from(self.0.clone())))
    }

    fn event_type(&self) -> &'static str {
        "Called"
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Task {
    id: String,
    at: DateTime,
    pub(crate) text: String,
}

impl Entry for Task {
    const TABLE: Table = Table {
        entry: "Task",
        name: "task",
        definition: "0",
        columns: &[Column { name: "text", field: "text", kind: ColumnKind::Text, indexed: false }],
        indexes: &[],
    };
    const ACCESS: EntryAccess = EntryAccess::same(Access::Public);

    fn new(id: String, at: DateTime) -> Self {
        Self { id, at, text: String::new() }
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
        Ok(vec![Value::from(&self.text)])
    }
    fn load(row: EntryRow) -> Result<Self, ValueError> {
        Ok(Self { id: row.id(), at: row.created_at(), text: row.text("text")? })
    }
}

impl Projection for Task {
    type Event = Called;
    const SOURCES: &'static [Source] = &[Source { topic: "tasks", types: &["Called"] }];

    fn route(_: &Called, _: &Meta) -> Result<Vec<Route>, EvalError> {
        Ok(vec![Route::Upsert(Target::Id("one".to_owned()))])
    }

    fn apply(&mut self, event: &Called, _: &Meta) -> Result<(), EvalError> {
        if SICK.lock().unwrap().contains(&event.0) {
            return Err(EvalError::Nil);
        }
        self.text.clone_from(&event.0);
        Ok(())
    }
}
