//! Order is visibility: whoever has seen a position never sees a smaller one appear.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A process that has taken a position and commits late, while others append and one follows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reader_overtakes_a_slow_committer() {
    let url = SERVER.schema();
    let store = open(&url).await;
    store.append(Append::new(tenant(), vec![event("x:0")])).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(store.clone(), Arc::clone(&done)));

    let slow = plain(&url).await;
    let s = schema(&url);
    slow.batch_execute(&format!("BEGIN; SELECT position FROM {s}.counter FOR UPDATE")).await.unwrap();
    let insert = format!(
        "INSERT INTO {s}.events (position, tenant, id, topic, type, version, tags, payload, raised_at) \
         VALUES (2, 'acme', gen_random_uuid(), 'test', 'Slow', 1, '{{}}', '{{}}', 1); \
         UPDATE {s}.counter SET position = 2"
    );
    slow.batch_execute(&insert).await.unwrap();
    let appends: Vec<_> = (0..20)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.append(Append::new(tenant(), vec![event(&format!("x:{n}"))])).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(store.head().await.unwrap(), 1, "nobody has come past the one that holds the counter");
    slow.batch_execute("COMMIT").await.unwrap();
    for append in appends {
        append.await.unwrap().unwrap();
    }
    done.store(true, Ordering::SeqCst);
    let seen = follower.await.unwrap();
    assert_eq!(seen, (1..=22).collect::<Vec<_>>(), "nothing missed, nothing out of order");
    store.close().await;
}

/// Meets every event once, as a projection does: always behind the last position seen.
async fn follow(store: PostgresEvents, done: Arc<AtomicBool>) -> Vec<Position> {
    let mut seen: Vec<Position> = Vec::new();
    loop {
        let is_last = done.load(Ordering::SeqCst);
        let after = seen.last().copied().unwrap_or(0);
        let page = store.read_all(&Query::All, Range::after(after)).await.unwrap();
        seen.extend(positions(&page));
        if is_last && page.is_empty() {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// A condition is checked against what was committed while the append waited for its turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_sees_what_came_while_it_waited() {
    let url = SERVER.schema();
    let store = open(&url).await;
    let slow = plain(&url).await;
    let s = schema(&url);
    slow.batch_execute(&format!("BEGIN; SELECT position FROM {s}.counter FOR UPDATE")).await.unwrap();
    let waiting = {
        let store = store.clone();
        let append = Append::new(tenant(), vec![event("x:1")]).unless(about("x:1"), None);
        tokio::spawn(async move { store.append(append).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    let insert = format!(
        "INSERT INTO {s}.events (position, tenant, id, topic, type, version, tags, payload, raised_at) \
         VALUES (1, 'acme', gen_random_uuid(), 'test', 'Taken', 1, '{{x:1}}', '{{}}', 1); \
         INSERT INTO {s}.event_tags VALUES ('acme', 'x:1', 1, 'Taken'); \
         UPDATE {s}.counter SET position = 1; COMMIT"
    );
    slow.batch_execute(&insert).await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Err(AppendError::Conflict)));
    store.close().await;
}
