//! Broadcasts of processes that lose their connections.

use super::*;
use scaffold_runtime::broadcast::{Broadcast, Heard, Missed, NotSent, Subscription};
use scaffold_runtime::database::Database;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn news(payload: Value) -> Broadcast {
    Broadcast::new(tenant(), "news", payload)
}

async fn next(subscription: &mut Subscription) -> Heard {
    let heard = tokio::time::timeout(Duration::from_secs(60), subscription.next()).await;
    heard.expect("it comes").expect("the database is open")
}

/// Whether this comes soon, whatever comes before it.
async fn hears(subscription: &mut Subscription, payload: &Value) -> bool {
    let comes = async { while next(subscription).await != heard(payload.clone()) {} };
    tokio::time::timeout(Duration::from_secs(5), comes).await.is_ok()
}

fn heard(payload: Value) -> Heard {
    Heard::Message(Arc::new(news(payload)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_cut_off_is_told_that_something_may_be_missed() {
    let server = Server::start();
    let url = server.schema();
    let (one, two) = (Database::open(&url, "unused").await.unwrap(), Database::open(&url, "unused").await.unwrap());
    let mut near = one.broadcasts().subscribe(&tenant(), "news");
    let mut far = two.broadcasts().subscribe(&tenant(), "news");
    // On a busy machine a process may be open before it listens.
    for number in 1.. {
        let before = json!(["before", number]);
        one.broadcasts().send(news(before.clone())).await.unwrap();
        if hears(&mut near, &before).await && hears(&mut far, &before).await {
            break;
        }
    }
    // A connection that holds stands for a third process.
    let third = plain(&url).await;
    let sender = Uuid::now_v7().simple();
    let say = async |number: u32| {
        let note = format!("say {sender} {number} [\"acme\",\"news\",{number}]");
        third.execute("SELECT pg_notify($1, $2)", &[&schema(&url), &note]).await.unwrap();
    };
    say(1).await;
    assert_eq!(next(&mut far).await, heard(json!(1)));
    let operator = plain(&server.url("postgres", "postgres")).await;
    operator.batch_execute("ALTER ROLE app NOLOGIN").await.unwrap();
    let own: i32 = third.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let others = "FROM pg_stat_activity WHERE usename = 'app' AND pid <> $1";
    operator.execute(&format!("SELECT pg_terminate_backend(pid) {others}"), &[&own]).await.unwrap();
    while operator.query_one(&format!("SELECT count(*) {others}"), &[&own]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    say(2).await;
    let unsent = one.broadcasts().send(news(json!("unsent"))).await;
    assert!(matches!(unsent, Err(NotSent::Store(_))), "{unsent:?}");
    operator.batch_execute("ALTER ROLE app LOGIN").await.unwrap();
    let cut_off = Heard::Missed(Missed { count: 0, perhaps_more: true });
    // The second one was told before the cut.
    assert_eq!(next(&mut near).await, heard(json!(1)));
    for subscription in [&mut near, &mut far] {
        assert_eq!(next(subscription).await, cut_off);
    }
    say(3).await;
    for subscription in [&mut near, &mut far] {
        assert_eq!(next(subscription).await, heard(json!(3)), "what was sent meanwhile is lost");
    }
    // Told twice it is heard once.
    say(3).await;
    two.broadcasts().send(news(json!("after"))).await.unwrap();
    for subscription in [&mut near, &mut far] {
        assert_eq!(next(subscription).await, heard(json!("after")));
    }
    one.close().await;
    two.close().await;
}

/// Messages that nobody can take in fast enough keep nobody from appending.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_and_reads_go_on_among_many_messages() {
    let url = SERVER.schema();
    let (one, two) = (Database::open(&url, "unused").await.unwrap(), Database::open(&url, "unused").await.unwrap());
    let mut deaf = two.broadcasts().subscribe(&tenant(), "news");
    let payload = json!("x".repeat(7_000));
    let senders: Vec<_> = (0..64)
        .map(|_| {
            let (broadcasts, payload) = (Arc::clone(one.broadcasts()), payload.clone());
            tokio::spawn(async move {
                for _ in 0..40 {
                    broadcasts.send(news(payload.clone())).await.unwrap();
                }
            })
        })
        .collect();
    for n in 0..100 {
        one.events().append(Append::new(tenant(), vec![event(&format!("x:{n}"))])).await.unwrap();
        assert_eq!(all(&**two.events()).await.len(), n + 1);
    }
    for sender in senders {
        sender.await.unwrap();
    }
    one.broadcasts().send(news(json!("last"))).await.unwrap();
    let (mut messages, mut is_counted) = (0, true);
    loop {
        match next(&mut deaf).await {
            Heard::Message(message) if message.payload == "last" => break,
            Heard::Message(_) => messages += 1,
            Heard::Missed(missed) => {
                messages += missed.count;
                is_counted &= !missed.perhaps_more;
            }
        }
    }
    assert!(messages == 64 * 40 || (!is_counted && messages < 64 * 40), "each was heard or counted: {messages}");
    one.close().await;
    two.close().await;
}
