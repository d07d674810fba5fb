//! What appends keep, and what repeats of them do.

use super::*;
use crate::store::{Answer, AppendError, Idempotency, Range};

pub(super) async fn what_is_appended_is_read_back(store: Store) {
    let metadata = Metadata {
        correlation_id: Some("c".to_owned()),
        causation_id: Some("e".to_owned()),
        user_id: Some("u".to_owned()),
        reason: Some("because".to_owned()),
        traceparent: Some("00-1-2-01".to_owned()),
    };
    let payload = json!({"text": "ä\u{0}\"'", "big": i64::MAX, "half": 0.5, "none": null, "list": [{}]});
    let full =
        NewEvent { stream: Some("s-1".to_owned()), version: 3, metadata, payload, ..event("A", &["x:1", "y:ä"]) };
    put(&store, vec![full.clone(), event("B", &[])]).await;
    let read = store.read(&tenant(), &Query::All, Range::default()).await.unwrap();
    let expected = StoredEvent {
        position: 1,
        tenant: tenant(),
        id: full.id,
        topic: "test".to_owned(),
        stream: full.stream,
        event_type: "A".to_owned(),
        version: 3,
        tags: full.tags,
        payload: full.payload,
        metadata: full.metadata,
        raised_at: 1_767_225_600_000_001,
    };
    assert_eq!(read[0], expected);
    assert_eq!(read[1].metadata, Metadata::default());
    assert_eq!(read[0].meta().raised_at.millis(), 1_767_225_600_000);
}

pub(super) async fn numbers_come_back_to_the_last_digit(store: Store) {
    let mut random = fastrand::Rng::with_seed(7);
    let numbers: Vec<f64> =
        std::iter::repeat_with(|| f64::from_bits(random.u64(..))).filter(|n| n.is_finite()).take(2_000).collect();
    put(&store, vec![NewEvent { payload: json!(numbers), ..event("A", &[]) }]).await;
    let read = store.read(&tenant(), &Query::All, Range::default()).await.unwrap();
    assert_eq!(read[0].payload, json!(numbers));
}

pub(super) async fn positions_grow_and_the_watch_follows(store: Store) {
    let mut watch = store.watch();
    let first = put(&store, vec![event("A", &[]), event("A", &[])]).await;
    watch.changed().await.unwrap();
    assert_eq!(*watch.borrow_and_update(), first.last);
    let second = put(&store, vec![event("A", &[])]).await;
    assert_eq!((first.first, first.last, second.first, second.last), (1, 2, 3, 3));
    watch.changed().await.unwrap();
    // Let go before the store is asked: whoever holds the value keeps the store from moving it on.
    let seen = *watch.borrow();
    assert_eq!((seen, store.head().await.unwrap()), (3, 3));
    let nothing = put(&store, vec![]).await;
    assert_eq!(nothing, Positions { first: 3, last: 3 });
}

pub(super) async fn the_same_id_again_changes_nothing(store: Store) {
    let events = vec![event("A", &["x:1"]), event("B", &["x:1"])];
    let append = Append::new(tenant(), events).unless(query(&[], &["x:1"]), None);
    let first = store.append(append.clone()).await.unwrap();
    put(&store, vec![event("A", &["x:1"])]).await;
    assert_eq!(store.append(append.clone()).await.unwrap(), first, "although its own condition fails by now");
    assert_eq!(store.head().await.unwrap(), 3);
    let elsewhere = Append { tenant: Tenant::new("other"), ..append };
    assert_eq!(store.append(elsewhere).await.unwrap(), Appended::Done(Positions { first: 4, last: 5 }));
}

pub(super) async fn half_known_ids_are_refused(store: Store) {
    let known = event("A", &[]);
    put(&store, vec![known.clone()]).await;
    let half = store.append(Append::new(tenant(), vec![known.clone(), event("A", &[])])).await;
    assert!(matches!(half, Err(AppendError::Store(_))));
    let fresh = event("A", &[]);
    let doubled = store.append(Append::new(tenant(), vec![fresh.clone(), fresh])).await;
    assert!(matches!(doubled, Err(AppendError::Store(_))));
    assert_eq!(store.head().await.unwrap(), 1);
}

fn keyed(command: &'static str, key: &str, answer: i64) -> Append {
    let idempotency = Idempotency { command: Cow::Borrowed(command), key: key.to_owned(), answer: json!(answer) };
    Append { idempotency: Some(idempotency), ..Append::new(tenant(), vec![event("A", &["x:1"])]) }
}

pub(super) async fn an_idempotency_key_keeps_the_first_answer(store: Store) {
    assert_eq!(store.answer(&tenant(), "Do", "k").await.unwrap(), None);
    store.append(keyed("Do", "k", 1)).await.unwrap();
    let first = Answer { position: 1, answer: json!(1) };
    let again = keyed("Do", "k", 2).unless(query(&["A"], &[]), None);
    assert_eq!(store.append(again).await.unwrap(), Appended::Repeated(first.clone()), "before any condition");
    assert_eq!(store.answer(&tenant(), "Do", "k").await.unwrap(), Some(first));
    assert_eq!(store.head().await.unwrap(), 1);
    let silent = Append { events: vec![], ..keyed("Do", "silent", 3) };
    store.append(silent).await.unwrap();
    let kept = store.answer(&tenant(), "Do", "silent").await.unwrap();
    assert_eq!(kept, Some(Answer { position: 1, answer: json!(3) }), "an answer without events is kept too");
}

pub(super) async fn keys_are_apart(store: Store) {
    store.append(keyed("Do", "k", 1)).await.unwrap();
    for other in
        [keyed("Do", "K", 2), keyed("Undo", "k", 2), Append { tenant: Tenant::new("other"), ..keyed("Do", "k", 2) }]
    {
        assert!(matches!(store.append(other).await.unwrap(), Appended::Done(_)));
    }
    let refused = keyed("Do", "refused", 3).unless(Query::All, None);
    assert!(matches!(store.append(refused).await, Err(AppendError::Conflict)));
    assert_eq!(store.answer(&tenant(), "Do", "refused").await.unwrap(), None, "a conflict answers nobody");
}
