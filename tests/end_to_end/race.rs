//! The last seat, wanted by sixty-four at once.

use crate::app::App;
use crate::tokens::admin;
use serde_json::json;
use std::sync::Barrier;

const RACERS: usize = 64;

#[test]
fn the_last_seat_goes_to_exactly_one() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start(dir.path());
    let api = app.api().with(&admin());
    api.data(
        "mutation { defineCourse(input: {courseId: \"c1\", title: \"Rust\", capacity: 1}) { position } }",
        json!({}),
    );
    let barrier = Barrier::new(RACERS);
    let answers: Vec<serde_json::Value> = std::thread::scope(|scope| {
        let racer = |number: usize| {
            let (api, barrier) = (app.api().with(&admin()), &barrier);
            scope.spawn(move || {
                barrier.wait();
                let id = format!("s{number}");
                let query =
                    "mutation($s: ID!) { subscribeStudent(input: {studentId: $s, courseId: \"c1\"}) { position } }";
                api.send(query, json!({ "s": id }))
            })
        };
        let racers: Vec<_> = (0..RACERS).map(racer).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let won = answers.iter().filter(|answer| answer.get("errors").is_none()).count();
    let full = answers.iter().filter(|answer| answer["errors"][0]["extensions"]["code"] == "CourseFullyBooked").count();
    assert_eq!((won, full), (1, RACERS - 1), "{answers:?}");
    let course = "{ getCourse(input: {id: \"c1\", useStrongConsistency: true}) { seatsTaken } getStudentCourseList(input: {}) { total } }";
    let seen = api.data(course, json!({}));
    assert_eq!(seen["getCourse"]["seatsTaken"], 1);
    assert_eq!(seen["getStudentCourseList"]["total"], 1);
}
