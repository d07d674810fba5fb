//! Codes: a stable name for every problem, which `explain` and the reference tell more about.

use std::fmt;

/// The stable name of a problem: `E0101`, `W0001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// Only the tables below `codes` make one.
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// `E0101`
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A row of a table of codes.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// Markdown: why it is a problem, with a wrong and a right example.
    pub explanation: &'static str,
}
