//! The sample on PostgreSQL: the same as on SQLite, and when the process or the server is killed.

use crate::app::App;
use crate::durability::{self, SUBSCRIBE, all_seats, define_courses, every_course_counts_its_seats, seat, seat_id};
use crate::journey;
use crate::server::Server;
use crate::tokens::admin;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// For tests that leave the server alone.
pub static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// How many commands a test sends while its server is killed.
const COMMANDS: usize = 600;
const CLIENTS: usize = 6;

#[test]
fn graphql_from_end_to_end_and_again_after_a_restart() {
    let url = SERVER.schema();
    journey::graphql_and_again(|| App::start_at(&url));
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_from_end_to_end() {
    journey::grpc(App::start_at(&SERVER.schema())).await;
}

#[test]
fn a_kill_of_the_process_loses_nothing() {
    let url = SERVER.schema();
    durability::killed(|| App::start_at(&url));
}

#[test]
fn a_kill_of_the_server_loses_nothing_and_the_process_goes_on() {
    let mut server = Server::start();
    let app = App::start_at(&server.schema());
    let api = app.api().with(&admin());
    define_courses(&api);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let acknowledged: BTreeSet<String> = std::thread::scope(|scope| {
        let client = || {
            let mut acknowledged = BTreeSet::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= COMMANDS {
                    return acknowledged;
                }
                let answer = api.send(SUBSCRIBE, seat(number));
                done.fetch_add(1, Ordering::Relaxed);
                if answer.get("errors").is_none() {
                    acknowledged.insert(seat_id(number));
                }
            }
        };
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        for round in 1..=2 {
            while done.load(Ordering::Relaxed) < round * COMMANDS / 4 {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            server.kill();
            server.run();
        }
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(acknowledged.len() >= COMMANDS / 4, "{} were acknowledged", acknowledged.len());
    let seats = all_seats(&api);
    assert!(acknowledged.is_subset(&seats), "lost: {:?}", acknowledged.difference(&seats).collect::<Vec<_>>());
    every_course_counts_its_seats(&api, &seats);
    // What got no answer may be sent again.
    for number in 0..COMMANDS {
        let answer = api.send(SUBSCRIBE, seat(number));
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(answer.get("errors").is_none() || code == "StudentAlreadySubscribed", "{answer}");
    }
    let seats = all_seats(&api);
    assert_eq!(seats.len(), COMMANDS);
    every_course_counts_its_seats(&api, &seats);
}
