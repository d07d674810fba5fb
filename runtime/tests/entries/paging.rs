//! Keyset paging: every row exactly once, in order, whatever the data and the order.

use super::fixture::*;
use proptest::prelude::*;
use scaffold_runtime::codegen::*;

async fn walk(school: &School, limit: i64, order: Vec<Order>) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let list = List { limit, order: order.clone(), after, ..List::default() };
        let page = school.service.list::<Course>(&caller("t"), list).await.unwrap();
        found.extend(page.data.into_iter().map(|course| course.id));
        match page.cursor {
            Some(cursor) => after = Some(cursor),
            None => return found,
        }
        assert!(found.len() < 1000, "paging does not end");
    }
}

fn event() -> impl Strategy<Value = Event> {
    let title = prop_oneof![Just("a"), Just("B"), Just("ä"), Just(""), Just("a\"'%_")];
    let rating = prop::option::of(prop_oneof![Just(0.1), Just(-0.0), Just(0.0), Just(1e300), Just(2.5)]);
    let day = prop::option::of(1_i8..4);
    ("[a-d]{1,3}", title, 0_i64..4, rating, day).prop_map(|(id, title, capacity, rating, day)| {
        let starts_on = day.and_then(|day| Date::new(2026, 1, day));
        CourseDefined { course_id: id, title: title.into(), capacity, rating, starts_on }.into()
    })
}

fn keys() -> impl Strategy<Value = Vec<Order>> {
    let columns = vec!["title", "capacity", "rating", "starts_on", "open", "created_at", "id"];
    let some = prop::sample::subsequence(columns, 0..4).prop_shuffle();
    (some, prop::collection::vec(any::<bool>(), 4)).prop_map(|(columns, descending)| {
        let order = columns.into_iter().zip(descending).enumerate();
        order
            .map(|(priority, (column, descending))| Order {
                column: column.to_owned(),
                descending,
                priority: i64::try_from(priority).unwrap(),
            })
            .collect()
    })
}

async fn visit(on: On, events: Vec<Event>, orders: Vec<Vec<Order>>, limit: i64) {
    let school = School::open(on).await;
    if !events.is_empty() {
        school.happened("t", events).await;
    }
    for order in orders {
        let list = List { order: order.clone(), ..List::default() };
        let all = school.service.list::<Course>(&caller("t"), list).await.unwrap().data;
        let all: Vec<String> = all.into_iter().map(|course| course.id).collect();
        assert_eq!(walk(&school, limit, order.clone()).await, all, "{order:?}");
    }
    school.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn every_row_is_visited_once_and_in_order(
        events in prop::collection::vec(event(), 0..40),
        orders in prop::collection::vec(keys(), 3),
        limit in 1_i64..8,
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(visit(On::Sqlite, events, orders, limit));
    }

}

#[cfg(feature = "postgres")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_row_is_visited_once_and_in_order_on_postgres(
        events in prop::collection::vec(event(), 0..40),
        orders in prop::collection::vec(keys(), 3),
        limit in 1_i64..8,
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(visit(On::Postgres, events, orders, limit));
    }
}

pub async fn a_cursor_belongs_to_its_question(on: On) {
    let school = School::open(on).await;
    school.happened("t", (0..5).map(|number| defined(&format!("c{number}"), "x", number)).collect()).await;
    let base = List { limit: 2, order: vec![Order::ascending("capacity")], ..List::default() };
    let cursor = school.service.list::<Course>(&caller("t"), base.clone()).await.unwrap().cursor.unwrap();
    let with = |after: &str| List { after: Some(after.to_owned()), ..base.clone() };
    let ask = async |list: List| school.service.list::<Course>(&caller("t"), list).await;
    let next = ask(with(&cursor)).await.unwrap();
    assert_eq!(next.data.iter().map(|course| course.capacity).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(next.total, 5);
    let other = [
        List { order: vec![Order::descending("capacity")], ..with(&cursor) },
        List { filter: Filter::equals("title", "x"), ..with(&cursor) },
        List { page: 2, ..with(&cursor) },
        with(""),
        with("zz"),
        with(&cursor[..cursor.len() - 2]),
        with("ÿÿ"),
    ];
    for list in other {
        assert_eq!(status::code(&ask(list).await.unwrap_err()), "VALIDATION");
    }
}
