//! Events that are put aside, and what becomes of them.

use super::fixture::*;
use futures_util::StreamExt;
use scaffold_runtime::codegen::*;
use scaffold_runtime::event::{Metadata, NewEvent};
use scaffold_runtime::tables::Page;
use std::time::Duration;

/// A text that makes folds fail, and that no other test has.
fn sick() -> String {
    let text = uuid::Uuid::now_v7().to_string();
    sicken(&text);
    text
}

fn seats(seats: i64) -> Event {
    SeatsAdded { seats }.into()
}

/// Seats of an earlier version, whose lot decides whether they can be read.
fn chairs(chairs: i64, lot: &str) -> NewEvent {
    let today = NewEvent::from_event(&seats(0), Metadata::default()).unwrap();
    NewEvent { version: 1, payload: json!({ "chairs": chairs, "lot": lot }), ..today }
}

pub async fn an_event_that_is_tried_again_is_applied_in_its_place(on: On) {
    let (school, title) = (School::open(on).await, sick());
    school.append("t", vec![defined("c1", "Rust", 10), seats(5)]).await;
    let aside = school.append("t", vec![defined("c1", &title, 100)]).await;
    school.happened("t", vec![seats(1), subscribed("c1", "s1")]).await;
    let before = school.course("t", "c1").await.unwrap();
    assert_eq!((&*before.title, before.capacity), ("Rust", 16));
    assert_eq!(school.aside().await, [(aside, Some("c1".to_owned()), 1)]);

    let watched = school.service.watch::<Course>(&caller("t"), Some("c1".into()), Filter::everything()).await.unwrap();
    let mut watched = Box::pin(watched);
    heal(&title);
    school.resend(aside).await;
    let after = school.course("t", "c1").await.unwrap();
    assert_eq!((&after.title, after.capacity), (&title, 101), "what came behind it meets what it did");
    assert_eq!((&after.students, after.changed_at), (&before.students, before.changed_at));
    assert_eq!(school.aside().await, []);
    let told = tokio::time::timeout(Duration::from_secs(60), watched.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(told, Change::Data(after.clone()));

    let school = school.again().await;
    school.happened("t", vec![seats(1)]).await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, 102);
    school.close().await;
}

pub async fn what_came_behind_it_may_then_fail(on: On) {
    let (school, title) = (School::open(on).await, sick());
    school.append("t", vec![defined("c1", "Rust", 0)]).await;
    let (first, second) = (
        school.append("t", vec![defined("c1", &title, 7)]).await,
        school.append("t", vec![defined("c1", &title, i64::MAX)]).await,
    );
    let third = school.happened("t", vec![seats(1)]).await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, 1);
    heal(&title);
    school.resend(second).await;
    assert_eq!(school.course("t", "c1").await.unwrap().capacity, i64::MAX);
    assert_eq!(school.aside().await, [(third, Some("c1".to_owned()), 1)], "{first} was tried along");
    school.close().await;
}

pub async fn an_event_for_all_reaches_those_that_were_there(on: On) {
    let (school, lot) = (School::open(on).await, sick());
    school.append("t", vec![defined("c1", "Rust", 10), defined("c2", "Go", 20), defined("c3", "Gone", 1)]).await;
    school.append("u", vec![defined("c1", "Elsewhere", 10)]).await;
    let aside = school.append_new("t", vec![chairs(5, &lot)]).await;
    let cancelled = CourseCancelled { course_id: "c3".into() };
    let later = vec![cancelled.into(), defined("late", "Late", 1), SmallCoursesClosed { below: 15 }.into()];
    school.happened("t", later).await;
    assert_eq!(school.aside().await, [(aside, None, 1)]);
    heal(&lot);
    school.resend(aside).await;
    let mut found: Vec<_> = school.courses("t").await.into_iter().map(|c| (c.id, c.capacity, c.open)).collect();
    found.sort();
    // With the chairs, c1 was not small any more when the small ones closed.
    let expected = [("c1", 15, true), ("c2", 25, true), ("late", 1, false)];
    assert_eq!(found, expected.map(|(id, capacity, open)| (id.to_owned(), capacity, open)));
    assert_eq!(school.course("u", "c1").await.unwrap().capacity, 10);
    assert_eq!(school.aside().await, []);
    school.close().await;
}

pub async fn what_was_discarded_stays_out(on: On) {
    let (school, text) = (School::open(on).await, sick());
    school.append("t", vec![defined("c1", "Rust", 10)]).await;
    let whole = school.append_new("t", vec![chairs(1000, &text)]).await;
    let single = school.append("t", vec![defined("c1", &text, 500)]).await;
    let wanted = school.append_new("t", vec![chairs(1, &text)]).await;
    school.happened("t", vec![seats(1)]).await;
    let lying = school.engines.parked("Course", None, 10).await.unwrap().unwrap();
    assert_eq!(lying.iter().map(|one| one.parked.position).collect::<Vec<_>>(), [whole, single, wanted]);
    for one in &lying[..2] {
        assert!(school.engines.discard("Course", &one.id).await.unwrap());
        assert!(!school.engines.discard("Course", &one.id).await.unwrap(), "it lies there no longer");
        assert!(!school.engines.resend("Course", &one.id).await.unwrap());
    }
    heal(&text);
    school.resend(wanted).await;
    let course = school.course("t", "c1").await.unwrap();
    assert_eq!((&*course.title, course.capacity), ("Rust", 12));
    assert_eq!(school.aside().await, []);
    school.close().await;
}

pub async fn an_event_that_is_still_broken_stays_aside(on: On) {
    let (school, text) = (School::open(on).await, sick());
    school.append("t", vec![defined("c1", "Rust", 10)]).await;
    let whole = school.append_new("t", vec![chairs(1000, &text)]).await;
    let single = school.append("t", vec![defined("c1", &text, 500)]).await;
    school.happened("t", vec![seats(1)]).await;
    for position in [whole, single, single] {
        school.resend(position).await;
    }
    assert_eq!(school.aside().await, [(whole, None, 2), (single, Some("c1".to_owned()), 3)]);
    let course = school.course("t", "c1").await.unwrap();
    assert_eq!((&*course.title, course.capacity), ("Rust", 11));
    school.close().await;
}

pub async fn a_removal_that_is_tried_again_removes(on: On) {
    let (school, id) = (School::open(on).await, sick());
    school.append("t", vec![defined(&id, "Rust", 10), defined("c2", "Go", 20)]).await;
    let aside = school.happened("t", vec![CourseCancelled { course_id: id.clone() }.into()]).await;
    assert!(school.course("t", &id).await.is_some());
    heal(&id);
    school.resend(aside).await;
    assert_eq!(school.course("t", &id).await, None);
    assert_eq!(school.courses("t").await.len(), 1);
    assert_eq!(school.aside().await, []);
    school.close().await;
}

pub async fn more_entries_than_fit_at_once_are_folded_again(on: On) {
    const ENTRIES: usize = 20_010;
    let (school, lot) = (School::open(on).await, sick());
    let events = (0..ENTRIES).map(|number| defined(&format!("c{number:05}"), "Many", 1)).collect();
    school.append("t", events).await;
    let aside = school.append_new("t", vec![chairs(5, &lot)]).await;
    school.happened("t", vec![defined("c00000", "Again", 2), defined("c20009", "Again", 2)]).await;
    heal(&lot);
    school.resend(aside).await;
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let page = Page { after: None, limit: ENTRIES };
    let six = Filter::equals("capacity", 6);
    let rows = live.tables.matching(&live.place, &Tenant::new("t"), &six, page).await.unwrap();
    assert_eq!(rows.len(), ENTRIES - 2);
    for id in ["c00000", "c20009"] {
        assert_eq!(school.course("t", id).await.unwrap().capacity, 2);
    }
    assert_eq!(school.aside().await, []);
    school.close().await;
}

pub async fn what_lies_aside_is_listed_page_by_page(on: On) {
    let (school, title) = (School::open(on).await, sick());
    let events = (0..7).map(|number| defined(&format!("c{number}"), &title, 1)).collect();
    school.happened("t", events).await;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = school.engines.parked("Course", after.as_deref(), 3).await.unwrap().unwrap();
        assert!(page.len() <= 3);
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        found.extend(page.into_iter().map(|one| one.parked.entry.unwrap()));
    }
    assert_eq!(found, ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]);
    assert!(school.engines.parked("Nothing", None, 3).await.unwrap().is_none());
    for id in ["", "1", "0-0", "9-", "x-y", "-1-1"] {
        assert!(
            !school.engines.resend("Course", id).await.unwrap() && !school.engines.discard("Course", id).await.unwrap()
        );
    }
    let overview = school.engines.overview().await.unwrap();
    assert_eq!((overview[0].projection, overview[0].parked, overview[1].parked), ("Course", 7, 0));
    school.close().await;
}
