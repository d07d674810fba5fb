//! A projection that catches up, each time in a process of its own: how fast, and in how much memory. And how far it is
//! behind while events come in.

use crate::account;
use crate::bank::Account;
use crate::generation::process::peak_mib;
use crate::load::{Load, Measured, Spread, measured};
use crate::report::{Report, thousands};
use crate::run::Run;
use crate::store::raw_sqlite::RawSqlite;
use scaffold_runtime::database::{Database, Databases};
use scaffold_runtime::projection::Registry;
use scaffold_runtime::store::sqlite::Sqlite;
use scaffold_runtime::store::{Append, Appended};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;

/// Entries that the events are spread over.
const ACCOUNTS: u64 = 10_000;

/// What a process found out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CaughtUp {
    /// From the first look at the events to the last entry written.
    pub seconds: f64,
    /// The most memory it held.
    pub peak_mib: f64,
}

/// The section `projection`.
///
/// # Errors
/// The first failure.
pub async fn section(run: &Run, report: &mut Report) -> Result<(), String> {
    let many: u64 = std::env::var("BENCH_EVENTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let mut lines = vec![
        ["a projection with two directives catches up", "time", "events/s", "peak memory"].map(str::to_owned).to_vec(),
    ];
    let mut raw = Vec::new();
    for events in [10_000, many] {
        let file = filled(run, events)?;
        let caught = in_a_process(&format!("sqlite:{}", file.display())).await?;
        lines.push(line("SQLite", events, caught));
        raw.push(json!({ "store": "SQLite", "events": events, "caught_up": caught }));
        if let Some(url) = run.postgres() {
            let schema = format!("catch_up_{events}");
            crate::store::fill_postgres(&url, &schema, events, ACCOUNTS).await?;
            match in_a_process(&format!("{url}?schema={schema}")).await {
                Ok(caught) => {
                    lines.push(line("PostgreSQL", events, caught));
                    raw.push(json!({ "store": "PostgreSQL", "events": events, "caught_up": caught }));
                }
                Err(problem) => eprintln!("PostgreSQL: {problem}"),
            }
        }
    }
    report.table("projection", "Projection catch-up, 10,000 entries", &lines, raw);
    let lag = lag(run).await?;
    let table = [
        ["behind its events, in ms", "p50", "p99"].map(str::to_owned).to_vec(),
        vec![
            format!("SQLite, {:.0} events/s from 16 clients", lag.per_second),
            format!("{:.2}", lag.p50 / 1000.0),
            format!("{:.2}", lag.p99 / 1000.0),
        ],
    ];
    report.table("projection.lag", "Live lag: from an append's answer to the readable entry", &table, lag);
    Ok(())
}

fn line(store: &str, events: u64, caught: CaughtUp) -> Vec<String> {
    vec![
        format!("{store}, {} events", thousands(events as f64)),
        format!("{:.2} s", caught.seconds),
        thousands(events as f64 / caught.seconds),
        format!("{:.0} MiB", caught.peak_mib),
    ]
}

fn filled(run: &Run, events: u64) -> Result<PathBuf, String> {
    let file = Path::new(&run.folder(&format!("catch-up-{events}"))?).join("events.db");
    drop(Sqlite::open(&file).map_err(|error| error.to_string())?);
    let mut raw = RawSqlite::open(&file).map_err(|error| error.to_string())?;
    raw.fill(events, ACCOUNTS).map_err(|error| error.to_string())?;
    Ok(file)
}

async fn in_a_process(url: &str) -> Result<CaughtUp, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(own).args(["catch-up", url]).output().await.map_err(|error| error.to_string())?;
    serde_json::from_slice(&output.stdout).map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What the process does.
///
/// # Errors
/// If the database fails.
pub async fn process(url: &str) -> Result<(), String> {
    let text = |error: scaffold_runtime::store::StoreError| error.to_string();
    let databases = Databases::single(Database::open(url, "bench").await.map_err(text)?);
    let begun = Instant::now();
    let engines = Registry::new("bench").add::<Account>().start(&databases).await.map_err(text)?;
    while !engines.is_ready() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let peak = peak_mib(std::process::id()).unwrap_or(0.0);
    println!("{}", json!(CaughtUp { seconds, peak_mib: peak }));
    engines.stop().await;
    databases.close().await;
    Ok(())
}

/// Sixteen clients, each with a pause between its events; what is timed is the wait for the entry.
async fn lag(run: &Run) -> Result<Measured, String> {
    let text = |error: scaffold_runtime::store::StoreError| error.to_string();
    let file = Path::new(&run.folder("lag")?).join("events.db");
    let databases =
        Databases::single(Database::open(&format!("sqlite:{}", file.display()), "bench").await.map_err(text)?);
    let engines = Registry::new("bench").add::<Account>().start(&databases).await.map_err(text)?;
    let load = Load { clients: 16, spread: Spread::Many, milliseconds: run.milliseconds * 5 };
    let begun = Instant::now();
    let clients: Vec<_> = (0..load.clients)
        .map(|client| tokio::spawn(follow(databases.clone(), engines.clone(), client, load.milliseconds)))
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.map_err(|error| error.to_string())??);
    }
    let lag = measured(times, 0, begun.elapsed());
    engines.stop().await;
    databases.close().await;
    Ok(lag)
}

async fn follow(
    databases: Databases,
    engines: scaffold_runtime::projection::Engines,
    client: u64,
    milliseconds: u64,
) -> Result<Vec<Duration>, String> {
    let tenant = account::tenant();
    let database = databases.for_tenant(&tenant).map_err(|error| error.to_string())?;
    let live = engines.live::<Account>(&tenant).map_err(|error| error.to_string())?.ok_or("no projection")?;
    let (begun, mut times, mut count) = (Instant::now(), Vec::new(), 0);
    while begun.elapsed() < Duration::from_millis(milliseconds) {
        count += 1;
        let event = account::event(&format!("account:{client}-{}", count % 100));
        let appended = database.events().append(Append::new(tenant.clone(), vec![event])).await;
        let Ok(Appended::Done(positions)) = appended else { return Err(format!("{appended:?}")) };
        let answered = Instant::now();
        live.reached(positions.last, Duration::from_secs(10)).await.map_err(|lag| lag.to_string())?;
        times.push(answered.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(times)
}
