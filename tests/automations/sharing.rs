//! Automations of several processes on one PostgreSQL: which of them works, and what is left when it is killed.

use super::process::Program;
use super::server::Server;
use super::{mails_to, one_mail_to, register, until};
use crate::graphql::Api;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

const BEGIN: &str = "mutation($w: ID!) { beginWatch(input: {watchId: $w}) { position } }";
const STROKES: &str = "{ getStrokeList(input: {limit: 500, useStrongConsistency: true}) { data { watchId } } }";

/// Databases that nobody else uses, one a service.
pub fn databases() -> String {
    format!("{}_{{service}}", SERVER.schema())
}

/// Whether this process works for a group.
fn works_for(program: &Program, group: &str) -> bool {
    program.group(group)["here"] == true
}

fn wait_until_it_works_for(program: &Program, group: &str) {
    until(&format!("that it works for {group}"), || works_for(program, group).then_some(()));
}

/// Each address has its one mail, and nothing is parked.
fn each_has_one_mail(api: &Api, program: &Program, addresses: impl Iterator<Item = String>) {
    for address in addresses {
        one_mail_to(api, &address);
        let mails = mails_to(api, &address);
        assert_eq!(mails.len(), 1, "{mails:?}");
    }
    assert_eq!(program.parked("WelcomeStudent"), Vec::<Value>::new());
}

/// The command finds nobody, its sender is killed meanwhile, and another process sends it.
#[test]
fn another_process_sends_what_the_killed_one_had_not() {
    let (dir, url) = (tempfile::tempdir().unwrap(), databases());
    let start = |name: &str, settings: &[(&str, &str)]| Program::start_at(name, &url, dir.path(), settings);
    let mailer = start("mailer", &[]);
    let address = mailer.grpc.trim_start_matches("http://").to_owned();
    let to_mailer = [("MAILER_URL", mailer.grpc.as_str())];
    let first = start("campus", &to_mailer);
    wait_until_it_works_for(&first, "WelcomeStudent");
    let second = start("campus", &to_mailer);
    let gateway =
        start("automata-gateway", &[("CAMPUS_URL", second.grpc.as_str()), ("MAILER_URL", mailer.grpc.as_str())]);
    let api = gateway.api();
    register(&api, "s0", "s0@example.org");
    one_mail_to(&api, "s0@example.org");
    assert!(works_for(&first, "WelcomeStudent") && !works_for(&second, "WelcomeStudent"));

    mailer.kill();
    let addresses = || (0..20).map(|number| format!("s{number}@example.org"));
    for (number, to) in addresses().enumerate().skip(1) {
        register(&api, &format!("s{number}"), &to);
    }
    until("that the command has found nobody", || {
        first.group("WelcomeStudent")["waiting"].as_u64().filter(|waiting| *waiting > 0)
    });
    first.kill();
    let killed = Instant::now();
    let mailer = start("mailer", &[("GRPC_ADDR", &address)]);
    wait_until_it_works_for(&second, "WelcomeStudent");
    eprintln!("another process works for the group {:?} after the kill", killed.elapsed());
    each_has_one_mail(&api, &second, addresses());
    eprintln!("all commands are carried out {:?} after the kill", killed.elapsed());
    drop(mailer);
}

/// Whichever process works is killed while events come in, and every command is there once.
#[test]
fn owners_that_are_killed_one_after_the_other_leave_each_effect_there_once() {
    let (dir, url) = (tempfile::tempdir().unwrap(), databases());
    let mut programs: Vec<Program> = (0..3).map(|_| Program::start_at("automata-app", &url, dir.path(), &[])).collect();
    let mut registered = 0;
    let mut register_some = |api: &Api| {
        for _ in 0..10 {
            register(api, &format!("s{registered}"), &format!("s{registered}@example.org"));
            registered += 1;
        }
        registered
    };
    while programs.len() > 1 {
        let owner =
            until("that one works", || programs.iter().position(|program| works_for(program, "WelcomeStudent")));
        let owner = programs.remove(owner);
        register_some(&programs[0].api());
        owner.kill();
    }
    let last = &programs[0];
    let registered = register_some(&last.api());
    each_has_one_mail(&last.api(), last, (0..registered).map(|number| format!("s{number}@example.org")));
}

fn calls(dir: &Path, watch: &str) -> Vec<String> {
    let calls = std::fs::read_to_string(dir.join("calls")).unwrap_or_default();
    let of_watch = calls.lines().filter_map(|line| line.strip_prefix(watch)?.strip_prefix(' ').map(str::to_owned));
    of_watch.collect()
}

/// Over a view: it runs again and again; what is parked is sent again from a process that does not work for it; and when the
/// one that does is killed, the other goes on in step.
#[test]
fn a_view_is_worked_off_tick_by_tick_whoever_dies() {
    let (dir, url) = (tempfile::tempdir().unwrap(), databases());
    let file = dir.path().join("calls").display().to_string();
    let start = || Program::start_at("automata-app", &url, dir.path(), &[("CALLS", &file)]);
    let first = start();
    for group in ["Call", "Strike"] {
        wait_until_it_works_for(&first, group);
    }
    let second = start();
    let listed = second.group("Call");
    assert_eq!((&listed["parked"], &listed["here"]), (&json!(0), &json!(false)), "also with nothing parked: {listed}");
    let api = second.api();
    std::fs::write(dir.path().join("sleeper"), "").unwrap();
    for watch in ["waker", "sleeper"] {
        api.data(BEGIN, json!({ "w": watch }));
    }
    let parked = until("what is parked", || second.parked("Call").into_iter().next());
    assert_eq!((&parked["error"], &parked["data"]["entry"]), (&json!("asleep"), &json!("sleeper")));
    until("the second tick", || (calls(dir.path(), "waker").len() >= 2).then_some(()));
    let listed = first.group("Call");
    assert_eq!((&listed["parked"], &listed["here"]), (&json!(1), &json!(true)), "{listed}");
    let runs: u64 = ["waiting", "due", "running"].iter().map(|which| listed[which].as_u64().unwrap()).sum();
    assert_eq!(runs, 1, "the one awake: {listed}");

    std::fs::remove_file(dir.path().join("sleeper")).unwrap();
    let asked = Instant::now();
    second.resend("Call", &parked);
    until("that nothing is parked", || second.parked("Call").is_empty().then_some(()));
    eprintln!("what was parked is done {:?} after it was asked for elsewhere", asked.elapsed());
    until("that it goes on", || (calls(dir.path(), "sleeper").len() >= 2).then_some(()));
    let first_call = &calls(dir.path(), "sleeper")[0];
    let key = format!("Call/sleeper/{}/{}", parked["data"]["position"], parked["data"]["tick"]);
    assert_eq!(*first_call, key, "under the key of the run that was parked");

    first.kill();
    let killed = Instant::now();
    let before = calls(dir.path(), "waker").len();
    wait_until_it_works_for(&second, "Call");
    eprintln!("another process works for the view {:?} after the kill", killed.elapsed());
    until("that it goes on", || (calls(dir.path(), "waker").len() >= before + 3).then_some(()));
    until("strokes of both", || {
        (strokes(&api, "sleeper").len() >= 3 && strokes(&api, "waker").len() >= 3).then_some(())
    });
    each_stroke_is_of_a_tick_of_its_own(&url);
    let mut keys = calls(dir.path(), "waker");
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert!(
        all - keys.len() <= 1,
        "the tick at which its caller was killed may have been called twice, no other: {keys:?}"
    );
}

fn strokes(api: &Api, watch: &str) -> Vec<Value> {
    let strokes = api.data(STROKES, json!({}))["getStrokeList"]["data"].as_array().unwrap().clone();
    strokes.into_iter().filter(|stroke| stroke["watchId"] == watch).collect()
}

/// Every stroke was struck by a run that no other was named like: a tick of its entry.
fn each_stroke_is_of_a_tick_of_its_own(url: &str) {
    let (address, schema) = url.split_once("?schema=").unwrap();
    let schema = schema.replace("{service}", "campus");
    let sql = format!(
        "SELECT (SELECT count(*) FROM {schema}.events WHERE type = 'HourStruck'), \
         (SELECT array_agg(key) FROM {schema}.answers WHERE command = 'StrikeHour')"
    );
    let work = async {
        let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one(&sql, &[]).await.unwrap()
    };
    let row = tokio::runtime::Runtime::new().unwrap().block_on(work);
    let (strokes, keys): (i64, Vec<String>) = (row.get(0), row.get(1));
    assert_eq!(strokes, i64::try_from(keys.len()).unwrap(), "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with("Strike/")), "{keys:?}");
}
