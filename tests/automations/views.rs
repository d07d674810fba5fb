//! Automations over a view.

use super::process::Program;
use super::until;
use serde_json::{Value, json};

const WANT: &str =
    "mutation($s: ID!, $n: Int!, $l: Level) { wantSeat(input: {studentId: $s, seats: $n, level: $l}) { position } }";
const WAITING: &str = "{ getWaitingList(input: {limit: 500, useStrongConsistency: true}) { data { id seats } } }";

fn waiting(program: &Program) -> Vec<Value> {
    let list = program.api().data(WAITING, json!({}));
    list["getWaitingList"]["data"].as_array().unwrap().clone()
}

#[test]
fn each_entry_is_worked_off_and_leaves_the_view() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    for (student, level) in [("s1", json!(null)), ("s2", json!("BEGINNER")), ("s3", json!("ADVANCED"))] {
        api.data(WANT, json!({ "s": student, "n": 1, "l": level }));
    }
    until("that nobody waits", || waiting(&app).is_empty().then_some(()));
    // Who comes again is worked off again.
    api.data(WANT, json!({ "s": "s1", "n": 2, "l": null }));
    until("that nobody waits", || waiting(&app).is_empty().then_some(()));
    assert_eq!(app.parked("GiveSeats"), Vec::<Value>::new());
    assert_eq!(app.parked("FindSeats"), Vec::<Value>::new());
}

#[test]
fn a_kill_leaves_no_entry_behind() {
    let dir = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let app = Program::start("automata-app", dir.path(), &[]);
        for number in 0..10 {
            app.api().data(WANT, json!({ "s": format!("r{round}s{number}"), "n": 1, "l": null }));
        }
        if round < 2 {
            app.kill();
            continue;
        }
        until("that nobody waits", || waiting(&app).is_empty().then_some(()));
    }
}
