//! Random appends and reads against the memory store, which is simple enough to be believed.

use super::*;
use crate::store::{AppendError, Condition, Idempotency, Range};
use proptest::prelude::*;

/// Types and tags, by number.
type Items = Vec<(Vec<u8>, Vec<u8>)>;

/// One append, and one read after it.
#[derive(Clone, Debug)]
struct Step {
    tenant: u8,
    events: Vec<(u8, Vec<u8>)>,
    /// No items: all events.
    condition: Option<(Option<Items>, Option<u8>)>,
    key: Option<u8>,
    read: Read,
}

/// A query, and its range.
type Read = (Items, u8, Option<u8>, Option<u8>, bool);

const TYPES: [&str; 3] = ["A", "B", "C"];
const TAGS: [&str; 4] = ["x:1", "x:2", "y:1", "y:2"];

fn some_types() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0..3_u8, 0..3)
}

fn some_tags() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::btree_set(0..4_u8, 0..3).prop_map(|tags| tags.into_iter().collect())
}

fn items() -> impl Strategy<Value = Items> {
    prop::collection::vec((some_types(), some_tags()), 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    let events = prop::collection::vec((0..3_u8, some_tags()), 0..3);
    let condition = prop::option::of((prop::option::of(items()), prop::option::of(0..12_u8)));
    let read = (items(), 0..12_u8, prop::option::of(0..12_u8), prop::option::of(0..4_u8), any::<bool>());
    (0..2_u8, events, condition, prop::option::of(0..3_u8), read)
        .prop_map(|(tenant, events, condition, key, read)| Step { tenant, events, condition, key, read })
}

fn as_query(items: &[(Vec<u8>, Vec<u8>)]) -> Query {
    Query::of(items.iter().map(|(types, tags)| {
        let types: Vec<&'static str> = types.iter().map(|n| TYPES[usize::from(*n)]).collect();
        let tags: Vec<&str> = tags.iter().map(|n| TAGS[usize::from(*n)]).collect();
        item(&types, &tags)
    }))
}

impl Step {
    fn append(&self) -> Append {
        let events = self.events.iter().map(|(of, tags)| {
            let tags: Vec<&str> = tags.iter().map(|n| TAGS[usize::from(*n)]).collect();
            event(TYPES[usize::from(*of)], &tags)
        });
        let condition = self.condition.as_ref().map(|(query, after)| Condition {
            fail_if_events_match: query.as_ref().map_or(Query::All, |items| as_query(items)),
            after: after.map(Position::from),
        });
        let idempotency = self.key.map(|key| Idempotency {
            command: Cow::Borrowed("Do"),
            key: key.to_string(),
            answer: json!(self.events.len()),
        });
        Append { tenant: self.tenant(), events: events.collect(), condition, idempotency }
    }

    fn tenant(&self) -> Tenant {
        Tenant::new(format!("t{}", self.tenant))
    }

    fn range(&self) -> Range {
        let (_, after, until, limit, backwards) = &self.read;
        let after = Position::from(*after);
        Range {
            after,
            until: until.map(Position::from),
            limit: limit.map(usize::from),
            backwards: *backwards,
            whole: false,
        }
    }
}

async fn walk(steps: &[Step], store: &dyn EventStore) {
    let model = MemoryEvents::new();
    for step in steps {
        let append = step.append();
        match (model.append(append.clone()).await, store.append(append).await) {
            (Ok(expected), Ok(found)) => assert_eq!(found, expected, "{step:?}"),
            (Err(AppendError::Conflict), Err(AppendError::Conflict)) => {}
            (expected, found) => panic!("{step:?}: expected {expected:?}, found {found:?}"),
        }
        let query = as_query(&step.read.0);
        let expected = model.read(&step.tenant(), &query, step.range()).await.unwrap();
        assert_eq!(store.read(&step.tenant(), &query, step.range()).await.unwrap(), expected, "{step:?}");
        let expected = model.read_all(&query, step.range()).await.unwrap();
        assert_eq!(store.read_all(&query, step.range()).await.unwrap(), expected, "{step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_does_what_the_model_does(steps in prop::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(walk(&steps, &SqliteEvents::new(Sqlite::in_memory().unwrap())));
    }

    #[test]
    fn with_a_rename_sqlite_does_what_it_does_without(steps in prop::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { walk(&steps, &*renamed(Sqlite::in_memory().unwrap().into())).await });
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn with_a_rename_postgres_does_what_it_does_without(steps in prop::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = on_server().await;
            walk(&steps, &*renamed(Arc::new(store.clone()))).await;
            store.close().await;
        });
    }

    #[test]
    #[cfg(feature = "postgres")]
    fn postgres_does_what_the_model_does(steps in prop::collection::vec(step(), 1..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let store = on_server().await;
            walk(&steps, &store).await;
            store.close().await;
        });
    }
}
