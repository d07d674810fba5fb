//! What the project's lock says.

use crate::diagnostic::codes::ownership;
use crate::diagnostic::{Diagnostic, Sink};
use crate::output::{self, Lock};
use std::path::Path;

/// What the project's lock says.
pub(super) fn parse_lock(dir: &Path, sink: &mut Sink) -> Lock {
    let texts = output::read_lock(dir).unwrap_or_else(|error| {
        sink.push(Diagnostic::global(ownership::DISK, error.to_string()));
        Vec::new()
    });
    Lock::parse(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())), sink)
}
