//! A program that has renamed events beside one that has not, and what either finds of the other's. The store that these tests are
//! given may be called by either's names itself.

use super::*;
use crate::store::{AppendError, Deletion, Horizon, Range};

async fn seen(store: &Store, query: &Query) -> Vec<(Position, String)> {
    let found = store.read(&tenant(), query, Range::default()).await.unwrap();
    found.into_iter().map(|event| (event.position, event.event_type)).collect()
}

fn named(events: &[(Position, &str)]) -> Vec<(Position, String)> {
    events.iter().map(|(position, name)| (*position, (*name).to_owned())).collect()
}

/// Whatever `Before` and `After` are called by, neither is known to the store itself.
const OF_THESE: &[Renamed] = &[Renamed { name: "After", before: &["Before", "Between"] }];

fn after(store: &Store) -> Store {
    Arc::new(RenamedEvents::new(Arc::clone(store), Names::new(OF_THESE)))
}

pub(super) async fn programs_of_before_and_after_meet(old: Store) {
    let new = after(&old);
    put(&old, vec![event("Before", &["x:1"]), event("Else", &["x:1"])]).await;
    put(&new, vec![event("After", &["x:1"]), event("After", &["x:2"])]).await;
    for query in [query(&["Before"], &["x:1"]), query(&["Else", "Before"], &[])] {
        let of_both = seen(&old, &query).await;
        assert!(
            of_both.contains(&(1, "Before".to_owned())) && of_both.contains(&(3, "Before".to_owned())),
            "{of_both:?}"
        );
    }
    assert_eq!(seen(&new, &query(&["After"], &["x:1"])).await, named(&[(1, "After"), (3, "After")]));
    let all = named(&[(1, "After"), (2, "Else"), (3, "After"), (4, "After")]);
    for query in [Query::All, query(&[], &["x:1"]), query(&["After", "Else"], &[])] {
        let expected = if query == super::query(&[], &["x:1"]) { &all[..3] } else { &all };
        assert_eq!(seen(&new, &query).await, expected);
    }
    // Each stands in the other's way, and in nobody else's.
    for (writer, name, of) in [(&old, "Before", "x:1"), (&new, "After", "x:1")] {
        let append =
            |types, of, after| Append::new(tenant(), vec![event(name, &[of])]).unless(query(types, &[of]), after);
        let stale = writer.append(append(if name == "Before" { &["Before"] } else { &["After"] }, of, 2)).await;
        assert!(matches!(stale, Err(AppendError::Conflict)), "{name}");
        assert!(writer.append(append(&["Else"], of, 2)).await.is_ok(), "{name}");
    }
    assert_eq!(seen(&old, &query(&["After", "Between"], &[])).await, [], "nothing is stored under another name");
}

/// Whoever did not say at first that it was renamed has stored some under the new name.
pub(super) async fn what_is_stored_under_any_name_is_read(old: Store) {
    let new = after(&old);
    put(&old, vec![event("After", &["x:1"]), event("Between", &["x:1"]), event("Before", &["x:1"])]).await;
    let all = named(&[(1, "After"), (2, "After"), (3, "After")]);
    for asked in [&["After"][..], &["Before"], &["Between", "After", "Before"]] {
        assert_eq!(seen(&new, &query(asked, &["x:1"])).await, all, "{asked:?}");
    }
    for behind in [0, 1, 2] {
        let append = Append::new(tenant(), Vec::new()).unless(query(&["After"], &["x:1"]), behind);
        assert!(matches!(new.append(append).await, Err(AppendError::Conflict)), "{behind}");
    }
    let newest = new.read(&tenant(), &query(&["After"], &[]), Range::default().backwards().limit(1)).await.unwrap();
    assert_eq!((newest[0].position, newest[0].event_type.as_str()), (3, "After"));
}

pub(super) async fn what_is_deleted_is_deleted_under_every_name(old: Store) {
    let new = after(&old);
    put(&old, vec![event("First", &[]), event("Between", &[]), event("Before", &[]), event("Else", &[])]).await;
    put(&new, vec![event("After", &[])]).await;
    let types = vec!["After".to_owned()];
    let wish = Deletion { types, until: 4, raised_before: i64::MAX, limit: 99, ..Deletion::default() };
    assert_eq!(new.delete(&wish).await.unwrap().events, 2);
    assert_eq!(seen(&new, &Query::All).await, named(&[(1, "First"), (4, "Else"), (5, "After")]));
    let after = |position| Horizon { event_type: "After".to_owned(), position };
    assert_eq!(new.deleted().await.unwrap(), [after(3)]);
    let told = new.read_all(&query(&["After"], &[]), Range::after(1).whole()).await.unwrap_err().to_string();
    assert!(told.starts_with("the event After at position"), "{told}");
}
