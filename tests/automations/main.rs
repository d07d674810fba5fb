//! Automations over real sockets: two services that send each other commands, in one process and as a process each; what fails is
//! parked and sent again, and what is killed goes on, each effect there once; on SQLite, and among processes on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clocks;
mod deleting;
mod effects;
mod events;
mod following;
#[path = "../end_to_end/graphql.rs"]
#[allow(dead_code)]
mod graphql;
mod limits;
#[path = "../../runtime/tests/faults/moved.rs"]
mod moved;
mod process;
mod project;
#[path = "../end_to_end/reflection.rs"]
#[allow(dead_code)]
mod reflection;
mod secrecy;
#[path = "../../runtime/src/store/conformance/server.rs"]
#[allow(dead_code)]
mod server;
mod sharing;
#[path = "../end_to_end/signing.rs"]
mod signing;
mod views;

use graphql::Api;
use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The secret that the tests sign with.
const SECRET: &str = "a-secret-for-tests-that-is-long-enough";
/// The operators' token.
const OPERATOR: &str = "an-operator-of-the-tests-who-is-trusted";
/// How long something may take that happens by itself; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(90);

const REGISTER: &str = "mutation($s: ID!, $e: String) { registerStudent(input: {studentId: $s, email: $e, level: BEGINNER}) { position } }";
const MAILS: &str = "{ getMailList(input: {limit: 500, useStrongConsistency: true}) { data { id to key } } }";

/// Someone with every permission, as the login of the project would have it.
fn token() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({ "sub": "u1", "tenant": "t1", "scopes": ["REGISTRAR", "POSTMASTER"], "exp": now + 3_600 });
    signing::hs256(&claims, SECRET)
}

fn register(api: &Api, student: &str, email: &str) {
    api.data(REGISTER, json!({ "s": student, "e": email }));
}

/// The mails that were handed over to an address.
fn mails_to(api: &Api, address: &str) -> Vec<Value> {
    let mails = api.data(MAILS, json!({}));
    let mails = mails["getMailList"]["data"].as_array().unwrap().clone();
    mails.into_iter().filter(|mail| mail["to"] == address).collect()
}

/// Waits until something is there.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it never came: {what}");
}

fn one_mail_to(api: &Api, address: &str) -> Value {
    until(&format!("a mail to {address}"), || mails_to(api, address).into_iter().next())
}
