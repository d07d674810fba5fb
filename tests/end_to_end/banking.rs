//! The bank: whatever is sent from where to where at the same moment, no money is lost or made, and nobody owes more than may be.

use crate::app::App;
use crate::graphql::Api;
use crate::tokens::token;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const ACCOUNTS: usize = 4;
const SENDERS: usize = 12;
const EACH: usize = 10;
/// What each account begins with, in cents.
const BEGIN: i64 = 500;

/// Who reports large transfers.
const GROUP: &str = "ReportLargeTransfer";

const OPEN: &str =
    "mutation($id: ID!, $of: ID!) { openAccount(input: {accountId: $id, customerId: $of}) { position } }";
const DEPOSIT: &str =
    "mutation($id: ID!, $amount: Decimal!) { deposit(input: {accountId: $id, amount: $amount}) { position } }";
const TRANSFER: &str = "mutation($from: ID!, $to: ID!, $amount: Decimal!) { transfer(input: {from: $from, to: $to, amount: $amount}) { events } }";
const WITHDRAW: &str =
    "mutation($id: ID!, $amount: Decimal!) { withdraw(input: {accountId: $id, amount: $amount}) { position } }";
const SETTLE: &str = "mutation($id: ID!) { settleInterest(input: {accountId: $id}) { events } }";
const CLOSE: &str = "mutation($id: ID!) { closeAccount(input: {accountId: $id}) { position } }";

fn teller(app: &App) -> Api {
    app.api().with(&token("t1", "tom", &["TELLER"]))
}

/// Says who is on duty, reads what was reported, and may see whose account it is.
fn manager(app: &App) -> Api {
    app.api().with(&token("t1", "max", &["MANAGER", "TELLER"]))
}

fn customer(app: &App, user: &str) -> Api {
    app.api().with(&token("t1", user, &["CUSTOMER"]))
}

/// A number of cents as the amount that it is: `123` → `1.23`.
fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// An amount as the cents that it is.
fn cents(amount: &Value) -> i64 {
    let (whole, part) = amount.as_str().unwrap().split_once('.').expect("whole cents have two digits");
    assert_eq!(part.len(), 2, "{amount}");
    format!("{whole}{part}").parse().unwrap()
}

/// The balance of every account in cents, by id.
fn balances(api: &Api) -> BTreeMap<String, i64> {
    let query = "{ getAccountList(input: {useStrongConsistency: true}) { data { id balance } } }";
    let seen = api.data(query, json!({}));
    let accounts = seen["getAccountList"]["data"].as_array().unwrap();
    accounts.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), cents(&one["balance"]))).collect()
}

fn open(app: &App) {
    let api = teller(app);
    for number in 0..ACCOUNTS {
        let id = format!("a{number}");
        api.data(OPEN, json!({ "id": id, "of": format!("u{number}") }));
        api.data(DEPOSIT, json!({ "id": id, "amount": amount(BEGIN) }));
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
            let some = amount(i64::try_from(40 + (sender * 31 + round * 17) % 300).unwrap());
            let variables = json!({ "from": format!("a{from}"), "to": format!("a{to}"), "amount": some });
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
        let statement = "query($id: ID!) { getStatement(input: {id: $id, useStrongConsistency: true}) { balance movements account { balance } lines { number balance amount movement { amount account { id } } } } }";
        let seen = &api.data(statement, json!({ "id": id }))["getStatement"];
        let lines = seen["lines"].as_array().unwrap();
        let (last, count) = (lines.last().unwrap(), seen["movements"].as_i64().unwrap());
        assert_eq!((cents(&seen["balance"]), cents(&seen["account"]["balance"])), (*balance, *balance));
        assert_eq!((cents(&last["balance"]), &last["number"]), (*balance, &json!(count)));
        for pair in lines.windows(2) {
            assert_eq!(cents(&pair[0]["balance"]) + cents(&pair[1]["amount"]), cents(&pair[1]["balance"]), "{pair:?}");
        }
        for line in lines {
            let movement = &line["movement"];
            assert_eq!((&movement["amount"], &movement["account"]["id"]), (&line["amount"], &json!(id)), "{line}");
        }
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
    let cash = json!({ "id": "a0", "amount": amount(BEGIN) });
    assert_eq!(theirs.error(WITHDRAW, cash.clone()), "NotYourAccount");
    assert_eq!(theirs.error(TRANSFER, json!({ "from": "a0", "to": "a1", "amount": "0.01" })), "NotYourAccount");
    assert_eq!(mine.error(DEPOSIT, cash.clone()), "FORBIDDEN");
    for (odd, code) in [("0.005", "PartOfACent"), ("0.00", "NothingToMove"), ("-1", "NothingToMove")] {
        assert_eq!(mine.error(WITHDRAW, json!({ "id": "a0", "amount": odd })), code);
    }
    mine.data(WITHDRAW, cash.clone());
    assert_eq!(mine.error(WITHDRAW, json!({ "id": "a0", "amount": "0.01" })), "InsufficientFunds");
    assert_eq!(api.error(CLOSE, json!({ "id": "a1" })), "AccountNotEmpty");
    api.data(CLOSE, json!({ "id": "a0" }));
    assert_eq!(api.error(DEPOSIT, cash), "AccountNotOpen");
    assert_eq!(api.error(TRANSFER, json!({ "from": "a1", "to": "a0", "amount": "0.01" })), "ReceiverNotOpen");
    let closed = "{ getAccount(input: {id: \"a0\", useStrongConsistency: true}) { status balance } getStatementList(input: {}) { total } }";
    let seen: Value = api.data(closed, json!({}));
    assert_eq!(seen["getAccount"], json!({ "status": "CLOSED", "balance": "0.00" }));
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
    api.data(DEPOSIT, json!({ "id": "a0", "amount": "40000000000000.00" }));
    std::thread::sleep(Duration::from_millis(10));
    let paid = api.data(SETTLE, json!({ "id": "a0" }));
    assert_eq!(paid["settleInterest"]["events"], json!(["InterestPaid"]));
}

#[test]
fn a_report_is_parked_until_somebody_is_on_duty_and_then_there_once() {
    let dir = tempfile::tempdir().unwrap();
    let app = App::start_example("banking", dir.path());
    open(&app);
    let api = teller(&app);
    api.data(DEPOSIT, json!({ "id": "a0", "amount": "50000.00" }));
    let send = |amount: &str| {
        let made = api.data(TRANSFER, json!({ "from": "a0", "to": "a1", "amount": amount }));
        assert_eq!(made["transfer"]["events"], json!(["MoneySent", "MoneyReceived"]), "the money moves all the same");
    };
    send("9999.99");
    send("10000.00");
    let held = until("the report that nobody takes", || parked(&app).into_iter().next());
    let error = held["error"].as_str().unwrap();
    assert!(error.contains("NobodyOnDuty") && error.contains("There is nobody to lay transfer"), "{held}");
    assert_eq!((&held["eventType"], parked(&app).len()), (&json!("MoneySent"), 1), "one is large");

    // Sent again too early it is parked again, and what was parked outlives the process.
    resend(&app, &held);
    let again = until("that it is parked again", || {
        parked(&app).into_iter().find(|again| again["attempts"] != held["attempts"])
    });
    assert_eq!((&again["id"], &again["position"]), (&held["id"], &held["position"]));
    app.kill();
    let app = App::start_example("banking", dir.path());
    let (api, boss) = (teller(&app), manager(&app));
    assert_eq!(parked(&app).len(), 1);

    boss.data("mutation { appointOfficer(input: {officerId: \"mary\"}) { position } }", json!({}));
    // Whoever is large from now on is reported at once; what is parked waits to be asked for.
    api.data(TRANSFER, json!({ "from": "a0", "to": "a1", "amount": "20000.00" }));
    until("the second report", || (reports(&boss).len() == 1).then_some(()));
    resend(&app, &parked(&app)[0]);
    let reported = until("both reports", || Some(reports(&boss)).filter(|reported| reported.len() == 2));
    assert_eq!(
        reported,
        [
            json!({ "amount": "10000.00", "officerId": "mary", "account": { "id": "a0" } }),
            json!({ "amount": "20000.00", "officerId": "mary", "account": { "id": "a0" } })
        ]
    );
    until("that nothing is parked", || parked(&app).is_empty().then_some(()));

    // Nothing is reported again, not even by another process.
    app.kill();
    let app = App::start_example("banking", dir.path());
    assert_eq!((reports(&manager(&app)).len(), parked(&app).len()), (2, 0));
}

/// What is parked of the reports.
fn parked(app: &App) -> Vec<Value> {
    let (status, answer) = app.operate("GET", &format!("/groups/{GROUP}/parked"));
    assert_eq!(status, 200, "{answer}");
    answer["parked"].as_array().unwrap().clone()
}

/// Has one of them sent again.
fn resend(app: &App, held: &Value) {
    let path = format!("/groups/{GROUP}/parked/{}/resend", held["id"].as_str().unwrap());
    assert_eq!(app.operate("POST", &path).0, 202);
}

/// What was reported, the smallest first.
fn reports(manager: &Api) -> Vec<Value> {
    let query = "{ getReportList(input: {order: {amount: {direction: ASC}}, useStrongConsistency: true}) { data { amount officerId account { id } } } }";
    manager.data(query, json!({}))["getReportList"]["data"].as_array().unwrap().clone()
}

/// Waits until something is there; the machine may be busy.
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    while Instant::now() < end {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("it never came: {what}");
}
