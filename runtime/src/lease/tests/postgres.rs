//! Leases among several processes.

use super::*;
use crate::lease::postgres::{PostgresLeases, holds};
use crate::store::StoreError;
use crate::store::conformance::address_on_server;
use crate::store::postgres::PostgresEvents;

pub(super) async fn open() -> PostgresEvents {
    PostgresEvents::open(&address_on_server(), "unused").await.unwrap()
}

/// An owner that is asleep in the middle of its transaction holds up its successor, until the server ends it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_over_in_the_middle_of_a_write() {
    let events = open().await;
    let leases = PostgresLeases::new(&events);
    let (schema, pool) = events.rest();
    assert_eq!(leases.take("x", "a", SHORT).await.unwrap(), Some(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let writing = pool.begin().await.unwrap();
    assert!(holds(&writing, schema, "x", 1).await.unwrap(), "it has run out, but nobody else has it");
    let other = leases.clone();
    let taking = tokio::spawn(async move { other.take("x", "b", LONG).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!taking.is_finished());
    writing.commit().await.unwrap();
    assert_eq!(taking.await.unwrap().unwrap(), Some(2));
    let late = pool.begin().await.unwrap();
    assert!(!holds(&late, schema, "x", 1).await.unwrap());
    drop(late);
    events.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_sleeps_loses_everything() {
    let events = open().await;
    let leases = PostgresLeases::new(&events);
    let (schema, pool) = events.rest();
    assert_eq!(leases.take("x", "a", SHORT).await.unwrap(), Some(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let writing = pool.begin().await.unwrap();
    // A server that is asked to be less patient than ours stands for a process that sleeps longer.
    writing.batch("SET LOCAL idle_in_transaction_session_timeout = '2s'").await.unwrap();
    assert!(holds(&writing, schema, "x", 1).await.unwrap());
    assert_eq!(leases.take("x", "b", LONG).await.unwrap(), Some(2), "the server lets go of what the sleeper holds");
    let late = writing.commit().await;
    assert!(matches!(late, Err(StoreError::Unknown(_))), "{late:?}");
    // A connection that has died is not handed out again.
    assert!(leases.is_current("x", 2).await.unwrap());
    events.close().await;
}
