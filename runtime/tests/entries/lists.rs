use super::fixture::*;
use scaffold_runtime::codegen::*;
use scaffold_runtime::query::MAX_LIMIT;
use scaffold_runtime::query::WITHOUT_TOTAL;
use wire::{BooleanFilter, DateFilter, FloatFilter, IdFilter, IntFilter, ListFilter, StringFilter, StringList};

async fn filled(on: On) -> School {
    let school = School::open(on).await;
    let course = |id: &str, title: &str, capacity, rating, starts: Option<&str>| {
        let starts_on = starts.map(|text| text.parse().unwrap());
        Event::from(CourseDefined { course_id: id.into(), title: title.into(), capacity, rating, starts_on })
    };
    let events = vec![
        course("c1", "Ärzte & 100%", 10, Some(4.5), Some("2026-01-10")),
        course("c2", "rust_basics", 20, None, None),
        course("c3", "Rust", 20, Some(3.0), Some("2026-03-01")),
        course("c4", "Zoo", 5, None, Some("2025-12-31")),
        subscribed("c3", "s1"),
        subscribed("c3", "s2"),
        subscribed("c4", "s2"),
        SmallCoursesClosed { below: 10 }.into(),
    ];
    school.happened("t", events).await;
    school
}

async fn ids(school: &School, filter: Filter) -> Vec<String> {
    let list = List { filter, ..List::default() };
    let page = school.service.list::<Course>(&caller("t"), list).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.data.len()).unwrap());
    page.data.into_iter().map(|course| course.id).collect()
}

pub async fn text_filters_take_the_caller_at_their_word(on: On) {
    let school = filled(on).await;
    let text = |set: fn(&mut StringFilter)| {
        let mut message = StringFilter::default();
        set(&mut message);
        filter::string("title", Some(message)).unwrap()
    };
    assert_eq!(ids(&school, text(|f| f.equals = Some("Rust".into()))).await, ["c3"]);
    assert_eq!(ids(&school, text(|f| f.not_equals = Some("Rust".into()))).await, ["c1", "c2", "c4"]);
    assert_eq!(ids(&school, text(|f| f.equals_case_insensitive = Some("RUST".into()))).await, ["c3"]);
    assert_eq!(ids(&school, text(|f| f.contains = Some("%".into()))).await, ["c1"], "no wildcard");
    assert_eq!(ids(&school, text(|f| f.contains = Some("_".into()))).await, ["c2"], "no wildcard");
    assert_eq!(ids(&school, text(|f| f.contains = Some("rust".into()))).await, ["c2"]);
    assert_eq!(ids(&school, text(|f| f.contains_case_insensitive = Some("RUST".into()))).await, ["c2", "c3"]);
    assert_eq!(ids(&school, text(|f| f.contains_case_insensitive = Some("äRZ".into()))).await, ["c1"]);
    assert_eq!(ids(&school, text(|f| f.not_contains_case_insensitive = Some("rust".into()))).await, ["c1", "c4"]);
    assert_eq!(ids(&school, text(|f| f.equals = Some("' OR 1=1 --".into()))).await, Vec::<String>::new());
    let list = |values: &[&str]| Some(StringList { values: values.iter().map(|&v| v.to_owned()).collect() });
    let within = |inside, outside| StringFilter { r#in: inside, not_in: outside, ..StringFilter::default() };
    let made = |message| filter::string("title", Some(message)).unwrap();
    assert_eq!(ids(&school, made(within(list(&["Zoo", "Rust"]), None))).await, ["c3", "c4"]);
    assert_eq!(ids(&school, made(within(list(&[]), None))).await, Vec::<String>::new());
    assert_eq!(ids(&school, made(within(None, list(&["Zoo", "Rust"])))).await, ["c1", "c2"]);
}

pub async fn other_kinds_filter_by_their_own_order(on: On) {
    let school = filled(on).await;
    let int = IntFilter { greater_than: Some(5), less_than_or_equal: Some(10), ..IntFilter::default() };
    assert_eq!(ids(&school, filter::int("capacity", Some(int)).unwrap()).await, ["c1"]);
    let float = FloatFilter { greater_than_or_equal: Some(3.0), ..FloatFilter::default() };
    assert_eq!(ids(&school, filter::float("rating", Some(float)).unwrap()).await, ["c1", "c3"]);
    let not = FloatFilter { not_equals: Some(3.0), ..FloatFilter::default() };
    assert_eq!(ids(&school, filter::float("rating", Some(not)).unwrap()).await, ["c1", "c2", "c4"], "null differs");
    let closed = BooleanFilter { equals: Some(false), ..BooleanFilter::default() };
    assert_eq!(ids(&school, filter::boolean("open", Some(closed)).unwrap()).await, ["c4"]);
    let date = DateFilter { less_than: Some("2026-01-10".into()), ..DateFilter::default() };
    assert_eq!(ids(&school, filter::date("starts_on", Some(date)).unwrap()).await, ["c4"]);
    let id = IdFilter { not_equals: Some("c1".into()), ..IdFilter::default() };
    assert_eq!(ids(&school, filter::id("id", Some(id)).unwrap()).await, ["c2", "c3", "c4"]);
    let future =
        wire::DateTimeFilter { after: Some(prost_types::Timestamp { seconds: 1, nanos: 0 }), ..Default::default() };
    assert_eq!(ids(&school, filter::date_time("created_at", Some(future)).unwrap()).await.len(), 4);
}

pub async fn lists_of_references_filter_by_length_and_content(on: On) {
    let school = filled(on).await;
    let list = |message| filter::list("students", Some(message)).unwrap();
    let holding = |values: &[&str]| Some(StringList { values: values.iter().map(|&v| v.to_owned()).collect() });
    assert_eq!(ids(&school, list(ListFilter { length_eq: Some(2), ..Default::default() })).await, ["c3"]);
    assert_eq!(ids(&school, list(ListFilter { empty: Some(true), ..Default::default() })).await, ["c1", "c2"]);
    assert_eq!(ids(&school, list(ListFilter { not_empty: Some(true), ..Default::default() })).await, ["c3", "c4"]);
    assert_eq!(
        ids(&school, list(ListFilter { in_array: holding(&["s2", "x"]), ..Default::default() })).await,
        ["c3", "c4"]
    );
    assert_eq!(
        ids(&school, list(ListFilter { not_in_array: holding(&["s1"]), ..Default::default() })).await,
        ["c1", "c2", "c4"]
    );
}

pub async fn filters_nest_and_mean_the_same_in_memory(on: On) {
    let school = filled(on).await;
    let title = |part: &str| Filter::equals("title", part);
    let either = Filter::any(vec![title("Rust"), Filter::compare("capacity", Comparison::Less, 10)]);
    let both = Filter::all(vec![either.clone(), Filter::equals("open", true)]);
    assert_eq!(ids(&school, either.clone()).await, ["c3", "c4"]);
    assert_eq!(ids(&school, both.clone()).await, ["c3"]);
    assert_eq!(ids(&school, Filter::all(vec![Filter::any(vec![]), Filter::default()])).await.len(), 4);
    // However many parts say nothing, the statement does not grow with them.
    assert_eq!(ids(&school, Filter::any(vec![Filter::default(); 5000])).await.len(), 4);
    for course in school.courses("t").await {
        let row = Row::of(&course).unwrap();
        assert_eq!(both.matches(&COURSES, &row), course.id == "c3");
    }
}

pub async fn orders_follow_their_priorities_and_put_null_first(on: On) {
    let school = filled(on).await;
    let by = |direction: wire::Direction, priority| Some(wire::OrderBy { direction: direction.into(), priority });
    let listed = async |order: Vec<Order>| {
        let list = List { order, ..List::default() };
        let page = school.service.list::<Course>(&caller("t"), list).await.unwrap();
        page.data.into_iter().map(|course| course.id).collect::<Vec<_>>()
    };
    let (asc, desc) = (wire::Direction::Asc, wire::Direction::Desc);
    assert_eq!(listed(order([("title", by(asc, 2)), ("capacity", by(desc, 1))])).await, ["c3", "c2", "c1", "c4"]);
    assert_eq!(listed(order([("rating", by(asc, 1))])).await, ["c2", "c4", "c3", "c1"]);
    assert_eq!(listed(order([("rating", by(desc, 1)), ("id", None)])).await, ["c1", "c3", "c4", "c2"]);
    assert_eq!(listed(order([("starts_on", by(asc, 0))])).await, ["c2", "c4", "c1", "c3"]);
}

pub async fn pages_are_counted_and_limits_have_a_ceiling(on: On) {
    let school = filled(on).await;
    let page = |limit, page| {
        let service = school.service.clone();
        async move { service.list::<Course>(&caller("t"), List { limit, page, ..List::default() }).await }
    };
    let second = page(3, 2).await.unwrap();
    assert_eq!(second.data.iter().map(|course| course.id.as_str()).collect::<Vec<_>>(), ["c4"]);
    assert_eq!((second.total, second.limit, second.page, second.cursor), (4, 3, 2, None));
    assert_eq!(page(0, 0).await.unwrap().limit, MAX_LIMIT);
    assert_eq!(page(i64::MAX, 1).await.unwrap().limit, MAX_LIMIT);
    assert!(page(10, i64::MAX).await.unwrap().data.is_empty());
    for (limit, number) in [(-1, 1), (1, -1)] {
        assert_eq!(status::code(&page(limit, number).await.unwrap_err()), "VALIDATION");
    }
}

pub async fn only_wanted_fields_are_read(on: On) {
    let school = filled(on).await;
    let get = Get { id: "c3".into(), fields: vec!["capacity".into(), "__typename".into()], ..Get::default() };
    let course = school.service.get::<Course>(&caller("t"), get).await.unwrap().entry.unwrap();
    assert_eq!((course.capacity, course.title.as_str(), course.students.len()), (20, "", 0));
    let get = Get { id: "c3".into(), fields: vec!["secret".into()], ..Get::default() };
    let wrong = school.service.get::<Course>(&caller("t"), get).await.unwrap_err();
    assert_eq!(status::fields(&wrong)[0].path, ["secret"]);
    let list = List { fields: vec!["startsOn".into()], order: vec![Order::descending("capacity")], ..List::default() };
    let page = school.service.list::<Course>(&caller("t"), list).await.unwrap();
    assert_eq!(page.data[3].starts_on, "2025-12-31".parse().ok());
    assert_eq!(page.data[0].capacity, 0, "ordered by, but not wanted");
    assert!(page.total >= 4);
    let fields = vec!["title".into(), WITHOUT_TOTAL.into()];
    let page = school.service.list::<Course>(&caller("t"), List { fields, limit: 2, ..List::default() }).await.unwrap();
    assert_eq!((page.total, page.data.len(), page.cursor.is_some()), (0, 2, true));
    assert_ne!(page.data[0].title, "");
}

pub async fn what_cannot_be_asked_is_a_validation_that_names_the_field(on: On) {
    let school = filled(on).await;
    let wrong = async |list: List| {
        let failed = school.service.list::<Course>(&caller("t"), list).await.unwrap_err();
        assert_eq!(status::code(&failed), "VALIDATION");
        status::fields(&failed).into_iter().map(|field| field.path.join(".")).collect::<Vec<_>>()
    };
    let filtered = |filter| List { filter, ..List::default() };
    let ordered = |order| List { order, ..List::default() };
    assert_eq!(wrong(filtered(Filter::equals("notes", "x"))).await, ["notes"]);
    assert_eq!(wrong(filtered(Filter::equals("title\" OR 1=1", "x"))).await, ["title\" OR 1=1"]);
    assert_eq!(wrong(filtered(Filter::equals("starts_on", 7))).await, ["startsOn"]);
    assert_eq!(wrong(filtered(Filter::compare("rating", Comparison::Less, f64::NAN))).await, ["rating"]);
    assert_eq!(wrong(ordered(vec![Order::ascending("notes")])).await, ["notes"]);
    assert_eq!(wrong(ordered(vec![Order::ascending("title"), Order::descending("title")])).await, ["title"]);
    let deep = (0..100).fold(Filter::equals("title", "x"), |inner, _| Filter::Any(vec![inner]));
    assert_eq!(wrong(filtered(deep)).await, ["filter"]);
    let wide = Filter::Any(vec![Filter::equals("title", "x"); 2000]);
    assert_eq!(wrong(filtered(wide)).await, ["filter"]);
}

pub async fn one_entry_by_id_filter_and_condition(on: On) {
    let school = filled(on).await;
    let call = caller("t");
    let by_title = Get { filter: Filter::equals("title", "Rust"), ..Get::default() };
    assert_eq!(school.service.get::<Course>(&call, by_title).await.unwrap().entry.unwrap().id, "c3");
    let contradiction = Get { id: "c1".into(), filter: Filter::equals("title", "Rust"), ..Get::default() };
    let missing = school.service.get::<Course>(&call, contradiction.clone()).await.unwrap_err();
    assert_eq!(status::code(&missing), "NOT_FOUND");
    let empty = Get { return_empty: true, ..contradiction };
    assert!(school.service.get::<Course>(&call, empty).await.unwrap().entry.is_none());
    assert_eq!(status::code(&school.service.get::<Course>(&call, Get::default()).await.unwrap_err()), "VALIDATION");
    let ids = vec!["c4".into(), "nobody".into(), "c1".into(), "c4".into()];
    let found = school.service.by_ids::<Course>(&call, ids, vec![]).await.unwrap();
    assert_eq!(found.data.iter().map(|course| course.id.as_str()).collect::<Vec<_>>(), ["c4", "c1"]);
}

pub async fn a_caller_can_wait_for_a_condition(on: On) {
    let school = filled(on).await;
    let waiting = |timeout_ms| Get {
        id: "c1".into(),
        wait: Some(Wait { timeout_ms, condition: Filter::equals("title", "New") }),
        ..Get::default()
    };
    let late = school.service.get::<Course>(&caller("t"), waiting(50)).await.unwrap_err();
    assert_eq!(status::code(&late), "UNAVAILABLE");
    let long = school.service.get::<Course>(&caller("t"), waiting(30_001)).await.unwrap_err();
    assert_eq!(status::code(&long), "VALIDATION");
    let service = school.service.clone();
    let (call, get) = (caller("t"), waiting(0));
    let task = tokio::spawn(async move { service.get::<Course>(&call, get).await });
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    school.append("t", vec![defined("c1", "New", 1)]).await;
    assert_eq!(task.await.unwrap().unwrap().entry.unwrap().title, "New");
}
