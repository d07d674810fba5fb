//! A file as it will be.

use crate::source::Insertion;
use std::ops::Range;

/// A file as it will be.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Relative to the project, with `/`.
    pub path: String,
    /// What stands there now.
    pub before: Option<String>,
    /// What will.
    pub after: String,
    /// Which bytes of it are new.
    pub added: Vec<Range<usize>>,
}

impl Planned {
    /// A file with something new in it.
    pub fn of(path: &str, before: Option<String>, insertion: Insertion) -> Self {
        Self { path: path.to_owned(), before, after: insertion.text, added: vec![insertion.range] }
    }

    /// A new file.
    pub fn new(path: String, text: String) -> Self {
        let added = 0..text.len();
        Self { path, before: None, after: text, added: vec![added] }
    }
}
