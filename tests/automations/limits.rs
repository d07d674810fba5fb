//! What an expression cannot give (overflow, division by zero, an index that is not there) is an error of that one command, event or
//! run; whatever comes after it goes on.

use super::graphql::Api;
use super::process::Program;
use super::until;
use serde_json::{Value, json};

/// The largest number that GraphQL takes; its square has no room.
const LARGE: i64 = 9_007_199_254_740_991;

const PROBE: &str = "mutation($p: ID!, $n: Int!, $b: Int!, $m: [Int!]!) { probe(input: {probeId: $p, number: $n, by: $b, marks: $m}) { events } }";
const RECKON: &str = "mutation($p: ID!, $n: Int!, $b: Int!, $m: [Int!]!) { reckon(input: {probeId: $p, number: $n, by: $b, marks: $m}) { events } }";

fn numbers(probe: &str, number: i64, by: i64, marks: &[i64]) -> Value {
    json!({ "p": probe, "n": number, "b": by, "m": marks })
}

/// The entries of a view by their ids.
fn entries(api: &Api, list: &str, fields: &str) -> Vec<Value> {
    let query = format!("{{ {list}(input: {{limit: 100}}) {{ data {{ id {fields} }} }} }}");
    api.data(&query, json!({}))[list]["data"].as_array().unwrap().clone()
}

#[test]
fn a_command_that_cannot_be_reckoned_is_refused_and_records_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    for (wrong, reason) in [
        (numbers("p1", LARGE, 1, &[1, 2]), "too large"),
        (numbers("p1", 7, 0, &[1, 2]), "zero"),
        (numbers("p1", 7, 2, &[1, 2]), "index"),
        (numbers("p1", 7, -3, &[1, 2]), "index"),
    ] {
        let answer = api.send(RECKON, wrong.clone());
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "VALIDATION", "{wrong}: {answer}");
        assert!(error["message"].as_str().unwrap().to_lowercase().contains(reason), "{wrong}: {answer}");
    }
    let made = api.data(RECKON, numbers("p1", 7, 1, &[1, 2]));
    assert_eq!(made["reckon"]["events"], json!(["Reckoned"]));
    let found = until("what could be reckoned", || {
        Some(entries(&api, "getReckoningList", "square rest mark")).filter(|found| !found.is_empty())
    });
    assert_eq!(found, [json!({ "id": "p1", "square": 49, "rest": 0, "mark": 2 })]);
    // A state that cannot be folded refuses that probe's commands alone.
    api.data(PROBE, numbers("p2", LARGE, 1, &[1, 2]));
    assert_eq!(api.error(RECKON, numbers("p2", 1, 1, &[1, 2])), "VALIDATION");
    api.data(RECKON, numbers("p3", 1, 1, &[1, 2]));
}

#[test]
fn an_event_that_cannot_be_folded_leaves_its_entry_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    api.data(PROBE, numbers("p1", 3, 1, &[5, 6]));
    for (probe, number, by, marks) in
        [("p1", LARGE, 1, &[5, 6][..]), ("p2", 3, 0, &[5]), ("p3", 3, 2, &[5, 6]), ("p4", 4, 1, &[5, 6])]
    {
        api.data(PROBE, numbers(probe, number, by, marks));
    }
    let found = until("the last of them", || {
        let found = entries(&api, "getFindingList", "number square rest mark");
        found.iter().any(|entry| entry["id"] == "p4").then_some(found)
    });
    let first = json!({ "id": "p1", "number": 3, "square": 9, "rest": 0, "mark": 6 });
    let last = json!({ "id": "p4", "number": 4, "square": 16, "rest": 0, "mark": 6 });
    assert_eq!(found, [first, last], "as it was before, and what came after");
    let healthy = super::graphql::get(&format!("http://{}/ready", app.http));
    assert_eq!(healthy.0, 200, "{healthy:?}");
}

#[test]
fn a_run_that_cannot_be_reckoned_is_parked_with_its_error_and_the_next_ones_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    for (probe, number, by, marks) in
        [("p1", LARGE, 1, &[0, 1][..]), ("p2", 3, 0, &[0, 1]), ("p3", 3, 1, &[0]), ("p4", 4, 2, &[0, 1])]
    {
        api.data(PROBE, numbers(probe, number, by, marks));
    }
    until("the run that could be reckoned", || {
        let found = entries(&api, "getReckoningList", "square rest mark");
        found.contains(&json!({ "id": "p4", "square": 4, "rest": 0, "mark": 2 })).then_some(())
    });
    let parked =
        until("the three that could not", || Some(app.parked("ReckonAgain")).filter(|parked| parked.len() == 3));
    let errors: Vec<String> = parked.iter().map(|one| one["error"].as_str().unwrap().to_lowercase()).collect();
    for (error, reason) in errors.iter().zip(["too large", "zero", "index"]) {
        assert!(error.contains(reason), "{errors:?}");
    }
    assert!(parked.iter().all(|one| one["attempts"] == 1), "trying again would change nothing: {parked:?}");
}
