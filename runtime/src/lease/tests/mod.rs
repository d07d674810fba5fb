//! What leases must do, on each back end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "postgres")]
mod postgres;
mod sqlite;

use super::{Leases, keep};
use crate::store::sqlite::Sqlite;
use std::sync::Arc;
use std::time::Duration;

type Shared = Arc<dyn Leases>;

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(1);

macro_rules! on_every_database {
    ($($test:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let database = super::Sqlite::in_memory().unwrap();
                    super::$test(std::sync::Arc::new(super::super::sqlite::SqliteLeases::new(database))).await;
                }
            )*
        }
        #[cfg(feature = "postgres")]
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let events = super::postgres::open().await;
                    super::$test(std::sync::Arc::new(super::super::postgres::PostgresLeases::new(&events))).await;
                    events.close().await;
                }
            )*
        }
    };
}

on_every_database! {
    one_has_it_until_it_runs_out_or_is_given_back of_many_who_ask_one_gets_it leases_of_other_names_are_apart
    whoever_comes_first_keeps_it_and_the_next_follows
}

async fn one_has_it_until_it_runs_out_or_is_given_back(leases: Shared) {
    assert_eq!(leases.take("x", "a", LONG).await.unwrap(), Some(1));
    assert_eq!(leases.take("x", "b", LONG).await.unwrap(), None);
    assert_eq!(leases.take("x", "a", SHORT).await.unwrap(), Some(1), "its owner prolongs it, and may shorten it");
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(leases.take("x", "a", SHORT).await.unwrap(), Some(1), "nobody came in between");
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(leases.take("x", "b", LONG).await.unwrap(), Some(2));
    assert!(!leases.is_current("x", 1).await.unwrap() && leases.is_current("x", 2).await.unwrap());
    leases.release("x", "a").await.unwrap();
    assert_eq!(leases.take("x", "a", LONG).await.unwrap(), None, "nobody gives back what is not his");
    leases.release("x", "b").await.unwrap();
    assert_eq!(leases.take("x", "b", LONG).await.unwrap(), Some(3), "who gave it back is a new owner");
}

async fn of_many_who_ask_one_gets_it(leases: Shared) {
    for round in 1..=3 {
        let ask = (0..16).map(|n| {
            let leases = Arc::clone(&leases);
            tokio::spawn(async move { leases.take("x", &format!("{round}/{n}"), SHORT).await.unwrap() })
        });
        let mut epochs: Vec<u64> = Vec::new();
        for answer in ask.collect::<Vec<_>>() {
            epochs.extend(answer.await.unwrap());
        }
        let given = epochs.len();
        epochs.sort_unstable();
        epochs.dedup();
        assert!(!epochs.is_empty() && epochs.len() == given, "no epoch has two owners: {epochs:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn leases_of_other_names_are_apart(leases: Shared) {
    assert_eq!(leases.take("x", "a", LONG).await.unwrap(), Some(1));
    assert_eq!(leases.take("X", "b", LONG).await.unwrap(), Some(1));
    assert_eq!(leases.take("", "c", LONG).await.unwrap(), Some(1));
    assert!(!leases.is_current("y", 1).await.unwrap(), "what nobody has is nobody's");
}

async fn whoever_comes_first_keeps_it_and_the_next_follows(leases: Shared) {
    let first = keep(Arc::clone(&leases), "x");
    first.epoch.clone().wait_for(Option::is_some).await.unwrap();
    let (asked, second) = (Arc::clone(&leases), keep(Shared::clone(&leases), "x"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((*first.epoch.borrow(), *second.epoch.borrow()), (Some(1), None));
    first.stop().await;
    // Where nobody else can be, a second one asks seldom.
    if leases.timing() == super::Timing::SHARED {
        second.epoch.clone().wait_for(|epoch| *epoch == Some(2)).await.unwrap();
    }
    second.stop().await;
    assert!(asked.take("x", "other", LONG).await.unwrap().is_some(), "all have given it back");
}
