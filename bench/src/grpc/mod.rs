//! The same appends over gRPC: our store behind a thin server, UmaDB's server, and a call that appends nothing.

pub mod server;
mod wire;

use crate::account;
use crate::load::{Spread, Target};
use crate::report::{self, Report};
use crate::run::Run;
use crate::server::{connect, free_address, spawn};
use crate::store::{Subject, rounds};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tonic::transport::Channel;
use uuid::Uuid;
use wire::{Appending, Call, send};

/// One kind of call over one channel, which all clients share.
pub struct Remote {
    channel: Channel,
    call: Call,
    server: u32,
}

impl Remote {
    /// The clients' process and the server's.
    pub fn processes(&self) -> [u32; 2] {
        [std::process::id(), self.server]
    }
}

impl Target for Remote {
    async fn append(&self, tag: &str, after: u64) -> Result<Option<u64>, String> {
        let request = Appending {
            event_type: account::TYPE.to_owned(),
            tags: vec![tag.to_owned()],
            payload: account::payload(tag).to_string().into_bytes(),
            after,
            id: Uuid::now_v7().as_bytes().to_vec(),
        };
        let answer = send(self.channel.clone(), self.call, request).await;
        answer.map(|answer| answer.position).map_err(|status| status.to_string())
    }

    async fn head(&self) -> Result<u64, String> {
        let answer = send(self.channel.clone(), Call::Head, Appending::default()).await;
        answer.map(|answer| answer.head).map_err(|status| status.to_string())
    }
}

/// The section `grpc`.
///
/// # Errors
/// The first failure.
pub async fn section(run: &mut Run, report: &mut Report) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut processes = Vec::new();
    let file = Path::new(&run.folder("grpc-sqlite")?).join("events.db").to_string_lossy().into_owned();
    let address = free_address()?;
    let started = spawn(Command::new(&own).args(["serve", &address, &file]))?;
    let server = started.id();
    processes.push(started);
    let channel = connect(&address).await?;
    let remote = |call| Subject::Remote(Arc::new(Remote { channel: channel.clone(), call, server }));
    let mut subjects = vec![
        ("SQLite over gRPC", remote(Call::Append)),
        ("the whole command on SQLite over gRPC", remote(Call::Deposit)),
        ("a call that appends nothing", remote(Call::Nothing)),
    ];
    if let Some(url) = run.postgres() {
        let address = free_address()?;
        let started = spawn(Command::new(&own).args(["serve", &address, &url]))?;
        let (server, call) = (started.id(), Call::Append);
        processes.push(started);
        let channel = connect(&address).await?;
        subjects.push(("PostgreSQL over gRPC", Subject::Remote(Arc::new(Remote { channel, call, server }))));
    }
    if let Some(peers) = run.peers()? {
        let address = free_address()?;
        let file = Path::new(&run.folder("umadb-server")?).join("uma.db");
        let mut server = Command::new(run.target.join("peers"));
        let started = spawn(server.arg("umadb-server").arg(&address).arg(file))?;
        let server = started.id();
        processes.push(started);
        connect(&address).await?;
        peers.ask(&json!({ "what": "open-server", "url": format!("http://{address}") })).await?;
        subjects.push(("UmaDB's server", Subject::Server(peers, server)));
    }
    if let Ok(only) = std::env::var("BENCH_SUBJECT") {
        subjects.retain(|(name, _)| only.split(',').any(|one| one == *name));
    }
    let series = rounds(run, &mut subjects, run.rounds).await?;
    let title = |what: &str| format!("Durable conditional append over gRPC, one event each, {what}");
    report.table("grpc.many", &title("many tags"), &report::appends(&series, Spread::Many), &series);
    let title_of = "Processor time of an append in µs, many tags: clients + server";
    report.table("grpc.processor", title_of, &report::processor(&series, Spread::Many), ());
    report.table("grpc.one", &title("all on one tag"), &report::appends(&series, Spread::One), ());
    let (lines, raw) = report::ratios(&series, PAIRS, Spread::Many);
    report.table("grpc.ratios", "Ratios, many tags", &lines, raw);
    Ok(())
}

const PAIRS: &[(&str, &str)] = &[
    ("SQLite over gRPC", "UmaDB's server"),
    ("SQLite over gRPC", "a call that appends nothing"),
    ("the whole command on SQLite over gRPC", "UmaDB's server"),
    ("PostgreSQL over gRPC", "UmaDB's server"),
];
