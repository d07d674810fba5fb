//! Where diagnostics are gathered, so that one run reports every problem.

use super::{Code, Diagnostic, Severity};
use std::collections::BTreeMap;

/// At most this many are kept, so that a file of garbage costs neither memory nor patience.
const KEPT: usize = 1_000;

/// Gathers diagnostics.
#[derive(Clone, Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// How many were not kept, of each kind.
    dropped: BTreeMap<(Severity, Code), usize>,
}

impl Sink {
    /// Adds one; the same one twice counts once. Those beyond the first thousand are only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() >= KEPT {
            *self.dropped.entry((diagnostic.severity, diagnostic.code)).or_default() += 1;
        } else if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds all of another's, in their order.
    pub fn extend(&mut self, other: Self) {
        other.diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
        for (kind, count) in other.dropped {
            *self.dropped.entry(kind).or_default() += count;
        }
    }

    /// How many were counted only.
    pub fn dropped(&self) -> usize {
        self.dropped.values().sum()
    }

    /// Makes errors of all warnings with this code, those that are there already.
    pub fn escalate(&mut self, code: Code) {
        for diagnostic in self.diagnostics.iter_mut().filter(|diagnostic| diagnostic.code == code) {
            diagnostic.severity = Severity::Error;
        }
        if let Some(count) = self.dropped.remove(&(Severity::Warning, code)) {
            *self.dropped.entry((Severity::Error, code)).or_default() += count;
        }
    }

    /// Is there an error among them?
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let kept = self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
        let dropped = self.dropped.iter().filter(|((dropped, _), _)| *dropped == severity);
        kept + dropped.map(|(_, count)| count).sum::<usize>()
    }

    /// Is there nothing to say?
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// By file and place, those without a place first.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.diagnostics.iter().collect();
        sorted.sort_by(|a, b| (a.place, a.code, &a.message).cmp(&(b.place, b.code, &b.message)));
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::reading::{INVALID_YAML, UNKNOWN_KEY};
    use crate::place::Place;

    #[test]
    fn the_same_problem_counts_once() {
        let mut sink = Sink::default();
        for _ in 0..3 {
            sink.push(Diagnostic::warning(UNKNOWN_KEY, Place::default(), "x"));
        }
        assert_eq!((sink.count(Severity::Warning), sink.has_errors()), (1, false));
    }

    #[test]
    fn garbage_is_counted_but_not_kept() {
        let mut sink = Sink::default();
        for at in 0..1_000 {
            sink.push(Diagnostic::warning(UNKNOWN_KEY, Place { start: at, end: at, ..Place::default() }, "x"));
        }
        sink.push(Diagnostic::warning(INVALID_YAML, Place::default(), "y"));
        assert_eq!((sink.sorted().len(), sink.dropped(), sink.has_errors()), (1_000, 1, false));
        sink.escalate(INVALID_YAML);
        assert!(sink.has_errors());
        let mut other = Sink::default();
        other.push(Diagnostic::error(INVALID_YAML, Place::default(), "z"));
        other.extend(sink);
        assert_eq!((other.sorted().len(), other.dropped(), other.count(Severity::Error)), (1_000, 2, 2));
    }
}
