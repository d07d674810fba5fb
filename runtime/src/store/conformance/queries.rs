//! What queries find.

use super::*;
use crate::store::Range;

/// Types and tags of the events at positions 1 to 6.
const EVENTS: [(&str, &[&str]); 6] = [
    ("A", &[]),
    ("A", &["x:1"]),
    ("B", &["x:1"]),
    ("B", &["x:1", "y:1"]),
    ("C", &["y:1", "x:2"]),
    ("A", &["x:1", "x:2", "y:1"]),
];

async fn filled(store: &Store) {
    put(store, EVENTS.iter().map(|(of, tags)| event(of, tags)).collect()).await;
}

async fn found(store: &Store, query: &Query) -> Vec<Position> {
    positions(&store.read(&tenant(), query, Range::default()).await.unwrap())
}

pub(super) async fn nothing_is_there_at_first(store: Store) {
    assert_eq!(store.head().await.unwrap(), 0);
    assert_eq!(found(&store, &Query::All).await, [0; 0]);
    assert_eq!(store.read_all(&Query::All, Range::default()).await.unwrap(), []);
    assert_eq!(*store.watch().borrow(), 0);
}

pub(super) async fn every_shape_finds_what_it_means(store: Store) {
    filled(&store).await;
    let cases: [(Query, &[Position]); 13] = [
        (Query::All, &[1, 2, 3, 4, 5, 6]),
        (Query::of([]), &[]),
        (query(&[], &[]), &[1, 2, 3, 4, 5, 6]),
        (query(&["A"], &[]), &[1, 2, 6]),
        (query(&["A", "C"], &[]), &[1, 2, 5, 6]),
        (query(&[], &["x:1"]), &[2, 3, 4, 6]),
        (query(&[], &["x:1", "y:1"]), &[4, 6]),
        (query(&[], &["x:1", "x:2"]), &[6]),
        (query(&["B", "C"], &["y:1"]), &[4, 5]),
        (query(&["B"], &["x:2"]), &[]),
        (query(&["Z"], &[]), &[]),
        (Query::of([item(&["C"], &[]), item(&["A"], &["x:1"])]), &[2, 5, 6]),
        (Query::of([item(&["B"], &["y:1"]), item(&[], &["y:1"]), item(&["B"], &[])]), &[3, 4, 5, 6]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&store, &query).await, expected, "{query:?}");
        let across = store.read_all(&query, Range::default()).await.unwrap();
        assert_eq!(positions(&across), expected, "all tenants: {query:?}");
    }
}

pub(super) async fn ranges_cut_what_is_found(store: Store) {
    filled(&store).await;
    let cases: [(Range, &[Position]); 8] = [
        (Range::after(3), &[4, 6]),
        (Range::after(6), &[]),
        (Range::default().until(4), &[2, 3, 4]),
        (Range::after(2).until(4), &[3, 4]),
        (Range::default().limit(2), &[2, 3]),
        (Range::default().limit(0), &[]),
        (Range::default().backwards(), &[6, 4, 3, 2]),
        (Range::after(2).until(5).limit(1).backwards(), &[4]),
    ];
    for (range, expected) in cases {
        let read = store.read(&tenant(), &query(&[], &["x:1"]), range).await.unwrap();
        assert_eq!(positions(&read), expected, "{range:?}");
    }
    let all = store.read(&tenant(), &Query::All, Range::after(1).limit(2)).await.unwrap();
    assert_eq!(positions(&all), [2, 3]);
}

pub(super) async fn many_items_are_one_query(store: Store) {
    filled(&store).await;
    let absent: Vec<String> = (0..700).map(|n| format!("absent:{n}")).collect();
    let mut items: Vec<QueryItem> = absent.iter().map(|tag| item(&[], &[tag])).collect();
    items.insert(300, item(&[], &["y:1"]));
    items.push(item(&["A"], &["x:1"]));
    let query = Query::of(items);
    assert_eq!(found(&store, &query).await, [2, 4, 5, 6]);
    let last = store.read(&tenant(), &query, Range::default().backwards().limit(2)).await.unwrap();
    assert_eq!(positions(&last), [6, 5]);
    let append = Append::new(tenant(), vec![event("A", &[])]).unless(query, 6);
    assert!(store.append(append).await.is_ok());
}

pub(super) async fn tenants_never_see_each_other(store: Store) {
    filled(&store).await;
    let other = Tenant::new("other");
    store.append(Append::new(other.clone(), vec![event("A", &["x:1"])])).await.unwrap();
    for query in [Query::All, query(&["A"], &[]), query(&[], &["x:1"]), query(&["A"], &["x:1"])] {
        let theirs = store.read(&other, &query, Range::default()).await.unwrap();
        assert_eq!(positions(&theirs), [7], "{query:?}");
        assert!(!found(&store, &query).await.contains(&7), "{query:?}");
    }
}

pub(super) async fn all_tenants_are_read_in_order(store: Store) {
    for n in 0..6 {
        let tenant = Tenant::new(if n % 2 == 0 { "even" } else { "odd" });
        store.append(Append::new(tenant, vec![event("A", &[])])).await.unwrap();
    }
    let all = store.read_all(&Query::All, Range::after(1).limit(4)).await.unwrap();
    assert_eq!(positions(&all), [2, 3, 4, 5]);
    assert_eq!(all[0].tenant, Tenant::new("odd"));
}

/// A store that looks at a stretch of positions at a time must not stop at one where nothing is.
pub(super) async fn what_is_rare_is_found_however_far_away(store: Store) {
    let rare = [1, 2, 9_000, 9_001, 15_000];
    let events = (1..=15_000).map(|n| if rare.contains(&n) { event("B", &["x:1"]) } else { event("A", &[]) });
    put(&store, events.collect()).await;
    store.append(Append::new(Tenant::new("other"), vec![event("C", &["x:1"])])).await.unwrap();
    let cases: [(Range, &[Position]); 9] = [
        (Range::default(), &[1, 2, 9_000, 9_001, 15_000]),
        (Range::default().limit(3), &[1, 2, 9_000]),
        (Range::after(2).limit(2), &[9_000, 9_001]),
        (Range::after(2).until(8_999).limit(2), &[]),
        (Range::after(9_001).until(1_000_000).limit(5), &[15_000]),
        (Range::after(15_000).limit(5), &[]),
        (Range::default().limit(2).backwards(), &[15_000, 9_001]),
        (Range::default().until(9_000).limit(5).backwards(), &[9_000, 2, 1]),
        (Range::after(2).until(8_999).limit(1).backwards(), &[]),
    ];
    for (range, expected) in cases {
        for query in [query(&["B"], &[]), query(&["B", "Z"], &[]), query(&["B"], &["x:1"])] {
            assert_eq!(positions(&store.read_all(&query, range).await.unwrap()), expected, "{query:?} {range:?}");
        }
    }
    let tagged = store.read_all(&query(&[], &["x:1"]), Range::after(9_001).limit(9)).await.unwrap();
    assert_eq!(positions(&tagged), [15_000, 15_001]);
}
