//! The effect of `TellParents`.

use campus_events::StudentRegistered;
use scaffold_runtime::automation::{Failure, Run};
use std::io::Write;

/// Notes in a file whom it told, under which key.
pub async fn tell_parents(event: &StudentRegistered, run: &Run<'_>) -> Result<(), Failure> {
    let Ok(path) = std::env::var("TOLD") else { return Ok(()) };
    let told = std::fs::OpenOptions::new().append(true).create(true).open(path);
    let mut told = told.map_err(|error| Failure::Retry(error.to_string()))?;
    writeln!(told, "{} {} {}", event.student_id, run.key, run.attempt).map_err(|error| Failure::Retry(error.to_string()))?;
    // A street that nobody can be told in, until it is mended.
    if event.student_id.starts_with("far") && std::env::var("FAR").is_err() {
        return Err(Failure::Park("it is too far".to_owned()));
    }
    Ok(())
}
