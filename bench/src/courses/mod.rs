//! The generated `courses` project: how long it takes to build, how many commands its program carries
//! out, and how many lists it answers.

mod app;
mod http;
mod lists;

use crate::generation::process::{Ended, run_measured};
use crate::load::{Load, Measured, Spread, measured};
use crate::report::{Report, median, thousands};
use crate::run::Run;
use app::{App, make, scaffold};
pub use lists::section as lists;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How many clients at once.
const CLIENTS: [u64; 3] = [1, 16, 64];

/// The fields that come in, one after the other.
const FIELDS: [&str; 3] = ["phone", "mobile", "nickname"];

/// The section `build`: debug, from nothing and after one more field, in a folder of its own.
///
/// # Errors
/// If a program fails.
pub fn build(run: &Run, report: &mut Report) -> Result<(), String> {
    let project = PathBuf::from(run.folder("build")?).join("courses");
    make(run, &project)?;
    let target = project.join("target");
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        // As it comes: with what cargo keeps between two builds.
        command.current_dir(&project).env("CARGO_TARGET_DIR", &target).env_remove("CARGO_INCREMENTAL");
        command.args(["build", "--quiet", "--bin", "app"]).args(arguments);
        run_measured(command)
    };
    let cold = cargo(&["--timings"])?;
    keep_timings(&target, &run.target);
    let mut field = Vec::new();
    for name in FIELDS {
        add_field(&project, name).map_err(|error| error.to_string())?;
        scaffold(run, &project, &["gen", "--quiet"])?;
        field.push(cargo(&[])?);
    }
    let of = |part: fn(&Ended) -> f64| format!("{:.1} s", median(field.iter().map(part).collect()));
    let lines = [
        ["`cargo build` of the generated courses, debug", "time", "processor time"].map(str::to_owned).to_vec(),
        vec![
            "from nothing, libraries among it".to_owned(),
            format!("{:.1} s", cold.seconds),
            format!("{:.1} s", cold.cpu_seconds),
        ],
        vec!["after `scaffold gen` with one more field".to_owned(), of(|one| one.seconds), of(|one| one.cpu_seconds)],
    ];
    report.table("build", "Build time of what is generated", &lines, json!({ "cold": cold, "field": field }));
    Ok(())
}

/// One more field for the example's students.
fn add_field(project: &Path, name: &str) -> std::io::Result<()> {
    let schema = project.join("schema/enrollment/student.graphql");
    let text = std::fs::read_to_string(&schema)?;
    std::fs::write(
        &schema,
        text.replace("  email: String\n", &format!("  email: String\n  \"One more.\"\n  {name}: String\n")),
    )
}

/// The section `service`: commands a second through gRPC and through GraphQL.
///
/// # Errors
/// The first failure.
pub async fn service(run: &mut Run, report: &mut Report) -> Result<(), String> {
    let app = App::start(run, "service", "sqlite:{service}.db").await?;
    let mut lines = vec![vec!["commands/s (p50 / p99 in ms; processor time each)".to_owned()]];
    lines[0].extend(CLIENTS.map(|clients| format!("{clients} clients")));
    let mut raw = Vec::new();
    for way in [Way::Grpc, Way::GraphQl] {
        let mut line = vec![way.name().to_owned()];
        for clients in CLIENTS {
            let mut rounds = Vec::new();
            let before = app.cpu_seconds();
            for _ in 0..run.rounds {
                let load = Load { clients, spread: Spread::Many, milliseconds: run.milliseconds };
                let sender = Sender { way, app: app.clone() };
                rounds.push(sender.all(load, run.next()).await?);
            }
            let done: u64 = rounds.iter().map(|round| round.done).sum();
            let each = (app.cpu_seconds() - before) * 1e6 / done as f64;
            let of = |part: fn(&Measured) -> f64| median(rounds.iter().map(part).collect());
            line.push(format!(
                "{} ({:.2} / {:.2}; {each:.0} µs)",
                thousands(of(|round| round.per_second)),
                of(|round| round.p50) / 1000.0,
                of(|round| round.p99) / 1000.0
            ));
            raw.push(json!({ "way": way.name(), "clients": clients, "rounds": rounds, "cpu_us_each": each }));
        }
        lines.push(line);
    }
    report.table("service", "Commands of the generated courses, durable on SQLite, one process", &lines, raw);
    Ok(())
}

/// How a command comes in.
#[derive(Clone, Copy)]
enum Way {
    Grpc,
    GraphQl,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Grpc => "DefineCourse through gRPC",
            Self::GraphQl => "defineCourse through GraphQL",
        }
    }
}

#[derive(Clone)]
struct Sender {
    way: Way,
    app: App,
}

impl Sender {
    async fn all(&self, load: Load, run: u64) -> Result<Measured, String> {
        let begun = Instant::now();
        let until = begun + Duration::from_millis(load.milliseconds);
        let clients: Vec<_> =
            (0..load.clients).map(|number| tokio::spawn(self.clone().work(until, format!("{run}-{number}")))).collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await.map_err(|error| error.to_string())??);
        }
        Ok(measured(times, 0, begun.elapsed()))
    }

    async fn work(self, until: Instant, name: String) -> Result<Vec<Duration>, String> {
        let mut http = http::Connection::open(&self.app.http).await.map_err(|error| error.to_string())?;
        let (mut times, mut count) = (Vec::new(), 0);
        while Instant::now() < until {
            count += 1;
            let course = format!("c{name}-{count}");
            let begun = Instant::now();
            match self.way {
                Way::Grpc => self.app.define(&course, "Rust", 20).await.map_err(|status| status.to_string())?,
                Way::GraphQl => self.graphql(&mut http, &course).await?,
            }
            times.push(begun.elapsed());
        }
        Ok(times)
    }

    async fn graphql(&self, http: &mut http::Connection, course: &str) -> Result<(), String> {
        let query = format!(
            "mutation {{ defineCourse(input: {{courseId: \"{course}\", title: \"Rust\", capacity: 20}}) {{ position }} }}"
        );
        let body = json!({ "query": query }).to_string();
        let answer = http.post("/graphql", &self.app.token, &body).await.map_err(|error| error.to_string())?;
        if answer.contains("\"errors\"") { Err(answer) } else { Ok(()) }
    }
}

/// Cargo's own account of the build, for whoever wants to know what takes so long.
fn keep_timings(target: &Path, into: &Path) {
    // It is missing when cargo could not write it, which changes no result.
    let _ = std::fs::copy(target.join("cargo-timings/cargo-timing.html"), into.join("cargo-timing.html"));
}
