//! Three processes on one PostgreSQL schema: the one that works is killed, or put to sleep and woken up too late.

use super::*;
use crate::server::Server;
use std::collections::BTreeSet;
use tokio_postgres::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_goes_on_and_each_event_has_its_effect_once() {
    let server = Server::start();
    let url = server.schema();
    let (place, schema) = url.split_once("?schema=").unwrap();
    let (client, connection) = tokio_postgres::connect(place, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let database = Database::open(&url, "unused").await.unwrap();
    let mut workers: Vec<Worker> = (0..3).map(|_| Worker::start(&url)).collect();
    let (rounds, a_round) = (rounds(2), 150);
    let mut asleep = None;
    for round in 0..rounds {
        append(&database, a_round).await;
        let enough = a_round * round + a_round / 3;
        until("somebody works", async || noted(&client, schema).await.len() >= enough).await;
        let owner = owner(&client, schema).await;
        let at = workers.iter().position(|worker| worker.0.id() == owner).expect("one of the workers has the lease");
        if round % 2 == 0 {
            // While it sleeps another takes over, and it does not know.
            workers[at].signal("-STOP");
            asleep = Some(workers.remove(at));
        } else {
            drop(workers.remove(at));
            workers.push(Worker::start(&url));
        }
        let all = a_round * (round + 1);
        until("another goes on", async || noted(&client, schema).await.len() >= all).await;
        if let Some(worker) = asleep.take() {
            worker.signal("-CONT");
            workers.push(worker);
        }
    }
    // Time for whoever woke up to write what it must not.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let noted = noted(&client, schema).await;
    let who: BTreeSet<i64> = noted.iter().map(|(.., who)| *who).collect();
    assert!(who.len() >= 2, "more than one process has worked: {who:?}");
    assert_once_and_in_order(noted, a_round * rounds);
    database.close().await;
}

/// An event that has its position and commits late, while others are appended behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_commits_late_is_not_passed_by() {
    let server = Server::start();
    let url = server.schema();
    let (place, schema) = url.split_once("?schema=").unwrap();
    let (client, connection) = tokio_postgres::connect(place, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let database = Database::open(&url, "unused").await.unwrap();
    append(&database, 1).await;
    let consumer: Arc<dyn Consumer> = Arc::new(Noting);
    let groups = Groups::start(&[consumer], &Databases::single(database.clone())).await.unwrap();
    let slow = format!(
        "BEGIN; SELECT position FROM {schema}.counter FOR UPDATE; \
         INSERT INTO {schema}.events (position, tenant, id, topic, type, version, tags, payload, raised_at) \
         VALUES (2, 't0', gen_random_uuid(), 'test', 'Slow', 1, '{{}}', '{{}}', 1); \
         UPDATE {schema}.counter SET position = 2"
    );
    client.batch_execute(&slow).await.unwrap();
    let appending = {
        let database = database.clone();
        tokio::spawn(async move { append(&database, 12).await })
    };
    tokio::time::sleep(Duration::from_millis(700)).await;
    client.batch_execute("COMMIT").await.unwrap();
    appending.await.unwrap();
    until("all are handled", async || noted(&client, schema).await.len() >= 14).await;
    groups.stop().await;
    assert_once_and_in_order(noted(&client, schema).await, 14);
    database.close().await;
}

async fn noted(client: &Client, schema: &str) -> Vec<Noted> {
    // Until the first worker has made it, there is no table.
    let rows = client.query(&format!("SELECT tenant, position, count, who FROM {schema}.noted"), &[]).await;
    rows.unwrap_or_default().iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

/// The process that has the lease.
async fn owner(client: &Client, schema: &str) -> u32 {
    let sql = format!("SELECT owner FROM {schema}.leases WHERE name = 'group/noting'");
    let owner: String = client.query_one(&sql, &[]).await.unwrap().get(0);
    owner.split('/').next().unwrap().parse().unwrap()
}
