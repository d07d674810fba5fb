//! A disk that is full under a whole application: it refuses what it cannot keep, answers reads, says so, and goes on.

use crate::app::App;
use crate::durability::{SUBSCRIBE, all_seats, define_courses, every_course_counts_its_seats, seat, seat_id};
use crate::small::small_or_elsewhere;
use crate::tokens::admin;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let Some(small) = small_or_elsewhere(16, "full::a_full_disk_is_said_and_nothing_is_lost", true) else { return };
    let app = App::start(small.path());
    let api = app.api().with(&admin());
    define_courses(&api);
    let (mut acknowledged, mut number) = (BTreeSet::new(), 0);
    // Before the disk is full, while it is, and behind that.
    let mut take = |acknowledged: &mut BTreeSet<String>| {
        let (answer, id) = (api.send(SUBSCRIBE, seat(number)), seat_id(number));
        number += 1;
        let refused = answer.get("errors").map(|errors| errors[0].clone());
        if refused.is_none() {
            acknowledged.insert(id);
        }
        refused
    };
    for _ in 0..50 {
        assert_eq!(take(&mut acknowledged), None);
    }
    small.fill();
    let deadline = Instant::now() + PATIENCE;
    let refused = loop {
        assert!(Instant::now() < deadline, "there is still room");
        if let Some(refused) = take(&mut acknowledged) {
            break refused;
        }
    };
    assert_eq!(refused["extensions"]["code"], "UNAVAILABLE", "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("cannot be written"), "{refused}");
    let (status, said) = app.get("/ready");
    assert_eq!(status, 503, "{said}");
    assert!(said.contains("cannot be written"), "{said}");
    assert_eq!(app.get("/health").0, 200, "a restart would not help");
    let reads = api.data("{ getCourseList(input: {}) { total } }", json!({}));
    assert_eq!(reads["getCourseList"]["total"], 20, "reads go on");

    small.free();
    while app.get("/ready").0 != 200 {
        assert!(Instant::now() < deadline + PATIENCE, "it is not ready again: {:?}", app.get("/ready"));
        std::thread::sleep(Duration::from_millis(50));
    }
    for _ in 0..50 {
        assert_eq!(take(&mut acknowledged), None);
    }
    let seats = all_seats(&api);
    assert_eq!(seats, acknowledged, "what was acknowledged, and nothing else");
    every_course_counts_its_seats(&api, &seats);
}
