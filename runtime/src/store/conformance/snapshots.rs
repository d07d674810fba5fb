//! States that are kept: found again, replaced, told apart.

use super::*;
use crate::store::{Snapshot, SnapshotKey};
use crate::value::Json;

fn key(command: &'static str, reads: &str, definition: &'static str) -> SnapshotKey {
    SnapshotKey {
        command: Cow::Borrowed(command),
        reads: reads.to_owned(),
        definition: Cow::Borrowed(definition),
        query: query(&["A"], &["x:1"]),
    }
}

fn at(position: Position, state: Json) -> Snapshot {
    Snapshot { position, state }
}

async fn found(store: &Store, of: &SnapshotKey) -> Option<Snapshot> {
    store.snapshot(&tenant(), of).await.unwrap()
}

async fn keep(store: &Store, of: &SnapshotKey, snapshot: Snapshot) {
    store.keep(&tenant(), of, snapshot).await.unwrap();
}

pub(super) async fn what_is_kept_is_found(store: Store) {
    let of = key("Withdraw", "[\"ä\"]", "one");
    assert_eq!(found(&store, &of).await, None);
    let state = json!({"text": "ä\u{0}\"'", "big": i64::MAX, "half": 0.5, "none": null, "list": [{}]});
    keep(&store, &of, at(7, state.clone())).await;
    assert_eq!(found(&store, &of).await, Some(at(7, state)));
    // Not every database can hold this, but each can say so.
    let odd = key("Withdraw", "\u{0}", "one");
    keep(&store, &odd, at(8, json!(8))).await;
    assert!(found(&store, &odd).await.is_none_or(|found| found == at(8, json!(8))));
}

pub(super) async fn what_is_newer_takes_the_place(store: Store) {
    let of = key("Withdraw", "[]", "one");
    keep(&store, &of, at(7, json!(7))).await;
    keep(&store, &of, at(9, json!(9))).await;
    assert_eq!(found(&store, &of).await, Some(at(9, json!(9))));
    for late in [at(8, json!(8)), at(9, json!("the same"))] {
        keep(&store, &of, late).await;
        assert_eq!(found(&store, &of).await, Some(at(9, json!(9))), "what is not newer changes nothing");
    }
}

pub(super) async fn another_definition_is_not_read_and_takes_the_place(store: Store) {
    let (old, new) = (key("Withdraw", "[]", "old"), key("Withdraw", "[]", "new"));
    keep(&store, &old, at(9, json!("old"))).await;
    assert_eq!(found(&store, &new).await, None);
    keep(&store, &new, at(3, json!("new"))).await;
    assert_eq!((found(&store, &new).await, found(&store, &old).await), (Some(at(3, json!("new"))), None));
}

pub(super) async fn commands_reads_and_tenants_are_apart(store: Store) {
    let of = key("Withdraw", "[]", "one");
    keep(&store, &of, at(1, json!(1))).await;
    let others = [key("withdraw", "[]", "one"), key("Deposit", "[]", "one"), key("Withdraw", "[ ]", "one")];
    for other in &others {
        assert_eq!(found(&store, other).await, None, "{other:?}");
    }
    let other = Tenant::new("other");
    assert_eq!(store.snapshot(&other, &of).await.unwrap(), None);
    store.keep(&other, &of, at(2, json!(2))).await.unwrap();
    assert_eq!(store.snapshot(&other, &of).await.unwrap(), Some(at(2, json!(2))));
    assert_eq!(found(&store, &of).await, Some(at(1, json!(1))));
}

pub(super) async fn what_is_too_long_is_not_kept(store: Store) {
    let longest = 2_000 - tenant().as_str().len() - "Withdraw".len();
    // Random, as a database may squeeze what repeats.
    let random = || Uuid::now_v7().simple().to_string();
    let text: String =
        std::iter::repeat_with(random).flat_map(|text| text.chars().collect::<Vec<_>>()).take(longest).collect();
    let fits = key("Withdraw", &text, "one");
    keep(&store, &fits, at(1, json!(1))).await;
    assert_eq!(found(&store, &fits).await, Some(at(1, json!(1))));
    let too_long = key("Withdraw", &format!("{text}x"), "one");
    keep(&store, &too_long, at(1, json!(1))).await;
    assert_eq!(found(&store, &too_long).await, None);
    let state = |bytes: usize| json!("x".repeat(bytes - 2));
    keep(&store, &fits, at(2, state(1024 * 1024))).await;
    keep(&store, &fits, at(3, state(1024 * 1024 + 1))).await;
    assert_eq!(found(&store, &fits).await, Some(at(2, state(1024 * 1024))), "the older one stays");
}

pub(super) async fn of_many_who_keep_the_newest_stays(store: Store) {
    let of = key("Withdraw", "[]", "one");
    let keepers = (1..=24_u64).map(|position| {
        let (store, of) = (Arc::clone(&store), of.clone());
        tokio::spawn(async move { keep(&store, &of, at(position * 7 % 25, json!(position * 7 % 25))).await })
    });
    for keeper in keepers.collect::<Vec<_>>() {
        keeper.await.unwrap();
    }
    assert_eq!(found(&store, &of).await, Some(at(24, json!(24))));
}
