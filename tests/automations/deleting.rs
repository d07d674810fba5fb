//! Events of a topic that go once the automation has had them; what it could not do yet stays until it is done.

use super::graphql::Api;
use super::process::Program;
use super::until;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use std::path::Path;

const PING: &str = "mutation($p: ID!, $w: String!) { hearPing(input: {pingId: $p, words: $w}) { position } }";
const QUIET: &str = "mutation($q: Boolean!) { askForQuiet(input: {quiet: $q}) { position } }";
const PONGS: &str = "{ getPongList(input: {useStrongConsistency: true}) { data { id } } }";

/// What the database still has of the pings' words, in their order.
fn words(dir: &Path) -> Vec<String> {
    let file = Connection::open_with_flags(dir.join("campus.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "SELECT payload ->> 'words' FROM events WHERE type = 'PingHeard' AND payload != 'null' ORDER BY position";
    let mut statement = file.prepare(sql).unwrap();
    let words = statement.query_map([], |row| row.get(0)).unwrap();
    words.collect::<Result<_, _>>().unwrap()
}

fn pongs(api: &Api) -> Vec<String> {
    let listed = api.data(PONGS, json!({}));
    let listed = listed["getPongList"]["data"].as_array().unwrap();
    let mut ids: Vec<String> = listed.iter().map(|pong| pong["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn quiet(api: &Api, quiet: bool) {
    api.data(QUIET, json!({ "q": quiet }));
}

#[test]
fn what_was_handled_goes_and_what_is_parked_stays_until_it_was_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    // The first event of a store stays in any case.
    quiet(&api, false);
    for number in 1..=3 {
        api.data(PING, json!({ "p": format!("p{number}"), "w": format!("words {number}") }));
    }
    until("that all are answered", || (pongs(&api) == ["p1", "p2", "p3"]).then_some(()));
    until("that all are deleted", || words(dir.path()).is_empty().then_some(()));
    quiet(&api, true);
    api.data(PING, json!({ "p": "p4", "w": "nobody answers" }));
    until("what is parked", || app.parked("AnswerPing").into_iter().next());
    quiet(&api, false);
    api.data(PING, json!({ "p": "p5", "w": "all talk again" }));
    until("that the later one is deleted", || (words(dir.path()) == ["nobody answers"]).then_some(()));
    app.kill();
    // Another process knows it too, and nobody hears of the deleted ones once more.
    let app = Program::start("automata-app", dir.path(), &[]);
    let (api, parked) = (app.api(), app.parked("AnswerPing").remove(0));
    assert_eq!(words(dir.path()), ["nobody answers"]);
    app.resend("AnswerPing", &parked);
    until("that the last one is deleted", || words(dir.path()).is_empty().then_some(()));
    assert_eq!(pongs(&api), ["p1", "p2", "p3", "p4", "p5"]);
    assert_eq!(app.parked("AnswerPing"), Vec::<serde_json::Value>::new());
}
