//! A process that is really killed: whatever it acknowledged is there, no row is wrong or doubled.

use crate::app::App;
use crate::graphql::Api;
use crate::tokens::admin;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many commands the stream has in all.
const COMMANDS: usize = 2_000;
/// After how many answers the process is killed.
const KILLED_AFTER: usize = 900;
const CLIENTS: usize = 8;
const DEFINE: &str = "mutation($id: ID!, $seats: Int!) { defineCourse(input: {courseId: $id, title: \"T\", capacity: $seats}) { position } }";
pub const SUBSCRIBE: &str =
    "mutation($s: ID!, $c: ID!) { subscribeStudent(input: {studentId: $s, courseId: $c}) { position } }";

#[test]
fn nothing_acknowledged_is_lost_by_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    killed(|| App::start(dir.path()));
}

/// The application is killed in the middle of a stream of commands, and started again on the same database.
pub fn killed(start: impl Fn() -> App) {
    let app = start();
    let api = app.api().with(&admin());
    define_courses(&api);
    let acknowledged = stream_until_killed(app, &api);
    assert!(acknowledged.len() >= KILLED_AFTER, "{} answers came before the kill", acknowledged.len());
    assert!(acknowledged.len() < COMMANDS, "the kill came while commands were under way");

    let app = start();
    let api = app.api().with(&admin());
    let seats = all_seats(&api);
    for id in &acknowledged {
        assert!(seats.contains(id), "{id} was acknowledged and is lost");
    }
    every_course_counts_its_seats(&api, &seats);
    // The commands that got no answer may be sent again: each is then there exactly once.
    for number in 0..COMMANDS {
        let answer = api.send(SUBSCRIBE, seat(number));
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(answer.get("errors").is_none() || code == "StudentAlreadySubscribed", "{answer}");
    }
    let seats = all_seats(&api);
    assert_eq!(seats.len(), COMMANDS);
    every_course_counts_its_seats(&api, &seats);
}

/// The courses that the commands need.
pub fn define_courses(api: &Api) {
    for course in 0..20 {
        api.data(DEFINE, json!({ "id": format!("c{course}"), "seats": 1_000 }));
    }
}

/// The variables of the n-th command: each student takes one course.
pub fn seat(number: usize) -> Value {
    json!({ "s": format!("s{number}"), "c": format!("c{}", number % 20) })
}

/// The id of the seat that the n-th command takes.
pub fn seat_id(number: usize) -> String {
    format!("s{number}-c{}", number % 20)
}

/// Sends the commands from several clients, kills the process in the middle, and gives what was acknowledged.
fn stream_until_killed(app: App, api: &Api) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let acknowledged = Mutex::new(Vec::new());
    let app = Mutex::new(Some(app));
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= COMMANDS {
                        return;
                    }
                    let Ok(answer) = api.try_send(SUBSCRIBE, seat(number)) else { return };
                    if answer.get("errors").is_some() {
                        return;
                    }
                    let mut acknowledged = acknowledged.lock().unwrap();
                    acknowledged.push(seat_id(number));
                    if acknowledged.len() == KILLED_AFTER {
                        app.lock().unwrap().take().unwrap().kill();
                    }
                }
            });
        }
    });
    acknowledged.into_inner().unwrap()
}

/// The ids of all seats, each seen once, page by page.
pub fn all_seats(api: &Api) -> std::collections::BTreeSet<String> {
    let query = "query($after: String) { getStudentCourseList(input: {limit: 500, after: $after, useStrongConsistency: true}) { data { id } cursor } }";
    let mut ids = std::collections::BTreeSet::new();
    let mut after = Value::Null;
    loop {
        let page = api.data(query, json!({ "after": after }));
        let page = &page["getStudentCourseList"];
        let entries = page["data"].as_array().unwrap();
        for entry in entries {
            assert!(ids.insert(entry["id"].as_str().unwrap().to_owned()), "{entry} is there twice");
        }
        after = page["cursor"].clone();
        if entries.is_empty() || after.is_null() {
            return ids;
        }
    }
}

/// `seatsTaken` of every course is the number of its seats: nothing was folded twice or left out.
pub fn every_course_counts_its_seats(api: &Api, seats: &std::collections::BTreeSet<String>) {
    let courses = api.data(
        "{ getCourseList(input: {limit: 100, useStrongConsistency: true}) { data { id seatsTaken } } }",
        json!({}),
    );
    for course in courses["getCourseList"]["data"].as_array().unwrap() {
        let end = format!("-{}", course["id"].as_str().unwrap());
        let counted = seats.iter().filter(|seat| seat.ends_with(&end)).count();
        assert_eq!(course["seatsTaken"], counted, "{course}");
    }
}
