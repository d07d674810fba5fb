//! The tool as a library: read → lower → check → emit → write.
//!
//! [`judge`] is the first half, from text to a model that was found sound; `commands::generate` does the rest: `emit` makes every
//! file in memory, `output` compares them with the disk and writes all or nothing.

pub mod args;
pub mod check;
pub mod commands;
pub mod diagnostic;
pub mod embedded;
pub mod emit;
pub mod lower;
pub mod model;
pub mod output;
pub mod parallel;
pub mod place;
pub mod source;

use diagnostic::Sink;
use place::Sources;
use std::path::Path;

/// What the first half of the pipeline found.
#[derive(Debug)]
pub struct Judged {
    /// The model, unless there was an error.
    pub model: Option<check::CheckedModel>,
    /// Every problem.
    pub sink: Sink,
    /// The texts that the problems point into.
    pub sources: Sources,
}

/// Reads, lowers and checks the project in `dir`; reports every problem of all three stages in one run.
pub fn judge(dir: &Path, strict: bool) -> Judged {
    let mut sink = Sink::default();
    let raw = source::read(dir, &mut sink);
    let model = lower::lower(&raw, &mut sink);
    let model = check::check(model, &mut sink, strict);
    Judged { model: model.filter(|_| !sink.has_errors()), sink, sources: raw.sources }
}
