//! Projections of another service's events.

use std::time::Duration;

use super::tally::{Tally, given, heal, row, sicken, tallies};
use super::{Billing, Enrollment, On, until};
use crate::event::{Position, Tenant};
use crate::projection::{Engines, State};

const LONG: Duration = Duration::from_secs(60);

async fn reached(engines: &Engines, position: Position) {
    let live = engines.live::<Tally>(&Tenant::new("a")).unwrap().unwrap();
    live.reached(position, LONG).await.unwrap();
}

async fn ready(engines: &Engines) {
    until("it is ready", async || engines.is_ready()).await;
}

pub(super) async fn it_folds_what_happens_elsewhere_and_tenants_never_meet(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    enrollment.append("a", vec![given("one", 1), given("two", 1)]).await;
    let engines = billing.project().await;
    ready(&engines).await;
    assert_eq!(tallies(&engines, "a").await["one"], "1");
    let last = enrollment.append("b", vec![given("one", 7)]).await;
    enrollment.append("a", vec![given("one", 2)]).await;
    reached(&engines, last + 1).await;
    assert_eq!(tallies(&engines, "a").await["one"], row(2));
    assert_eq!(tallies(&engines, "b").await.into_iter().collect::<Vec<_>>(), [("one".to_owned(), "7".to_owned())]);
    // Nothing of it is in the reader's own store, and a strong read asks the other one.
    assert_eq!(billing.databases.all()[0].events().head().await.unwrap(), 0);
    let live = engines.live::<Tally>(&Tenant::new("a")).unwrap().unwrap();
    assert_eq!(live.feed.head().await.unwrap(), last + 1);
    let overview = &engines.overview().await.unwrap()[0];
    assert_eq!((overview.source, overview.state, overview.position), (Some("enrollment"), State::Live, last + 1));
    engines.stop().await;
    let billing = billing.again(&enrollment);
    let last = enrollment.append("a", vec![given("one", 3)]).await;
    let engines = billing.project().await;
    reached(&engines, last).await;
    assert_eq!(tallies(&engines, "a").await["one"], row(3));
    engines.stop().await;
}

pub(super) async fn nothing_is_doubled_or_passed_over_however_often_the_line_breaks(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let engines = billing.project().await;
    let mut last = 0;
    for number in 1..=300 {
        last = enrollment.append("a", vec![given("one", number), given("two", number)]).await;
        if number % 10 == 0 {
            enrollment.turn(fastrand::bool());
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..30))).await;
            enrollment.turn(true);
        }
        if number % 30 == 0 {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(0..200))).await;
        }
    }
    reached(&engines, last).await;
    let found = tallies(&engines, "a").await;
    assert_eq!(found["one"], row(300));
    assert_eq!(found["two"], row(300));
    assert_eq!(engines.overview().await.unwrap()[0].parked, 0);
    engines.stop().await;
    let anew = Billing::open(on, &enrollment).await;
    let engines = anew.project().await;
    reached(&engines, last).await;
    assert_eq!(tallies(&engines, "a").await, found, "built from the beginning it is the same");
    engines.stop().await;
}

pub(super) async fn it_waits_for_a_service_that_is_not_there(on: On) {
    let enrollment = Enrollment::open(on).await;
    enrollment.turn(false);
    let billing = Billing::open(on, &enrollment).await;
    enrollment.append("a", vec![given("one", 1)]).await;
    let engines = billing.project().await;
    until("it is said why", async || {
        let lag = engines.readiness()[0].lag().map(|lag| lag.to_string()).unwrap_or_default();
        lag.starts_with(
            "Tally waits for the service `enrollment`: the events of the service `enrollment` cannot be read",
        )
    })
    .await;
    assert!(!engines.is_ready());
    let overview = &engines.overview().await.unwrap()[0];
    assert_eq!((overview.state, overview.percent), (State::Building, 0));
    enrollment.turn(true);
    ready(&engines).await;
    assert_eq!(tallies(&engines, "a").await["one"], "1");
    // Once it has caught up, it serves what it has, whatever becomes of the other one.
    enrollment.turn(false);
    until("the loss is noticed", async || engines.overview().await.unwrap()[0].source_error.is_some()).await;
    enrollment.append("a", vec![given("one", 2)]).await;
    assert!(engines.is_ready());
    assert_eq!(tallies(&engines, "a").await["one"], "1");
    let live = engines.live::<Tally>(&Tenant::new("a")).unwrap().unwrap();
    assert!(live.feed.head().await.is_err(), "nobody can say what a strong read would have to wait for");
    enrollment.turn(true);
    until("it goes on", async || tallies(&engines, "a").await["one"] == row(2)).await;
    until("nothing is wrong any more", async || engines.overview().await.unwrap()[0].source_error.is_none()).await;
    engines.stop().await;
}

pub(super) async fn what_lies_aside_is_tried_again_from_the_other_service(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let engines = billing.project().await;
    let sick = fastrand::usize(1000..1_000_000_000);
    sicken(&sick.to_string());
    let numbers = [1, sick, 3];
    for number in numbers {
        enrollment.append("a", vec![given("one", number)]).await;
    }
    let last = enrollment.append("b", vec![given("one", 9)]).await;
    reached(&engines, last).await;
    assert_eq!(tallies(&engines, "a").await["one"], "1 3");
    heal(&sick.to_string());
    let parked = engines.parked("Tally", None, 10).await.unwrap().unwrap();
    assert_eq!(parked.len(), 1);
    enrollment.turn(false);
    assert!(engines.resend("Tally", &parked[0].id).await.unwrap());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(tallies(&engines, "a").await["one"], "1 3", "the events that it is folded from are away");
    enrollment.turn(true);
    until("it is in its place", async || tallies(&engines, "a").await["one"] == format!("1 {sick} 3")).await;
    assert_eq!(engines.parked("Tally", None, 10).await.unwrap().unwrap().len(), 0);
    engines.stop().await;
}

pub(super) async fn others_events_are_no_reason_to_go_on(on: On) {
    let enrollment = Enrollment::open(on).await;
    let billing = Billing::open(on, &enrollment).await;
    let last = enrollment.append("a", vec![given("one", 1), given("one", 2)]).await;
    let engines = billing.project().await;
    reached(&engines, last).await;
    engines.stop().await;
    let other = Enrollment::open(on).await;
    other.append("a", (1..9).map(|number| given("one", number)).collect()).await;
    let billing = billing.again(&other);
    let engines = billing.project().await;
    until("it says so", async || {
        let lag = engines.readiness()[0].lag().map(|lag| lag.to_string()).unwrap_or_default();
        lag.contains("its events are others than those that were read before")
    })
    .await;
    assert_eq!(tallies(&engines, "a").await["one"], row(2));
    engines.stop().await;
    let billing = billing.again(&enrollment);
    let last = enrollment.append("a", vec![given("one", 3)]).await;
    let engines = billing.project().await;
    reached(&engines, last).await;
    assert_eq!(tallies(&engines, "a").await["one"], row(3));
    engines.stop().await;
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_on_one_database_one_reads_and_both_know() {
    use crate::database::Database;
    let enrollment = Enrollment::open(On::Sqlite).await;
    let url = crate::store::conformance::address_on_server();
    let open = async || Billing::on(Database::open(&url, "unused").await.unwrap(), &enrollment);
    let (one, two) = (open().await, open().await);
    let (first, second) = (one.project().await, two.project().await);
    let mut last = 0;
    for number in 1..=50 {
        last = enrollment.append("a", vec![given("one", number)]).await;
    }
    reached(&first, last).await;
    reached(&second, last).await;
    let owners = async || {
        let mut here = Vec::new();
        for engines in [&first, &second] {
            here.push(engines.overview().await.unwrap()[0].here);
        }
        here
    };
    assert_eq!(owners().await.iter().filter(|here| **here).count(), 1);
    assert_eq!(tallies(&second, "a").await["one"], row(50));
    // Whoever is left goes on.
    let (leaving, staying) = if owners().await[0] { (&first, &second) } else { (&second, &first) };
    leaving.stop().await;
    for number in 51..=60 {
        last = enrollment.append("a", vec![given("one", number)]).await;
    }
    reached(staying, last).await;
    assert_eq!(tallies(staying, "a").await["one"], row(60));
    staying.stop().await;
}
