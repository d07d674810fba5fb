//! What operators see of the built application's projections, and what they do.

use crate::app::App;
use crate::durability::{SUBSCRIBE, define_courses, seat};
use crate::postgres::SERVER;
use crate::sharing::{drop_tables, sql};
use crate::tokens::admin;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How often each of the first twenty seats is taken once more, behind the application's back.
const COPIES: usize = 6000;
const COURSE: &str = "{ getCourse(input: {id: \"c0\"}) { seatsTaken } }";

/// Looks again and again until something is as it should be.
fn wait<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_rebuild_says_how_far_it_is() {
    let (url, dir) = (SERVER.schema(), tempfile::tempdir().unwrap());
    years_to_build(&url);

    let log = dir.path().join("log");
    let app = App::start_logging(&url, &log);
    let api = app.api().with(&admin());
    is_seen_being_built(&app);
    let answer = api.send(COURSE, json!({}));
    let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(answer["data"]["getCourse"].is_null() && message.contains("Course is being built: "), "{answer}");
    assert!(message.contains(" % ("), "{message}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    // Of students there are no events, so that they are there as soon as the log has been looked through.
    wait("students are served", || {
        let answer = api.send("{ getStudentList(input: {limit: 1}) { total } }", json!({}));
        (answer["data"]["getStudentList"]["total"] == 0).then_some(())
    });

    let app = app.ready();
    assert_eq!(api.data(COURSE, json!({}))["getCourse"]["seatsTaken"], COPIES + 1);
    let metrics = app.get("/metrics").1;
    for line in ["projection_state{service=\"enrollment\",projection=\"Course\",state=\"live\"} 1"]
        .into_iter()
        .chain(["projection_behind{service=\"enrollment\",projection=\"Course\"} 0"])
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(app.interrupt());
    let log = std::fs::read_to_string(log).unwrap();
    let of_course = |text: &str| log.lines().any(|line| line.contains(text) && line.contains("projection=\"Course\""));
    assert!(of_course("the projection is being built") && of_course("caught up"), "{log}");
    assert!(!log.contains(['\u{1b}', '\r', '█', '░']), "nothing is drawn into a file: {log}");
}

#[test]
fn a_rebuild_is_drawn_where_somebody_looks_on() {
    let url = SERVER.schema();
    years_to_build(&url);

    let (app, terminal) = App::start_on_terminal(&url);
    wait("a bar is drawn", || {
        let text = terminal.text();
        // It is drawn again and again: some of the times events are done, and some are left.
        let all = ["  Course █", "░", " events/s, ", " s left"].iter().all(|part| text.contains(part));
        all.then_some(())
    });
    let app = app.ready();
    let api = app.api().with(&admin());
    assert_eq!(api.data(COURSE, json!({}))["getCourse"]["seatsTaken"], COPIES + 1);
    assert!(app.interrupt());
    let text = terminal.text();
    let log = text.lines().filter(|line| line.contains("caught up") && line.contains("Course"));
    assert!(log.count() >= 1, "the log stands above the bars: {text}");
    let end = text.rfind('█').expect("there were bars");
    assert!(text[end..].contains("\u{1b}[2K"), "bars are cleared when all is there: {}", &text[end..]);
}

/// Courses with many seats, and none of the tables that are made of them.
fn years_to_build(url: &str) {
    let app = App::start_at(url);
    let api = app.api().with(&admin());
    define_courses(&api);
    (0..20).for_each(|number| drop(api.data(SUBSCRIBE, seat(number))));
    assert!(app.interrupt());
    copy(url);
    drop_tables(url);
}

/// Many more events of seats, as they would stand there after years.
fn copy(url: &str) {
    let copied = format!(
        "INSERT INTO {{s}}.events SELECT (SELECT position FROM {{s}}.counter) + row_number() OVER (), tenant, \
         gen_random_uuid(), topic, stream, type, version, tags, payload, correlation_id, causation_id, user_id, reason, \
         traceparent, raised_at FROM {{s}}.events, generate_series(1, {COPIES}) WHERE type = 'StudentSubscribed'"
    );
    sql(url, &copied);
    sql(url, "UPDATE {s}.counter SET position = (SELECT max(position) FROM {s}.events)");
}

fn is_seen_being_built(app: &App) {
    let (code, lag) = wait("the rebuild is seen", || {
        let (code, body) = app.get("/ready");
        let body: Value = serde_json::from_str(&body).unwrap_or_default();
        let waiting = body["waitingFor"].as_array().cloned().unwrap_or_default();
        waiting.into_iter().find(|lag| lag["projection"] == "Course").map(|lag| (code, lag))
    });
    assert_eq!((code, &lag["service"], &lag["target"]), (503, &json!("enrollment"), &json!(20 * COPIES + 40)));
    assert!(lag["percent"].as_u64().is_some_and(|percent| percent < 100), "{lag}");
    assert!(lag["eventsPerSecond"].is_u64() && lag["position"].is_u64(), "{lag}");
    let metrics = app.get("/metrics").1;
    let building = "projection_state{service=\"enrollment\",projection=\"Course\",state=\"building\"} 1";
    assert!(metrics.contains(building), "{metrics}");
    let (code, listed) = app.operate("GET", "/projections");
    assert_eq!(code, 200);
    let course = listed["projections"].as_array().unwrap().iter().find(|one| one["projection"] == "Course").unwrap();
    assert_eq!((&course["service"], &course["state"]), (&json!("enrollment"), &json!("building")));
}

#[test]
fn a_poisoned_event_is_listed_sent_again_and_applied() {
    let url = SERVER.schema();
    let app = App::start_at(&url);
    let api = app.api().with(&admin());
    define_courses(&api);
    let poison = |position: u64| {
        let event = format!(
            "INSERT INTO {{s}}.events SELECT {position}, tenant, gen_random_uuid(), topic, stream, type, version, tags, \
             jsonb_set(payload::jsonb, '{{courseId}}', '7')::json, correlation_id, causation_id, user_id, reason, \
             traceparent, raised_at FROM {{s}}.events WHERE position = 1; UPDATE {{s}}.counter SET position = {position}"
        );
        sql(&url, &event);
    };
    poison(21);
    poison(22);
    let parked = || app.operate("GET", "/projections/Course/parked").1["parked"].as_array().unwrap().clone();
    let found = wait("both are put aside", || Some(parked()).filter(|found| found.len() == 2));
    let one = &found[0];
    assert_eq!(
        (&one["position"], &one["eventType"], &one["tenant"]),
        (&json!(21), &json!("CourseDefined"), &json!("t1"))
    );
    assert!(
        one["error"].as_str().unwrap().contains("courseId") || one["error"].as_str().unwrap().contains("string"),
        "{one}"
    );
    assert!(one["entry"].is_null() && one["parkedAt"].is_string() && one["attempts"] == 1, "{one}");
    // The rest goes on.
    api.data(SUBSCRIBE, seat(0));
    let of =
        |number: usize, end: &str| format!("/projections/Course/parked/{}{end}", found[number]["id"].as_str().unwrap());
    assert_eq!(app.operate("POST", &of(0, "/resend")).0, 202);
    wait("it is tried in vain", || parked().iter().any(|one| one["attempts"] == 2).then_some(()));

    sql(
        &url,
        "UPDATE {s}.events SET payload = jsonb_set(payload::jsonb, '{courseId}', '\"late\"')::json WHERE position = 21",
    );
    assert_eq!(app.operate("POST", &of(0, "/resend")).0, 202);
    wait("it is applied", || (parked().len() == 1).then_some(()));
    assert_eq!(api.data("{ getCourse(input: {id: \"late\"}) { title } }", json!({}))["getCourse"]["title"], "T");
    assert_eq!(app.operate("DELETE", &of(1, "")).0, 204);
    assert_eq!(parked(), Vec::<Value>::new());
    for (method, path) in
        [("DELETE", of(1, "")), ("POST", of(1, "/resend")), ("GET", "/projections/Nothing/parked".to_owned())]
    {
        assert_eq!(app.operate(method, &path).0, 404, "{method} {path}");
    }
    assert_eq!(app.get("/projections").0, 401);
}

#[test]
fn old_tables_stay_until_they_are_pruned() {
    let url = SERVER.schema();
    let (app, other) = (App::start_at(&url), App::start_at(&url));
    let old = "enrollment_course_0ld0ld0l";
    sql(&url, &format!("CREATE TABLE {{s}}.{old} (id text); CREATE TABLE {{s}}.{old}_changes (id text)"));
    let known = format!("INSERT INTO {{s}}.projections VALUES ('{old}', 'Course', '0ld0ld0ld0', 7, 0, 0)");
    sql(&url, &known);
    let expected = json!([{
        "service": "enrollment", "table": old, "projection": "Course", "definition": "0ld0ld0ld0", "position": 7,
    }]);
    let there = || {
        sql(&url, &format!("SELECT tablename FROM pg_tables WHERE schemaname = '{{s}}' AND tablename LIKE '{old}%'"))
            .len()
    };
    let (code, listed) = app.operate("POST", "/projections/prune?dryRun=true");
    assert_eq!((code, &listed["dryRun"], &listed["tables"], there()), (200, &json!(true), &expected, 2));
    let (code, dropped) = other.operate("POST", "/projections/prune");
    assert_eq!((code, &dropped["dryRun"], &dropped["tables"], there()), (200, &json!(false), &expected, 0));
    assert_eq!(app.operate("POST", "/projections/prune").1["tables"], json!([]));
    for app in [&app, &other] {
        assert_eq!(
            app.api().with(&admin()).data("{ getCourseList(input: {limit: 1}) { total } }", json!({}))["getCourseList"]
                ["total"],
            0
        );
    }
}
