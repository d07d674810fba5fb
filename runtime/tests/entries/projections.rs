use super::fixture::*;
use scaffold_runtime::codegen::*;
use scaffold_runtime::event::{Metadata, NewEvent};
use scaffold_runtime::tables::{Changed, Page, Place};

pub async fn events_fold_into_entries_that_are_readable(on: On) {
    let school = School::open(on).await;
    school.append("t", vec![defined("c1", "Rust", 10), subscribed("c1", "s1"), subscribed("c1", "s2")]).await;
    let course = school.course("t", "c1").await.unwrap();
    assert_eq!((course.title.as_str(), course.capacity), ("Rust", 10));
    assert_eq!(course.students, ["s1", "s2"], "an event that reaches an entry in two ways counts once");
    assert_eq!(course.notes, "none");
    assert!(course.changed_at >= course.created_at);
}

pub async fn a_restart_goes_on_without_counting_twice(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10), SeatsAdded { seats: 5 }.into()]).await;
    let school = school.again().await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, 15);
    school.happened("t", vec![SeatsAdded { seats: 1 }.into()]).await;
    let school = school.again().await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, 16);
    assert!(school.engines.is_ready(), "a clean stop leaves nothing to catch up with");
}

pub async fn all_and_matching_reach_stored_entries_and_those_of_the_same_batch(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("old", "Old", 1), defined("big", "Big", 100)]).await;
    let events = vec![
        defined("new", "New", 2),
        SeatsAdded { seats: 5 }.into(),
        SmallCoursesClosed { below: 7 }.into(),
        defined("late", "Late", 1),
    ];
    school.happened("t", events).await;
    let mut found: Vec<_> = school.courses("t").await.into_iter().map(|c| (c.id, c.capacity, c.open)).collect();
    found.sort();
    let expected = [("big", 105, true), ("late", 1, true), ("new", 7, true), ("old", 6, false)];
    assert_eq!(found, expected.map(|(id, capacity, open)| (id.to_owned(), capacity, open)));
}

pub async fn a_removed_entry_is_gone_and_can_come_back_fresh(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10), subscribed("c1", "s1")]).await;
    school.happened("t", vec![CourseCancelled { course_id: "c1".into() }.into()]).await;
    assert_eq!(school.course("t", "c1").await, None);
    school.happened("t", vec![defined("c1", "Again", 1)]).await;
    assert_eq!(school.course("t", "c1").await.unwrap().students, Vec::<String>::new());
}

pub async fn a_poisoned_event_is_put_aside_and_the_rest_goes_on(on: On) {
    let school = School::open(on).await;
    let mut broken = NewEvent::from_event(&defined("c1", "Broken", 3), Metadata::default()).unwrap();
    broken.payload = json!({ "courseId": 7 });
    school.append("t", vec![defined("c1", "Rust", 10)]).await;
    let undecodable = school.append_new("t", vec![broken]).await;
    let failing = school.append("t", vec![defined("c1", "Poison", -1)]).await;
    school.happened("t", vec![subscribed("c1", "s1"), subscribed("", "s1")]).await;

    let course = school.course("t", "c1").await.unwrap();
    assert_eq!((course.title.as_str(), course.capacity, course.students.len()), ("Rust", 10, 1));
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let parked: Vec<_> = live.parked(None, 10).await.unwrap().into_iter().map(|one| one.parked).collect();
    let found: Vec<_> = parked.iter().map(|one| (one.position, one.entry.as_deref())).collect();
    assert_eq!(found, [(undecodable, None), (failing, Some("c1")), (failing + 2, None)]);
    assert_eq!(parked[1].error, EvalError::Overflow.to_string());
}

pub async fn an_event_of_an_older_version_is_folded_as_todays(on: On) {
    let school = School::open(on).await;
    school.append("t", vec![defined("c1", "Rust", 10)]).await;
    let older = |payload| {
        let today = NewEvent::from_event(&Event::from(SeatsAdded { seats: 0 }), Metadata::default()).unwrap();
        NewEvent { version: 1, payload, ..today }
    };
    let lost = school.append_new("t", vec![older(json!({ "chairs": 5 })), older(json!({ "seats": 7 }))]).await;
    school.happened("t", vec![SeatsAdded { seats: 1 }.into()]).await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, 16);
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let parked: Vec<_> = live.parked(None, 10).await.unwrap().into_iter().map(|one| one.parked).collect();
    assert_eq!(parked.iter().map(|one| one.position).collect::<Vec<_>>(), [lost]);
    assert!(parked[0].error.contains("SeatsAdded of version 1"), "{}", parked[0].error);
}

pub async fn an_event_newer_than_the_program_stops_that_projection_only(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10)]).await;
    let mut newer = NewEvent::from_event(&defined("c2", "Later", 3), Metadata::default()).unwrap();
    newer.version = 2;
    school.append_new("t", vec![newer]).await;
    let student = StudentCreated { id: "s1".into(), name: "Ada".into(), email: None };
    let last = school.append("t", vec![defined("c3", "Behind", 1), student.into()]).await;
    school.settled::<Student>(last).await;

    let get = Get { id: "c1".into(), strong: true, ..Get::default() };
    let failed = school.service.get::<Course>(&caller("t"), get).await.unwrap_err();
    assert_eq!(status::code(&failed), "UNAVAILABLE");
    assert!(failed.message().contains("version 2"), "{}", failed.message());
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let page = Page { after: None, limit: 10 };
    let rows = live.tables.matching(&live.place, &Tenant::new("t"), &Filter::everything(), page).await.unwrap();
    assert_eq!(rows.len(), 1, "nothing behind that event is applied");
    assert!(!school.engines.is_ready());
}

pub async fn tenants_never_meet(on: On) {
    let school = School::open(on).await;
    school.append("a", vec![defined("c1", "A's", 1)]).await;
    school.append("b", vec![defined("c1", "B's", 2), SeatsAdded { seats: 10 }.into()]).await;
    school.happened("b", vec![SmallCoursesClosed { below: 100 }.into()]).await;
    let (a, b) = (school.course("a", "c1").await.unwrap(), school.course("b", "c1").await.unwrap());
    assert_eq!((a.title.as_str(), a.capacity, a.open), ("A's", 1, true));
    assert_eq!((b.title.as_str(), b.capacity, b.open), ("B's", 12, false));
    assert_eq!(school.courses("c").await, []);
    school.happened("b", vec![CourseCancelled { course_id: "c1".into() }.into()]).await;
    assert!(school.course("a", "c1").await.is_some());
}

pub async fn a_strong_read_sees_what_was_appended_before_it(on: On) {
    let school = School::open(on).await;
    for round in 0..50 {
        let id = format!("c{round}");
        school.append("t", vec![defined(&id, "Rust", round)]).await;
        assert_eq!(school.course("t", &id).await.unwrap().capacity, round);
    }
}

pub async fn many_events_in_several_batches_fold_in_order(on: On) {
    let school = School::open(on).await;
    let events = (0..2100).map(|number| match number {
        0 => defined("c1", "Rust", 0),
        number if number % 7 == 0 => SeatsAdded { seats: 1 }.into(),
        number => subscribed("c1", &format!("s{number}")),
    });
    school.happened("t", events.collect()).await;
    let course = school.course("t", "c1").await.unwrap();
    assert_eq!(course.capacity, 299);
    assert_eq!(course.students.len(), 1800);
    assert_eq!(course.students.last().unwrap(), "s2099");
}

pub async fn another_definition_is_another_table_built_from_zero(on: On) {
    let school = School::open(on).await;
    let position = school.happened("t", vec![defined("c1", "Rust", 10)]).await;
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let changed = Place::new("school", Table { definition: "fedcba9876543210", ..COURSES });
    assert_eq!(live.tables.prepare(&live.place, position).await.unwrap().position, position);
    assert_eq!(live.tables.prepare(&changed, position).await.unwrap().position, 0);
    let all = async |place: &Place| {
        let page = Page { after: None, limit: 10 };
        live.tables.matching(place, &Tenant::new("t"), &Filter::everything(), page).await.unwrap()
    };
    assert!(all(&changed).await.is_empty());
    assert_eq!(all(&live.place).await.len(), 1);
}

pub async fn entries_of_all_tenants_say_which_event_changed_them_last(on: On) {
    let school = School::open(on).await;
    school.happened("a", vec![defined("c1", "Rust", 10), defined("c2", "Go", 10)]).await;
    school.happened("b", vec![defined("c1", "Rust", 10)]).await;
    school.happened("a", vec![subscribed("c1", "s1")]).await;
    let live = school.engines.live::<Course>(&Tenant::new("a")).unwrap().unwrap();
    let all = Changed { limit: 10, ..Changed::default() };
    let found = async |changed| {
        let kept = live.tables.changed(&live.place, changed).await.unwrap();
        kept.into_iter().map(|kept| (kept.tenant, kept.row.base.id, kept.position)).collect::<Vec<_>>()
    };
    let entry = |tenant: &str, id: &str, position| (Tenant::new(tenant), id.to_owned(), position);
    let whole = found(all.clone()).await;
    let positions: Vec<_> = whole.iter().map(|(_, _, position)| *position).collect();
    let [newest, second, third] = positions[..] else { panic!("{whole:?}") };
    assert_eq!(whole, [entry("a", "c1", newest), entry("a", "c2", second), entry("b", "c1", third)]);
    assert!(second < third && third < newest, "{positions:?}");
    assert_eq!(found(Changed { after: third, ..all.clone() }).await, [entry("a", "c1", newest)]);
    let from = Some((Tenant::new("a"), "c1".to_owned()));
    assert_eq!(found(Changed { from, limit: 1, ..all }).await, [entry("a", "c2", second)]);
    let keys = vec![(Tenant::new("a"), "c1".to_owned()), (Tenant::new("b"), "none".to_owned())];
    let loaded = live.tables.load(&live.place, keys).await.unwrap();
    assert_eq!(loaded.iter().map(|kept| kept.position).collect::<Vec<_>>(), [newest]);
}
