//! A service that follows two others: its projections and automations over their events, in one process and as a process each,
//! while whoever is followed, and the follower, are killed and started again under load.

use super::REGISTER;
use super::graphql::Api;
use super::process::Program;
use super::sharing::databases;
use super::until;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const WANT: &str = "mutation($s: ID!) { wantSeat(input: {studentId: $s, seats: 2}) { position } }";
const CHANGE: &str = "mutation($s: ID!, $e: String!) { changeEmail(input: {studentId: $s, email: $e}) { position } }";
const CONTACTS: &str =
    "getContactList(input: {limit: 1000, useStrongConsistency: true}) { data { id email isBeginner addresses } }";
const NOTES: &str = "getSeatNoteList(input: {limit: 1000, useStrongConsistency: true}) { data { id seats notes } }";
const FILED: &str = "getFiledLetterList(input: {limit: 1000, useStrongConsistency: true}) { data { id to times } }";
const BROCHURES: &str =
    "getBrochureList(input: {limit: 1000, useStrongConsistency: true}) { data { id to kind copies } }";

/// The entries of a list by what is in one of their fields.
fn list(api: &Api, query: &str, by: &str) -> BTreeMap<String, Value> {
    let data = api.data(&format!("{{ {query} }}"), json!({}));
    let lists = data.as_object().and_then(|lists| lists.values().next());
    let entries = lists.and_then(|list| list["data"].as_array()).expect("a list").clone();
    let count = entries.len();
    let entries: BTreeMap<_, _> =
        entries.into_iter().map(|entry| (entry[by].as_str().unwrap().to_owned(), entry)).collect();
    assert_eq!(entries.len(), count, "one of each: {entries:?}");
    entries
}

/// Waits until a list has so many entries, and gives them.
fn all(api: &Api, query: &str, by: &str, count: usize) -> BTreeMap<String, Value> {
    until(&format!("{count} of {query}"), || Some(list(api, query, by)).filter(|found| found.len() >= count))
}

fn address(number: usize) -> String {
    format!("s{number}@example.org")
}

/// Everything that must have come of `count` students who were registered and want seats: each once.
fn each_is_there_once(api: &Api, count: usize) {
    let contacts = all(api, CONTACTS, "id", count);
    let notes = all(api, NOTES, "id", count);
    let filed = all(api, FILED, "to", count);
    let brochures = all(api, BROCHURES, "to", count);
    for found in [&contacts, &notes, &filed, &brochures] {
        assert_eq!(found.len(), count);
    }
    for number in 0..count {
        let (student, to) = (format!("s{number}"), address(number));
        let contact = json!({ "id": student, "email": to, "isBeginner": true, "addresses": 1 });
        assert_eq!(contacts[&student], contact);
        assert_eq!(notes[&student], json!({ "id": student, "seats": 2, "notes": 1 }));
        assert_eq!(filed[&to]["times"], 1, "{:?}", filed[&to]);
        assert_eq!((&brochures[&to]["kind"], &brochures[&to]["copies"]), (&json!("LONG"), &json!(2)));
    }
}

/// Sends a command until it is carried out; its key keeps it from being carried out twice.
fn insist(api: &Api, key: &str, command: &str, variables: &Value) {
    let api = api.repeating(key);
    until(command, || {
        let answer = api.try_send(command, variables.clone()).ok()?;
        answer.get("errors").is_none().then_some(())
    });
}

/// A student registers and wants seats.
fn come(api: &Api, number: usize) {
    let student = format!("s{number}");
    let registers = json!({ "s": student, "e": address(number) });
    insist(api, &format!("register {number}"), REGISTER, &registers);
    insist(api, &format!("want {number}"), WANT, &json!({ "s": student }));
}

#[test]
fn within_one_process_a_service_follows_two_others() {
    let dir = tempfile::tempdir().unwrap();
    let app = Program::start("automata-app", dir.path(), &[]);
    let api = app.api();
    (0..5).for_each(|number| come(&api, number));
    each_is_there_once(&api, 5);
    // At once: the list waits for all that the other service has recorded by now.
    api.data(CHANGE, json!({ "s": "s3", "e": "new@example.org" }));
    let changed = json!({ "id": "s3", "email": "new@example.org", "isBeginner": true, "addresses": 2 });
    assert_eq!(list(&api, CONTACTS, "id")["s3"], changed);
    for group in ["NoteSeats", "FileLetters", "SendProspectus", "CountChangesElsewhere"] {
        assert_eq!(app.parked(group), Vec::<Value>::new());
    }
}

/// The three services, each a process on an address of its own that it keeps.
struct Apart<'a> {
    dir: &'a Path,
    /// Where each keeps its data.
    url: String,
    addresses: BTreeMap<&'static str, String>,
}

impl<'a> Apart<'a> {
    fn new(dir: &'a Path, url: String) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // All are held at once, so that no two are the same.
        let held = ["campus", "mailer", "records"].map(|name| (name, free()));
        let addresses = held.iter().map(|(name, held)| (*name, held.local_addr().unwrap().to_string())).collect();
        Self { dir, url, addresses }
    }

    fn start(&self, name: &str) -> Program {
        self.start_on(name, &self.url)
    }

    fn start_on(&self, name: &str, url: &str) -> Program {
        let urls =
            self.addresses.iter().map(|(name, at)| (format!("{}_URL", name.to_uppercase()), format!("http://{at}")));
        let mut settings: Vec<(String, String)> = urls.collect();
        settings.extend(self.addresses.get(name).map(|at| ("GRPC_ADDR".to_owned(), at.clone())));
        let settings: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Program::start_at(name, url, self.dir, &settings)
    }
}

#[test]
fn as_processes_they_survive_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let url = |folder: &str| format!("sqlite:{}/{folder}{{service}}.db", dir.path().display());
    survive_each_other(&Apart::new(dir.path(), url("")), &url("anew-"));
}

#[test]
fn as_processes_on_postgresql_they_survive_each_other() {
    let dir = tempfile::tempdir().unwrap();
    survive_each_other(&Apart::new(dir.path(), databases()), &databases());
}

/// The one that is followed, then the follower, dies in the midst of what comes in. Nothing is lost, nothing is there twice, and who
/// begins anew comes to the same.
fn survive_each_other(apart: &Apart<'_>, anew: &str) {
    let [campus, _mailer, records] = ["campus", "mailer", "records"].map(|name| apart.start(name));
    let edge = apart.start("automata-gateway");
    let api = edge.api();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (_campus, records) = std::thread::scope(|scope| {
        let _stops = Stops(&stop);
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    come(&api, next.fetch_add(1, Ordering::SeqCst));
                }
            });
        }
        let more = |count: usize| {
            let goal = next.load(Ordering::SeqCst) + count;
            until("more students", || (next.load(Ordering::SeqCst) >= goal).then_some(()));
        };
        let (mut campus, mut records) = (campus, records);
        for _ in 0..2 {
            more(10);
            campus.kill();
            // What it has caught up with the follower goes on to show.
            let known = api.data(&format!("{{ {} }}", CONTACTS.replace(", useStrongConsistency: true", "")), json!({}));
            assert!(!known["getContactList"]["data"].as_array().unwrap().is_empty());
            campus = apart.start("campus");
            more(10);
            records.kill();
            more(10);
            records = apart.start("records");
        }
        more(10);
        (campus, records)
    });
    let count = next.load(Ordering::SeqCst);
    eprintln!("{count} students came through two kills on either side");
    each_is_there_once(&api, count);
    for group in ["NoteSeats", "FileLetters", "SendProspectus"] {
        assert_eq!(records.parked(group), Vec::<Value>::new());
    }
    let followed = list(&api, CONTACTS, "id");
    drop(records);
    // A database that has seen nothing yet.
    let _records = apart.start_on("records", anew);
    assert_eq!(list(&api, CONTACTS, "id"), followed, "whoever begins anew comes to the same");
}

/// Lets the writers come to their end, whatever happens.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
