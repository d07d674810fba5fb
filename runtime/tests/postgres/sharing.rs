//! Two stores on one schema, as two processes have them.

use super::*;
use scaffold_runtime::store::{Snapshot, StoreError};
use std::collections::BTreeMap;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_race_agree_on_one_winner() {
    let url = SERVER.schema();
    let (one, two) = tokio::join!(open(&url), open(&url));
    let mut racers = Vec::new();
    for n in 0..256 {
        let (store, tag) = (if n % 2 == 0 { &one } else { &two }.clone(), format!("seat:{}", n % 8));
        racers.push(tokio::spawn(async move {
            let append = Append::new(tenant(), vec![event(&tag)]).unless(about(&tag), None);
            (tag, store.append(append).await)
        }));
    }
    let mut won: BTreeMap<String, usize> = BTreeMap::new();
    for racer in racers {
        match racer.await.unwrap() {
            (tag, Ok(_)) => *won.entry(tag).or_default() += 1,
            (_, Err(AppendError::Conflict)) => {}
            (_, Err(error)) => panic!("{error}"),
        }
    }
    assert_eq!(won.into_values().collect::<Vec<_>>(), [1; 8], "one winner a seat");
    let stored = all(&one).await;
    assert_eq!(positions(&stored), (1..=8).collect::<Vec<_>>());
    assert_eq!(stored, all(&two).await);
    tokio::join!(one.close(), two.close());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_appends_wakes_the_other() {
    let url = SERVER.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let mut watch = two.watch();
    // Until the other listens, it may hear of an append by asking only.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for position in 1..=9 {
        one.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
        watch.wait_for(|head| *head >= position).await.unwrap();
    }
    assert_eq!(two.head().await.unwrap(), 9);
    tokio::join!(one.close(), two.close());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_keeps_of_a_decision_the_other_reads_on_from() {
    let url = SERVER.schema();
    let (one, two) = (open(&url).await, open(&url).await);
    let at = |position: Position| Snapshot { position, state: serde_json::json!({ "seats": position }) };
    let keepers = (1..=64).map(|position| {
        let store = if position % 2 == 0 { &one } else { &two }.clone();
        tokio::spawn(async move { store.keep(&tenant(), &key("one"), at(position)).await })
    });
    for keeper in keepers.collect::<Vec<_>>() {
        keeper.await.unwrap().unwrap();
    }
    for store in [&one, &two] {
        assert_eq!(
            store.snapshot(&tenant(), &key("one")).await.unwrap(),
            Some(at(64)),
            "the newest, whoever came last"
        );
    }
    two.keep(&tenant(), &key("two"), at(3)).await.unwrap();
    assert_eq!(
        one.snapshot(&tenant(), &key("one")).await.unwrap(),
        None,
        "a program of another definition runs beside it"
    );
    assert_eq!(one.snapshot(&tenant(), &key("two")).await.unwrap(), Some(at(3)));
    tokio::join!(one.close(), two.close());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_make_the_schema_at_once() {
    let url = SERVER.schema();
    let openings = (0..6).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { open(&url).await })
    });
    for opening in openings.collect::<Vec<_>>() {
        let store = opening.await.unwrap();
        store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
        store.close().await;
    }
    let store = open(&url).await;
    assert_eq!(store.head().await.unwrap(), 6);
    store.close().await;
    let late = store.append(Append::new(tenant(), vec![event("x:1")])).await;
    assert!(matches!(late, Err(AppendError::Store(StoreError::Closed))));
}

#[tokio::test]
async fn a_schema_of_a_later_layout_is_refused() {
    let url = SERVER.schema();
    open(&url).await.close().await;
    plain(&url).await.batch_execute(&format!("UPDATE {}.layout SET version = 99", schema(&url))).await.unwrap();
    let refused = PostgresEvents::open(&url, "unused").await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn what_cannot_be_stored_harms_only_its_own_append() {
    let url = SERVER.schema();
    let store = open(&url).await;
    let odd = |tag: &str| Append::new(tenant(), vec![event(tag)]);
    let (nul, long, fine) =
        tokio::join!(store.append(odd("a\0b")), store.append(odd(&"x".repeat(3000))), store.append(odd("x:1")));
    assert!(matches!(nul, Err(AppendError::Store(StoreError::Invalid(_)))));
    assert!(matches!(long, Err(AppendError::Store(StoreError::Invalid(_)))));
    assert!(matches!(fine, Ok(Appended::Done(_))));
    // What only the server knows to refuse is refused inside of a group.
    let strict = format!("ALTER TABLE {}.events ADD CHECK (stream <> 'refused')", schema(&url));
    plain(&url).await.batch_execute(&strict).await.unwrap();
    let refused = NewEvent { stream: Some("refused".to_owned()), ..event("x:2") };
    let (a, b) = tokio::join!(store.append(Append::new(tenant(), vec![refused])), store.append(odd("x:3")));
    assert!(matches!(a, Err(AppendError::Store(StoreError::Commit(_)))), "{a:?}");
    assert!(b.is_ok(), "{b:?}");
    assert_eq!(all(&store).await.len(), 2);
    let nothing = store.read(&tenant(), &about("a\0b"), Range::default()).await.unwrap();
    assert_eq!(nothing, [], "and is not looked for either");
    store.close().await;
}

#[tokio::test]
async fn nothing_is_left_behind_on_a_connection() {
    let url = SERVER.schema();
    let store = open(&url).await;
    store.append(Append::new(tenant(), vec![event("x:1")])).await.unwrap();
    store.read(&tenant(), &Query::All, Range::default()).await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND query LIKE $1";
    let pattern = format!("%{}.%", schema(&url));
    let row = plain(&url).await.query_one(open, &[&pattern]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0);
    store.close().await;
}
