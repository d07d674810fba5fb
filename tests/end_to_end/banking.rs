//! The bank: whatever is sent from where to where at the same moment, no money is lost or made, and nobody owes more than may be.

use crate::app::App;
use crate::graphql::Api;
use crate::tokens::token;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Barrier;

const ACCOUNTS: usize = 4;
const SENDERS: usize = 12;
const EACH: usize = 10;
/// What each account begins with, in cents.
const BEGIN: i64 = 500;

const OPEN: &str =
    "mutation($id: ID!, $of: ID!) { openAccount(input: {accountId: $id, customerId: $of}) { position } }";
const DEPOSIT: &str =
    "mutation($id: ID!, $amount: Int!) { deposit(input: {accountId: $id, amount: $amount}) { position } }";
const TRANSFER: &str = "mutation($from: ID!, $to: ID!, $amount: Int!) { transfer(input: {from: $from, to: $to, amount: $amount}) { events } }";
const WITHDRAW: &str =
    "mutation($id: ID!, $amount: Int!) { withdraw(input: {accountId: $id, amount: $amount}) { position } }";
const SETTLE: &str = "mutation($id: ID!) { settleInterest(input: {accountId: $id}) { events } }";
const CLOSE: &str = "mutation($id: ID!) { closeAccount(input: {accountId: $id}) { position } }";

fn teller(app: &App) -> Api {
    app.api().with(&token("t1", "tom", &["TELLER"]))
}

fn customer(app: &App, user: &str) -> Api {
    app.api().with(&token("t1", user, &["CUSTOMER"]))
}

/// The balance of every account, by id.
fn balances(api: &Api) -> BTreeMap<String, i64> {
    let query = "{ getAccountList(input: {useStrongConsistency: true}) { data { id balance } } }";
    let seen = api.data(query, json!({}));
    let accounts = seen["getAccountList"]["data"].as_array().unwrap();
    accounts.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), one["balance"].as_i64().unwrap())).collect()
}

fn open(app: &App) {
    let api = teller(app);
    for number in 0..ACCOUNTS {
        let id = format!("a{number}");
        api.data(OPEN, json!({ "id": id, "of": format!("u{number}") }));
        api.data(DEPOSIT, json!({ "id": id, "amount": BEGIN }));
    }
}

/// Everybody sends to everybody at once; gives how many transfers were made.
fn send_around(app: &App) -> usize {
    let barrier = Barrier::new(SENDERS);
    let send = |sender: usize| {
        let (api, mut made) = (teller(app), 0);
        barrier.wait();
        for round in 0..EACH {
            let (from, to) = ((sender + round) % ACCOUNTS, (sender * 3 + round * 2 + 1) % ACCOUNTS);
            let amount = 40 + (sender * 31 + round * 17) % 300;
            let variables = json!({ "from": format!("a{from}"), "to": format!("a{to}"), "amount": amount });
            let answer = api.send(TRANSFER, variables);
            match answer["errors"][0]["extensions"]["code"].as_str() {
                None => made += 1,
                Some("InsufficientFunds" | "SameAccount") => {}
                Some(other) => panic!("{other}: {answer}"),
            }
        }
        made
    };
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS).map(|sender| scope.spawn(move || send(sender))).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).sum()
    })
}

#[test]
fn concurrent_transfers_never_lose_or_make_money() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_example("banking", dir.path());
    open(&app);
    let made = send_around(&app);
    let all = i64::try_from(ACCOUNTS).unwrap() * BEGIN;

    let api = teller(&app);
    let after = balances(&api);
    assert!(made > 0);
    assert_eq!((after.len(), after.values().sum::<i64>()), (ACCOUNTS, all), "{after:?}");
    assert!(after.values().all(|balance| *balance >= 0), "{after:?}");
    let movements = api.data("{ getMovementList(input: {useStrongConsistency: true}) { total } }", json!({}));
    assert_eq!(movements["getMovementList"]["total"], ACCOUNTS + 2 * made);
    for (id, balance) in &after {
        let statement = "query($id: ID!) { getStatement(input: {id: $id, useStrongConsistency: true}) { balance movements account { balance } lines { number balance } } }";
        let seen = &api.data(statement, json!({ "id": id }))["getStatement"];
        let lines = seen["lines"].as_array().unwrap();
        let (last, count) = (lines.last().unwrap(), seen["movements"].as_i64().unwrap());
        assert_eq!((&seen["balance"], &seen["account"]["balance"]), (&json!(balance), &json!(balance)));
        assert_eq!((&last["balance"], &last["number"]), (&json!(balance), &json!(count)));
        assert_eq!(lines.len(), usize::try_from(count.min(10)).unwrap());
    }
    app.kill();
    let app = App::start_example("banking", dir.path());
    assert_eq!(balances(&teller(&app)), after, "after a kill");
}

#[test]
fn everybody_moves_their_own_money_only() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_example("banking", dir.path());
    open(&app);
    let (api, mine, theirs) = (teller(&app), customer(&app, "u0"), customer(&app, "u1"));
    let cash = json!({ "id": "a0", "amount": BEGIN });
    assert_eq!(theirs.error(WITHDRAW, cash.clone()), "NotYourAccount");
    assert_eq!(theirs.error(TRANSFER, json!({ "from": "a0", "to": "a1", "amount": 1 })), "NotYourAccount");
    assert_eq!(mine.error(DEPOSIT, cash.clone()), "FORBIDDEN");
    mine.data(WITHDRAW, cash.clone());
    assert_eq!(mine.error(WITHDRAW, json!({ "id": "a0", "amount": 1 })), "InsufficientFunds");
    assert_eq!(api.error(CLOSE, json!({ "id": "a1" })), "AccountNotEmpty");
    api.data(CLOSE, json!({ "id": "a0" }));
    assert_eq!(api.error(DEPOSIT, cash), "AccountNotOpen");
    assert_eq!(api.error(TRANSFER, json!({ "from": "a1", "to": "a0", "amount": 1 })), "ReceiverNotOpen");
    let closed = "{ getAccount(input: {id: \"a0\", useStrongConsistency: true}) { status balance } getStatementList(input: {}) { total } }";
    let seen: Value = api.data(closed, json!({}));
    assert_eq!(seen["getAccount"], json!({ "status": "CLOSED", "balance": 0 }));
    assert_eq!(seen["getStatementList"]["total"], ACCOUNTS - 1);
}

#[test]
fn a_decision_in_rust_is_a_command_like_any() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_example("banking", dir.path());
    open(&app);
    let api = teller(&app);
    let answer = api.send(SETTLE, json!({ "id": "a0" }));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NothingToSettle", "{answer}");
    assert_eq!(answer["errors"][0]["message"], "The interest of account a0 comes to less than a cent");
    assert_eq!(api.error(SETTLE, json!({ "id": "nowhere" })), "AccountNotOpen");
    // So much money that a moment brings a cent.
    api.data(DEPOSIT, json!({ "id": "a0", "amount": 4_000_000_000_000_000_i64 }));
    std::thread::sleep(std::time::Duration::from_millis(10));
    let paid = api.data(SETTLE, json!({ "id": "a0" }));
    assert_eq!(paid["settleInterest"]["events"], json!(["InterestPaid"]));
}
