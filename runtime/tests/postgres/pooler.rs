//! Behind PgBouncer in transaction mode, where each transaction may get another connection.

use super::*;
use scaffold_runtime::broadcast::{Broadcast, Heard};
use scaffold_runtime::database::Database;
use scaffold_runtime::entry::{Column, ColumnKind, Row, RowBase, Table, Value};
use scaffold_runtime::query::{Filter, List, Selection};
use scaffold_runtime::tables::postgres::PostgresTables;
use scaffold_runtime::tables::{Batch, Kept, Place, Tables};
use scaffold_runtime::value::DateTime;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer (or its path in PGBOUNCER)"]
async fn a_pooler_may_give_each_transaction_another_connection() {
    let mut server = Server::start();
    server.pool();
    let url = server.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let mut tasks = Vec::new();
    for n in 0..200 {
        let store = if n % 2 == 0 { one.clone() } else { two.clone() };
        tasks.push(tokio::spawn(async move {
            let tag = format!("seat:{}", n / 2);
            let append = store.append(Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None)).await;
            store.read(&tenant(), &about(&tag), Range::default()).await.unwrap();
            append
        }));
    }
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppendError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((won, all(&one).await.len(), one.head().await.unwrap()), (100, 100, 100));
    let mut watch = two.watch();
    one.append(Append::new(tenant(), vec![event("last")])).await.unwrap();
    let found = tokio::time::timeout(Duration::from_secs(60), watch.wait_for(|head| *head == 101)).await.is_ok();
    assert!(found, "found by asking");
    tokio::join!(one.close(), two.close());
    // Nothing is heard from other processes, and what is broadcast stays in its own.
    let database = Database::open(&url, "unused").await.unwrap();
    let mut subscription = database.broadcasts().subscribe(&tenant(), "news");
    let message = Broadcast::new(tenant(), "news", serde_json::json!(1));
    database.broadcasts().send(message.clone()).await.unwrap();
    let heard = loop {
        // It believes to listen each time it gets another connection.
        match subscription.next().await.unwrap() {
            Heard::Message(heard) => break heard,
            Heard::Missed(_) => {}
        }
    };
    assert_eq!(*heard, message);
    database.close().await;
}

/// A session that listens for one service may be another one's a moment later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer (or its path in PGBOUNCER)"]
async fn what_is_told_of_one_schema_is_not_heard_by_another() {
    let mut server = Server::start();
    server.pool();
    let loud = open(&server.schema()).await;
    let mut quiet = Vec::new();
    for _ in 0..12 {
        quiet.push(open(&server.schema()).await);
    }
    // They ask where their events end, over the sessions by which the other one is told of its own.
    let appends = (0..16).map(|client| {
        let loud = loud.clone();
        tokio::spawn(async move {
            for n in 0..400 {
                loud.append(Append::new(tenant(), vec![event(&format!("n:{client}-{n}"))])).await.unwrap();
            }
        })
    });
    for append in appends.collect::<Vec<_>>() {
        append.await.unwrap();
    }
    for store in quiet {
        assert_eq!(*store.watch().borrow(), 0, "it has no events");
        store.close().await;
    }
    loud.close().await;
}

const NUMBER: Column = Column { name: "number", field: "number", kind: ColumnKind::Integer, indexed: true };

/// A table of a process, whose rows all have this number.
async fn table(store: &PostgresEvents, entry: &'static str, number: i64) -> (PostgresTables, Place) {
    let (tables, table) = (PostgresTables::new(store), Table { entry, name: entry, ..TABLE });
    let place = Place::new("unused", table);
    let from = tables.prepare(&place, 0).await.unwrap();
    let row = |id: i64| Row {
        base: RowBase { id: id.to_string(), created_at: DateTime::now(), changed_at: DateTime::now() },
        values: vec![Value::Integer(number)],
    };
    let kept = (0..5).map(|id| Kept { tenant: tenant(), row: row(id), position: 1 }).collect();
    let batch = Batch { from, to: 1, kept, ..Batch::default() };
    tables.write(&place, batch).await.unwrap().unwrap();
    (tables, place)
}

const TABLE: Table = Table { entry: "", name: "", definition: "d", columns: &[NUMBER], indexes: &[] };

/// What one process has prepared on a session, another one would find there under the same name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer (or its path in PGBOUNCER)"]
async fn lists_of_two_processes_share_the_sessions_of_a_pooler() {
    let mut server = Server::start();
    server.pool();
    let url = server.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let processes = [(table(&one, "one", 1).await, 1), (table(&two, "two", 2).await, 2)];
    let lists = (0..400_i64).map(|n| {
        let ((tables, place), number) = processes[usize::try_from(n % 2).unwrap()].clone();
        tokio::spawn(async move {
            let filter = Filter::equals("number", number);
            let list = List { filter, limit: 1 + n % 4, ..List::default() };
            let listed = tables.list(&place, &tenant(), Selection::new(place.table, list).unwrap()).await.unwrap();
            assert_eq!(listed.rows.len(), usize::try_from(1 + n % 4).unwrap());
            assert!(listed.rows.iter().all(|row| row.values == [Value::Integer(number)]));
        })
    });
    for list in lists.collect::<Vec<_>>() {
        list.await.unwrap();
    }
    // The sessions that the pooler has used are left as they were.
    let asking = plain(&url).await;
    for _ in 0..10 {
        let left = asking.simple_query("SELECT count(*) FROM pg_prepared_statements").await.unwrap();
        let counts = left.iter().filter_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        assert_eq!(counts.collect::<Vec<_>>(), ["0"]);
    }
    tokio::join!(one.close(), two.close());
}
