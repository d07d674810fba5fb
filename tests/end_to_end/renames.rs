//! An event of the sample is renamed: a program of after that goes on where one of before it stopped, on the same database, and the other
//! way round; on PostgreSQL both at once.

use crate::app::{App, database};
use crate::durability::{SUBSCRIBE, all_seats, define_courses, every_course_counts_its_seats, seat, seat_id};
use crate::graphql::Api;
use crate::postgres::SERVER;
use crate::programs;
use crate::sharing::sql;
use crate::tokens::admin;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const BEFORE: &str = "StudentSubscribed";
const AFTER: &str = "StudentEnrolled";

/// What the commands answer.
const EVENTS: &str =
    "mutation($s: ID!, $c: ID!) { subscribeStudent(input: {studentId: $s, courseId: $c}) { events position } }";

/// The application of the sample as it is generated once the event is renamed.
fn renamed() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let input = tempfile::tempdir().unwrap();
        rename(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schema-examples/courses"), input.path());
        programs::of_folder(input.path(), "renamed")
    })
}

/// Copies a project, with the event renamed wherever it is named.
fn rename(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            rename(&path, &target);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap().replace(BEFORE, AFTER);
        let declared = format!("  {AFTER}:\n    doc:");
        fs::write(target, text.replace(&declared, &format!("  {AFTER}:\n    renamed: {BEFORE}\n    doc:"))).unwrap();
    }
}

fn start(program: &Path, url: &str) -> App {
    App::start_with(program, &[("DATABASE_URL", url), ("GRPC_ADDR", "127.0.0.1:0")])
}

/// The tables of the projections, and up to where they are.
fn tables(app: &App) -> Vec<Value> {
    let (code, listed) = app.operate("GET", "/projections");
    assert_eq!(code, 200, "{listed}");
    let of = |one: &Value| json!({ "table": one["table"], "position": one["position"], "parked": one["parked"] });
    listed["projections"].as_array().unwrap().iter().map(of).collect()
}

fn takes(api: &Api, number: usize) -> Value {
    api.data(EVENTS, seat(number))["subscribeStudent"].clone()
}

fn is_taken(api: &Api, number: usize) {
    let answer = api.send(SUBSCRIBE, seat(number));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "StudentAlreadySubscribed", "{number}: {answer}");
}

fn has_seats(api: &Api, count: usize) {
    let seats = all_seats(api);
    assert_eq!(seats, (0..count).map(seat_id).collect::<BTreeSet<_>>());
    every_course_counts_its_seats(api, &seats);
}

/// Before, after, and before again, one after the other.
fn one_after_the_other(url: &str) {
    let old = programs::of_sample().join("app");
    let app = start(&old, url);
    let api = app.api().with(&admin());
    define_courses(&api);
    (0..10).for_each(|number| assert_eq!(takes(&api, number)["events"], json!([BEFORE])));
    let first = takes(&api.repeating("k1"), 10);
    has_seats(&api, 11);
    let before = tables(&app);
    assert!(app.interrupt());

    let app = start(renamed(), url);
    let api = app.api().with(&admin());
    assert_eq!(tables(&app), before, "the same tables, as far as they were");
    (0..11).for_each(|number| is_taken(&api, number));
    let again = takes(&api.repeating("k1"), 10);
    assert_eq!((&again["position"], &again["events"]), (&first["position"], &json!([AFTER])), "{again}");
    (11..20).for_each(|number| assert_eq!(takes(&api, number)["events"], json!([AFTER])));
    has_seats(&api, 20);
    assert!(app.interrupt());

    let app = start(&old, url);
    let api = app.api().with(&admin());
    (0..20).for_each(|number| is_taken(&api, number));
    assert_eq!(takes(&api, 20)["events"], json!([BEFORE]));
    has_seats(&api, 21);
    assert!(app.interrupt());
}

#[test]
fn a_renamed_event_is_the_one_that_it_was() {
    let dir = tempfile::tempdir().unwrap();
    one_after_the_other(&database(dir.path()));
}

#[test]
fn programs_of_before_and_after_a_rename_run_side_by_side() {
    let url = SERVER.schema();
    one_after_the_other(&url);

    let (old, new) = (start(&programs::of_sample().join("app"), &url), start(renamed(), &url));
    let (old_api, new_api) = (old.api().with(&admin()), new.api().with(&admin()));
    for number in 21..41 {
        let (one, other) = if number % 2 == 0 { (&old_api, &new_api) } else { (&new_api, &old_api) };
        takes(one, number);
        is_taken(other, number);
    }
    // The last seat, wanted by both at once, again and again.
    for course in 0..10 {
        let id = format!("last{course}");
        let define =
            "mutation($id: ID!) { defineCourse(input: {courseId: $id, title: \"T\", capacity: 1}) { position } }";
        old_api.data(define, json!({ "id": id }));
        let take = |api: &Api, student: &str| {
            let answer = api.send(SUBSCRIBE, json!({ "s": format!("{student}{course}"), "c": id }));
            answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
        };
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| take(&old_api, "before"));
            let other = take(&new_api, "after");
            (one.join().unwrap(), other)
        });
        let refused: Vec<String> = [one, other].into_iter().flatten().collect();
        assert_eq!(refused, ["CourseFullyBooked"]);
    }
    drop((old, new));
    let stored =
        "SELECT DISTINCT type FROM {s}.events WHERE tags::text LIKE '%student%' AND type <> 'StudentUnsubscribed'";
    assert_eq!(sql(&url, stored), [BEFORE], "whoever wrote it");
}
