//! The section `lists`: the first twenty courses of one capacity, by title, out of ten thousand on PostgreSQL. The generated
//! service, PostGraphile, and a resolver that is written by hand answer from the same rows.

use super::CLIENTS;
use super::app::{App, SECRET};
use super::http::Connection;
use crate::generation::process::cpu_seconds;
use crate::load::{Measured, measured};
use crate::report::{Report, median, thousands};
use crate::run::Run;
use crate::server::{Process, free_address, spawn};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Courses.
const ROWS: u64 = 10_000;
/// Different capacities: each is that of two hundred courses.
const CAPACITIES: u64 = 50;
/// What is asked of the service and of the resolver.
const OURS: &str = "query($capacity: Int!) { getCourseList(input: {limit: 20, filter: {capacity: {equals: $capacity}}, \
    order: {title: {direction: ASC}}}) { data { id title capacity seatsTaken } } }";
/// The same in the words of PostGraphile.
const THEIRS: &str = "query($capacity: BigInt!) { allCourses(first: 20, condition: {tenant: \"bench\", capacity: $capacity}, \
    orderBy: [TITLE_ASC]) { nodes { id title capacity seatsTaken } } }";

/// Somebody who answers.
#[derive(Clone)]
struct Subject {
    name: Arc<str>,
    address: String,
    token: Arc<str>,
    query: &'static str,
    /// Killed when the last one is dropped.
    process: Arc<Process>,
}

/// One measurement.
struct Round {
    subject: Arc<str>,
    clients: u64,
    measured: Measured,
    /// Processor time of the process that answers, in microseconds a list.
    each: f64,
    /// That of PostgreSQL's sessions.
    database: f64,
}

/// The section.
///
/// # Errors
/// The first failure.
pub async fn section(run: &mut Run, report: &mut Report) -> Result<(), String> {
    let Some(database) = run.postgres() else { return Err("there is no PostgreSQL".to_owned()) };
    let app = App::start(run, "lists", &format!("{database}?schema={{service}}")).await?;
    fill(&app).await?;
    copy(&database).await?;
    let subjects = subjects(run, app, &database).await?;
    let mut rounds = Vec::new();
    for _ in 0..run.rounds {
        for clients in CLIENTS {
            for subject in &subjects {
                let round = subject.round(run, clients).await?;
                eprintln!("{clients} clients: {}: {:.0}/s", subject.name, round.measured.per_second);
                rounds.push(round);
            }
        }
    }
    let names: Vec<&str> = subjects.iter().map(|subject| &*subject.name).collect();
    let raw: Vec<Value> = rounds.iter().map(Round::raw).collect();
    report.table("lists", "The first 20 of 200 courses, by title, on PostgreSQL", &lines(&rounds, &names), raw);
    report.table("lists.ratios", "Ratios of lists", &ratios(&rounds, &names), ());
    Ok(())
}

/// A subject a line, a number of clients a column.
fn lines(rounds: &[Round], names: &[&str]) -> Vec<Vec<String>> {
    let mut lines = vec![head("lists/s (p50 / p99 in ms; processor time each + PostgreSQL's)")];
    for name in names {
        let cell = |clients| {
            let middle = |part: fn(&Round) -> f64| median(of(rounds, name, clients, part));
            format!(
                "{} ({:.2} / {:.2}; {:.0} + {:.0} µs)",
                thousands(middle(|round| round.measured.per_second)),
                middle(|round| round.measured.p50) / 1000.0,
                middle(|round| round.measured.p99) / 1000.0,
                middle(|round| round.each),
                middle(|round| round.database)
            )
        };
        lines.push(std::iter::once((*name).to_owned()).chain(CLIENTS.map(cell)).collect());
    }
    lines
}

/// The first subject's lists a second over each other one's, round by round.
fn ratios(rounds: &[Round], names: &[&str]) -> Vec<Vec<String>> {
    let mut lines = vec![head("ratio")];
    let Some((first, others)) = names.split_first() else { return lines };
    for other in others {
        let cell = |clients| {
            let of = |name| of(rounds, name, clients, |round| round.measured.per_second);
            let ratios = of(first).into_iter().zip(of(other)).map(|(ours, theirs)| ours / theirs);
            format!("{:.2}", median(ratios.collect()))
        };
        lines.push(std::iter::once(format!("{first} / {other}")).chain(CLIENTS.map(cell)).collect());
    }
    lines
}

fn head(text: &str) -> Vec<String> {
    std::iter::once(text.to_owned()).chain(CLIENTS.map(|clients| format!("{clients} clients"))).collect()
}

fn of(rounds: &[Round], subject: &str, clients: u64, part: fn(&Round) -> f64) -> Vec<f64> {
    rounds.iter().filter(|round| (&*round.subject, round.clients) == (subject, clients)).map(part).collect()
}

impl Round {
    fn raw(&self) -> Value {
        json!({ "subject": &*self.subject, "clients": self.clients, "measured": self.measured, "cpu_us_each": self.each,
            "postgres_us_each": self.database })
    }
}

/// Courses by commands, as they come to be in life, and the wait for the last of them to be readable.
async fn fill(app: &App) -> Result<(), String> {
    let define = async |first: u64| {
        for number in (first..ROWS).step_by(64) {
            // Spread over the alphabet, so that order by title is not the order of defining.
            let title = format!("Course {:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let capacity = (1 + number % CAPACITIES).cast_signed();
            app.define(&format!("c{number}"), &title, capacity).await.map_err(|status| status.to_string())?;
        }
        Ok::<(), String>(())
    };
    try_join_all((0..64).map(define)).await?;
    let count = json!({ "query": "{ getCourseList(input: {limit: 1, useStrongConsistency: true}) { total } }" });
    let mut http = Connection::open(&app.http).await.map_err(|error| error.to_string())?;
    let answer = http.post("/graphql", &app.token, &count.to_string()).await.map_err(|error| error.to_string())?;
    if answer.contains(&format!("\"total\":{ROWS}")) { Ok(()) } else { Err(answer) }
}

/// The rows once more, under a name that is not made of a hash, with the same indexes.
async fn copy(database: &str) -> Result<(), String> {
    let text = |error: tokio_postgres::Error| error.to_string();
    let (client, connection) = tokio_postgres::connect(database, tokio_postgres::NoTls).await.map_err(text)?;
    tokio::spawn(connection);
    let find = "SELECT name FROM enrollment.projections WHERE entry = 'Course'";
    let name: String = client.query_one(find, &[]).await.and_then(|row| row.try_get(0)).map_err(text)?;
    let sql = format!(
        "CREATE SCHEMA lists; CREATE TABLE lists.course (LIKE enrollment.\"{name}\" INCLUDING ALL); \
         INSERT INTO lists.course SELECT * FROM enrollment.\"{name}\"; \
         ANALYZE lists.course; ANALYZE enrollment.\"{name}\""
    );
    client.batch_execute(&sql).await.map_err(text)
}

/// Those that can be started; all of them give the same courses.
async fn subjects(run: &Run, app: App, database: &str) -> Result<Vec<Subject>, String> {
    let mut found = Vec::new();
    for (name, program) in others(run) {
        let other = app.beside(&program, &format!("{database}?schema={{service}}")).await?;
        found.push(Subject::of(&format!("generated, {name}"), other));
    }
    let token = Arc::clone(&app.token);
    found.insert(0, Subject::of("generated", app));
    let absolute = |path: &str| std::path::absolute(run.target.join(path)).map_err(|error| error.to_string());
    let by_hand = absolute("resolver")?;
    if by_hand.exists() {
        let address = free_address()?;
        let mut command = Command::new(by_hand);
        command.args([&address, database, "lists.course", SECRET]);
        found.push(Subject::start("by hand", OURS, (address, token), &mut command)?);
    }
    let postgraphile = absolute("postgraphile/node_modules/.bin/postgraphile")?;
    if postgraphile.exists() {
        let address = free_address()?;
        let mut command = theirs(&postgraphile, &address, database);
        found.push(Subject::start("PostGraphile", THEIRS, (address, "none".into()), &mut command)?);
    }
    let mut expected: Option<Vec<String>> = None;
    for subject in &found {
        let ids = subject.ids().await?;
        if ids.len() != 20 || expected.as_ref().is_some_and(|expected| *expected != ids) {
            return Err(format!("{} answers {ids:?}, not {expected:?}", subject.name));
        }
        expected = Some(ids);
    }
    Ok(found)
}

/// Other builds of the generated program, to compare them in one run: `courses-app-<name>` beside `courses-app`.
fn others(run: &Run) -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(&run.target).into_iter().flatten().flatten();
    let named = files.filter_map(|file| {
        let name = file.file_name().to_str()?.strip_prefix("courses-app-")?.to_owned();
        Some((name, file.path()))
    });
    let mut found: Vec<_> = named.collect();
    found.sort();
    found
}

fn theirs(program: &Path, address: &str, database: &str) -> Command {
    let (host, port) = address.split_once(':').unwrap_or((address, ""));
    let mut command = Command::new("node");
    command.arg(program).args(["--connection", database, "--schema", "lists", "--host", host, "--port", port]);
    command.args(["--disable-graphiql", "--disable-query-log"]).env("NODE_ENV", "production");
    command
}

impl Subject {
    /// A build of the generated program.
    fn of(name: &str, app: App) -> Self {
        let App { process, http: address, token, .. } = app;
        Self { name: name.into(), address, token, query: OURS, process }
    }

    fn start(
        name: &str,
        query: &'static str,
        (address, token): (String, Arc<str>),
        command: &mut Command,
    ) -> Result<Self, String> {
        let process = Arc::new(spawn(command)?);
        Ok(Self { name: name.into(), address, token, query, process })
    }

    async fn round(&self, run: &Run, clients: u64) -> Result<Round, String> {
        let (before, database) = (self.cpu_seconds(), run.postgres_cpu_seconds());
        let measured = self.load(clients, run.milliseconds).await?;
        let each = |seconds: f64| seconds * 1e6 / measured.done as f64;
        let (taken, database) = (each(self.cpu_seconds() - before), each(run.postgres_cpu_seconds() - database));
        Ok(Round { subject: Arc::clone(&self.name), clients, measured, each: taken, database })
    }

    fn cpu_seconds(&self) -> f64 {
        cpu_seconds(self.process.id()).unwrap_or(0.0)
    }

    fn body(&self, capacity: u64) -> String {
        json!({ "query": self.query, "variables": { "capacity": capacity } }).to_string()
    }

    /// The ids of one answer, once it listens.
    async fn ids(&self) -> Result<Vec<String>, String> {
        let patience = Instant::now() + Duration::from_secs(60);
        let mut http = loop {
            match Connection::open(&self.address).await {
                Ok(http) => break http,
                Err(error) if Instant::now() > patience => return Err(format!("{}: {error}", self.name)),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        };
        let answer = http.post("/graphql", &self.token, &self.body(20)).await.map_err(|error| error.to_string())?;
        let json: Value = serde_json::from_str(&answer).map_err(|error| format!("{error}: {answer}"))?;
        let list = json.pointer("/data/getCourseList/data").or_else(|| json.pointer("/data/allCourses/nodes"));
        let ids = list.and_then(Value::as_array).ok_or_else(|| format!("{}: {answer}", self.name))?;
        Ok(ids.iter().map(|one| one["id"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// So many clients, each with a connection of its own, one list after the other.
    async fn load(&self, clients: u64, milliseconds: u64) -> Result<Measured, String> {
        let begun = Instant::now();
        let until = begun + Duration::from_millis(milliseconds);
        let clients = (0..clients).map(|client| tokio::spawn(self.clone().client(client, until)));
        let mut times = Vec::new();
        for client in clients.collect::<Vec<_>>() {
            times.extend(client.await.map_err(|error| error.to_string())??);
        }
        Ok(measured(times, 0, begun.elapsed()))
    }

    async fn client(self, client: u64, until: Instant) -> Result<Vec<Duration>, String> {
        let mut http = Connection::open(&self.address).await.map_err(|error| error.to_string())?;
        let (mut times, mut count) = (Vec::new(), client * 7);
        while Instant::now() < until {
            count += 1;
            let body = self.body(1 + count % CAPACITIES);
            let begun = Instant::now();
            let answer = http.post("/graphql", &self.token, &body).await.map_err(|error| error.to_string())?;
            times.push(begun.elapsed());
            if answer.contains("\"errors\"") {
                return Err(answer);
            }
        }
        Ok(times)
    }
}
