//! `scaffold check`: every problem of schema and model, nothing written.

use super::changes::report_changes;
use super::lock::parse_lock;
use super::terminal::summary;
use super::{Outcome, Terminal};
use crate::args::Check;
use crate::diagnostic::Severity;
use std::path::Path;

/// Reads, lowers and checks.
pub fn run(dir: &Path, args: &Check, terminal: &Terminal) -> Outcome {
    let mut judged = crate::judge(dir, args.strict);
    if let Some(model) = &judged.model {
        let lock = parse_lock(dir, &mut judged.sink);
        report_changes(model, &lock, &mut judged.sink);
    }
    terminal.report(&judged.sink, &judged.sources);
    let (errors, warnings) = (judged.sink.count(Severity::Error), judged.sink.count(Severity::Warning));
    terminal.say(&summary(errors, warnings));
    if judged.sink.has_errors() { Outcome::Findings } else { Outcome::Fine }
}
