//! Consumer groups among real processes: killed, put to sleep, and what is in the database afterwards.
//!
//! With `SOAK_ROUNDS` the kills go on for that long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod file;
#[cfg(feature = "postgres")]
mod processes;
#[cfg(feature = "postgres")]
#[path = "../../src/store/conformance/server.rs"]
#[allow(dead_code)]
mod server;

use scaffold_runtime::consumer::{Consumer, Delivery, Failure, Groups, Options, Retry, Statement};
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::deletion::{Deleting, Pace, Topic};
use scaffold_runtime::event::{Metadata, NewEvent, Query, QueryItem, Tenant};
use scaffold_runtime::store::{Append, Range};
use std::borrow::Cow;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where a worker finds its database.
const WORKER: &str = "SCAFFOLD_TEST_WORKER";

/// Notes each event in a table, in the transaction of the cursor.
struct Noting;

#[async_trait::async_trait]
impl Consumer for Noting {
    fn name(&self) -> &str {
        "noting"
    }

    fn query(&self) -> Query {
        Query::All
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 1000, from: Duration::from_millis(1), to: Duration::from_millis(10) };
        Options { retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        vec![Statement::new(
            "CREATE TABLE IF NOT EXISTS noted (tenant TEXT, position BIGINT, count BIGINT, who BIGINT)",
        )]
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        let (tenant, position) = (delivery.event.tenant.as_str(), delivery.event.position);
        // How many of its tenant's were noted before it says whether they are in order.
        let sql = "INSERT INTO noted SELECT $1, $2, count(*), $3 FROM noted WHERE tenant = $1";
        let who = i64::from(std::process::id());
        delivery.writes.add(Statement::new(sql).bind(tenant).bind(position).bind(who));
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..5))).await;
        if fastrand::u32(0..10) == 0 { Err(Failure::Retry("by chance".to_owned())) } else { Ok(()) }
    }
}

/// Answers what is asked, a while later, with an event of the same correlation id.
struct Answering(Database);

#[async_trait::async_trait]
impl Consumer for Answering {
    fn name(&self) -> &str {
        "answering"
    }

    fn query(&self) -> Query {
        Query::of([QueryItem::of(&["Ask"], [])])
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let asked = delivery.event;
        // Asked again it answers with the same event.
        let id = uuid::Uuid::from_u128(asked.id.as_u128() ^ 1);
        let answer = NewEvent { id, metadata: asked.metadata.clone(), ..event("Answer") };
        let appended = self.0.events().append(Append::new(asked.tenant.clone(), vec![answer])).await;
        appended.map(drop).map_err(|error| Failure::Retry(error.to_string()))
    }
}

fn consumers(database: &Database) -> [Arc<dyn Consumer>; 2] {
    [Arc::new(Noting), Arc::new(Answering(database.clone()))]
}

/// No test of its own: the other tests run this program once more, for it alone, until they kill it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests start it"]
async fn worker() {
    let Ok(url) = std::env::var(WORKER) else { return };
    let database = Database::open(&url, "unused").await.unwrap();
    let databases = Databases::single(database.clone());
    let _groups = Groups::start(&consumers(&database), &databases).await.unwrap();
    // Whatever is deleted meanwhile, nobody misses it.
    let topic = Topic { name: "test", types: &["A"], groups: &["noting"], keep: Duration::ZERO };
    let pace = Pace { every: Duration::from_millis(20), remember: Duration::ZERO };
    let _deleting = Deleting::start("test", &[topic], &databases, pace);
    std::future::pending::<()>().await;
}

/// A process that works for the group, and dies with this one.
struct Worker(Child);

impl Worker {
    fn start(url: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "worker", "--ignored"]).env(WORKER, url);
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What stands in the table: tenant, position, how many of the tenant's came before, and the process.
type Noted = (String, i64, i64, i64);

/// Each event once, and each tenant's in order.
fn assert_once_and_in_order(mut noted: Vec<Noted>, events: usize) {
    noted.sort();
    assert_eq!(noted.len(), events);
    let mut before = None;
    for (tenant, position, count, _) in noted {
        let expected = match &before {
            Some((of, last, so_far)) if *of == tenant => {
                assert!(position > *last, "{tenant}: {position} is there twice");
                so_far + 1
            }
            _ => 0,
        };
        assert_eq!(count, expected, "{tenant}: {position} came out of order");
        before = Some((tenant, position, count));
    }
}

async fn append(database: &Database, count: usize) {
    for n in 0..count {
        database.events().append(Append::new(Tenant::new(format!("t{}", n % 6)), vec![event("A")])).await.unwrap();
    }
}

/// The events that are not deleted: in the end the first one alone, by which the store is known again.
async fn left(database: &Database) -> Vec<u64> {
    let query = Query::of([QueryItem::of(&["A"], [])]);
    let found = database.events().read_all(&query, Range::default()).await.unwrap();
    found.iter().map(|event| event.position).collect()
}

fn event(event_type: &'static str) -> NewEvent {
    NewEvent {
        id: uuid::Uuid::now_v7(),
        topic: Cow::Borrowed("test"),
        stream: None,
        event_type: Cow::Borrowed(event_type),
        version: 1,
        tags: Vec::new(),
        payload: serde_json::json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    }
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is_so().await {
        assert!(Instant::now() < deadline, "it never came to be: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn rounds(short: usize) -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(short)
}
