//! Limits of time that are reached, and transactions that stand in each other's way.

use super::*;
use scaffold_runtime::consumer::{Consumer, Delivery, Failure, Groups, Options, Retry, Statement};
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

/// Lets so many sessions of the ordinary user wait for a lock, and not before.
async fn wait_for_waiters(operator: &tokio_postgres::Client, count: i64) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'";
    while operator.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) < count {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Who is told to end their statements soon is given more time where the store knows better.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_limit_of_the_role_ends_no_append() {
    let server = Server::start();
    let url = server.schema();
    open(&url).await.close().await;
    let operator = plain(&server.url("postgres", "app")).await;
    let slow = format!(
        "CREATE FUNCTION {0}.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); RETURN NULL; END'; \
         CREATE TRIGGER slow AFTER INSERT ON {0}.events EXECUTE FUNCTION {0}.slow(); \
         ALTER ROLE app SET statement_timeout = '200ms'",
        schema(&url)
    );
    operator.batch_execute(&slow).await.unwrap();
    let store = open(&url).await;
    for number in 1..=3 {
        let tag = format!("x:{number}");
        let append = Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None);
        store.append(append.clone()).await.unwrap();
        let again = Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None);
        assert!(matches!(store.append(again).await, Err(AppendError::Conflict)));
    }
    assert_eq!(positions(&all(&store).await), [1, 2, 3]);
    store.close().await;
}

/// The server ends one of two transactions that wait for each other. If that is a group of appends, it is written after all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_got_over() {
    let server = Server::start();
    let url = server.schema();
    let s = schema(&url);
    open(&url).await.close().await;
    let operator = plain(&server.url("postgres", "app")).await;
    // Whoever appends reads a row that somebody else may have locked.
    let row = format!(
        "CREATE TABLE {s}.row (number int8); INSERT INTO {s}.row VALUES (1); GRANT ALL ON {s}.row TO app; \
         CREATE FUNCTION {s}.look() RETURNS trigger LANGUAGE plpgsql \
         AS 'BEGIN PERFORM 1 FROM {s}.row FOR UPDATE; RETURN NULL; END'; \
         CREATE TRIGGER look AFTER INSERT ON {s}.events EXECUTE FUNCTION {s}.look()"
    );
    operator.batch_execute(&row).await.unwrap();
    let store = open(&url).await;
    for round in 0..2 {
        let other = plain(&server.url("postgres", "app")).await;
        // The other one never looks whether it waits in vain: it is the append that has to go.
        let begin = format!("SET deadlock_timeout = '60s'; BEGIN; SELECT 1 FROM {s}.row FOR UPDATE");
        other.batch_execute(&begin).await.unwrap();
        let appending = {
            let store = store.clone();
            tokio::spawn(async move { store.append(Append::new(tenant(), vec![event("x:1")])).await })
        };
        wait_for_waiters(&operator, 1).await;
        other.batch_execute(&format!("SELECT 1 FROM {s}.counter FOR UPDATE; COMMIT")).await.unwrap();
        appending.await.unwrap().unwrap();
        assert_eq!(positions(&all(&store).await).len(), round + 1);
    }
    let ended = operator.query_one("SELECT deadlocks FROM pg_stat_database WHERE datname = 'app'", &[]);
    let mut deadlocks = ended.await.unwrap().get::<_, i64>(0);
    while deadlocks < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let again = operator.query_one("SELECT deadlocks FROM pg_stat_database WHERE datname = 'app'", &[]);
        deadlocks = again.await.unwrap().get(0);
    }
    store.close().await;
}

/// A read and an append that an operator ends, as a limit of time would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_ended_says_so_and_the_next_one_works() {
    let server = Server::start();
    let url = server.schema();
    let store = open(&url).await;
    store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    let operator = plain(&server.url("postgres", "app")).await;
    let lock = plain(&server.url("postgres", "app")).await;
    lock.batch_execute(&format!("BEGIN; LOCK TABLE {}.events", schema(&url))).await.unwrap();
    let reading = {
        let store = store.clone();
        tokio::spawn(async move { store.read(&tenant(), &Query::All, Range::default()).await })
    };
    let end = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'app' AND wait_event_type = 'Lock'";
    wait_for_waiters(&operator, 1).await;
    operator.query(end, &[]).await.unwrap();
    let read = reading.await.unwrap();
    assert!(matches!(&read, Err(StoreError::Slow(problem)) if problem.contains("57014")), "{read:?}");
    let appending = {
        let store = store.clone();
        tokio::spawn(async move { store.append(Append::new(tenant(), vec![event("x:2")])).await })
    };
    // At once and the long way.
    for _ in 0..2 {
        wait_for_waiters(&operator, 1).await;
        operator.query(end, &[]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let append = appending.await.unwrap();
    assert!(matches!(&append, Err(AppendError::Store(StoreError::Slow(_)))), "{append:?}");
    lock.batch_execute("COMMIT").await.unwrap();
    store.append(Append::new(tenant(), vec![event("x:3")])).await.unwrap();
    assert_eq!(positions(&all(&store).await), [1, 2], "nothing of the one that was ended is there");
    store.close().await;
}

/// Notes events; gives up the first one that fails.
struct Strict;

#[async_trait::async_trait]
impl Consumer for Strict {
    fn name(&self) -> &str {
        "strict"
    }

    fn query(&self) -> Query {
        Query::All
    }

    fn options(&self) -> Options {
        let retry = Retry { attempts: 1, from: Duration::from_millis(1), to: Duration::from_millis(1) };
        Options { retry, ..Options::default() }
    }

    fn prepare(&self) -> Vec<Statement> {
        vec![Statement::new("CREATE TABLE IF NOT EXISTS noted (position BIGINT)")]
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        delivery.writes.add(Statement::new("INSERT INTO noted VALUES ($1)").bind(delivery.event.position));
        Ok(())
    }
}

/// Others who keep a table locked are no fault of an event's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_given_up_for_locks_of_others() {
    let url = SERVER.schema();
    let s = schema(&url);
    let database = Database::open(&url, "unused").await.unwrap();
    let consumer: Arc<dyn Consumer> = Arc::new(Strict);
    let groups = Groups::start(&[consumer], &Databases::single(database.clone())).await.unwrap();
    database.events().append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    let client = plain(&url).await;
    let noted = async || {
        let rows = client.query(&format!("SELECT position FROM {s}.noted ORDER BY position"), &[]).await;
        rows.unwrap_or_default().iter().map(|row| row.get(0)).collect::<Vec<i64>>()
    };
    while noted().await != [1] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let other = plain(&url).await;
    other.batch_execute(&format!("BEGIN; LOCK TABLE {s}.noted IN SHARE MODE")).await.unwrap();
    database.events().append(Append::new(tenant(), vec![event("x:2")])).await.unwrap();
    // Longer than a transaction of the group waits for a lock.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(noted().await, [1]);
    other.batch_execute("COMMIT").await.unwrap();
    while noted().await != [1, 2] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let parked = client.query(&format!("SELECT 1 FROM {s}.consumer_parked"), &[]).await.unwrap();
    assert!(parked.is_empty(), "it was not the event");
    groups.stop().await;
    database.close().await;
}
