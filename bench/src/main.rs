//! The benchmarks: `scaffold-bench [section …]`, all sections if none is named. `scripts/bench.sh` builds what it needs.

mod account;
mod bank;
mod catch_up;
mod courses;
mod generation;
mod grpc;
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

async fn measure(wanted: &[String]) -> Result<(), String> {
    let target = PathBuf::from(std::env::var_os("BENCH_TARGET").unwrap_or_else(|| "target/bench".into()));
    let postgres = std::env::var_os("POSTGRES_BIN").map(PathBuf::from);
    let mut report = Report::default();
    let mut run = Run::begin(target.clone(), postgres.as_deref())?;
    let (lines, raw) = machine::lines(&machine::describe(&target, postgres.as_deref()));
    report.table("machine", "Machine", &lines, raw);
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    if is_wanted("store") {
        store::section(&mut run, &mut report).await?;
    }
    if is_wanted("grpc") {
        grpc::section(&mut run, &mut report).await?;
    }
    if is_wanted("read") {
        reading::section(&mut run, &mut report).await?;
    }
    if is_wanted("projection") {
        catch_up::section(&run, &mut report).await?;
    }
    if is_wanted("gen") {
        generation::section(&run, &mut report)?;
    }
    if is_wanted("service") {
        courses::service(&mut run, &mut report).await?;
    }
    if is_wanted("build") {
        courses::build(&run, &mut report)?;
    }
    report.write(&target).map_err(|error| error.to_string())
}
