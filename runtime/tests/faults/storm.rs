//! Connections that are cut anywhere, by chance, while many clients append.

use super::proxy::Proxy;
use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CLIENTS: usize = 32;

/// What a client knows when all is over.
#[derive(Default)]
struct Ledger {
    /// Where each acknowledged event was said to stand.
    acknowledged: BTreeMap<Uuid, Position>,
    /// Answered with an error, and not asked for again.
    given_up: BTreeSet<Uuid>,
    unknown: usize,
    refused: usize,
}

/// What the clients are told, and tell.
#[derive(Default)]
struct Weather {
    is_over: AtomicBool,
    /// Whether a commit was cut.
    hit: AtomicBool,
}

/// Appends until told to stop: plainly, under a key, for a seat that another client wants too, several events at once.
async fn load(store: PostgresEvents, client: usize, weather: Arc<Weather>) -> Ledger {
    let mut ledger = Ledger::default();
    let mut number = 0;
    while !weather.is_over.load(Ordering::SeqCst) {
        number += 1;
        let own = format!("client:{client}/{number}");
        let append = match number % 4 {
            0 => Append::new(tenant(), (0..3).map(|_| event(&own)).collect()),
            1 => Append::new(tenant(), vec![event(&own)]).unless(about(&own), None),
            2 => {
                let seat = format!("seat:{}/{number}", client / 2);
                Append::new(tenant(), vec![event(&seat)]).unless(about(&seat), None)
            }
            _ => {
                let key = Idempotency { command: "Take".into(), key: own.clone(), answer: serde_json::json!(own) };
                Append { idempotency: Some(key), ..Append::new(tenant(), vec![event(&own)]) }
            }
        };
        ledger.take(&store, append).await;
        if ledger.unknown > 0 {
            weather.hit.store(true, Ordering::SeqCst);
        }
    }
    ledger
}

impl Ledger {
    /// Asks until there is an answer; now and then it gives up after the first error.
    async fn take(&mut self, store: &PostgresEvents, append: Append) {
        let ids: Vec<Uuid> = append.events.iter().map(|event| event.id).collect();
        loop {
            match store.append(append.clone()).await {
                Ok(Appended::Done(Positions { first, last })) => {
                    assert_eq!(last - first + 1, ids.len() as u64);
                    self.acknowledged.extend(ids.into_iter().zip(first..));
                    return;
                }
                Ok(Appended::Repeated(answer)) => {
                    assert_eq!(Some(&answer.answer), append.idempotency.as_ref().map(|key| &key.answer));
                    self.acknowledged.insert(ids[0], answer.position);
                    return;
                }
                // Another has the seat.
                Err(AppendError::Conflict) => return,
                Err(AppendError::Store(StoreError::Unknown(_))) => self.unknown += 1,
                Err(AppendError::Store(StoreError::Unreachable(_))) => self.refused += 1,
                Err(error) => panic!("{error}"),
            }
            if fastrand::u32(0..8) == 0 {
                self.given_up.extend(ids);
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_anywhere_under_load_nothing_is_lost_or_doubled() {
    let url = SERVER.schema();
    let direct = open(&url).await;
    let (proxy, by_proxy) = Proxy::to(&url).await;
    let (one, two) = (open(&by_proxy).await, open(&by_proxy).await);
    let weather = Arc::new(Weather::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let store = if client % 2 == 0 { one.clone() } else { two.clone() };
            tokio::spawn(load(store, client, Arc::clone(&weather)))
        })
        .collect();
    let rounds = rounds(4);
    for round in 0..rounds * 10 {
        // By chance all cuts may fall beside the commits; then there are more.
        if round >= rounds && weather.hit.load(Ordering::SeqCst) {
            break;
        }
        let before = proxy.cuts();
        proxy.storm([40, 120, 400][round % 3]);
        while proxy.cuts() < before + 12 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Calm for a moment, in which all is well again.
        proxy.calm();
        let (head, mut watch) = (direct.head().await.unwrap(), one.watch());
        watch.wait_for(|now| *now > head).await.unwrap();
    }
    weather.is_over.store(true, Ordering::SeqCst);
    let mut ledger = Ledger::default();
    for client in clients {
        let Ledger { acknowledged, given_up, unknown, refused } = client.await.unwrap();
        ledger.acknowledged.extend(acknowledged);
        ledger.given_up.extend(given_up);
        ledger.unknown += unknown;
        ledger.refused += refused;
    }
    check(&direct, &ledger).await;
    assert!(ledger.unknown > 0, "no commit was hit in {} cuts", proxy.cuts());
    let (events, cuts) = (ledger.acknowledged.len(), proxy.cuts());
    eprintln!("{events} events, {cuts} cuts, {} unknown at first, {} refused at first", ledger.unknown, ledger.refused);
    tokio::join!(one.close(), two.close(), direct.close());
}

async fn check(direct: &PostgresEvents, ledger: &Ledger) {
    let stored = all(direct).await;
    let positions: BTreeMap<Uuid, Position> = stored.iter().map(|event| (event.id, event.position)).collect();
    assert_eq!(positions.len(), stored.len(), "none doubled");
    for (id, position) in &ledger.acknowledged {
        assert_eq!(positions.get(id), Some(position), "acknowledged there");
    }
    for id in positions.keys() {
        assert!(ledger.acknowledged.contains_key(id) || ledger.given_up.contains(id), "whose is {id}?");
    }
    let all: Vec<Position> = stored.iter().map(|event| event.position).collect();
    assert_eq!(all, (1..=direct.head().await.unwrap()).collect::<Vec<_>>(), "no gap");
    let mut seats = BTreeSet::new();
    for tag in stored.iter().flat_map(|event| &event.tags).filter(|tag| tag.as_str().starts_with("seat:")) {
        assert!(seats.insert(tag), "{tag:?} was taken twice");
    }
    assert!(!seats.is_empty());
}
