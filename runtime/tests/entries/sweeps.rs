//! Events that reach more entries than are held at once.

use super::fixture::*;
use scaffold_runtime::codegen::*;
use scaffold_runtime::event::Position;
use scaffold_runtime::tables::{Batch, Kept, Page};

/// More than two pages of them.
const MANY: i64 = 4_500;

fn courses(count: i64) -> Vec<Event> {
    (0..count).map(|number| defined(&format!("c{number:05}"), "Rust", number)).collect()
}

async fn stored(school: &School, tenant: &str) -> Vec<Kept> {
    let live = school.engines.live::<Course>(&Tenant::new(tenant)).unwrap().unwrap();
    let page = Page { after: None, limit: 10_000 };
    live.tables.matching(&live.place, &Tenant::new(tenant), &Filter::everything(), page).await.unwrap()
}

fn course(kept: Kept) -> Course {
    kept.row.into_entry().unwrap()
}

pub async fn an_event_for_more_entries_than_a_page_reaches_each_of_them_once(on: On) {
    let school = School::open(on).await;
    school.append("t", courses(MANY)).await;
    school.append("other", vec![defined("c1", "Theirs", 1)]).await;
    let events = vec![
        SeatsAdded { seats: 5 }.into(),
        defined("late", "Late", 1),
        SmallCoursesClosed { below: 3_000 }.into(),
        subscribed("c00007", "s1"),
    ];
    school.happened("t", events).await;
    let found: Vec<Course> = stored(&school, "t").await.into_iter().map(course).collect();
    assert_eq!(found.len(), 4_501);
    for course in &found {
        let expected = course.id.strip_prefix('c').map_or(1, |number| number.parse::<i64>().unwrap() + 5);
        assert_eq!((course.capacity, course.open), (expected, expected >= 3_000), "{}", course.id);
    }
    assert_eq!(found.iter().map(|course| course.students.len()).sum::<usize>(), 1);
    assert_eq!(course(stored(&school, "other").await.remove(0)).capacity, 1);
}

/// As if the process had been killed behind the first page: its entries are written, the checkpoint is not.
pub async fn a_sweep_that_was_cut_short_goes_on_where_it_was(on: On) {
    for (count, done) in [(MANY, 2_000), (MANY, 4_400), (1_500, 700)] {
        let school = School::open(on).await;
        school.happened("t", courses(count)).await;
        school.engines.stop().await;
        let position = school.append("t", vec![SeatsAdded { seats: 5 }.into(), defined("c00001", "Go", 1)]).await;
        write_part(&school, position - 1, done).await;
        let school = school.again().await;
        school.settled::<Course>(position).await;
        for kept in stored(&school, "t").await {
            let number: i64 = kept.row.base.id.trim_start_matches('c').parse().unwrap();
            let expected = if number == 1 { 1 } else { number + 5 };
            assert_eq!(course(kept).capacity, expected, "{number} of {count}, {done} done before");
        }
    }
}

async fn write_part(school: &School, position: Position, count: usize) {
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let from = live.tables.checkpoint(&live.place).await.unwrap();
    let mut kept = stored(school, "t").await;
    kept.truncate(count);
    for Kept { row, position: at, .. } in &mut kept {
        let Value::Integer(capacity) = row.values[1] else { panic!("{row:?}") };
        (row.values[1], *at) = (Value::Integer(capacity + 5), position);
    }
    let batch = Batch { from, to: from.position, kept, ..Batch::default() };
    assert!(live.tables.write(&live.place, batch).await.unwrap().is_some());
}

pub async fn entries_that_such_an_event_fails_on_are_put_aside_once(on: On) {
    let school = School::open(on).await;
    let mut events = courses(2_500);
    events.extend([defined("full", "Full", i64::MAX), SeatsAdded { seats: 5 }.into()]);
    let last = school.happened("t", events).await;
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let parked: Vec<_> = live.parked(None, 10).await.unwrap().into_iter().map(|one| one.parked).collect();
    let found: Vec<_> = parked.iter().map(|one| (one.position, one.entry.as_deref())).collect();
    assert_eq!(found, [(last, Some("full"))]);
    let sum: i64 = stored(&school, "t").await.into_iter().map(course).map(|c| c.capacity % (i64::MAX - 5)).sum();
    assert_eq!(sum, (0..2_500).map(|number| number + 5).sum::<i64>() + 5);
}
