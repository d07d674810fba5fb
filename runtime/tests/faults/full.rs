//! Disks that are full while many append, and have room again: with SQLite and with PostgreSQL.

use super::process::{Noting, PATIENCE, Process, caught_up, entries};
use super::small::{Small, small_or_elsewhere};
use super::*;
use crate::fixture::{Course, Event, SeatsAdded, Student, caller, defined};
use futures_util::future::join_all;
use scaffold_runtime::codegen::List;
use scaffold_runtime::consumer::{Consumer, Delivery, Failure, Options, Retry, Statement};
use scaffold_runtime::store::sqlite::{Sqlite, SqliteEvents};
use std::collections::BTreeSet;
use std::os::unix::fs::chown;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Takes events in as [`Noting`] does, and gives up soon: so that a full disk that counted as its failure would park them.
struct Impatient;

#[async_trait::async_trait]
impl Consumer for Impatient {
    fn name(&self) -> &str {
        "noting"
    }

    fn query(&self) -> Query {
        Query::All
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 2, from: Duration::from_millis(1), to: Duration::from_millis(10) };
        Options { retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        Noting.prepare()
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        Noting.note(&delivery);
        Ok(())
    }
}

/// What cannot be written any shorter.
static NOISE: LazyLock<String> = LazyLock::new(|| (0..200_000).map(|_| fastrand::alphanumeric()).collect());

/// An event that takes some room.
fn bulky(tag: &str, bytes: usize) -> NewEvent {
    let from = fastrand::usize(0..NOISE.len() - bytes);
    NewEvent { payload: serde_json::json!({ "filling": NOISE[from..from + bytes] }), ..event(tag) }
}

/// What became of appends.
#[derive(Default)]
struct Ledger {
    acknowledged: BTreeSet<Uuid>,
    /// Told to be nowhere.
    refused: Vec<Append>,
    /// Of which nothing is known.
    unknown: Vec<Append>,
}

impl Ledger {
    /// Appends until told to stop: one event, or three that belong together.
    async fn append(store: Arc<dyn EventStore>, client: usize, bytes: usize, stop: Arc<AtomicBool>) -> Self {
        // So little that what is freed is enough for all of it.
        let pause = Duration::from_millis(50);
        let mut ledger = Self::default();
        for number in 0.. {
            if stop.load(Ordering::SeqCst) {
                break;
            }
            let count = if number % 2 == 0 { 1 } else { 3 };
            let tag = format!("client:{client}/{}", Uuid::now_v7());
            let append = Append::new(tenant(), (0..count).map(|_| bulky(&tag, bytes)).collect());
            let append = append.unless(about(&tag), None);
            match store.append(append.clone()).await {
                Ok(_) => ledger.acknowledged.extend(append.events.iter().map(|event| event.id)),
                Err(AppendError::Store(StoreError::Unwritable(_) | StoreError::Unreachable(_))) => {
                    ledger.refused.push(append);
                }
                Err(AppendError::Store(StoreError::Unknown(_))) => ledger.unknown.push(append),
                Err(error) => panic!("{error}"),
            }
            tokio::time::sleep(pause).await;
        }
        ledger
    }

    /// All of it is as was said: what is there, what is not, and nothing in halves.
    async fn check(&self, store: &dyn EventStore) {
        let stored = store.read(&tenant(), &Query::All, Range::default()).await.unwrap();
        let ids: BTreeSet<Uuid> = stored.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), stored.len(), "none doubled");
        assert!(self.acknowledged.is_subset(&ids), "none lost");
        let there = |append: &Append| append.events.iter().filter(|event| ids.contains(&event.id)).count();
        for refused in &self.refused {
            assert_eq!(there(refused), 0, "what was refused is not there");
        }
        for unknown in &self.unknown {
            assert!([0, unknown.events.len()].contains(&there(unknown)), "whole or not at all");
        }
    }

    /// What was refused goes in when there is room, and what went in stays.
    async fn repeat(mut self, store: &dyn EventStore) {
        for append in self.refused.drain(..).chain(self.unknown.drain(..)) {
            store.append(append.clone()).await.unwrap();
            self.acknowledged.extend(append.events.iter().map(|event| event.id));
        }
        self.check(store).await;
        let positions: Vec<Position> = all(store).await.iter().map(|event| event.position).collect();
        assert_eq!(positions, (1..=store.head().await.unwrap()).collect::<Vec<_>>(), "no gap");
    }
}

/// Clients at work on a store.
struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<Ledger>>,
}

impl Load {
    fn start(store: &Arc<dyn EventStore>, bytes: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |client| tokio::spawn(Ledger::append(Arc::clone(store), client, bytes, Arc::clone(&stop)));
        Self { clients: (0..8).map(client).collect(), stop }
    }

    async fn end(self) -> Ledger {
        self.stop.store(true, Ordering::SeqCst);
        let mut all = Ledger::default();
        for ledger in join_all(self.clients).await {
            let Ledger { acknowledged, refused, unknown } = ledger.unwrap();
            all.acknowledged.extend(acknowledged);
            all.refused.extend(refused);
            all.unknown.extend(unknown);
        }
        all
    }
}

/// A database that may have so many pages and no more: works everywhere, and fails in the middle of a group.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_may_not_grow_refuses_whole_appends_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let database = Sqlite::open(&path).unwrap();
    let store: Arc<dyn EventStore> = Arc::new(SqliteEvents::new(database.clone()));
    let limit = async |further: u32| {
        let set = move |connection: &rusqlite::Connection| {
            let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
            let most = format!("PRAGMA max_page_count = {}", pages.saturating_add(further));
            connection.query_row(&most, [], |_| Ok(())).map_err(StoreError::from)
        };
        database.writer().write(set).await.unwrap();
    };
    for _ in 0..rounds(3) {
        limit(10).await;
        let load = Load::start(&store, 1500);
        tokio::time::sleep(Duration::from_millis(500)).await;
        let ledger = load.end().await;
        assert!(!ledger.acknowledged.is_empty() && !ledger.refused.is_empty());
        ledger.check(&*store).await;
        limit(1_000_000).await;
        ledger.repeat(&*store).await;
    }
    let stored = all(&*store).await;
    database.close().await;
    let again = Sqlite::open(&path).unwrap();
    assert_eq!(all(&SqliteEvents::new(again.clone())).await, stored, "so it is on the disk");
    again.close().await;
}

/// The service, its group and its tables on a full disk; `mend` is called when there is room again.
async fn filled(small: &Small, url: &str, bytes: usize, mend: impl AsyncFnOnce()) {
    let process = Process::with(url, Arc::new(Impatient)).await;
    let database = process.school.databases.all()[0].clone();
    let store = Arc::clone(database.events());
    process.school.happened("a", vec![defined("c1", "Rust", 0)]).await;
    let load = Load::start(&store, bytes);
    tokio::time::sleep(Duration::from_millis(300)).await;
    small.fill();
    let deadline = Instant::now() + PATIENCE;
    let refused = loop {
        let seats = NewEvent::from_event(&Event::from(SeatsAdded { seats: 1 }), Metadata::default());
        match store.append(Append::new(Tenant::new("a"), vec![seats.unwrap(), bulky("x", bytes)])).await {
            Ok(_) => assert!(Instant::now() < deadline, "there is still room"),
            Err(error) => break error,
        }
    };
    eprintln!("{refused}");
    let is_up = matches!(refused, AppendError::Store(StoreError::Unwritable(_)));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    if is_up {
        let problem = database.trouble().await.expect("it says that it cannot be written");
        // Which file could not grow may be another one each time.
        let cause = problem.rsplit(": ").next().unwrap_or_default();
        assert!(!cause.is_empty() && refused.to_string().ends_with(cause), "{problem}");
        let courses = process.school.service.list::<Course>(&caller("a"), List::default()).await.unwrap();
        assert_eq!(courses.data.len(), 1, "it goes on answering");
        assert!(!all(&*store).await.is_empty());
    }
    small.free();
    mend().await;
    let done = Instant::now() + PATIENCE;
    while store.append(Append::new(tenant(), vec![event("after")])).await.is_err() || database.trouble().await.is_some()
    {
        assert!(Instant::now() < done, "it does not come back by itself");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let ledger = load.end().await;
    assert!(!ledger.acknowledged.is_empty());
    assert!(!is_up || !ledger.refused.is_empty());
    ledger.check(&*store).await;
    ledger.repeat(&*store).await;
    let head = store.head().await.unwrap();
    caught_up(&process, head).await;
    let parked = process.groups().parked("noting", None, 10).await.unwrap();
    assert!(parked.is_empty(), "a full disk is no fault of an event: {parked:?}");
    let seats = all(&*store).await.iter().filter(|event| event.event_type == "SeatsAdded").count();
    assert_eq!(entries::<Course>(&process).await.len(), 1);
    assert_eq!(process.school.course("a", "c1").await.unwrap().capacity, i64::try_from(seats).unwrap());
    assert!(entries::<Student>(&process).await.is_empty());
    process.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_sqlite() {
    let Some(small) = small_or_elsewhere(64, "full::a_full_disk_under_sqlite", true) else { return };
    let url = format!("sqlite:{}", small.path().join("school.db").display());
    filled(&small, &url, 1500, async || {}).await;
}

/// The tables have no room; the write-ahead log is elsewhere. The server refuses, and lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_tables_of_postgres() {
    let Some(small) = small_or_elsewhere(128, "full::a_full_disk_under_the_tables_of_postgres", false) else { return };
    let log = tempfile::tempdir().unwrap();
    let _ = chown(log.path(), Some(65_534), Some(65_534));
    let setup =
        Setup { place: Some(small.path().to_owned()), log_place: Some(log.path().join("log")), ..Setup::quick() };
    let server = Server::with(setup);
    filled(&small, &server.schema(), 3000, async || {}).await;
}

/// The write-ahead log has no room: the server panics, and cannot start until there is some.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_the_log_of_postgres() {
    let Some(small) = small_or_elsewhere(160, "full::a_full_disk_under_the_log_of_postgres", false) else { return };
    let mut setup = Setup { log_place: Some(small.path().join("log")), ..Setup::quick() };
    setup.arguments.extend(["-c", "max_wal_size=48MB", "-c", "min_wal_size=32MB", "-c", "wal_recycle=off"]);
    let mut server = Server::with(setup);
    let url = server.schema();
    filled(&small, &url, 60_000, async || server.run_again_if_it_ended()).await;
    assert!(server.said("could not write to file") && server.said("PANIC"), "it was the log that had no room");
}
