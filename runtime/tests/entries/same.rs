//! Any filter and order means the same in SQLite, in PostgreSQL and in memory.

use super::fixture::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scaffold_runtime::codegen::*;
use scaffold_runtime::query::{Test, TextTest};

const TEXTS: [&str; 16] = [
    "",
    " ",
    "a",
    "A",
    "ä",
    "Ä",
    "straße",
    "STRASSE",
    "İstanbul",
    "istanbul",
    "ΟΔΟΣ",
    "οδος",
    "Ǆ",
    "ﬀ\u{1}",
    "100%_\\'\"",
    "😀",
];
const WHOLE: [i64; 6] = [i64::MIN, -1, 0, 1, 7, i64::MAX];
const REAL: [f64; 7] = [f64::MIN, -0.0, 0.0, 5e-324, 0.1, 0.3, 1e300];
const DAYS: [&str; 4] = ["0001-01-01", "1969-12-31", "2026-01-31", "9999-12-31"];

/// A course for each text, with values that come round in other rhythms; some are closed, and some have students.
fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for (number, title) in TEXTS.iter().enumerate() {
        let course_id = format!("{title}{number}");
        let rating = (number % 3 > 0).then(|| REAL[number % REAL.len()]);
        let starts_on = (number % 4 > 0).then(|| DAYS[number % DAYS.len()].parse().unwrap());
        let (title, capacity) = ((*title).to_owned(), WHOLE[number % WHOLE.len()]);
        events.push(
            CourseDefined { course_id: course_id.clone(), title, capacity: capacity.max(0), rating, starts_on }.into(),
        );
        for student in TEXTS.iter().skip(1).take(number % 4) {
            events.push(subscribed(&course_id, student));
        }
    }
    events.push(SmallCoursesClosed { below: 2 }.into());
    events
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned)
}

fn value(column: &'static str) -> BoxedStrategy<Value> {
    match column {
        "capacity" => prop::sample::select(WHOLE.to_vec()).prop_map(Value::from).boxed(),
        "rating" => prop::sample::select(REAL.to_vec()).prop_map(Value::from).boxed(),
        "open" => any::<bool>().prop_map(Value::from).boxed(),
        "starts_on" => prop::sample::select(DAYS.to_vec()).prop_map(|day| Value::Date(day.parse().unwrap())).boxed(),
        "created_at" => {
            prop::sample::select(WHOLE[1..].to_vec()).prop_map(|at| Value::Instant(DateTime::from_millis(at))).boxed()
        }
        _ => text().prop_map(Value::from).boxed(),
    }
}

fn comparison() -> impl Strategy<Value = Comparison> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    prop::sample::select(vec![Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual])
}

fn test(column: &'static str) -> BoxedStrategy<Test> {
    let is_equality = |comparison| matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    let comparable = move |(comparison, value): &(Comparison, Value)| {
        is_equality(*comparison) || !(value.is_null() || matches!(value, Value::Boolean(_)))
    };
    let maybe = || prop_oneof![4 => value(column), 1 => Just(Value::Null)];
    let compare = (comparison(), maybe()).prop_filter("refused", comparable).prop_map(|(c, v)| Test::Compare(c, v));
    let among = prop::collection::vec(maybe(), 0..4);
    let among =
        (among, any::<bool>()).prop_map(|(values, not)| if not { Test::NotIn(values) } else { Test::In(values) });
    let textual = (text(), any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(text, part, folded, negated)| Test::Text(TextTest { text, part, folded, negated }));
    let held = prop::collection::vec(text(), 0..3);
    let held = (held, any::<bool>()).prop_map(|(ids, not)| if not { Test::HoldsNone(ids) } else { Test::Holds(ids) });
    let length = (comparison(), 0_i64..4).prop_map(|(comparison, length)| Test::Length(comparison, length));
    match column {
        "students" => prop_oneof![held, length].boxed(),
        "title" | "id" => prop_oneof![compare, among, textual].boxed(),
        _ => prop_oneof![compare, among].boxed(),
    }
}

fn filter() -> impl Strategy<Value = Filter> {
    let columns = vec!["title", "id", "capacity", "rating", "open", "starts_on", "students", "created_at"];
    let field = prop::sample::select(columns).prop_flat_map(|column| (Just(column), test(column)));
    let leaf = field.prop_map(|(column, test)| Filter::test(column, test));
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = prop::collection::vec(inner, 1..4);
        (parts, any::<bool>()).prop_map(|(parts, any)| if any { Filter::Any(parts) } else { Filter::All(parts) })
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_and_orders_mean_the_same_everywhere() {
    let (one, two) = (School::open(On::Sqlite).await, School::open(On::Postgres).await);
    for school in [&one, &two] {
        school.happened("t", events()).await;
        school.happened("other", events()).await;
    }
    let mut rows: Vec<Row> = one.courses("t").await.iter().map(|course| Row::of(course).unwrap()).collect();
    let same: Vec<Row> = two.courses("t").await.iter().map(|course| Row::of(course).unwrap()).collect();
    assert_eq!(rows.len(), TEXTS.len());
    for (row, same) in rows.iter_mut().zip(&same) {
        row.base = same.base.clone();
        assert_eq!(row, same, "what is kept is what is read");
    }
    let mut runner = TestRunner::deterministic();
    for _ in 0..400 {
        let filter = filter().new_tree(&mut runner).unwrap().current();
        let order = prop::collection::vec(order(), 0..3).new_tree(&mut runner).unwrap().current();
        let expected = rows.iter().filter(|row| filter.matches(&COURSES, row)).count();
        let list = List { filter: filter.clone(), order: distinct(order.clone()), ..List::default() };
        let found = ids(&one, list.clone()).await;
        assert_eq!(found.len(), expected, "SQLite and memory: {filter:?}");
        assert_eq!(ids(&two, list).await, found, "SQLite and PostgreSQL: {filter:?} {order:?}");
    }
    one.close().await;
    two.close().await;
}

fn order() -> impl Strategy<Value = Order> {
    let columns = vec!["title", "capacity", "rating", "starts_on", "open", "id"];
    (prop::sample::select(columns), any::<bool>()).prop_map(|(column, descending)| Order {
        column: column.to_owned(),
        descending,
        priority: 0,
    })
}

fn distinct(mut order: Vec<Order>) -> Vec<Order> {
    let mut seen = std::collections::BTreeSet::new();
    order.retain(|by| seen.insert(by.column.clone()));
    order
}

async fn ids(school: &School, list: List) -> Vec<String> {
    let page = school.service.list::<Course>(&caller("t"), list).await.unwrap();
    page.data.into_iter().map(|course| course.id).collect()
}

/// What PostgreSQL cannot keep is put aside and holds nothing else up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_kept_is_put_aside() {
    let school = School::open(On::Postgres).await;
    let long = "x".repeat(4000);
    let position =
        school.happened("t", vec![defined("c1", "a\0b", 1), defined("c2", &long, 1), defined("c3", "fine", 1)]).await;
    let course = school.courses("t").await;
    assert_eq!(course.iter().map(|course| course.id.as_str()).collect::<Vec<_>>(), ["c3"]);
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let parked: Vec<_> = live.parked(None, 10).await.unwrap().into_iter().map(|one| one.parked).collect();
    let found: Vec<_> = parked.iter().map(|one| (one.position, one.entry.as_deref())).collect();
    assert_eq!(found, [(position - 2, Some("c1")), (position - 1, Some("c2"))]);
    assert!(parked[0].error.contains("U+0000") && parked[1].error.contains("too long"), "{parked:?}");
    school.close().await;
}

/// Of many events that were folded together only the one is put aside whose result cannot be kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_cannot_be_kept_is_lost() {
    let school = School::open(On::Postgres).await;
    let events = vec![
        defined("c1", "Rust", 10),
        SeatsAdded { seats: 5 }.into(),
        defined("c1", "a\0b", 1),
        SeatsAdded { seats: 1 }.into(),
        subscribed("c1", "s1"),
    ];
    let position = school.happened("t", events).await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(60);
    while school.aside().await != [(position - 2, Some("c1".to_owned()), 1)] {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", school.aside().await);
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let course = school.course("t", "c1").await.unwrap();
    assert_eq!((&*course.title, course.capacity, course.students.len()), ("Rust", 16, 1));
    school.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_nothing_can_hold_is_not_asked_for() {
    let asked = List { filter: Filter::equals("title", "a\0b"), ..List::default() };
    for on in [On::Sqlite, On::Postgres] {
        let school = School::open(on).await;
        let refused = school.service.list::<Course>(&caller("t"), asked.clone()).await.unwrap_err();
        assert_eq!(status::code(&refused), "VALIDATION");
        assert_eq!(school.service.by_ids::<Course>(&caller("t"), vec!["a\0b".into()], vec![]).await.unwrap().data, []);
        school.close().await;
    }
}
