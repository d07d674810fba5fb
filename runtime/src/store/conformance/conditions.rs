//! When conditional appends fail.

use super::*;
use crate::store::{AppendError, Range};

async fn is_refused(store: &Store, query: Query, after: Option<Position>) -> bool {
    let append = Append::new(tenant(), vec![event("Mine", &["mine:1"])]).unless(query, after);
    match store.append(append).await {
        Ok(_) => false,
        Err(AppendError::Conflict) => true,
        Err(AppendError::Store(error)) => panic!("{error}"),
    }
}

/// For every shape of query and every event: the append fails if the event came after the read and is meant, and only then.
pub(super) async fn an_append_fails_exactly_on_what_the_query_means(store: Store) {
    let queries = [
        Query::All,
        query(&[], &[]),
        query(&["A"], &[]),
        query(&["A", "B"], &[]),
        query(&[], &["x:1"]),
        query(&[], &["x:1", "y:1"]),
        query(&["A"], &["x:1"]),
        query(&["A", "B"], &["x:1", "y:1"]),
        Query::of([item(&["B"], &[]), item(&[], &["y:1"])]),
        Query::of([item(&["A"], &["x:1"]), item(&["B"], &["y:1"]), item(&["C"], &[])]),
    ];
    let events: [(&'static str, &[&str]); 8] = [
        ("A", &[]),
        ("A", &["x:1"]),
        ("A", &["x:1", "y:1", "z:1"]),
        ("B", &["y:1"]),
        ("B", &["x:2"]),
        ("C", &[]),
        ("C", &["x:1"]),
        ("D", &["z:1"]),
    ];
    for query in &queries {
        for (of, tags) in events {
            let meant = query.matches(of, &event(of, tags).tags);
            put(&store, vec![event(of, tags)]).await;
            let before_reading = store.head().await.unwrap();
            let case = format!("{of} {tags:?} against {query:?}");
            // What stood there before the read is known to the decision and stands in nobody's way.
            assert!(!is_refused(&store, query.clone(), Some(before_reading)).await, "before the read: {case}");
            let read = store.head().await.unwrap();
            put(&store, vec![event("Other", &["other:1"])]).await;
            put(&store, vec![event(of, tags)]).await;
            put(&store, vec![event("Other", &["other:1"])]).await;
            let others_are_meant = query.matches("Other", &[Tag::new("other:1")]);
            let refused = is_refused(&store, query.clone(), Some(read)).await;
            assert_eq!(refused, meant || others_are_meant, "between read and append: {case}");
        }
    }
    for query in &queries {
        assert!(is_refused(&store, query.clone(), None).await, "without a position any match fails: {query:?}");
    }
    assert!(!is_refused(&store, query(&["Never"], &[]), None).await);
    assert!(!is_refused(&store, query(&["A"], &["never:1"]), None).await);
}

pub(super) async fn two_tags_of_one_prefix_are_two(store: Store) {
    put(&store, vec![event("Moved", &["account:1", "account:2"])]).await;
    for tags in [&["account:1"][..], &["account:2"], &["account:1", "account:2"], &["account:2", "account:1"]] {
        assert!(is_refused(&store, query(&["Moved"], tags), None).await, "{tags:?}");
    }
    for tags in [&["account:3"][..], &["account:1", "account:3"], &["account"], &["account:"]] {
        assert!(!is_refused(&store, query(&["Moved"], tags), None).await, "{tags:?}");
    }
}

pub(super) async fn a_failing_append_leaves_nothing(store: Store) {
    put(&store, vec![event("A", &["x:1"])]).await;
    let append = Append::new(tenant(), vec![event("B", &["b:1"]), event("C", &["b:1"])]);
    let refused = store.append(append.unless(query(&["A"], &[]), None)).await;
    assert!(matches!(refused, Err(AppendError::Conflict)));
    assert_eq!(store.head().await.unwrap(), 1);
    for query in [Query::All, query(&["B", "C"], &[]), query(&[], &["b:1"])] {
        let read = store.read(&tenant(), &query, Range::after(1)).await.unwrap();
        assert_eq!(read, [], "{query:?}");
    }
    assert_eq!(put(&store, vec![event("A", &[])]).await.first, 2);
}

pub(super) async fn an_empty_query_never_fails(store: Store) {
    put(&store, vec![event("A", &["x:1"])]).await;
    assert!(!is_refused(&store, Query::of([]), None).await);
}

pub(super) async fn other_tenants_do_not_stand_in_the_way(store: Store) {
    store.append(Append::new(Tenant::new("other"), vec![event("A", &["x:1"])])).await.unwrap();
    for query in [Query::All, query(&["A"], &[]), query(&[], &["x:1"])] {
        let append = Append::new(tenant(), vec![]).unless(query.clone(), None);
        assert!(store.append(append).await.is_ok(), "{query:?}");
    }
}

/// Who reads a query twice, or names it twice in one condition, is in nobody's way, least of all in the own one.
pub(super) async fn the_same_query_twice_is_one(store: Store) {
    let seat = item(&["A"], &["x:1"]);
    let twice = Query::of([seat.clone(), seat.clone()]);
    put(&store, vec![event("A", &["x:1"])]).await;
    let first_head = store.head().await.unwrap();
    let first = store.read(&tenant(), &Query::of([seat.clone()]), Range::default().until(first_head)).await.unwrap();
    put(&store, vec![event("B", &["x:1"])]).await;
    let second = store.read(&tenant(), &twice, Range::default()).await.unwrap();
    assert_eq!(positions(&first), positions(&second), "an event is found once, however often it is meant");
    let mine = Append::new(tenant(), vec![event("A", &["x:1"])]).unless(twice.clone(), first_head);
    assert!(store.append(mine).await.is_ok(), "nothing came that it means");
    assert!(is_refused(&store, twice.clone(), Some(first_head)).await, "now its own event stands behind that head");
    assert!(!is_refused(&store, twice, Some(store.head().await.unwrap())).await);
}

/// A decision over several queries conflicts with what any of them means, and with nothing else.
pub(super) async fn each_of_several_queries_stands_in_the_way(store: Store) {
    let several = Query::of([item(&["A"], &["x:1"]), item(&["B"], &["y:1"]), item(&[], &["z:1", "z:2"])]);
    let meant: [(&'static str, &[&str]); 4] =
        [("A", &["x:1"]), ("B", &["y:1", "x:9"]), ("C", &["z:1", "z:2"]), ("A", &["z:2", "z:1", "x:1"])];
    let apart: [(&'static str, &[&str]); 5] =
        [("A", &["y:1"]), ("B", &["x:1"]), ("C", &["z:1"]), ("C", &["x:1", "y:1"]), ("A", &[])];
    for (events, conflicts) in [(&meant[..], true), (&apart[..], false)] {
        for (of, tags) in events {
            let read = store.head().await.unwrap();
            put(&store, vec![event(of, tags)]).await;
            assert_eq!(is_refused(&store, several.clone(), Some(read)).await, conflicts, "{of} {tags:?}");
        }
    }
}
