//! Tables of definitions that nobody serves any more.

use super::fixture::*;
use scaffold_runtime::codegen::*;
use scaffold_runtime::tables::{Page, Place};

pub async fn tables_that_nobody_serves_are_dropped(on: On) {
    let school = School::open(on).await;
    school.happened("t", vec![defined("c1", "Rust", 10), defined("c1", "Poison", -1)]).await;
    let live = school.engines.live::<Course>(&Tenant::new("t")).unwrap().unwrap();
    let older = Place::new("school", Table { definition: "0ld0ld0ld0", ..COURSES });
    // As long as names may be, and longer.
    let oldest = Place::new(
        "school",
        Table { name: "a_course_with_a_name_of_which_postgresql_keeps_only_the_beginning", ..COURSES },
    );
    let elsewhere = Place::new("schoolyard", Table { definition: "0ld0ld0ld0", ..COURSES });
    for place in [&older, &oldest, &elsewhere] {
        live.tables.prepare(place, 0).await.unwrap();
    }
    let names = async |drop| {
        let found = school.engines.unused(drop).await.unwrap();
        found.into_iter().map(|one| (one.projection, one.table, one.position)).collect::<Vec<_>>()
    };
    let expected = [&oldest, &older].map(|place| ("Course".to_owned(), place.name.to_string(), 0));
    assert_eq!(names(false).await, expected, "what another service keeps is not this one's");
    assert_eq!(names(false).await, expected, "looking changes nothing");
    assert_eq!(names(true).await, expected);
    assert_eq!(names(false).await, []);
    for gone in [&older, &oldest] {
        assert!(live.tables.checkpoint(gone).await.is_err());
    }
    live.tables.checkpoint(&elsewhere).await.unwrap();
    assert_eq!(school.course("t", "c1").await.unwrap().title, "Rust");
    assert_eq!(school.aside().await.len(), 1);

    // A program of before begins at zero.
    assert_eq!(live.tables.prepare(&older, 0).await.unwrap().position, 0);
    let page = Page { after: None, limit: 1 };
    assert!(live.tables.matching(&older, &Tenant::new("t"), &Filter::everything(), page).await.unwrap().is_empty());
    school.close().await;
}
