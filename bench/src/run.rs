//! What a run is given: where it may write, what it may start, how long it takes.

use crate::generation::process::children_cpu_seconds;
use crate::peers::Peers;
use crate::postgres::Server;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run of the benchmarks.
pub struct Run {
    /// Results and programs.
    pub target: PathBuf,
    /// How long each measurement takes.
    pub milliseconds: u64,
    /// How often everything is measured.
    pub rounds: u64,
    scratch: tempfile::TempDir,
    server: Option<Server>,
    peers: Option<Arc<Peers>>,
    number: u64,
}

impl Run {
    /// Makes the folder for what is thrown away afterwards, and starts PostgreSQL if its programs are known.
    ///
    /// # Errors
    /// If the disk or the server fails.
    pub fn begin(target: PathBuf, postgres: Option<&Path>) -> Result<Self, String> {
        std::fs::create_dir_all(&target).map_err(|error| error.to_string())?;
        let scratch = tempfile::tempdir_in(&target).map_err(|error| error.to_string())?;
        let server = postgres.map(|bin| Server::start(bin, &std::env::temp_dir())).transpose()?;
        let number =
            |name: &str, otherwise| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise);
        let (milliseconds, rounds) = (number("BENCH_MILLISECONDS", 1000), number("BENCH_ROUNDS", 3));
        Ok(Self { target, milliseconds, rounds, scratch, server, peers: None, number: 0 })
    }

    /// A folder of this name, made anew.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn folder(&self, name: &str) -> Result<String, String> {
        let folder = self.scratch.path().join(name);
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        Ok(folder.to_string_lossy().into_owned())
    }

    /// PostgreSQL's address, if there is one.
    pub fn postgres(&self) -> Option<String> {
        self.server.as_ref().map(Server::url)
    }

    /// The processor time that PostgreSQL's sessions have taken so far.
    pub fn postgres_cpu_seconds(&self) -> f64 {
        self.server.as_ref().and_then(|server| children_cpu_seconds(server.process())).unwrap_or(0.0)
    }

    /// The peers' program, if it was built.
    ///
    /// # Errors
    /// If it does not start.
    pub fn peers(&mut self) -> Result<Option<Arc<Peers>>, String> {
        let program = self.target.join("peers");
        if self.peers.is_none() && program.exists() {
            self.peers = Some(Arc::new(Peers::start(&program)?));
        }
        Ok(self.peers.clone())
    }

    /// A number that no measurement had before.
    pub fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}
