//! The effect of `Call`.

use campus_projections::Watch;
use scaffold_runtime::automation::{Failure, Run};
use std::io::Write;

/// Notes in a file for whom it called, under which key. Whoever has a file of his name beside it is asleep.
pub async fn call(entry: &Watch, run: &Run<'_>) -> Result<(), Failure> {
    let Ok(path) = std::env::var("CALLS") else { return Ok(()) };
    if std::path::Path::new(&path).with_file_name(&entry.watch_id).exists() {
        return Err(Failure::Park("asleep".to_owned()));
    }
    let calls = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let mut calls = calls.map_err(|error| Failure::Retry(error.to_string()))?;
    writeln!(calls, "{} {}", entry.watch_id, run.key).map_err(|error| Failure::Retry(error.to_string()))
}
