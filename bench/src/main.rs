//! The benchmarks: `scaffold-bench [section …]`, all sections if none is named. `scripts/bench.sh` builds what it needs.

mod account;
mod bank;
mod catch_up;
mod courses;
mod generation;
mod grpc;
mod history;
mod load;
mod machine;
mod peers;
mod postgres;
mod reading;
mod report;
mod run;
mod server;
mod store;

use report::Report;
use run::Run;
use std::path::PathBuf;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let done = match wanted.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address, database] => grpc::server::serve(address, database).await,
        ["catch-up", database] => catch_up::process(database).await,
        _ => measure(&wanted).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// In the order in which they are measured.
const SECTIONS: [&str; 9] = ["store", "grpc", "read", "history", "projection", "gen", "service", "lists", "build"];

async fn measure(wanted: &[String]) -> Result<(), String> {
    let target = PathBuf::from(std::env::var_os("BENCH_TARGET").unwrap_or_else(|| "target/bench".into()));
    if let Some(unknown) = wanted.iter().find(|name| !SECTIONS.contains(&name.as_str())) {
        return Err(format!("there is no section {unknown}, only {}", SECTIONS.join(", ")));
    }
    let postgres = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let mut report = Report::default();
    let mut run = Run::begin(target.clone(), postgres.as_deref())?;
    let (lines, raw) = machine::lines(&machine::describe(&target, postgres.as_deref()));
    report.table("machine", "Machine", &lines, raw);
    let mut failed = Vec::new();
    for section in SECTIONS.iter().filter(|name| wanted.is_empty() || wanted.iter().any(|one| one == *name)) {
        // What was measured before is kept.
        if let Err(problem) = measure_one(section, &mut run, &mut report).await {
            failed.push(format!("{section}: {problem}"));
        }
    }
    report.write(&target).map_err(|error| error.to_string())?;
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

async fn measure_one(section: &str, run: &mut Run, report: &mut Report) -> Result<(), String> {
    match section {
        "store" => store::section(run, report).await,
        "grpc" => grpc::section(run, report).await,
        "read" => reading::section(run, report).await,
        "history" => history::section(run, report).await,
        "projection" => catch_up::section(run, report).await,
        "gen" => generation::section(run, report),
        "service" => courses::service(run, report).await,
        "lists" => courses::lists(run, report).await,
        _ => courses::build(run, report),
    }
}
