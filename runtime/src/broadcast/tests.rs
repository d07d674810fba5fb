//! What broadcasts must do, on each back end; on PostgreSQL from one store to another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::database::Database;
use serde_json::json;
use std::time::Duration;

/// Two processes, as far as there can be two.
struct Ground {
    one: Arc<dyn Broadcasts>,
    two: Arc<dyn Broadcasts>,
    databases: Vec<Database>,
}

impl Ground {
    fn alone(broadcasts: Arc<dyn Broadcasts>) -> Self {
        Self { one: Arc::clone(&broadcasts), two: broadcasts, databases: Vec::new() }
    }

    async fn end(self) {
        self.one.close();
        self.two.close();
        for database in self.databases {
            database.close().await;
        }
    }
}

async fn in_memory() -> Ground {
    Ground::alone(Arc::new(InProcess::new()))
}

async fn on_sqlite() -> Ground {
    let database = Database::open("sqlite::memory:", "unused").await.unwrap();
    Ground { databases: vec![database.clone()], ..Ground::alone(Arc::clone(database.broadcasts())) }
}

#[cfg(feature = "postgres")]
async fn on_postgres() -> Ground {
    let url = crate::store::conformance::address_on_server();
    let (one, two) = (Database::open(&url, "unused").await.unwrap(), Database::open(&url, "unused").await.unwrap());
    let (first, second) = (Arc::clone(one.broadcasts()), Arc::clone(two.broadcasts()));
    Ground { one: first, two: second, databases: vec![one, two] }
}

macro_rules! on_every_database {
    ($($test:ident)*) => {
        mod memory {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(super::in_memory().await).await;
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(super::on_sqlite().await).await;
                }
            )*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    super::$test(super::on_postgres().await).await;
                }
            )*
        }
    };
}

on_every_database! {
    all_subscribers_hear_a_message_once_and_in_order tenants_and_topics_are_apart whoever_comes_later_hears_nothing_of_before
    a_slow_subscriber_is_told_how_many_it_missed what_is_too_large_is_refused_and_what_is_not_arrives
    subscriptions_end_with_the_database
}

fn acme() -> Tenant {
    Tenant::new("acme")
}

fn about(topic: &str, payload: Json) -> Broadcast {
    Broadcast::new(acme(), topic, payload)
}

async fn next(subscription: &mut Subscription) -> Heard {
    let heard = tokio::time::timeout(Duration::from_secs(60), subscription.next()).await;
    heard.expect("it comes").expect("the database is open")
}

async fn payload(subscription: &mut Subscription) -> Json {
    match next(subscription).await {
        Heard::Message(message) => message.payload.clone(),
        Heard::Missed(missed) => panic!("{missed:?}"),
    }
}

async fn all_subscribers_hear_a_message_once_and_in_order(ground: Ground) {
    let mut subscriptions = vec![
        ground.one.subscribe(&acme(), "news"),
        ground.one.subscribe(&acme(), "news"),
        ground.two.subscribe(&acme(), "news"),
    ];
    for number in 0..50 {
        ground.one.send(about("news", json!({ "n": number, "text": "ä\0\"\n" }))).await.unwrap();
    }
    for subscription in &mut subscriptions {
        for number in 0..50 {
            assert_eq!(payload(subscription).await, json!({ "n": number, "text": "ä\0\"\n" }));
        }
    }
    ground.two.send(about("news", json!("back"))).await.unwrap();
    for subscription in &mut subscriptions {
        assert_eq!(payload(subscription).await, "back");
    }
    drop(subscriptions);
    ground.end().await;
}

async fn tenants_and_topics_are_apart(ground: Ground) {
    let others = [("acme", "new"), ("acme", "news2"), ("acm", "enews"), ("", "news"), ("other", "news")];
    let mut others: Vec<_> =
        others.into_iter().map(|(tenant, topic)| ground.two.subscribe(&Tenant::new(tenant), topic)).collect();
    let mut subscription = ground.two.subscribe(&acme(), "news");
    ground.one.send(about("news", json!(1))).await.unwrap();
    assert_eq!(payload(&mut subscription).await, 1);
    // Each hears its own next, so nothing came before that.
    for other in &mut others {
        let (tenant, topic) = other.key().clone();
        ground.one.send(Broadcast::new(tenant.clone(), topic.clone(), json!(tenant.as_str()))).await.unwrap();
        let Heard::Message(heard) = next(other).await else { panic!("nothing was missed") };
        assert_eq!((&heard.tenant, &heard.topic, &heard.payload), (&tenant, &topic, &json!(tenant.as_str())));
    }
    ground.one.send(about("news", json!(2))).await.unwrap();
    assert_eq!(payload(&mut subscription).await, 2);
    drop((subscription, others));
    ground.end().await;
}

async fn whoever_comes_later_hears_nothing_of_before(ground: Ground) {
    let mut early = ground.two.subscribe(&acme(), "news");
    ground.one.send(about("news", json!("early"))).await.unwrap();
    assert_eq!(payload(&mut early).await, "early");
    let mut late = ground.two.subscribe(&acme(), "news");
    drop(early);
    ground.one.send(about("news", json!("late"))).await.unwrap();
    assert_eq!(payload(&mut late).await, "late");
    drop(late);
    ground.one.send(about("news", json!("nobody"))).await.unwrap();
    let mut later = ground.two.subscribe(&acme(), "news");
    // One's own messages are heard at once, so what was sent before came before.
    ground.two.send(about("news", json!("later"))).await.unwrap();
    let mut heard = payload(&mut later).await;
    if heard == "nobody" {
        // It was on its way between the processes when the subscriber came.
        heard = payload(&mut later).await;
    }
    assert_eq!(heard, "later");
    drop(later);
    ground.end().await;
}

async fn a_slow_subscriber_is_told_how_many_it_missed(ground: Ground) {
    let mut slow = ground.two.subscribe(&acme(), "news");
    let mut quick = ground.two.subscribe(&acme(), "news");
    let all: u64 = 400;
    for number in 1..=all {
        ground.one.send(about("news", json!(number))).await.unwrap();
        assert_eq!(payload(&mut quick).await, number, "nobody waits for the slow one");
    }
    let Heard::Missed(missed) = next(&mut slow).await else { panic!("it kept all") };
    assert!(missed.count >= all - 256 && !missed.perhaps_more, "{missed:?}");
    for number in missed.count + 1..=all {
        assert_eq!(payload(&mut slow).await, number);
    }
    ground.one.send(about("news", json!("on"))).await.unwrap();
    assert_eq!(payload(&mut slow).await, "on");
    drop((slow, quick));
    ground.end().await;
}

async fn what_is_too_large_is_refused_and_what_is_not_arrives(ground: Ground) {
    let mut subscription = ground.two.subscribe(&acme(), "news");
    let frame = json!(["acme", "news", ""]).to_string().len();
    let largest = "x".repeat(LARGEST - frame);
    let refused = ground.one.send(about("news", json!(format!("{largest}x")))).await;
    assert!(matches!(refused, Err(NotSent::TooLarge { bytes }) if bytes == LARGEST + 1), "{refused:?}");
    let refused = ground.one.send(about("news", json!("ä".repeat(LARGEST / 2)))).await;
    assert!(matches!(refused, Err(NotSent::TooLarge { .. })), "bytes count, not letters: {refused:?}");
    ground.one.send(about("news", json!(largest))).await.unwrap();
    assert_eq!(payload(&mut subscription).await, json!(largest));
    drop(subscription);
    ground.end().await;
}

async fn subscriptions_end_with_the_database(ground: Ground) {
    let mut subscription = ground.two.subscribe(&acme(), "news");
    ground.one.send(about("news", json!("last"))).await.unwrap();
    assert_eq!(payload(&mut subscription).await, "last");
    let two = Arc::clone(&ground.two);
    ground.end().await;
    assert_eq!(subscription.next().await, None);
    assert_eq!(two.subscribe(&acme(), "news").next().await, None);
}

#[tokio::test]
async fn nothing_is_kept_for_those_who_have_gone() {
    let broadcasts = InProcess::new();
    let (one, two) = (broadcasts.subscribe(&acme(), "news"), broadcasts.subscribe(&acme(), "news"));
    let other = broadcasts.subscribe(&acme(), "other");
    assert_eq!(broadcasts.0.topics(), 2);
    drop(one);
    assert_eq!(broadcasts.0.topics(), 2);
    drop((two, other));
    assert_eq!(broadcasts.0.topics(), 0);
    broadcasts.send(about("news", json!(1))).await.unwrap();
    assert_eq!(broadcasts.0.topics(), 0);
}

/// Both at once: too slow, and cut off meanwhile.
#[cfg(feature = "postgres")]
#[tokio::test]
async fn what_was_missed_is_counted_and_the_rest_is_said() {
    let hub = Arc::new(Hub::default());
    let mut subscription = Hub::subscribe(&hub, &acme(), "news");
    let mut send = |number: u64| hub.publish(about("news", json!(number)));
    (1..=10).for_each(&mut send);
    hub.gap();
    (11..=300).for_each(&mut send);
    let missed = next(&mut subscription).await;
    assert_eq!(missed, Heard::Missed(Missed { count: 44, perhaps_more: true }));
    assert_eq!(payload(&mut subscription).await, 45);
    for number in 46..=300 {
        assert_eq!(payload(&mut subscription).await, number);
    }
    hub.gap();
    assert_eq!(next(&mut subscription).await, Heard::Missed(Missed { count: 0, perhaps_more: true }));
    hub.publish(about("news", json!(301)));
    assert_eq!(payload(&mut subscription).await, 301);
}
