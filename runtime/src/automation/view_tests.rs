//! An automation over a view sees an entry that was folded again.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;

use super::view::Keeping;
use super::{Automation, Failure, OnView, Retry, Run, Target as Command};
use crate::auth::{AuthKeys, AuthSettings, Verifier};
use crate::caller::Access;
use crate::database::{Database, Databases};
use crate::entry::{Column, ColumnKind, Entry, EntryAccess, EntryRow, Table, Value, ValueError};
use crate::event::{DecodeError, EncodeError, EventSet, Meta, Metadata, NewEvent, Payload, Tenant};
use crate::expr::EvalError;
use crate::projection::{Projection, Registry, Route, Source, Target};
use crate::service::Service;
use crate::store::Append;
use crate::value::{DateTime, Json};

/// The texts that it ran for, in order.
static RUNS: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// Whether what is called `sick` can be folded.
static HEALTHY: AtomicBool = AtomicBool::new(false);

/// A task is called something.
struct Called(String);

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
struct Task {
    id: String,
    at: DateTime,
    text: String,
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
        if event.0 == "sick" && !HEALTHY.load(Ordering::SeqCst) {
            return Err(EvalError::Nil);
        }
        self.text.clone_from(&event.0);
        Ok(())
    }
}

struct Noting;

impl Automation for Noting {
    const NAME: &'static str = "Noting";
    const RETRY: Retry = Retry { attempts: 1, from: Duration::ZERO, to: Duration::ZERO };
    const TARGET: Option<Command> = None;
}

impl OnView for Noting {
    type View = Task;
    const EVERY: Option<Duration> = None;

    async fn run(entry: &Task, _: &Run<'_>) -> Result<(), Failure> {
        RUNS.lock().unwrap().push(entry.text.clone());
        Ok(())
    }
}

async fn has_run_for(texts: &[&str]) {
    for _ in 0..6000 {
        if *RUNS.lock().unwrap() == texts {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it ran for {:?} and not for {texts:?}", RUNS.lock().unwrap());
}

#[tokio::test]
async fn an_entry_that_was_folded_again_is_run_for() {
    let databases = Databases::single(Database::open("sqlite::memory:", "tasks").await.unwrap());
    let engines = Registry::new("tasks").add::<Task>().start(&databases).await.unwrap();
    let settings = AuthSettings { keys: AuthKeys::None, issuer: None, audience: None };
    let verifier = Arc::new(Verifier::new(&settings).unwrap());
    let service = Service::new(databases.clone(), verifier, engines.clone(), "tasks");
    let keeping = Keeping::start_all::<Noting>(&service);
    for text in ["well", "sick"] {
        let event = NewEvent::from_event(&Called(text.to_owned()), Metadata::default()).unwrap();
        databases.all()[0].events().append(Append::new(Tenant::new("t"), vec![event])).await.unwrap();
    }
    has_run_for(&["well"]).await;
    let parked = loop {
        let found = engines.parked("Task", None, 10).await.unwrap().unwrap();
        if let [one] = &found[..] {
            break one.id.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    // Longer than the automation waits between two looks: it has seen all there is.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    HEALTHY.store(true, Ordering::SeqCst);
    assert!(engines.resend("Task", &parked).await.unwrap());
    has_run_for(&["well", "sick"]).await;
    for kept in keeping {
        kept.stop().await;
    }
    engines.stop().await;
    databases.close().await;
}
