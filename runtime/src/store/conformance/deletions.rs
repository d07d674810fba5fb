//! What deleting leaves, and whom it tells.

use super::*;
use crate::store::{AppendError, Deleted, Deletion, Forgetting, Forgotten, Horizon, Range, StoreError};
use std::time::Duration;

const LATER: i64 = i64::MAX;

fn wished(types: &[&str], until: Position) -> Deletion {
    let types = types.iter().map(|one| (*one).to_owned()).collect();
    Deletion { types, until, raised_before: LATER, limit: 100, ..Deletion::default() }
}

fn horizon(event_type: &str, position: Position) -> Horizon {
    Horizon { event_type: event_type.to_owned(), position }
}

/// A at 1 and, with the tag x:1, at every odd position; B at every even one.
async fn filled(store: &Store, count: u64) {
    let one = |n| if n % 2 == 1 { event("A", &["x:1"]) } else { event("B", &["x:1"]) };
    put(store, (1..=count).map(one).collect()).await;
}

async fn left(store: &Store, query: &Query, range: Range) -> Vec<Position> {
    let across = positions(&store.read_all(query, range).await.unwrap());
    assert_eq!(positions(&store.read(&tenant(), query, range).await.unwrap()), across, "{query:?} {range:?}");
    across
}

pub(super) async fn what_is_deleted_is_read_by_nobody(store: Store) {
    filled(&store, 9).await;
    let deleted = store.delete(&wished(&["A"], 7)).await.unwrap();
    // The first event of all stays: by it a store is known again.
    assert_eq!(deleted, Deleted { events: 3, to: 7, ..Deleted::default() });
    for all in [Query::All, query(&["A", "B"], &[]), query(&[], &["x:1"]), query(&["A", "B"], &["x:1"])] {
        assert_eq!(left(&store, &all, Range::default()).await, [1, 2, 4, 6, 8, 9], "{all:?}");
        assert_eq!(left(&store, &all, Range::default().limit(4)).await, [1, 2, 4, 6], "{all:?}");
        assert_eq!(left(&store, &all, Range::default().limit(3).backwards()).await, [9, 8, 6], "{all:?}");
    }
    assert_eq!(left(&store, &query(&["A"], &[]), Range::default()).await, [1, 9]);
    assert_eq!(store.deleted().await.unwrap(), [horizon("A", 7)]);
    assert_eq!(store.delete(&wished(&["A"], 7)).await.unwrap().events, 0, "twice is once");
    assert_eq!((store.head().await.unwrap(), put(&store, vec![event("A", &[])]).await.first), (9, 10));
}

pub(super) async fn exceptions_the_young_and_other_types_stay(store: Store) {
    filled(&store, 6).await;
    let young = NewEvent { raised_at: event("A", &[]).raised_at + 1, ..event("A", &[]) };
    put(&store, vec![young, event("A", &[])]).await;
    let raised_before = event("A", &[]).raised_at + 1;
    let wish = Deletion { except: [3].into(), raised_before, ..wished(&["A"], 8) };
    let deleted = store.delete(&wish).await.unwrap();
    assert_eq!(
        deleted,
        Deleted { events: 1, to: 5, is_early: true, kept: vec![3] },
        "nothing behind what is too young"
    );
    assert_eq!(left(&store, &Query::All, Range::default()).await, [1, 2, 3, 4, 6, 7, 8]);
    let resolved = store.delete(&Deletion { after: 2, ..wished(&["A"], 3) }).await.unwrap();
    assert_eq!(
        (resolved.events, store.deleted().await.unwrap()),
        (1, vec![horizon("A", 5)]),
        "a horizon never goes back"
    );
    let first = store.delete(&Deletion { limit: 1, ..wished(&["B"], 8) }).await.unwrap();
    assert_eq!((first.events, first.to), (1, 2), "a few at a time");
}

pub(super) async fn a_repeat_of_a_deleted_append_is_known(store: Store) {
    put(&store, vec![event("Z", &[])]).await;
    let first = event("A", &["x:1"]);
    let there = put(&store, vec![first.clone()]).await;
    store.delete(&wished(&["A"], 2)).await.unwrap();
    assert_eq!(put(&store, vec![first]).await, there);
    assert_eq!(store.head().await.unwrap(), 2);
    assert_eq!(left(&store, &Query::All, Range::default()).await, [1]);
}

/// A decision read before the event came; the event was consumed and deleted before it appends.
pub(super) async fn conditions_find_what_was_deleted(store: Store) {
    filled(&store, 3).await;
    let head = 2;
    store.delete(&wished(&["A"], 3)).await.unwrap();
    for query in [query(&["A"], &[]), query(&[], &["x:1"]), query(&["A"], &["x:1"]), Query::All] {
        let stale = store.append(Append::new(tenant(), vec![event("B", &[])]).unless(query.clone(), head)).await;
        assert!(matches!(stale, Err(AppendError::Conflict)), "{query:?}");
        assert!(store.append(Append::new(tenant(), vec![event("C", &[])]).unless(query, 1000)).await.is_ok());
    }
}

pub(super) async fn whoever_must_not_miss_an_event_is_told(store: Store) {
    filled(&store, 9).await;
    store.delete(&wished(&["A"], 5)).await.unwrap();
    let all_gone = [false, true];
    for gone in all_gone {
        for query in [Query::All, query(&["A"], &[]), query(&["B", "A"], &[]), query(&[], &["x:1"])] {
            let told = store.read_all(&query, Range::after(2).whole()).await;
            assert!(
                matches!(&told, Err(StoreError::Deleted { event_type, .. }) if event_type == "A"),
                "{query:?} {told:?}"
            );
        }
        assert_eq!(left(&store, &query(&["B"], &[]), Range::after(2).whole()).await, [4, 6, 8], "others are all there");
        assert_eq!(left(&store, &Query::All, Range::after(5).whole()).await, [6, 7, 8, 9]);
        assert_eq!(left(&store, &Query::All, Range::after(3).until(4).whole()).await, [4], "one event alone is there");
        if !gone {
            forget_all(&store).await;
        }
    }
}

async fn forget_all(store: &Store) -> u64 {
    // The very first time only notes where the head is.
    let mut sum = store.forget(Forgetting { age: Duration::ZERO, after: 0, limit: 2 }).await.unwrap().events;
    let mut after = Some(0);
    while let Some(from) = after {
        let forgotten = store.forget(Forgetting { age: Duration::ZERO, after: from, limit: 2 }).await.unwrap();
        sum += forgotten.events;
        after = forgotten.next;
    }
    sum
}

pub(super) async fn remnants_go_when_they_are_old(store: Store) {
    filled(&store, 9).await;
    let again = event("A", &["x:9"]);
    put(&store, vec![again.clone(), event("B", &[])]).await;
    store.delete(&wished(&["A"], 11)).await.unwrap();
    let not_yet = Forgetting { age: Duration::from_secs(3600), after: 0, limit: 100 };
    for _ in 0..2 {
        assert_eq!(store.forget(not_yet).await.unwrap(), Forgotten::default(), "they are young");
    }
    assert_eq!(put(&store, vec![again.clone()]).await.first, 10);
    assert_eq!(forget_all(&store).await, 5);
    assert_eq!(forget_all(&store).await, 0);
    assert_eq!(left(&store, &Query::All, Range::default()).await, [1, 2, 4, 6, 8, 11]);
    assert_eq!(left(&store, &query(&[], &["x:9"]), Range::default()).await, [0; 0]);
    assert_eq!((store.head().await.unwrap(), store.deleted().await.unwrap()), (11, vec![horizon("A", 10)]));
    assert_eq!(put(&store, vec![event("A", &[])]).await.first, 12, "no position comes again");
}
