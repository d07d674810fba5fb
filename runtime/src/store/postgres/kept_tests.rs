//! What connections keep prepared.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::connection::Asked;
use super::{Parameter, PostgresEvents};
use crate::store::StoreError;
use crate::store::conformance::address_on_server;
use tokio_postgres::types::Type;

async fn open() -> PostgresEvents {
    PostgresEvents::open(&address_on_server(), "unused").await.unwrap()
}

/// The numbers that a statement with one parameter answers, in its first column.
async fn numbers(events: &PostgresEvents, sql: &str, parameter: i64) -> Result<Vec<i64>, StoreError> {
    let parameters: Vec<Parameter<'_>> = vec![(&parameter, Type::INT8)];
    let asked: [Asked<'_>; 1] = [(sql, parameters)];
    let answers = events.rest().1.read_often(&asked).await?;
    Ok(answers.iter().flatten().map(|row| row.get(0)).collect())
}

/// What is prepared on the one connection that reads.
async fn prepared(events: &PostgresEvents) -> Vec<String> {
    let sql = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%$1%' ORDER BY prepare_time";
    let rows = events.rest().1.read(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn change(events: &PostgresEvents, sql: &str) {
    let transaction = events.rest().1.begin().await.unwrap();
    transaction.batch(sql).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_again_is_prepared_and_what_comes_once_is_not() {
    let events = open().await;
    let sql = "SELECT $1 + 1";
    for number in 0..20 {
        assert_eq!(numbers(&events, sql, number).await.unwrap(), [number + 1]);
        assert_eq!(numbers(&events, &format!("SELECT $1 * {number}"), 2).await.unwrap(), [2 * number]);
    }
    assert_eq!(prepared(&events).await, [sql]);
    events.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_prepared_than_fits_and_what_is_used_stays() {
    let events = open().await;
    let often = "SELECT $1 - 1";
    for number in 0..100 {
        for _ in 0..2 {
            assert_eq!(numbers(&events, often, 1).await.unwrap(), [0]);
            assert_eq!(numbers(&events, &format!("SELECT $1 + {number}"), 1).await.unwrap(), [number + 1]);
        }
    }
    let long = format!("SELECT $1 /* {} */", "long".repeat(4000));
    for _ in 0..3 {
        assert_eq!(numbers(&events, &long, 1).await.unwrap(), [1]);
    }
    let found = prepared(&events).await;
    assert_eq!((found.len(), found.contains(&often.to_owned())), (64, true));
    assert!(found.contains(&"SELECT $1 + 99".to_owned()) && !found.contains(&"SELECT $1 + 0".to_owned()));
    events.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_changes_is_read_as_it_is() {
    let events = open().await;
    let schema = events.rest().0.to_owned();
    change(&events, &format!("CREATE TABLE {schema}.box (a int8); INSERT INTO {schema}.box VALUES (1), (2)")).await;
    let sql = format!("SELECT * FROM {schema}.box WHERE a > $1");
    for _ in 0..3 {
        assert_eq!(numbers(&events, &sql, 1).await.unwrap(), [2]);
    }
    // Other columns, and then another table of the same name.
    change(&events, &format!("ALTER TABLE {schema}.box ADD COLUMN b text")).await;
    for _ in 0..3 {
        assert_eq!(numbers(&events, &sql, 1).await.unwrap(), [2]);
    }
    change(&events, &format!("DROP TABLE {schema}.box")).await;
    assert!(matches!(numbers(&events, &sql, 1).await, Err(StoreError::Postgres(_))));
    change(&events, &format!("CREATE TABLE {schema}.box (b text, a int8)")).await;
    for _ in 0..3 {
        assert!(numbers(&events, &sql, 1).await.unwrap().is_empty());
    }
    assert_eq!(prepared(&events).await.iter().filter(|kept| **kept == sql).count(), 1);
    events.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_has_dropped_is_prepared_again() {
    let events = open().await;
    let sql = "SELECT $1 + 5";
    for _ in 0..2 {
        numbers(&events, sql, 1).await.unwrap();
    }
    change(&events, "DEALLOCATE ALL").await;
    for _ in 0..3 {
        assert_eq!(numbers(&events, sql, 1).await.unwrap(), [6]);
    }
    assert_eq!(prepared(&events).await, [sql]);
    events.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_are_of_one_moment_and_a_connection_that_is_cut_is_replaced() {
    let events = open().await;
    let (_, pool) = events.rest();
    let (one, two) = ("SELECT txid_current_if_assigned(), pg_sleep($1)", "SELECT now()::text WHERE 0 < $1");
    for _ in 0..3 {
        let asked: [Asked<'_>; 3] = [
            (two, vec![(&1_i64, Type::INT8)]),
            (one, vec![(&0.02_f64, Type::FLOAT8)]),
            (two, vec![(&1_i64, Type::INT8)]),
        ];
        let answers = pool.read_often(&asked).await.unwrap();
        assert_eq!(answers[0][0].get::<_, String>(0), answers[2][0].get::<_, String>(0));
    }
    let number = pool.read("SELECT pg_backend_pid()", &[]).await.unwrap()[0].get::<_, i32>(0);
    let other = open().await;
    other.rest().1.read("SELECT pg_terminate_backend($1)", &[(&number, Type::INT4)]).await.unwrap();
    for _ in 0..3 {
        assert_eq!(numbers(&events, "SELECT $1 + 7", 1).await.unwrap(), [8]);
    }
    tokio::join!(events.close(), other.close());
}
