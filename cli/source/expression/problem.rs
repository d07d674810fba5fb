//! Why a text is no expression, before its place in the file is known.

use crate::diagnostic::{Code, Diagnostic};
use crate::source::Text;
use std::ops::Range;

/// A problem at a range of bytes of the text's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    code: Code,
    range: Range<usize>,
    message: String,
    help: Vec<String>,
}

impl Problem {
    pub fn new(code: Code, range: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, range, message: message.into(), help: Vec::new() }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// At its place in the file.
    pub fn at(self, text: &Text) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, text.part(self.range), self.message);
        self.help.into_iter().fold(diagnostic, Diagnostic::help)
    }
}
