//! Appends in one round trip: what a process remembers, what it missed, and a server that has settings of its own.

use super::*;
use scaffold_runtime::store::{Answer, Idempotency, StoreError};
use std::time::Duration;

/// An append that fails if the tag was taken behind a position.
fn take(tag: &str, after: Position) -> Append {
    Append::new(tenant(), vec![event(tag)]).unless(about(tag), after)
}

fn at(position: Position) -> Appended {
    Appended::Done(scaffold_runtime::store::Positions { first: position, last: position })
}

/// Two processes take turns, so that neither ever finds the counter where it left it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_wrote_stands_in_the_way_and_nothing_else() {
    let url = SERVER.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    for round in 0..10 {
        let before = one.head().await.unwrap();
        assert_eq!(one.append(take("x:1", before)).await.unwrap(), at(before + 1));
        assert!(matches!(two.append(take("x:1", before)).await, Err(AppendError::Conflict)), "round {round}");
        assert_eq!(two.append(take("x:2", before)).await.unwrap(), at(before + 2), "round {round}");
        assert_eq!(one.append(take("x:1", before + 1)).await.unwrap(), at(before + 3), "round {round}");
        assert!(matches!(one.append(take("x:2", before)).await, Err(AppendError::Conflict)), "round {round}");
        assert!(matches!(one.append(take("x:1", before)).await, Err(AppendError::Conflict)), "round {round}");
    }
    // More than a process is told of at once.
    let before = one.head().await.unwrap();
    let many: Vec<_> = (0..1500).map(|n| event(&format!("y:{n}"))).collect();
    two.append(Append::new(tenant(), many)).await.unwrap();
    for missed in ["y:0", "y:1499"] {
        assert!(matches!(one.append(take(missed, before)).await, Err(AppendError::Conflict)), "{missed}");
    }
    assert_eq!(one.append(take("z:1", before)).await.unwrap(), at(before + 1501));
    let stored = all(&two).await;
    assert_eq!(positions(&stored), (1..=before + 1501).collect::<Vec<_>>());
    tokio::join!(one.close(), two.close());
}

/// A key and ids that are found although nothing stands in the way, by the process that stored them and by another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_known_whoever_carried_it_out() {
    let url = SERVER.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let plain = Append::new(tenant(), vec![event("x:1"), event("x:2")]);
    let key = Idempotency { command: Cow::Borrowed("Do"), key: "k".to_owned(), answer: serde_json::json!(7) };
    let keyed = Append { idempotency: Some(key.clone()), ..take("x:3", 0) };
    let first = one.append(plain.clone()).await.unwrap();
    assert_eq!(one.append(keyed).await.unwrap(), at(3));
    for store in [&one, &two, &one] {
        assert_eq!(store.append(plain.clone()).await.unwrap(), first);
        let again = Append { idempotency: Some(key.clone()), ..Append::new(tenant(), vec![event("x:4")]) };
        let answer = Answer { position: 3, answer: serde_json::json!(7) };
        assert_eq!(store.append(again.clone()).await.unwrap(), Appended::Repeated(answer.clone()));
        let refused = Append { idempotency: Some(key.clone()), ..take("x:3", 0) };
        assert_eq!(store.append(refused).await.unwrap(), Appended::Repeated(answer), "before any condition");
        assert_eq!(
            store.append(plain.clone().unless(about("x:1"), None)).await.unwrap(),
            first,
            "before any condition"
        );
    }
    // All in one group: each gets its own answer, and what is new is written.
    let fresh = take("x:5", 3);
    let group = tokio::join!(
        one.append(plain.clone().unless(about("x:1"), None)),
        one.append(take("x:1", 0)),
        one.append(fresh),
        one.append(Append { idempotency: Some(key), ..take("x:3", 0) }),
    );
    assert_eq!(group.0.unwrap(), first);
    assert!(matches!(group.1, Err(AppendError::Conflict)));
    assert_eq!(group.2.unwrap(), at(4));
    assert!(matches!(group.3, Ok(Appended::Repeated(_))));
    assert_eq!(positions(&all(&two).await), [1, 2, 3, 4]);
    tokio::join!(one.close(), two.close());
}

/// A database in which commits are not flushed, transactions only read, and all of them are serializable, unless asked otherwise.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_databases_own_settings_change_nothing() {
    let mut server = Server::start();
    let url = server.schema();
    let settings = "ALTER DATABASE app SET synchronous_commit = off; \
        ALTER DATABASE app SET default_transaction_isolation = 'serializable'";
    plain(&server.url("postgres", "app")).await.batch_execute(settings).await.unwrap();
    let system = plain(&server.url("postgres", "postgres")).await;
    system.batch_execute("ALTER SYSTEM SET wal_writer_delay = '10s'").await.unwrap();
    system.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let (one, two) = (open(&url).await, open(&url).await);
    for position in (1..40).step_by(2) {
        let (a, b) = tokio::join!(one.append(take("x:1", position - 1)), two.append(take("x:2", position - 1)));
        assert!(a.is_ok() && b.is_ok(), "{a:?}, {b:?}");
        assert!(matches!(two.append(take("x:1", position - 1)).await, Err(AppendError::Conflict)));
    }
    let last = one.append(Append::new(tenant(), vec![event("last")])).await.unwrap();
    let restarted = tokio::task::spawn_blocking(move || {
        server.kill();
        server.run();
        server
    });
    let server = restarted.await.unwrap();
    assert_eq!((last, two.head().await.unwrap()), (at(41), 41), "what was acknowledged was flushed");
    let read_only = "ALTER DATABASE app SET default_transaction_read_only = on";
    plain(&server.url("postgres", "app")).await.batch_execute(read_only).await.unwrap();
    let three = open(&url).await;
    assert_eq!(three.append(take("x:1", 41)).await.unwrap(), at(42));
    assert!(matches!(three.append(take("x:1", 41)).await, Err(AppendError::Conflict)));
    tokio::join!(one.close(), two.close(), three.close());
}

/// The connection of an append that waits for its turn is ended by the server; and one that waits for too long is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_the_counter_gets_an_answer() {
    let url = SERVER.schema();
    let store = open(&url).await;
    store.append(Append::new(tenant(), vec![event("x:0")])).await.unwrap();
    let slow = plain(&url).await;
    slow.batch_execute(&format!("BEGIN; SELECT position FROM {}.counter FOR UPDATE", schema(&url))).await.unwrap();
    let waiting = {
        let store = store.clone();
        tokio::spawn(async move { store.append(take("x:1", 1)).await })
    };
    let waits = format!(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%\"{}\".%'",
        schema(&url)
    );
    let watcher = plain(&url).await;
    let pid: i32 = loop {
        if let Some(row) = watcher.query_opt(&waits, &[]).await.unwrap() {
            break row.get(0);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    watcher.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    slow.batch_execute("COMMIT").await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), at(2), "carried out on another connection, once");
    slow.batch_execute(&format!("BEGIN; SELECT position FROM {}.counter FOR UPDATE", schema(&url))).await.unwrap();
    let refused = store.append(take("x:2", 2)).await;
    let Err(AppendError::Store(StoreError::Busy(problem))) = &refused else { panic!("{refused:?}") };
    assert!(problem.contains("lock timeout"), "{problem}");
    slow.batch_execute("COMMIT").await.unwrap();
    assert_eq!(store.append(take("x:2", 2)).await.unwrap(), at(3), "and then all goes on");
    store.close().await;
}
