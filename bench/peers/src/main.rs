//! Other event stores under the same load. One line of JSON in, one out: the benchmark decides when whose turn is.

#[path = "../../src/load.rs"]
mod load;

mod disintegrate_postgres;
mod umadb;

use load::{Load, Measured};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, Write};
use std::sync::Arc;

/// What the benchmark asks for.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
enum Asked {
    /// UmaDB's core in this process, in a file of this folder.
    OpenCore { folder: String },
    /// UmaDB's server at this address, through its own client.
    OpenServer { url: String },
    /// disintegrate in this database.
    OpenDisintegrate { url: String },
    /// Appends to what was opened under this name.
    Append { to: String, load: Load, run: u64 },
    /// Fills the core with events over so many accounts.
    Fill { events: u64, accounts: u64 },
    /// Reads the events of one account after the other.
    ReadTags { readers: u64, accounts: u64, milliseconds: u64 },
    /// Reads everything once.
    ReadAll,
}

/// What it gets.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Appended(Measured),
    Read { per_second: f64 },
    Done { done: bool },
    Failed { failed: String },
}

#[derive(Default)]
struct Opened {
    core: Option<Arc<umadb::Core>>,
    server: Option<Arc<umadb::Server>>,
    disintegrate: Option<Arc<disintegrate_postgres::Store>>,
}

fn main() {
    let mut arguments = std::env::args();
    if arguments.nth(1).as_deref() == Some("umadb-server") {
        return umadb::serve(arguments.collect());
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut opened = Opened::default();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let answer = match serde_json::from_str(&line) {
            Ok(asked) => runtime.block_on(opened.answer(asked)).unwrap_or_else(|failed| Answer::Failed { failed }),
            Err(error) => Answer::Failed { failed: error.to_string() },
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{}", serde_json::to_string(&answer).expect("plain values")).expect("the other end");
        out.flush().expect("the other end");
    }
}

impl Opened {
    async fn answer(&mut self, asked: Asked) -> Result<Answer, String> {
        match asked {
            Asked::OpenCore { folder } => self.core = Some(Arc::new(umadb::Core::open(&folder)?)),
            Asked::OpenServer { url } => self.server = Some(Arc::new(umadb::Server::connect(url).await?)),
            Asked::OpenDisintegrate { url } => {
                self.disintegrate = Some(Arc::new(disintegrate_postgres::Store::open(&url).await?));
            }
            Asked::Append { to, load, run } => return self.append(&to, load, run).await.map(Answer::Appended),
            Asked::Fill { events, accounts } => self.core()?.fill(events, accounts).await?,
            Asked::ReadTags { readers, accounts, milliseconds } => {
                let per_second = self.core()?.read_tags(readers, accounts, milliseconds)?;
                return Ok(Answer::Read { per_second });
            }
            Asked::ReadAll => return Ok(Answer::Read { per_second: self.core()?.read_all()? }),
        }
        Ok(Answer::Done { done: true })
    }

    fn core(&self) -> Result<&Arc<umadb::Core>, String> {
        self.core.as_ref().ok_or_else(|| "the core is not open".to_owned())
    }

    async fn append(&self, to: &str, load: Load, run: u64) -> Result<Measured, String> {
        let closed = || format!("{to} is not open");
        match to {
            "core" => load::run(self.core.as_ref().ok_or_else(closed)?, load, run).await,
            "server" => load::run(self.server.as_ref().ok_or_else(closed)?, load, run).await,
            "disintegrate" => load::run(self.disintegrate.as_ref().ok_or_else(closed)?, load, run).await,
            _ => Err(closed()),
        }
    }
}
