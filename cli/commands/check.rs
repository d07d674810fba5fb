//! `scaffold check`: every problem of schema and model, nothing written.

use super::changes::report_changes;
use super::generate::parse_lock;
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

/// `2 errors, 1 warning`
pub(super) fn summary(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "no problems".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, 0) => count(errors, "error"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
