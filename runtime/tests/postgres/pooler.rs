//! Behind PgBouncer in transaction mode, where each transaction may get another connection.

use super::*;
use scaffold_runtime::broadcast::{Broadcast, Heard};
use scaffold_runtime::database::Database;
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
    let found = tokio::time::timeout(Duration::from_secs(60), watch.wait_for(|head| *head == 101)).await;
    assert!(found.is_ok(), "found by asking");
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
