//! A name as it was written, and the spellings that most code asks for.
//!
//! Generated code names each thing in hundreds of places: what a spelling is made of is looked at once, letter by letter, and
//! copies of a name share what was found.

use heck::{ToSnakeCase, ToUpperCamelCase};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// The name; two are the same if they were written the same.
#[derive(Clone, Default)]
pub(super) struct Spelling(Arc<Forms>);

#[derive(Default)]
struct Forms {
    written: String,
    snake: OnceLock<String>,
    pascal: OnceLock<String>,
}

impl Spelling {
    pub(super) fn new(written: String) -> Self {
        Self(Arc::new(Forms { written, ..Forms::default() }))
    }

    /// As the user wrote it.
    pub(super) fn written(&self) -> &str {
        &self.0.written
    }

    /// `course_id`
    pub(super) fn snake(&self) -> &str {
        self.0.snake.get_or_init(|| self.0.written.to_snake_case())
    }

    /// `CourseId`
    pub(super) fn pascal(&self) -> &str {
        self.0.pascal.get_or_init(|| self.0.written.to_upper_camel_case())
    }
}

impl fmt::Debug for Spelling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.written().fmt(f)
    }
}

impl PartialEq for Spelling {
    fn eq(&self, other: &Self) -> bool {
        self.written() == other.written()
    }
}

impl Eq for Spelling {}

impl PartialOrd for Spelling {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Spelling {
    fn cmp(&self, other: &Self) -> Ordering {
        self.written().cmp(other.written())
    }
}

impl Hash for Spelling {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.written().hash(state);
    }
}
