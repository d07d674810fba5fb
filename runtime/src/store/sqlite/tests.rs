//! What only a file and a thread can get wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Sqlite, SqliteEvents};
use crate::event::{Metadata, NewEvent, Query, QueryItem, Tag, Tenant};
use crate::store::{
    Append, AppendError, Appended, EventStore, Idempotency, Positions, Range, Snapshot, SnapshotKey, StoreError,
};
use serde_json::json;
use std::borrow::Cow;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use uuid::Uuid;

fn tenant() -> Tenant {
    Tenant::new("acme")
}

fn event(tag: &str) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        topic: Cow::Borrowed("test"),
        stream: None,
        event_type: Cow::Borrowed("A"),
        version: 1,
        tags: vec![Tag::new(tag)],
        payload: json!({"tag": tag}),
        metadata: Metadata::default(),
        raised_at: 1,
    }
}

fn about(tag: &str) -> Query {
    Query::of([QueryItem::of(&[], [Tag::new(tag)])])
}

fn open(path: &Path) -> (Sqlite, SqliteEvents) {
    let database = Sqlite::open(path).unwrap();
    (database.clone(), SqliteEvents::new(database))
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let (database, events) = open(&path);
    let idempotency = Idempotency { command: Cow::Borrowed("Do"), key: "k".to_owned(), answer: json!({"a": 1}) };
    let append = Append::new(tenant(), vec![event("x:1"), event("x:2")]);
    events.append(Append { idempotency: Some(idempotency), ..append }).await.unwrap();
    let before = events.read(&tenant(), &Query::All, Range::default()).await.unwrap();
    database.close().await;

    let (database, events) = open(&path);
    assert_eq!(events.head().await.unwrap(), 2);
    assert_eq!(events.read(&tenant(), &Query::All, Range::default()).await.unwrap(), before);
    assert_eq!(events.answer(&tenant(), "Do", "k").await.unwrap().unwrap().answer, json!({"a": 1}));
    let refused = events.append(Append::new(tenant(), vec![event("x:1")]).unless(about("x:1"), None)).await;
    assert!(matches!(refused, Err(AppendError::Conflict)));
    let next = events.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    assert_eq!(next, Appended::Done(Positions { first: 3, last: 3 }));
    database.close().await;
}

/// It has no place for states of decisions yet.
#[tokio::test]
async fn a_file_of_an_older_release_gets_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let (database, events) = open(&path);
    events.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    database.close().await;
    rusqlite::Connection::open(&path).unwrap().execute_batch("DROP TABLE snapshots").unwrap();

    let (command, reads, definition) = ("Do".into(), "[]".to_owned(), "one".into());
    let of = SnapshotKey { command, reads, definition, query: about("x:1") };
    let kept = Snapshot { position: 1, state: json!({"a": 1}) };
    let (database, events) = open(&path);
    assert_eq!(events.snapshot(&tenant(), &of).await.unwrap(), None);
    events.keep(&tenant(), &of, kept.clone()).await.unwrap();
    database.close().await;
    let (database, events) = open(&path);
    assert_eq!(events.snapshot(&tenant(), &of).await.unwrap(), Some(kept));
    assert_eq!(events.head().await.unwrap(), 1);
    database.close().await;
}

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let (database, _) = open(&path);
    assert!(matches!(Sqlite::open(&path), Err(StoreError::InUse(_))));
    database.close().await;
    Sqlite::open(&path).unwrap().close().await;
}

#[tokio::test]
async fn a_file_of_a_later_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    open(&path).0.close().await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert!(matches!(Sqlite::open(&path), Err(StoreError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn a_failing_or_panicking_write_spares_its_group() {
    let database = Sqlite::in_memory().unwrap();
    let writer = database.writer();
    writer.write(|connection| Ok(connection.execute_batch("CREATE TABLE t (n INTEGER)")?)).await.unwrap();
    // The first holds the thread until the others have queued up behind it, so that they share a group.
    let (release, held) = mpsc::channel::<()>();
    let holding = writer.write(move |_| {
        held.recv().ok();
        Ok(())
    });
    let good = writer.write(|connection| Ok(connection.execute("INSERT INTO t VALUES (1)", [])?));
    let failing = writer.write(|connection| {
        connection.execute("INSERT INTO t VALUES (2)", [])?;
        Err::<(), _>(StoreError::Invalid("no".to_owned()))
    });
    let panicking = writer.write::<(), _>(|connection| {
        connection.execute("INSERT INTO t VALUES (3)", [])?;
        panic!("a bug")
    });
    let broken = writer.write(|connection| Ok(connection.execute("INSERT INTO absent VALUES (1)", [])?));
    let last = writer.write(|connection| Ok(connection.execute("INSERT INTO t VALUES (4)", [])?));
    let releasing = async {
        tokio::task::yield_now().await;
        release.send(()).unwrap();
    };
    let (held, good, failing, panicking, broken, last, ()) =
        tokio::join!(holding, good, failing, panicking, broken, last, releasing);
    held.unwrap();
    assert_eq!((good.unwrap(), last.unwrap()), (1, 1));
    assert!(matches!(failing, Err(StoreError::Invalid(_))));
    assert!(matches!(panicking, Err(StoreError::Invalid(_))));
    assert!(matches!(broken, Err(StoreError::Sqlite(_))));
    let sum: i64 = database
        .readers()
        .read(|connection| Ok(connection.query_row("SELECT sum(n) FROM t", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(sum, 5);
}

#[tokio::test]
async fn a_group_that_cannot_be_committed_fails_as_a_whole() {
    let database = Sqlite::in_memory().unwrap();
    let writer = database.writer();
    let sql = "CREATE TABLE p (n INTEGER PRIMARY KEY); \
               CREATE TABLE c (n INTEGER REFERENCES p DEFERRABLE INITIALLY DEFERRED);";
    writer.write(move |connection| Ok(connection.execute_batch(sql)?)).await.unwrap();
    let foreign_keys = writer.write(|connection| Ok(connection.pragma_update(None, "defer_foreign_keys", true)?)).await;
    foreign_keys.unwrap();
    // Whether foreign keys are enforced is the build's choice; a dangling one is found at COMMIT only.
    let dangling = writer.write(|connection| Ok(connection.execute("INSERT INTO c VALUES (7)", [])?)).await;
    let enforced: bool = database
        .readers()
        .read(|connection| Ok(connection.pragma_query_value(None, "foreign_keys", |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(enforced, matches!(dangling, Err(StoreError::Commit(_))));
    let after = writer.write(|connection| Ok(connection.execute("INSERT INTO p VALUES (1)", [])?)).await;
    assert_eq!(after.unwrap(), 1, "the next group is not touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_writes_what_is_queued_and_refuses_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let (database, events) = open(&path);
    let appends: Vec<_> = (0..100)
        .map(|n| {
            let events = events.clone();
            tokio::spawn(async move { events.append(Append::new(tenant(), vec![event(&format!("x:{n}"))])).await })
        })
        .collect();
    tokio::task::yield_now().await;
    database.close().await;
    let mut done = 0;
    for append in appends {
        match append.await.unwrap() {
            Ok(_) => done += 1,
            Err(AppendError::Store(StoreError::Closed)) => {}
            Err(other) => panic!("{other}"),
        }
    }
    let read = events.read(&tenant(), &Query::All, Range::default()).await;
    assert!(matches!(read, Err(StoreError::Closed)));
    let (database, events) = open(&path);
    assert_eq!(events.head().await.unwrap(), done, "what was answered is there, and nothing else");
    database.close().await;
}

const CRASH_FILE: &str = "SCAFFOLD_TEST_CRASH_FILE";

/// Only does something as the child of [`what_was_answered_survives_a_kill`].
#[tokio::test]
async fn child_that_appends_until_killed() {
    let Ok(path) = std::env::var(CRASH_FILE) else { return };
    let (_database, events) = open(Path::new(&path));
    loop {
        let append = Append::new(tenant(), vec![event("x:1"), event("x:2")]);
        let Appended::Done(at) = events.append(append).await.unwrap() else { continue };
        println!("\nappended {}", at.last);
    }
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "store::sqlite::tests::child_that_appends_until_killed"])
        .env(CRASH_FILE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = lines.filter_map(|line| line.ok()?.strip_prefix("appended ")?.parse::<u64>().ok());
    for _ in 0..20 {
        answered.next().expect("the child appends");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let last = answered.last().unwrap_or(40);

    let (database, events) = open(&path);
    let head = events.head().await.unwrap();
    assert!(head >= last, "answered up to {last}, found {head}");
    assert_eq!(head % 2, 0, "appends are there as a whole");
    let read = events.read(&tenant(), &about("x:2"), Range::default()).await.unwrap();
    assert_eq!(read.len() as u64, head / 2);
    database.close().await;
}
