//! What is seen of a projection while it is being built.

use super::fixture::*;
use scaffold_runtime::codegen::*;
use scaffold_runtime::event::{Metadata, NewEvent};
use scaffold_runtime::projection::State;
use std::time::Duration;

pub async fn a_type_that_is_being_built_says_how_far_it_is_and_others_serve(on: On) {
    let title = uuid::Uuid::now_v7().to_string();
    hold(&title);
    let student = StudentCreated { id: "s1".into(), name: "Ada".into(), email: None };
    // An event that looks through all entries has what came so far written.
    let mut events: Vec<Event> = vec![defined("c1", "Rust", 10), SeatsAdded { seats: 1 }.into(), student.into()];
    events.extend((0..1500).map(|number| subscribed("c1", &format!("s{number}"))));
    events.push(defined("c2", &title, 1));
    let events = events.into_iter().map(|event| NewEvent::from_event(&event, Metadata::default()).unwrap());
    let school = School::after(on, "t", events.collect()).await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    let course = loop {
        let overview = school.engines.overview().await.unwrap();
        let (course, student) = (&overview[0], &overview[1]);
        if course.position > 0 && student.state == State::Live {
            break course.clone();
        }
        assert!(tokio::time::Instant::now() < deadline, "{overview:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(course.state, State::Building);
    assert!((1..100).contains(&course.percent), "{course:?}");
    assert!(course.behind > 0 && course.events_per_second > 0 && course.seconds_left.is_some(), "{course:?}");

    let get = Get { id: "c1".into(), ..Get::default() };
    let refused = school.service.get::<Course>(&caller("t"), get).await.unwrap_err();
    assert_eq!(status::code(&refused), "UNAVAILABLE");
    let progress = format!("{} % ({} of 1504 events), about", course.percent, course.position);
    assert!(refused.message().contains(&progress) && refused.message().ends_with(" s left"), "{}", refused.message());
    assert_eq!(school.service.list::<Student>(&caller("t"), List::default()).await.unwrap().total, 1);
    assert!(!school.engines.is_ready());

    let_go(&title);
    school.settled::<Course>(1504).await;
    assert_eq!(school.course("t", "c1").await.unwrap().students.len(), 1500);
    let overview = school.engines.overview().await.unwrap();
    assert_eq!((overview[0].state, overview[0].percent, overview[0].behind), (State::Live, 100, 0));
    assert_eq!(overview[0].seconds_left, None);
    school.close().await;
}
