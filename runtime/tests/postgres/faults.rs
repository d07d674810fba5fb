//! A server that is killed under load and comes back.

use super::*;
use scaffold_runtime::store::StoreError;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long something may take that happens by itself; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client knows of its events when all is over.
#[derive(Default)]
struct Ledger {
    acknowledged: BTreeSet<Uuid>,
    refused: usize,
    unknown: usize,
}

/// Appends one event after the other until told to stop. Without an answer the same event is appended again.
async fn load(store: PostgresEvents, client: usize, stop: Arc<AtomicBool>) -> Ledger {
    let mut ledger = Ledger::default();
    while !stop.load(Ordering::SeqCst) {
        let event = event(&format!("client:{client}"));
        let id = event.id;
        loop {
            match store.append(Append::new(tenant(), vec![event.clone()])).await {
                Ok(_) => {
                    assert!(ledger.acknowledged.insert(id));
                    break;
                }
                Err(AppendError::Store(StoreError::Unknown(_))) => ledger.unknown += 1,
                Err(AppendError::Store(StoreError::Unreachable(_))) => ledger.refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    ledger
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_nothing_is_lost_or_doubled() {
    let mut server = Server::start();
    let url = server.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..16)
        .map(|client| {
            let store = if client % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(load(store, client, Arc::clone(&stop)))
        })
        .collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        server = tokio::task::spawn_blocking(move || {
            server.kill();
            server.run();
            server
        })
        .await
        .unwrap();
    }
    let before = one.head().await.unwrap();
    let goes_on = async {
        while one.head().await.unwrap() <= before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, goes_on).await.expect("it goes on after the last restart");
    stop.store(true, Ordering::SeqCst);
    let (mut acknowledged, mut unknown, mut refused) = (BTreeSet::new(), 0, 0);
    for client in clients {
        let ledger = client.await.unwrap();
        acknowledged.extend(ledger.acknowledged);
        unknown += ledger.unknown;
        refused += ledger.refused;
    }
    let stored = all(&one).await;
    let ids: BTreeSet<Uuid> = stored.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), stored.len(), "none doubled");
    assert_eq!(ids, acknowledged, "none lost; every one was acknowledged in the end");
    assert_eq!(positions(&stored), (1..=one.head().await.unwrap()).collect::<Vec<_>>());
    eprintln!("{} events, {unknown} outcomes unknown at first, {refused} refused at first", stored.len());
    let mut watch = two.watch();
    one.append(Append::new(tenant(), vec![event("last")])).await.unwrap();
    let last = one.head().await.unwrap();
    let heard = tokio::time::timeout(PATIENCE, watch.wait_for(|head| *head >= last)).await.is_ok();
    assert!(heard, "the listener is back too");
    tokio::join!(one.close(), two.close());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_unreachable() {
    let mut server = Server::start();
    let url = server.schema();
    let store = open(&url).await;
    server.kill();
    let append = store.append(Append::new(tenant(), vec![event("x:1")])).await;
    assert!(matches!(append, Err(AppendError::Store(StoreError::Unreachable(_)))), "{append:?}");
    server.run();
    store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    assert_eq!(all(&store).await.len(), 1);
    let wrong = url.replace(server.password(), "wrong");
    let Err(refused) = PostgresEvents::open(&wrong, "unused").await else { panic!("a wrong password was taken") };
    assert!(refused.to_string().contains("password authentication failed"), "{refused}");
    store.close().await;
}
