//! Several processes on one PostgreSQL schema.

use crate::app::App;
use crate::durability::{SUBSCRIBE, all_seats, define_courses, every_course_counts_its_seats, seat, seat_id};
use crate::graphql::Api;
use crate::journey;
use crate::postgres::SERVER;
use crate::tokens::admin;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const COMMANDS: usize = 900;
const CLIENTS: usize = 6;

#[test]
fn what_one_process_does_the_other_tells_its_subscribers() {
    let url = SERVER.schema();
    let (one, two) = (App::start_at(&url), App::start_at(&url));
    journey::subscriptions(&one, &two);
    drop(one);
    // Whichever of them applied the events, the other one goes on.
    let api = two.api().with(&admin());
    let define = "mutation { defineCourse(input: {courseId: \"late\", title: \"T\", capacity: 1}) { position } }";
    api.data(define, json!({}));
    let query = "{ getCourse(input: {id: \"late\", useStrongConsistency: true}) { title } }";
    assert_eq!(api.data(query, json!({}))["getCourse"]["title"], "T");
}

#[test]
fn one_of_two_is_killed_under_load() {
    killed_under_load(2);
}

#[test]
fn one_of_three_is_killed_under_load() {
    killed_under_load(3);
}

/// Starts so many processes, sends commands to all of them, kills each but the last, one after the other, and looks at what
/// is left: it has to be what the events alone give.
fn killed_under_load(processes: usize) {
    let url = SERVER.schema();
    let mut apps: Vec<App> = (0..processes).map(|_| App::start_at(&url)).collect();
    let apis: Vec<Api> = apps.iter().map(|app| app.api().with(&admin())).collect();
    define_courses(&apis[0]);
    let acknowledged = load(&mut apps, &apis);
    let last = apis.last().unwrap();
    let seats = all_seats(last);
    assert!(acknowledged.is_subset(&seats), "lost: {:?}", acknowledged.difference(&seats).collect::<Vec<_>>());
    every_course_counts_its_seats(last, &seats);
    let folded = everything(last);
    drop(apps);
    drop_tables(&url);
    let app = App::start_at(&url);
    assert_eq!(everything(&app.api().with(&admin())), folded, "as a rebuild from zero");
}

fn everything(api: &Api) -> Value {
    let query = "{ getCourseList(input: {useStrongConsistency: true}) { total data { id createdAt changedAt title capacity seatsTaken } } \
         getStudentCourseList(input: {useStrongConsistency: true}) { total data { id createdAt changedAt subscribedAt } } }";
    api.data(query, json!({}))
}

/// As if no projection had ever run.
pub fn drop_tables(url: &str) {
    let tables =
        sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = '{s}' AND tablename LIKE 'enrollment\\_%'");
    assert!(tables.len() >= 4, "tables and their change logs");
    for table in tables {
        sql(url, &format!("DROP TABLE {{s}}.\"{table}\""));
    }
    sql(url, "DELETE FROM {s}.projections");
}

/// Runs a statement; `{s}` stands for the schema. Gives the first column of what it answers.
pub fn sql(url: &str, statement: &str) -> Vec<String> {
    let (address, schema) = url.split_once("?schema=").unwrap();
    let work = async {
        let (client, connection) = tokio_postgres::connect(address, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let answers = client.simple_query(&statement.replace("{s}", schema)).await.unwrap();
        let rows = answers.iter().filter_map(|answer| match answer {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.collect()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Gives what was acknowledged by any of the processes. The last of them is left running.
fn load(apps: &mut Vec<App>, apis: &[Api]) -> BTreeSet<String> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let acknowledged = Mutex::new(BTreeSet::new());
    let living = AtomicUsize::new(0);
    let client = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= COMMANDS {
                return;
            }
            let at = (number % apis.len()).max(living.load(Ordering::Relaxed));
            let answer = apis[at].try_send(SUBSCRIBE, seat(number));
            done.fetch_add(1, Ordering::Relaxed);
            if answer.is_ok_and(|answer| answer.get("errors").is_none()) {
                acknowledged.lock().unwrap().insert(seat_id(number));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(client);
        }
        let all = apps.len();
        for round in 1..all {
            while done.load(Ordering::Relaxed) < round * COMMANDS / (all + 1) {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            apps.remove(0).kill();
            living.store(round, Ordering::Relaxed);
        }
    });
    acknowledged.into_inner().unwrap()
}
