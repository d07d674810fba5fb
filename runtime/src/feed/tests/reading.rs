//! Reading another service's events.

use super::tally::given;
use super::{Billing, Enrollment, On, until};
use crate::event::{NewEvent, Query, QueryItem, Tag, Tenant};
use crate::store::{Deletion, Range, StoreError};

fn tagged(number: usize) -> NewEvent {
    let event_type = ["A", "B", "C"][number % 3].into();
    NewEvent { event_type, tags: vec![Tag::new(format!("n:{}", number % 5))], ..given("n", number) }
}

pub(super) async fn what_is_read_is_what_the_store_has(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let (feed, store) = (billing.feed(), enrollment.database.events());
    for number in 0..50 {
        enrollment.append(["a", "b"][number % 2], (0..11).map(|more| tagged(number * 11 + more)).collect()).await;
    }
    let head = feed.head().await.unwrap();
    assert_eq!(head, store.head().await.unwrap());
    until("the head is told", async || *feed.watch().borrow() == head).await;
    let queries = [
        Query::All,
        Query::of([]),
        Query::of([QueryItem::of(&["A"], [])]),
        Query::of([QueryItem::of(&["A", "B"], [Tag::new("n:1")]), QueryItem::of(&[], [Tag::new("n:2")])]),
    ];
    for query in &queries {
        for (after, to, limit) in
            [(0, None, None), (0, None, Some(300)), (7, Some(head - 9), Some(1)), (head, None, None)]
        {
            let range = Range { after, until: to, limit, ..Range::default() };
            let found = feed.read(None, query, range).await.unwrap();
            assert_eq!(found, store.read_all(query, range).await.unwrap(), "{query:?} {range:?}");
            let tenant = Tenant::new("b");
            let found = feed.read(Some(&tenant), query, range).await.unwrap();
            assert_eq!(found, store.read(&tenant, query, range).await.unwrap(), "{query:?} {range:?}");
        }
    }
    let backwards = feed.read(None, &Query::All, Range::default().backwards()).await;
    assert!(matches!(backwards, Err(StoreError::Invalid(_))));
    let beyond = feed.read(None, &Query::All, Range::after(head).until(head + 1)).await.unwrap_err().to_string();
    assert!(beyond.contains(&format!("`enrollment` cannot be read: its events end at {head}")), "{beyond}");
}

pub(super) async fn a_dead_connection_is_noticed(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let feed = billing.feed();
    enrollment.append("a", vec![given("n", 1)]).await;
    until("it is connected", async || *feed.watch().borrow() == 1).await;
    enrollment.is_silent();
    enrollment.append("a", vec![given("n", 2)]).await;
    until("there is a new connection", async || *feed.watch().borrow() == 2).await;
    assert_eq!(feed.read(None, &Query::All, Range::default()).await.unwrap().len(), 2);
}

pub(super) async fn pages_have_bounds_and_whatever_is_larger_comes_alone(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let large = |bytes: usize| NewEvent { payload: "x".repeat(bytes).into(), ..given("n", 1) };
    let sizes = [400_000, 400_000, 400_000, 9_000_000, 1, 1];
    for bytes in sizes {
        enrollment.append("a", vec![large(bytes)]).await;
    }
    enrollment.append("a", (0..1500).map(|number| given("n", number)).collect()).await;
    let head = enrollment.database.events().head().await.unwrap();
    let found = billing.feed().read(None, &Query::All, Range::default()).await.unwrap();
    assert_eq!(found.len(), sizes.len() + 1500);
    let found: Vec<usize> = found.iter().map(|event| event.payload.as_str().map_or(0, str::len)).collect();
    assert_eq!(found[..sizes.len()], sizes);
    let pages = super::rights::pages(&enrollment, head).await;
    assert_eq!(pages[..2], [3, 1], "two that are too large together come with the one that fills the page");
    assert!(pages.iter().all(|events| *events <= 1000), "{pages:?}");
    assert_eq!(pages.iter().sum::<usize>(), sizes.len() + 1500);
}

/// A reader that stands before what was deleted hears of it, and one that stands behind it goes on, after a restart too: the other
/// service is known again.
pub(super) async fn what_was_deleted_is_told(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    enrollment.append("a", (0..9).map(tagged).collect()).await;
    let feed = billing.feed();
    feed.head().await.unwrap();
    let of = |types: &[&str]| types.iter().map(|one| (*one).to_owned()).collect();
    let wish = Deletion { types: of(&["A", "B"]), until: 6, raised_before: i64::MAX, limit: 99, ..Deletion::default() };
    assert_eq!(enrollment.database.events().delete(&wish).await.unwrap().events, 3, "all but the first of all");
    for query in [Query::All, Query::of([QueryItem::of(&["B", "C"], [])])] {
        let told = feed.read(None, &query, Range::after(1)).await;
        assert!(matches!(&told, Err(StoreError::DeletedThere { service: "enrollment", .. })), "{told:?}");
        assert!(feed.read(None, &query, Range::after(6)).await.unwrap().len() >= 2);
    }
    let others = feed.read(None, &Query::of([QueryItem::of(&["C"], [])]), Range::default()).await.unwrap();
    assert_eq!(others.len(), 3, "nothing of these is missing");
}
