//! An automation over a view sees an entry that was folded again.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::view::Keeping;
use super::{Automation, Failure, OnView, Retry, Run, Target};
use crate::auth::{AuthKeys, AuthSettings, Verifier};
use crate::database::{Database, Databases};
use crate::event::Tenant;
use crate::projection::Registry;
use crate::projection::tasks::{Task, called, heal, sicken};
use crate::service::Service;
use crate::store::Append;

/// The texts that it ran for, in order.
static RUNS: Mutex<Vec<String>> = Mutex::new(Vec::new());
struct Noting;

impl Automation for Noting {
    const NAME: &'static str = "Noting";
    const RETRY: Retry = Retry { attempts: 1, from: Duration::ZERO, to: Duration::ZERO };
    const TARGET: Option<Target> = None;
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
        let mut runs = RUNS.lock().unwrap().clone();
        // The same run may be carried out twice, under one key.
        runs.dedup();
        if runs == texts {
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
    sicken("asleep");
    for text in ["awake", "asleep"] {
        databases.all()[0].events().append(Append::new(Tenant::new("t"), vec![called(text)])).await.unwrap();
    }
    has_run_for(&["awake"]).await;
    let parked = loop {
        let found = engines.parked("Task", None, 10).await.unwrap().unwrap();
        if let [one] = &found[..] {
            break one.id.clone();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    // Longer than the automation waits between two looks: it has seen all there is.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    heal("asleep");
    assert!(engines.resend("Task", &parked).await.unwrap());
    has_run_for(&["awake", "asleep"]).await;
    for kept in keeping {
        kept.stop().await;
    }
    engines.stop().await;
    databases.close().await;
}
