//! The peers' program: asked and answered in lines of JSON.

use crate::load::{Load, Measured};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

/// The running program.
pub struct Peers {
    pipes: Mutex<Pipes>,
    process: u32,
}

struct Pipes {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Peers {
    /// Starts it.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(program: &Path) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", program.display());
        let mut command = Command::new(program);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(failed)?;
        let (input, output, process) = (child.stdin.take(), child.stdout.take(), child.id());
        let (Some(input), Some(output), Some(process)) = (input, output, process) else {
            return Err("no pipes".to_owned());
        };
        let pipes = Pipes { _child: child, input, output: BufReader::new(output).lines() };
        Ok(Self { pipes: Mutex::new(pipes), process })
    }

    /// Its number.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// Asks for something. The libraries print lines of their own, which are passed over.
    ///
    /// # Errors
    /// What the program says went wrong, or that it is gone.
    pub async fn ask(&self, asked: &Value) -> Result<Value, String> {
        let mut pipes = self.pipes.lock().await;
        let line = format!("{asked}\n");
        pipes.input.write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        while let Some(line) = pipes.output.next_line().await.map_err(|error| error.to_string())? {
            let Ok(answer) = serde_json::from_str::<Value>(&line) else { continue };
            return match answer.get("failed") {
                Some(failed) => Err(failed.to_string()),
                None => Ok(answer),
            };
        }
        Err("the peers' program has ended".to_owned())
    }

    /// Lets it append to what it has opened under a name.
    ///
    /// # Errors
    /// As [`Peers::ask`].
    pub async fn append(&self, to: &str, load: Load, run: u64) -> Result<Measured, String> {
        let answer = self.ask(&json!({ "what": "append", "to": to, "load": load, "run": run })).await?;
        serde_json::from_value(answer).map_err(|error| error.to_string())
    }
}
