//! Three processes on one PostgreSQL schema: the one that works is killed, or put to sleep and woken up too late.

use super::*;
use crate::server::Server;
use std::collections::BTreeSet;
use tokio_postgres::Client;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_goes_on_and_each_event_has_its_effect_once() {
    let server = Server::start();
    let url = server.schema();
    let (place, schema) = (server.past_the_pooler(&url), url.split_once("?schema=").unwrap().1);
    let (client, connection) = tokio_postgres::connect(&place, tokio_postgres::NoTls).await.unwrap();
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
    until("what all had is deleted", async || left(&database).await == [1]).await;
    assert_eq!(database.events().head().await.unwrap(), (a_round * rounds) as u64);
    database.close().await;
}

/// An event that has its position and commits late, while others are appended behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_commits_late_is_not_passed_by() {
    let server = Server::start();
    let url = server.schema();
    let (place, schema) = (server.past_the_pooler(&url), url.split_once("?schema=").unwrap().1);
    let (client, connection) = tokio_postgres::connect(&place, tokio_postgres::NoTls).await.unwrap();
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

/// The groups work in other processes than the one that waits, and the one that works is killed in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correlation_id_is_waited_for_where_others_work() {
    let server = Server::start();
    let url = server.schema();
    let (place, schema) = (server.past_the_pooler(&url), url.split_once("?schema=").unwrap().1);
    let (client, connection) = tokio_postgres::connect(&place, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let worker = Worker::start(&url);
    let database = Database::open(&url, "unused").await.unwrap();
    for group in ["noting", "answering"] {
        until("the worker works", async || owner_of(&client, schema, group).await == Some(worker.0.id())).await;
    }
    let groups = Groups::start(&consumers(&database), &Databases::single(database.clone())).await.unwrap();
    let ask = async |correlation: &str, count: usize| {
        for _ in 0..count {
            let metadata = Metadata { correlation_id: Some(correlation.to_owned()), ..Metadata::default() };
            let event = NewEvent { metadata, ..event("Ask") };
            database.events().append(Append::new(Tenant::new("t0"), vec![event])).await.unwrap();
        }
    };
    let handled = async |correlation: &str| {
        let both = ["answering", "noting"];
        groups.handled(&Tenant::new("t0"), correlation, &both, Duration::from_secs(120)).await.unwrap();
    };
    for round in 1..=3 {
        ask("one", 4).await;
        handled("one").await;
        assert_eq!(noted(&client, schema).await.len(), round * 8, "questions, and the answers to them");
    }
    let by_worker = noted(&client, schema).await.iter().all(|(.., who)| *who == i64::from(worker.0.id()));
    assert!(by_worker && groups.overview().await.unwrap().iter().all(|group| !group.here));

    ask("two", 20).await;
    until("some are handled", async || noted(&client, schema).await.len() >= 27).await;
    drop(worker);
    let killed = Instant::now();
    handled("two").await;
    eprintln!("the wait ended {:?} after the kill", killed.elapsed());
    assert_once_and_in_order(noted(&client, schema).await, 24 + 40);
    assert!(groups.overview().await.unwrap().iter().all(|group| group.here), "this process has taken over");

    // What is parked here, or there, and asked for again, is tried wherever the group is at work.
    let second = Worker::start(&url);
    groups.stop().await;
    for group in ["noting", "answering"] {
        until("the next worker works", async || owner_of(&client, schema, group).await == Some(second.0.id())).await;
    }
    let groups = Groups::start(&consumers(&database), &Databases::single(database.clone())).await.unwrap();
    for _ in 0..5 {
        let sql = format!(
            "INSERT INTO {schema}.consumer_parked (id, name, key, tenant, position, event_type, attempts, error, parked_at, resent) \
             VALUES ('p', 'noting', 'k', 't0', 1, 'Ask', 1, 'as was asked for', 1, 0)"
        );
        client.batch_execute(&sql).await.unwrap();
        let asked = Instant::now();
        until("it is done", async || {
            let parked = groups.parked("noting", None, 9).await.unwrap();
            // Now and then it fails by chance, and is parked again.
            for again in parked.iter().filter(|parked| !parked.resent) {
                groups.resend("noting", &again.id).await.unwrap();
            }
            parked.is_empty()
        })
        .await;
        eprintln!("what was parked is done {:?} after it was asked for elsewhere", asked.elapsed());
    }
    groups.stop().await;
    database.close().await;
}

impl Worker {
    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

async fn noted(client: &Client, schema: &str) -> Vec<Noted> {
    // Until the first worker has made it, there is no table.
    let rows = client.query(&format!("SELECT tenant, position, count, who FROM {schema}.noted"), &[]).await;
    rows.unwrap_or_default().iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect()
}

/// The process that has the lease.
async fn owner(client: &Client, schema: &str) -> u32 {
    owner_of(client, schema, "noting").await.expect("somebody has it")
}

/// The process that works for a group; none while nobody does.
async fn owner_of(client: &Client, schema: &str, group: &str) -> Option<u32> {
    let sql = format!("SELECT owner FROM {schema}.leases WHERE name = $1");
    // Until the first process has made it, there is no table.
    let row = client.query_opt(&sql, &[&format!("group/{group}")]).await.ok()??;
    row.get::<_, Option<String>>(0)?.split('/').next()?.parse().ok()
}
