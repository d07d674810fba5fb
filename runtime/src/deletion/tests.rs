//! Events go behind the groups that must have had them, on each database.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Deleting, Pace, Topic, check};
use crate::consumer::{Consumer, Delivery, Failure, Groups};
use crate::database::{Database, Databases};
use crate::event::{Metadata, NewEvent, Position, Query, QueryItem, Tenant};
use crate::store::{Append, Range};
use serde_json::json;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

const TOPIC: Topic = Topic { name: "readings", types: &["Read", "Bad"], groups: &["g", "h"], keep: Duration::ZERO };

const PACE: Pace = Pace { every: Duration::from_millis(10), remember: Duration::ZERO };

/// A consumer that parks `Bad`.
struct Picky(&'static str);

#[async_trait::async_trait]
impl Consumer for Picky {
    fn name(&self) -> &str {
        self.0
    }

    fn query(&self) -> Query {
        Query::of([QueryItem::of(&["Read", "Bad"], [])])
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        match delivery.event.event_type.as_str() {
            "Bad" => Err(Failure::Park("it is bad".to_owned())),
            _ => Ok(()),
        }
    }
}

async fn append(database: &Database, tenant: &str, types: &[&'static str]) {
    let event = |of: &&'static str| NewEvent {
        id: uuid::Uuid::now_v7(),
        topic: Cow::Borrowed("readings"),
        stream: None,
        event_type: Cow::Borrowed(*of),
        version: 1,
        tags: Vec::new(),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    };
    let events = types.iter().map(event).collect();
    database.events().append(Append::new(Tenant::new(tenant), events)).await.unwrap();
}

async fn left(database: &Database) -> Vec<Position> {
    let found = database.events().read_all(&Query::All, Range::default()).await.unwrap();
    found.iter().map(|event| event.position).collect()
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "it never came to be: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Two groups of which one comes later; a parked event; a reader and a projection that come too late.
async fn all_of_it(database: Database) {
    let databases = Databases::single(database.clone());
    append(&database, "a", &["First", "Read", "Bad", "Other"]).await;
    append(&database, "b", &["Read"]).await;
    let (first, second) =
        (Deleting::start("s", &[TOPIC], &databases, PACE), Deleting::start("s", &[TOPIC], &databases, PACE));
    let one: [Arc<dyn Consumer>; 1] = [Arc::new(Picky("g"))];
    let groups = Groups::start(&one, &databases).await.unwrap();
    until("one has had them", async || groups.overview().await.unwrap()[0].position == Some(5)).await;
    assert_eq!(left(&database).await, [1, 2, 3, 4, 5], "the other one has not even begun");
    let other: [Arc<dyn Consumer>; 1] = [Arc::new(Picky("h"))];
    let others = Groups::start(&other, &databases).await.unwrap();
    until("they go, except for what is parked", async || left(&database).await == [1, 3, 4]).await;
    for group in ["g", "h"] {
        assert_eq!(left(&database).await, [1, 3, 4]);
        let id = groups.parked(group, None, 9).await.unwrap().remove(0).id;
        assert!(groups.discard(group, &id).await.unwrap());
    }
    until("nobody waits for it any more", async || left(&database).await == [1, 4]).await;
    append(&database, "a", &["Read"]).await;
    until("what comes goes", async || database.events().head().await.unwrap() == 6 && left(&database).await == [1, 4])
        .await;
    too_late(&databases).await;
    for one in [first, second] {
        one.stop().await;
    }
    append(&database, "a", &["Read"]).await;
    until("it is handled", async || groups.overview().await.unwrap()[0].position == Some(7)).await;
    assert_eq!(left(&database).await, [1, 4, 7], "nobody deletes any more");
    groups.stop().await;
    others.stop().await;
}

async fn too_late(databases: &Databases) {
    let late: [Arc<dyn Consumer>; 1] = [Arc::new(Picky("late"))];
    let groups = Groups::start(&late, databases).await.unwrap();
    let why = async || groups.overview().await.unwrap().remove(0).stopped.unwrap_or_default();
    until("it is told", async || why().await.contains("was deleted")).await;
    groups.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_memory() {
    all_of_it(Database::in_memory().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&format!("sqlite:{}", folder.path().join("a.db").display()), "s").await.unwrap();
    all_of_it(database.clone()).await;
    database.close().await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let database = Database::open(&crate::store::conformance::address_on_server(), "s").await.unwrap();
    all_of_it(database.clone()).await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_young_is_kept() {
    let database = Database::in_memory().unwrap();
    let databases = Databases::single(database.clone());
    append(&database, "a", &["First", "Read", "Read"]).await;
    let consumers: [Arc<dyn Consumer>; 2] = [Arc::new(Picky("g")), Arc::new(Picky("h"))];
    let groups = Groups::start(&consumers, &databases).await.unwrap();
    // The events are from the first microsecond of 1970.
    let topic = Topic { keep: Duration::from_secs(1 << 40), ..TOPIC };
    let deleting = Deleting::start("s", &[topic, Topic { types: &["First", "Other"], ..TOPIC }], &databases, PACE);
    // A group says that it has passed what it does not read when it has handled something behind it.
    append(&database, "a", &["Other", "Read"]).await;
    until("the other topic's event goes", async || left(&database).await == [1, 2, 3, 5]).await;
    deleting.stop().await;
    groups.stop().await;
}

#[test]
fn a_group_that_is_not_there_is_told() {
    let consumers: [Arc<dyn Consumer>; 1] = [Arc::new(Picky("g"))];
    let problem = check(&[TOPIC], &consumers).unwrap_err().to_string();
    assert!(problem.contains("`readings`") && problem.contains("group `h`"), "{problem}");
    assert!(check(&[Topic { groups: &["g"], ..TOPIC }], &consumers).is_ok());
    assert!(check(&[Topic { groups: &[], ..TOPIC }], &consumers).is_err());
}
