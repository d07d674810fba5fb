//! What the tool has to say about an input: codes, places, suggestions, and how they are shown.
//!
//! This room imports [`crate::place`] and nothing else of the tool.

mod code;
pub mod codes;
mod render;
mod sink;
mod suggest;

pub use code::{Code, CodeInfo};
pub use render::{Format, render};
pub use sink::Sink;
pub use suggest::closest;

use crate::place::Place;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is written while there is one.
    Error,
    /// Something is likely not meant so, but the output is right all the same.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One problem of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which problem; `scaffold explain <code>` tells more.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong, in one line without a full stop.
    pub message: String,
    /// Where; none if no text is at fault (a missing folder).
    pub place: Option<Place>,
    /// What stands at the place ("not a field of `CourseDefined`"); may be empty.
    pub label: String,
    /// Other places that belong to it ("first given here").
    pub related: Vec<(Place, String)>,
    /// What to do about it, one thing a line.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, Some(place), message.into())
    }

    /// A warning at a place.
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, Some(place), message.into())
    }

    /// An error that no text is to blame for.
    pub fn global(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, None, message.into())
    }

    /// Says what stands at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, place: Place, label: impl Into<String>) -> Self {
        self.related.push((place, label.into()));
        self
    }

    /// Adds a line of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds "did you mean" if one of the candidates is near to what was written, else names the candidates when they are few.
    #[must_use]
    pub fn suggest<C: AsRef<str>>(self, written: &str, candidates: impl IntoIterator<Item = C>) -> Self {
        match suggest::sentence(written, candidates) {
            Some(sentence) => self.help(sentence),
            None => self,
        }
    }

    fn new(code: Code, severity: Severity, place: Option<Place>, message: String) -> Self {
        Self { code, severity, message, place, label: String::new(), related: Vec::new(), help: Vec::new() }
    }
}
