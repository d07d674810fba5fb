//! The project of `tests/fixtures/snapshots` over its sockets: decisions read on from states that were kept, and nobody can tell.

use crate::app::{App, database};
use crate::graphql::Api;
use crate::postgres::SERVER;
use crate::programs;
use crate::sharing::sql;
use crate::tokens::token;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const OPEN: &str = "mutation($id: ID!) { openAccount(input: {accountId: $id, branchId: \"b1\"}) { position } }";
const DEPOSIT: &str = "mutation($id: ID!, $amount: Decimal!, $day: Date) {
    deposit(input: {accountId: $id, amount: $amount, way: CARD, day: $day}) { position } }";
const WITHDRAW: &str = "mutation($id: ID!, $amount: Decimal!) {
    withdraw(input: {accountId: $id, amount: $amount, way: CARD}) { position } }";
const COLLECT: &str = "mutation($ids: [ID!]!) { collect(input: {accountIds: $ids, least: \"0.01\"}) { events } }";
const INTEREST: &str = "mutation($id: ID!) { payInterest(input: {accountId: $id}) { events } }";
const CLOSE: &str = "mutation { closeBranch(input: {branchId: \"b1\"}) { position } }";

/// The project's database, and what stands in it behind the application's back.
struct Bank {
    dir: tempfile::TempDir,
}

impl Bank {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn start(&self) -> App {
        App::start_fixture("snapshots", self.dir.path())
    }

    /// The program of a model in which money that comes in counts twice.
    fn start_edited(&self) -> App {
        let (file, plus) = ("model/savings/withdraw.yaml", "Deposited: state + event.amount\n");
        let edited = programs::of_edited_fixture("snapshots", file, plus, "Deposited: state + 2 * event.amount\n");
        App::start_with(&edited, &[("DATABASE_URL", &database(self.dir.path())), ("GRPC_ADDR", "127.0.0.1:0")])
    }

    fn file(&self) -> PathBuf {
        Path::new(self.dir.path()).join("savings.db")
    }

    /// The states that are kept of a command, each with its definition.
    fn kept(&self, command: &str) -> Vec<(String, String)> {
        let connection = Connection::open(self.file()).unwrap();
        let mut rows = connection.prepare("SELECT definition, state FROM snapshots WHERE command = ?1").unwrap();
        let rows = rows.query_map([command], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Waits until a state of the command is kept that says this.
    fn keeps(&self, command: &str, text: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.kept(command).iter().any(|(_, state)| state.contains(text)) {
            assert!(Instant::now() < end, "no {text} in {:?}", self.kept(command));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Writes something else into the one state that is kept of a command.
    fn forge(&self, command: &str, from: &str, to: &str) {
        let connection = Connection::open(self.file()).unwrap();
        let sql = "UPDATE snapshots SET state = replace(state, ?2, ?3) WHERE command = ?1 AND instr(state, ?2) > 0";
        assert_eq!(connection.execute(sql, [command, from, to]).unwrap(), 1, "{from} in {:?}", self.kept(command));
    }

    /// The payloads of all events of a type, in their order.
    fn payloads(&self, event: &str) -> Vec<Value> {
        let connection = Connection::open(self.file()).unwrap();
        let mut rows = connection.prepare("SELECT payload FROM events WHERE type = ?1 ORDER BY position").unwrap();
        let rows = rows.query_map([event], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|text| serde_json::from_str(&text.unwrap()).unwrap()).collect()
    }

    /// What the events say that is on an account, in cents.
    fn truth(&self, id: &str) -> i64 {
        let sum = |event: &str| {
            let moved = self.payloads(event).into_iter().filter(|moved| moved["accountId"] == id);
            moved.map(|moved| cents(moved["amount"].as_str().unwrap())).sum::<i64>()
        };
        sum("Deposited") + sum("InterestPaid") - sum("Withdrawn") - sum("Collected")
    }
}

fn teller(app: &App) -> Api {
    app.api().with(&token("t1", "tom", &["TELLER"]))
}

fn cents(amount: &str) -> i64 {
    let (whole, part) = amount.split_once('.').expect("whole cents have two digits");
    format!("{whole}{part}").parse().unwrap()
}

fn deposit(api: &Api, id: &str, times: usize) {
    for day in 1..=times {
        let day = (day % 3 != 0).then(|| format!("2026-01-{day:02}"));
        api.data(DEPOSIT, json!({ "id": id, "amount": "1.00", "day": day }));
    }
}

/// What the decision knows of an account, as it says when it is asked for too much.
fn told(api: &Api, id: &str) -> String {
    let answer = api.send(WITHDRAW, json!({ "id": id, "amount": "1000000.00" }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TooLittle", "{answer}");
    answer["errors"][0]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_decision_reads_on_from_the_state_that_was_kept() {
    let bank = Bank::new();
    let app = bank.start();
    let api = teller(&app);
    api.data(OPEN, json!({ "id": "a1" }));
    deposit(&api, "a1", 25);
    assert!(bank.kept("Withdraw").is_empty(), "nobody has decided anything yet");
    api.data(WITHDRAW, json!({ "id": "a1", "amount": "1.00" }));
    bank.keeps("Withdraw", "\"balance\":\"25.00\"");
    assert_eq!(told(&api, "a1"), "After 26 moves on 25 days there are 24.00");
    let withdrawn = &bank.payloads("Withdrawn")[0];
    api.data(WITHDRAW, json!({ "id": "a1", "amount": "1.00" }));
    assert_eq!(
        withdrawn["of"],
        bank.payloads("Withdrawn")[1]["of"],
        "nested values are the same when they are read back"
    );
    app.kill();

    let app = bank.start();
    assert_eq!(told(&teller(&app), "a1"), "After 27 moves on 25 days there are 23.00", "after a kill");
    assert!(app.interrupt());
    // Nobody can tell but who lies about what was kept: so it is really read.
    bank.forge("Withdraw", "\"balance\":\"25.00\"", "\"balance\":\"9025.00\"");
    let app = bank.start();
    assert_eq!(told(&teller(&app), "a1"), "After 27 moves on 25 days there are 9023.00");
    assert!(app.interrupt());
    // Another definition never reads it.
    let app = bank.start_edited();
    let api = teller(&app);
    assert_eq!(told(&api, "a1"), "After 27 moves on 25 days there are 48.00");
    api.data(WITHDRAW, json!({ "id": "a1", "amount": "1.00" }));
    bank.keeps("Withdraw", "\"balance\":\"48.00\"");
    assert!(app.interrupt());
    assert_eq!(bank.kept("Withdraw").len(), 1, "it has taken the place of the other");
    assert_eq!(told(&teller(&bank.start()), "a1"), "After 28 moves on 25 days there are 22.00", "and back again");
}

#[test]
fn lists_later_steps_and_decisions_in_rust_go_on_from_what_was_kept() {
    let bank = Bank::new();
    let app = bank.start();
    let api = teller(&app);
    ["a1", "a2"].iter().for_each(|id| drop(api.data(OPEN, json!({ "id": id }))));
    let collect = |ids: [&str; 2]| api.data(COLLECT, json!({ "ids": ids }));
    for (round, ids) in [["a1", "a2"], ["a1", "a2"], ["a2", "a1"], ["a1", "a2"]].into_iter().enumerate() {
        deposit(&api, "a1", 4 + round);
        deposit(&api, "a2", 8);
        collect(ids);
    }
    let collected = bank.payloads("Collected");
    let collected: Vec<_> = collected.iter().map(|one| (one["accountId"].as_str(), one["amount"].as_str())).collect();
    let expected = [("a1", "4.00"), ("a2", "8.00"), ("a1", "5.00"), ("a2", "8.00"), ("a2", "8.00"), ("a1", "6.00")];
    let expected = expected.into_iter().chain([("a1", "7.00"), ("a2", "8.00")]);
    assert_eq!(collected, expected.map(|(id, amount)| (Some(id), Some(amount))).collect::<Vec<_>>());
    bank.keeps("Collect", "\"balance\":[\"7.00\",\"8.00\"]");
    assert_eq!(bank.kept("Collect").len(), 2, "one for each order of the list");

    api.data(INTEREST, json!({ "id": "a1" }));
    assert!(bank.kept("PayInterest").is_empty(), "these are too few events");
    assert_eq!(bank.payloads("InterestPaid")[0]["amount"], "0.2200");
    // What a later step reads was kept too, and goes on.
    api.data(CLOSE, json!({}));
    deposit(&api, "a1", 1);
    assert_eq!(api.error(COLLECT, json!({ "ids": ["a1", "a2"] })), "BranchClosedBefore");
    assert_eq!(api.error(WITHDRAW, json!({ "id": "a1", "amount": "1.00" })), "BranchIsClosed");
}

#[test]
fn processes_on_postgresql_read_on_from_what_any_of_them_has_kept() {
    let url = SERVER.schema();
    let start = || App::start_fixture_at("snapshots", &url, &[]);
    let (one, other) = (start(), start());
    let api = teller(&one);
    api.data(OPEN, json!({ "id": "a1" }));
    deposit(&api, "a1", 12);
    api.data(WITHDRAW, json!({ "id": "a1", "amount": "1.00" }));
    // Forged, so that it shows who reads it.
    let forge = "UPDATE {s}.snapshots SET state = replace(state, '\"12.00\"', '\"912.00\"') WHERE command = 'Withdraw' RETURNING position";
    let end = Instant::now() + Duration::from_secs(60);
    while sql(&url, forge).is_empty() {
        assert!(Instant::now() < end, "nothing is kept");
        std::thread::sleep(Duration::from_millis(20));
    }
    for app in [&one, &other] {
        assert_eq!(told(&teller(app), "a1"), "After 13 moves on 12 days there are 911.00");
    }
    sql(&url, "DELETE FROM {s}.snapshots");
    for app in [&one, &other] {
        assert_eq!(
            told(&teller(app), "a1"),
            "After 13 moves on 12 days there are 11.00",
            "what is lost is folded anew"
        );
    }
}

#[test]
fn a_kill_in_between_changes_nothing() {
    const CLIENTS: usize = 6;
    const KILLED_AFTER: usize = 400;
    let bank = Bank::new();
    let app = bank.start();
    let api = teller(&app);
    let ids = ["a1", "a2"];
    ids.iter().for_each(|id| drop(api.data(OPEN, json!({ "id": id }))));
    let (app, answered) = (Mutex::new(Some(app)), Mutex::new(0));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (api, app, answered) = (&api, &app, &answered);
            scope.spawn(move || {
                for round in 0.. {
                    let (command, amount) =
                        if (round + client) % 2 == 0 { (DEPOSIT, "1.30") } else { (WITHDRAW, "1.10") };
                    let id = ids[(client + round / 2) % 2];
                    let Ok(answer) = api.try_send(command, json!({ "id": id, "amount": amount })) else { return };
                    if answer.get("errors").is_some() {
                        let code = &answer["errors"][0]["extensions"]["code"];
                        assert!(["TooLittle", "OtherWay", "CONFLICT"].iter().any(|known| code == known), "{answer}");
                        continue;
                    }
                    let mut answered = answered.lock().unwrap();
                    *answered += 1;
                    if *answered == KILLED_AFTER {
                        app.lock().unwrap().take().unwrap().kill();
                    }
                }
            });
        }
    });
    assert!(!bank.kept("Withdraw").is_empty(), "states were kept meanwhile");
    let withdrawn = bank.payloads("Withdrawn").len() + bank.payloads("Deposited").len();
    assert!(withdrawn >= KILLED_AFTER, "what was answered is there");
    let app = bank.start();
    for id in ids {
        let truth = bank.truth(id);
        assert!(truth >= 0, "nobody withdrew more than there was");
        let there_are = format!("there are {}.{:02}", truth / 100, truth % 100);
        assert!(told(&teller(&app), id).ends_with(&there_are), "{} but {there_are}", told(&teller(&app), id));
    }
}
