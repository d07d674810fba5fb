//! What a caller gave that cannot be worked with, field by field.

use std::fmt;

/// Input that breaks rules; the API answers it as `VALIDATION`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invalid {
    /// Each broken rule.
    pub problems: Vec<Problem>,
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field as the API names it, empty when it is about the whole input.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Invalid {
    /// One problem with one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problems: vec![Problem { field: field.into(), message: message.into() }] }
    }

    /// Adds a problem.
    pub fn push(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { field: field.into(), message: message.into() });
    }

    /// `Ok` when nothing was found.
    ///
    /// # Errors
    /// Itself, when there are problems.
    pub fn into_result(self) -> Result<(), Self> {
        if self.problems.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            if place > 0 {
                out.write_str("; ")?;
            }
            if !problem.field.is_empty() {
                write!(out, "{}: ", problem.field)?;
            }
            out.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
