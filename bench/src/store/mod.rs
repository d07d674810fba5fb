//! Durable conditional appends, one event each: in this process, and beside it what else could be done with the same disk.

pub mod ours;
mod raw_postgres;
pub mod raw_sqlite;

use crate::generation::process::cpu_seconds;
use crate::grpc::Remote;
use crate::load::{self, Load, Measured, Spread};
use crate::peers::Peers;
use crate::report::{self, Report, Series};
use crate::run::Run;
use ours::Ours;
use raw_postgres::RawPostgres;
use raw_sqlite::RawSqlite;
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::sqlite::{Sqlite, SqliteEvents};
use serde_json::json;
use std::sync::Arc;

/// How many clients at once.
pub const CLIENTS: [u64; 4] = [1, 16, 64, 256];

/// Somebody to be measured.
pub enum Subject {
    /// A store of ours.
    Ours(Arc<Ours>),
    /// A call to a server of ours.
    Remote(Arc<Remote>),
    /// The peers' program has opened it under this name.
    Peer(Arc<Peers>, &'static str),
    /// A peer's server, which is this process; the peers' program has its clients.
    Server(Arc<Peers>, u32),
    /// No store.
    RawSqlite(RawSqlite),
    /// No store, one connection, many rows a commit.
    RawPostgres(RawPostgres),
    /// No store, many connections, one row a commit.
    SingleInserts(RawPostgres),
}

impl Subject {
    /// Whether it has a line of its own for events that all have one tag.
    fn has_conditions(&self) -> bool {
        matches!(self, Self::Ours(_) | Self::Remote(_) | Self::Peer(..) | Self::Server(..))
    }

    /// Measures it once.
    ///
    /// # Errors
    /// What it says.
    pub async fn measure(&mut self, load: Load, run: u64) -> Result<Measured, String> {
        let processes = match self {
            Self::Remote(remote) => remote.processes(),
            Self::Server(peers, server) => [peers.process(), *server],
            _ => return self.append(load, run).await,
        };
        let spent = || processes.map(|process| cpu_seconds(process).unwrap_or(0.0));
        let before = spent();
        let measured = self.append(load, run).await?;
        let after = spent();
        let each = [0, 1].map(|end| (after[end] - before[end]) * 1e6 / measured.done.max(1) as f64);
        Ok(Measured { processor: Some(each), ..measured })
    }

    async fn append(&mut self, load: Load, run: u64) -> Result<Measured, String> {
        match self {
            Self::Ours(store) => load::run(store, load, run).await,
            Self::Remote(remote) => load::run(remote, load, run).await,
            Self::Peer(peers, name) => peers.append(name, load, run).await,
            Self::Server(peers, _) => peers.append("server", load, run).await,
            Self::RawSqlite(raw) => {
                tokio::task::block_in_place(|| raw.run(load, run)).map_err(|error| error.to_string())
            }
            Self::RawPostgres(raw) => raw.batches(load, run).await.map_err(|error| error.to_string()),
            Self::SingleInserts(raw) => raw.single(load, run).await.map_err(|error| error.to_string()),
        }
    }
}

/// Measures all subjects in turns: so many rounds, and within a round each under the same load, one after the other.
///
/// # Errors
/// The first failure.
pub async fn rounds(run: &mut Run, subjects: &mut [(&str, Subject)], count: u64) -> Result<Vec<Series>, String> {
    let mut series: Vec<Series> = Vec::new();
    let wanted = |name: &str, value: &str| {
        std::env::var(name).map_or(true, |only| only.split(',').any(|one| one.eq_ignore_ascii_case(value)))
    };
    for round in 0..count {
        for spread in [Spread::Many, Spread::One].into_iter().filter(|one| wanted("BENCH_SPREAD", &format!("{one:?}")))
        {
            for clients in CLIENTS.into_iter().filter(|one| wanted("BENCH_CLIENTS", &one.to_string())) {
                for (name, subject) in subjects.iter_mut() {
                    if spread == Spread::One && !subject.has_conditions() {
                        continue;
                    }
                    let load = Load { clients, spread, milliseconds: run.milliseconds };
                    let measured =
                        subject.measure(load, run.next()).await.map_err(|error| format!("{name}: {error}"))?;
                    eprintln!("round {round}, {clients} clients, {spread:?}: {name}: {:.0}/s", measured.per_second);
                    let same =
                        |one: &&mut Series| one.subject == *name && one.clients == clients && one.spread == spread;
                    match series.iter_mut().find(same) {
                        Some(found) => found.rounds.push(measured),
                        None => {
                            series.push(Series {
                                subject: (*name).to_owned(),
                                clients,
                                spread,
                                rounds: vec![measured],
                            });
                        }
                    }
                }
            }
        }
    }
    Ok(series)
}

/// The section `store`.
///
/// # Errors
/// The first failure.
pub async fn section(run: &mut Run, report: &mut Report) -> Result<(), String> {
    let mut subjects =
        vec![("SQLite", sqlite(run)?), ("raw SQLite, rows a commit = clients", Subject::RawSqlite(raw_sqlite(run)?))];
    if let Some(url) = run.postgres() {
        let text = |error: tokio_postgres::Error| error.to_string();
        let events = PostgresEvents::open(&url, "ours").await.map_err(|error| error.to_string())?;
        for schema in ["raw", "single"] {
            PostgresEvents::open(&url, schema).await.map_err(|error| error.to_string())?.close().await;
        }
        subjects.push(("PostgreSQL", Subject::Ours(Arc::new(Ours(Arc::new(events))))));
        let raw = RawPostgres::open(&url, "raw", 1).await.map_err(text)?;
        subjects.push(("raw PostgreSQL, rows a commit = clients", Subject::RawPostgres(raw)));
        let single = RawPostgres::open(&url, "single", 256).await.map_err(text)?;
        subjects.push(("PostgreSQL, single inserts", Subject::SingleInserts(single)));
    }
    if let Some(peers) = run.peers()? {
        let folder = run.folder("umadb-core")?;
        peers.ask(&json!({ "what": "open-core", "folder": folder })).await?;
        subjects.push(("UmaDB core", Subject::Peer(Arc::clone(&peers), "core")));
        if let Some(url) = run.postgres() {
            peers.ask(&json!({ "what": "open-disintegrate", "url": url })).await?;
            subjects.push(("disintegrate-postgres", Subject::Peer(peers, "disintegrate")));
        }
    }
    if let Ok(only) = std::env::var("BENCH_SUBJECT") {
        subjects.retain(|(name, _)| *name == only);
    }
    let series = rounds(run, &mut subjects, run.rounds).await?;
    let title = |what: &str| format!("Durable conditional append in process, one event each, {what}");
    report.table("store.many", &title("many tags"), &report::appends(&series, Spread::Many), &series);
    report.table("store.one", &title("all on one tag"), &report::appends(&series, Spread::One), ());
    for (key, spread) in [("store.ratios.many", Spread::Many), ("store.ratios.one", Spread::One)] {
        let (lines, raw) = report::ratios(&series, PAIRS, spread);
        report.table(
            key,
            &format!("Ratios, {spread:?} tag{}", if spread == Spread::One { "" } else { "s" }),
            &lines,
            raw,
        );
    }
    Ok(())
}

const PAIRS: &[(&str, &str)] = &[
    ("SQLite", "UmaDB core"),
    ("SQLite", "raw SQLite, rows a commit = clients"),
    ("SQLite", "disintegrate-postgres"),
    ("PostgreSQL", "disintegrate-postgres"),
    ("PostgreSQL", "PostgreSQL, single inserts"),
    ("PostgreSQL", "raw PostgreSQL, rows a commit = clients"),
];

fn sqlite(run: &Run) -> Result<Subject, String> {
    let path = std::path::Path::new(&run.folder("sqlite")?).join("events.db");
    let database = Sqlite::open(&path).map_err(|error| error.to_string())?;
    Ok(Subject::Ours(Arc::new(Ours(Arc::new(SqliteEvents::new(database))))))
}

/// Tables of the store's own making.
///
/// # Errors
/// If the disk fails.
pub fn raw_sqlite(run: &Run) -> Result<RawSqlite, String> {
    let path = std::path::Path::new(&run.folder("raw-sqlite")?).join("events.db");
    // Made when it is opened; closed again when the last handle goes.
    drop(Sqlite::open(&path).map_err(|error| error.to_string())?);
    RawSqlite::open(&path).map_err(|error| error.to_string())
}

/// A schema of the store's own making, filled with events over so many accounts.
///
/// # Errors
/// If the server fails.
pub async fn fill_postgres(url: &str, schema: &str, events: u64, accounts: u64) -> Result<(), String> {
    PostgresEvents::open(url, schema).await.map_err(|error| error.to_string())?.close().await;
    let mut raw = RawPostgres::open(url, schema, 1).await.map_err(|error| error.to_string())?;
    raw.fill(events, accounts).await.map_err(|error| error.to_string())
}
